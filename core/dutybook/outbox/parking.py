"""Parked aggregates: whose next event a subscriber could not take, so that all of theirs wait for it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, delete, insert, select, update
from sqlalchemy.orm import Session

from dutybook.db.events import read
from dutybook.db.tables import Tables
from dutybook.lifecycle.events import Event
from dutybook.lifecycle.plugins import Loaded
from dutybook.outbox.leases import backoff
from dutybook.outbox.selection import alive, in_lane, subscribed

ATTEMPTS = 8
"""After so many in vain, over an hour and a half, only an operator's word tries again."""


def park(session: Session, tables: Tables, subscriber: str, event: Event, error: str, now: datetime) -> None:
    """Sets an aggregate aside, from an event on."""
    about = {"subscriber": subscriber, "aggregate": event.aggregate, "key": event.key, "sequence": event.sequence}
    tried = {"attempts": 1, "next_attempt_at": now + backoff(1), "dead": False, "error": error}
    session.execute(insert(tables["parked"]).values(**about, **tried))


def due(session: Session, tables: Tables, plugin: Loaded, number: int, now: datetime) -> Row[Any] | None:
    """The parked aggregate of a lane that has waited longest for its next attempt."""
    parked = tables["parked"]
    ours = and_(alive(tables, plugin), in_lane(parked, number), parked.c.next_attempt_at <= now)
    return session.execute(select(parked).where(ours).order_by(parked.c.next_attempt_at).limit(1)).one_or_none()


def first_two(session: Session, tables: Tables, plugin: Loaded, row: Row[Any], cursor: int) -> list[Event]:
    """The next event of a parked aggregate, and the one that follows it within what its lane has passed."""
    event = tables["event"]
    theirs = and_(event.c.aggregate == row.aggregate, event.c.key == row.key)
    passed = and_(event.c.sequence >= row.sequence, event.c.sequence <= cursor)
    return read(session, tables, theirs, passed, subscribed(tables, plugin), limit=2)


def go_on(session: Session, tables: Tables, row: Row[Any], following: list[Event], now: datetime) -> None:
    """The next event of a parked aggregate is done with: the following one is due, or the aggregate is free again."""
    parked = tables["parked"]
    ours = _same(tables, row)
    if not following:
        session.execute(delete(parked).where(*ours))
        return
    fresh = {"attempts": 0, "dead": False, "error": "", "next_attempt_at": now}
    session.execute(update(parked).where(*ours).values(sequence=following[0].sequence, **fresh))


def again(session: Session, tables: Tables, row: Row[Any], error: str, now: datetime) -> None:
    """Another attempt in vain, unless something has become of the aggregate meanwhile."""
    parked, attempts = tables["parked"], row.attempts + 1
    tried = {"attempts": attempts, "next_attempt_at": now + backoff(attempts), "dead": attempts >= ATTEMPTS}
    same = (*_same(tables, row), parked.c.sequence == row.sequence, parked.c.attempts == row.attempts)
    session.execute(update(parked).where(*same).values(**tried, error=error))


def _same(tables: Tables, row: Row[Any]) -> tuple[Any, ...]:
    parked = tables["parked"]
    return (parked.c.subscriber == row.subscriber, parked.c.aggregate == row.aggregate, parked.c.key == row.key)
