"""What reconciliation reads of the book: the lists of one organisation on one day, and what it had before."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, select

from dutybook.book.times import STILL_KNOWN
from dutybook.db.in_force import history
from dutybook.db.reads import Reading, among, official


def organisations(reading: Reading) -> Select[Any]:
    """All organisations, in official order."""
    rows = reading.source("organisation")
    return select(rows).order_by(*official(rows))


def records(reading: Reading, kind: str, organisation: int) -> Select[Any]:
    """The departments or positions of an organisation, siblings in official order."""
    rows = reading.source(kind)
    return select(rows).where(rows.c.organisation == organisation).order_by(*official(rows))


def former_records(reading: Reading, kind: str, organisation: int) -> Select[Any]:
    """All versions of an organisation's records that are not in force, of each the newest first."""
    tables = reading.database.tables
    identity: Any
    identity, rows, live = tables.identities[kind], tables.versions[kind], reading.source(kind)
    query = history(tables, kind, identity.c.key, reading.scope).add_columns(identity.c.code, identity.c.organisation)
    query = query.where(identity.c.organisation == organisation, ~select(live).where(live.c.key == rows.c.key).exists())
    return query.order_by(None).order_by(rows.c.key, *_newest(rows))


def _newest(rows: Any) -> tuple[Any, ...]:
    return rows.c.until_revision.desc(), rows.c.since_revision.desc(), rows.c.valid_from.desc()


def lists(reading: Reading, owner: str, keys: Collection[int]) -> Select[Any]:
    """The duties of many positions or standard positions, each list in official order."""
    rows = reading.source("duty")
    return select(rows).where(among(reading.database, rows.c[owner], keys)).order_by(rows.c[owner], *official(rows))


def former_lists(reading: Reading, positions: Collection[int]) -> Select[Any]:
    """All versions of duties that are not in force and once were of these positions, of each the newest first."""
    tables = reading.database.tables
    identity: Any
    identity, rows, live = tables.identities["duty"], tables.versions["duty"], reading.source("duty")
    query = history(tables, "duty", identity.c.key, reading.scope)
    query = query.where(
        among(reading.database, rows.c.position, positions), ~select(live).where(live.c.key == rows.c.key).exists()
    )
    return query.order_by(None).order_by(rows.c.key, *_newest(rows))


def texts(reading: Reading, organisation: int) -> Select[Any]:
    """The texts of all duties of an organisation's positions."""
    rows, holder = reading.source("duty"), reading.source("position")
    query = select(rows.c.text).join(holder, holder.c.key == rows.c.position)
    return query.where(holder.c.organisation == organisation)


def referring(reading: Reading, kind: str, field: str, keys: Collection[int]) -> Select[Any]:
    """The versions that say on the day or later that a record refers to one of these."""
    rows = reading.database.tables.versions[kind]
    known = rows.c.until_revision == STILL_KNOWN, rows.c.valid_to > reading.time.as_of
    query = select(rows).where(among(reading.database, rows.c[field], keys), *known)
    return query.order_by(rows.c.key, rows.c.valid_from)
