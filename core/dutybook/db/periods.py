"""What is read of periods, and the one statement by which a revision tells what it corrects in closed ones."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Date,
    Insert,
    Row,
    Select,
    Subquery,
    Table,
    case,
    cast,
    func,
    insert,
    literal,
    null,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.orm import Session

from dutybook.book.changes import LINK, UNLINK
from dutybook.db.engine import Database
from dutybook.db.reads import among
from dutybook.db.tables import Tables

OPEN, CLOSING, CLOSED = "OPEN", "CLOSING", "CLOSED"

MANY = 1_000
"""From so many changes of one kind on, a revision is told as one correction for each month, not for each record."""


def months(session: Session, tables: Tables) -> dict[str, Row[Any]]:
    """Every month that was ever opened, oldest first."""
    period = tables["period"]
    return {row.month: row for row in session.execute(select(period).order_by(period.c.month))}


def one_period(session: Session, tables: Tables, month: str) -> Row[Any] | None:
    """The row of a month, if it was ever opened."""
    period = tables["period"]
    return session.execute(select(period).where(period.c.month == month)).one_or_none()


def closed_since(session: Session, tables: Tables, month: str = "") -> list[str]:
    """The closed months from a month on, oldest first."""
    period = tables["period"]
    query = select(period.c.month).where(period.c.state == CLOSED, period.c.month >= month)
    return list(session.scalars(query.order_by(period.c.month)))


def first_open(tables: Tables) -> Select[Any]:
    """The earliest open month; whoever asks says from where on."""
    period = tables["period"].alias("open_period")
    return select(func.min(period.c.month)).where(period.c.state == OPEN)


def first_open_after(tables: Tables, month: ColumnElement[str] | str) -> Select[Any]:
    """The earliest open month after another one."""
    query = first_open(tables)
    [earliest] = query.get_final_froms()
    return query.where(earliest.c.month > month)


def correcting(session: Session, tables: Tables, changeset: int, revision: int, at: datetime) -> Insert:
    """Records what the changes of a set touch in closed months: once for each month and record.

    It never leaves the database, so half a million changes cost one statement and no memory here.
    """
    period, correction = tables["period"], tables["period_correction"]
    said = _said(tables["change"], changeset, sqlite=session.get_bind().dialect.name == "sqlite")
    touches = (
        period.c.state == CLOSED,
        period.c.month >= said.c.first,
        or_(said.c.end.is_(None), period.c.month + "-01" < said.c.end),
    )
    carried = first_open_after(tables, period.c.month).scalar_subquery()
    rows = select(
        period.c.month,
        literal(revision),
        literal(changeset),
        said.c.kind,
        said.c.key,
        func.sum(said.c.changes),
        func.date(func.min(said.c.day), type_=Date),
        literal(at, correction.c.recorded_at.type),
        carried,
    ).where(*touches)
    names = ["month", "revision", "changeset", "kind", "key", "changes", "day", "recorded_at", "carried_to"]
    grouped = rows.group_by(period.c.month, said.c.kind, said.c.key)
    return insert(correction).from_select(names, grouped.order_by(period.c.month, said.c.kind, said.c.key))


def _said(change: Table, changeset: int, *, sqlite: bool) -> Subquery:
    """The days that changes speak of, those of one record and the same months together; lineage has no days."""
    ours = (change.c.changeset == changeset, change.c.verb.not_in([LINK, UNLINK]))
    large = select(change.c.kind).where(*ours).group_by(change.c.kind).having(func.count() >= MANY)
    day, end = _part(change.c.body, "from", sqlite=sqlite), _part(change.c.body, "to", sqlite=sqlite)
    key = case((change.c.kind.in_(large), null()), else_=change.c.key).label("key")
    first = func.substr(day, 1, 7).label("first")
    each = select(change.c.kind, key, first, end.label("end"), day.label("day")).where(*ours).subquery()
    same = [each.c[name] for name in ("kind", "key", "first", "end")]
    together = select(*same, func.min(each.c.day).label("day"), func.count().label("changes"))
    return together.group_by(*same).subquery("said")


def _part(body: Column[Any], name: str, *, sqlite: bool) -> ColumnElement[str]:
    """A text of a change's document."""
    return func.json_extract(body, f"$.{name}") if sqlite else cast(body, JSON)[name].astext


def every_period(database: Database) -> Select[Any]:
    """Every month that was ever opened."""
    return select(database.tables["period"])


def page_of_periods(database: Database, before: str | None, limit: int) -> Select[Any]:
    """A page of months, newest first, and one more."""
    month = database.tables["period"].c.month
    query = every_period(database).order_by(month.desc()).limit(limit + 1)
    return query if before is None else query.where(month < before)


def some_periods(database: Database, wanted: Collection[str]) -> Select[Any]:
    """Some months."""
    return every_period(database).where(among(database, database.tables["period"].c.month, wanted))


def acts(database: Database, wanted: Collection[str]) -> Select[Any]:
    """What was done to some months, in order."""
    act = database.tables["period_act"]
    return select(act).where(among(database, act.c.month, wanted)).order_by(act.c.id)


def corrections(database: Database, by: str, wanted: Collection[str], after: int, limit: int) -> Select[Any]:
    """A page, and one more, of the corrections that each month has `by` `month` or `carried_to`, in order."""
    correction = database.tables["period_correction"]
    number = func.row_number().over(partition_by=correction.c[by], order_by=correction.c.id)
    ours = (among(database, correction.c[by], wanted), correction.c.id > after)
    found = select(correction, number.label("number")).where(*ours).subquery()
    return select(found).where(found.c.number <= limit + 1).order_by(found.c.id)


def counted_corrections(database: Database, by: str, wanted: Collection[str]) -> Select[Any]:
    """How many corrections each month has."""
    column = database.tables["period_correction"].c[by]
    return select(column, func.count()).where(among(database, column, wanted)).group_by(column)
