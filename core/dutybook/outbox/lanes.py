"""Lanes: how far each has come, what waits in it, and taking it for one transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, and_, exists, select, update
from sqlalchemy.orm import Session

from dutybook.db.events import read
from dutybook.db.tables import Tables
from dutybook.lifecycle.events import Event
from dutybook.lifecycle.plugins import Loaded
from dutybook.outbox.host import Host
from dutybook.outbox.leases import insert_missing, lease
from dutybook.outbox.selection import LANES, alive, free, in_lane, subscribed

WINDOW = 10_000
"""How much of the log is looked through at once for events that a lane's subscriber wants."""

FOREIGN = 1_000
"""A lane in which nothing waits is moved only past so many events: nothing is written while nothing is to do."""


class Claimed(NamedTuple):
    """A lane that this transaction holds: where it stands, and up to where the log may be read."""

    number: int
    cursor: int
    end: int


def insert_lanes(session: Session, host: Host, plugin: Loaded) -> None:
    """Lanes at the beginning of the log: a new subscriber is told all of history."""
    rows = [{"subscriber": plugin.name, "number": number, "cursor": 0} for number in range(LANES)]
    insert_missing(session, host.database, host.database.tables["lane"], rows)


def survey(session: Session, tables: Tables, plugin: Loaded, now: datetime) -> Sequence[Row[Any]]:
    """Each lane with the head, the first event that waits in it, and whether a parked aggregate is due: one statement."""
    event, lane, parked, head = (tables[name] for name in ("event", "lane", "parked", "head"))
    near = and_(event.c.sequence > lane.c.cursor, event.c.sequence <= lane.c.cursor + WINDOW)
    wanted = and_(near, in_lane(event, lane.c.number), subscribed(tables, plugin), free(tables, plugin))
    first = select(event.c.sequence).where(wanted).order_by(event.c.sequence).limit(1).correlate(lane)
    due = and_(alive(tables, plugin), in_lane(parked, lane.c.number), parked.c.next_attempt_at <= now)
    again = exists(select(parked.c.key).where(due).correlate(lane))
    columns = (lane.c.number, lane.c.cursor, head.c.sequence.label("head"))
    query = select(*columns, first.scalar_subquery().label("first"), again.label("due"))
    ours = query.join_from(lane, head, head.c.id == 1).where(lane.c.subscriber == plugin.name)
    return session.execute(ours.order_by(lane.c.number)).all()


def claim(session: Session, host: Host, plugin: Loaded, number: int, seconds: float) -> Claimed | None:
    """Takes a lane until the transaction ends; None where another worker holds it."""
    lane, head = host.database.tables["lane"], host.database.tables["head"]
    newest = select(head.c.sequence).where(head.c.id == 1).scalar_subquery()
    columns = (lane.c.cursor, newest.label("newest"), *lease(host.database, seconds))
    ours = select(*columns).where(lane.c.subscriber == plugin.name, lane.c.number == number)
    row = session.execute(ours.with_for_update(of=lane, skip_locked=True)).one_or_none()
    return None if row is None else Claimed(number, row.cursor, min(row.newest, row.cursor + WINDOW))


def lock(session: Session, tables: Tables, subscriber: str, *numbers: int) -> None:
    """Waits for lanes, all if none is named, in an order that nobody crosses."""
    lane = tables["lane"]
    ours = select(lane.c.cursor).where(lane.c.subscriber == subscriber).order_by(lane.c.number).with_for_update()
    session.execute(ours.where(lane.c.number.in_(numbers)) if numbers else ours).all()


def pending(session: Session, tables: Tables, plugin: Loaded, lane: Claimed, size: int) -> list[Event]:
    """What is to be delivered next in a lane."""
    event = tables["event"]
    near = and_(event.c.sequence > lane.cursor, event.c.sequence <= lane.end)
    wanted = (in_lane(event, lane.number), subscribed(tables, plugin), free(tables, plugin))
    return read(session, tables, near, *wanted, limit=size)


def move(session: Session, tables: Tables, subscriber: str, number: int, cursor: int) -> None:
    """Sets how far a lane has come: the acknowledgement of all before."""
    lane = tables["lane"]
    ours = (lane.c.subscriber == subscriber, lane.c.number == number)
    session.execute(update(lane).where(*ours).values(cursor=cursor))
