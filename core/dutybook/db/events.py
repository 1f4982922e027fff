"""The log of events: appended behind the head's sequence, read back with the changes that they tell of."""

from dataclasses import replace
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Row, Select, and_, select
from sqlalchemy.orm import Session

from dutybook.db.bulk import insert_rows
from dutybook.db.head import Head, advance, head
from dutybook.db.tables import Tables
from dutybook.lifecycle.events import Event

COLUMNS = (
    *("sequence", "type", "aggregate", "key", "changeset", "ordinal"),
    *("revision", "effective_on", "recorded_at", "actor"),
)
"""What a publication fills in; the version is 1 then, and the payload is the change itself."""


def log(tables: Tables) -> Select[Any]:
    """All events in order, each with the change it tells of."""
    event, change = tables["event"], tables["change"]
    same = and_(change.c.changeset == event.c.changeset, change.c.ordinal == event.c.ordinal)
    return select(event, change.c.body).outerjoin(change, same).order_by(event.c.sequence)


def read(session: Session, tables: Tables, *which: ColumnElement[bool], limit: int | None = None) -> list[Event]:
    """The events that fit, in order."""
    return [of_row(row) for row in session.execute(log(tables).where(*which).limit(limit))]


def of_one(tables: Tables, name: str, key: int) -> Select[Any]:
    """The events of one name that happened to one aggregate, in order."""
    event = tables["event"]
    ours = (event.c.aggregate == name.partition(".")[0], event.c.key == key, event.c.type == name)
    return select(event).where(*ours).order_by(event.c.sequence)


def of_row(row: Row[Any]) -> Event:
    """The event of a row of the log."""
    said = row.payload or row.body
    return Event(
        sequence=row.sequence,
        type=row.type,
        aggregate=row.aggregate,
        key=row.key,
        recorded_at=row.recorded_at,
        actor=row.actor,
        effective_on=row.effective_on,
        changeset=row.changeset,
        revision=row.revision,
        version=row.version or 1,
        cause=row.cause,
        payload=orjson.loads(said) if said else {},
    )


def append(session: Session, tables: Tables, event: Event) -> Event:
    """Appends one event behind the head, whatever sequence it names, and gives it with its own."""
    before = head(session, tables, lock=True)
    told = {name: getattr(event, name) for name in ("type", "aggregate", "key", "changeset", "revision")}
    when = {name: getattr(event, name) for name in ("effective_on", "recorded_at", "actor", "version", "cause")}
    payload = orjson.dumps(event.payload, option=orjson.OPT_SORT_KEYS).decode() if event.payload else None
    row: dict[str, Any] = {**told, **when, "sequence": before.sequence + 1, "payload": payload}
    insert_rows(session, tables["event"], tuple(row), [tuple(row.values())])
    advance(session, tables, Head(before.revision, before.sequence + 1, before.hash))
    return replace(event, sequence=before.sequence + 1)
