"""What several parts of the plugin look up: shifts with somebody at them, rules, what is still open."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, func, select
from sqlalchemy.orm import Session

from dutybook.api import FOREVER, Message, name_of, records, today, zone
from dutybook_toll.models import CashCount, Shift, SpecialEvent, Vacancy

NAMED = 5
"""How many a message names before it only counts."""


def manned() -> ColumnElement[bool]:
    """Shifts that have not lost their person."""
    return ~exists().where(Vacancy.shift == Shift.id)


def taken_over() -> ColumnElement[bool]:
    """Shifts for which another one stands in."""
    return Shift.id.in_(select(Shift.instead_of).where(Shift.instead_of.is_not(None)))


def unreported() -> ColumnElement[bool]:
    """Special events that are to be reported and were not."""
    return SpecialEvent.due_at.is_not(None) & SpecialEvent.reported_at.is_(None)


def unreconciled() -> ColumnElement[bool]:
    """Shifts that somebody worked and whose cash nobody has counted."""
    return manned() & ~exists().where(CashCount.shift == Shift.id)


def overlapping(begins_at: datetime, ends_at: datetime) -> ColumnElement[bool]:
    """Shifts that share a moment with [begins_at, ends_at)."""
    return (Shift.begins_at < ends_at) & (Shift.ends_at > begins_at)


def within_days(column: Any, start: date, end: date) -> ColumnElement[bool]:
    """Whatever falls on the days [start, end)."""
    inside: ColumnElement[bool] = (column >= start) & (column < end)
    return inside


def in_force(session: Session, kind: str, key: int, day: date) -> Row[Any] | None:
    """A record as it is on a day; None where it is not."""
    rows = records(session, kind, day)
    return session.execute(select(rows).where(rows.c.key == key)).one_or_none()


def rules_on(session: Session, day: date) -> dict[tuple[int, str], Row[Any]]:
    """What is demanded of special events on a day, by the lane and the sort: rules are those of the lane's organisation."""
    rules, lanes = records(session, "toll_event_rule", day), records(session, "toll_lane", day)
    both: Select[Any] = select(lanes.c.key, rules.c.event, rules.c.report, rules.c.within_minutes)
    found = session.execute(both.join(rules, rules.c.organisation == lanes.c.organisation))
    return {(row.key, row.event): row for row in found}


def holding(session: Session, assignments: Collection[int], day: date, known_at: int | None = None) -> set[int]:
    """Those assignments that are in force on a day and not suspended."""
    rows = records(session, "assignment", day, known_at)
    held = select(rows.c.key).where(rows.c.key.in_(assignments), rows.c.suspended.is_not(True))
    return set(session.scalars(held))


def lost(session: Session, shifts: Iterable[Shift], known_at: int | None = None) -> list[Shift]:
    """Those shifts whose assignment does not hold on their day; one statement for each day."""
    by_day: dict[date, list[Shift]] = {}
    for shift in shifts:
        by_day.setdefault(shift.day, []).append(shift)
    found: list[Shift] = []
    for day, some in sorted(by_day.items()):
        held = holding(session, {shift.assignment for shift in some}, day, known_at)
        found += [shift for shift in some if shift.assignment not in held]
    return found


def coming(session: Session, known_at: int | None = None) -> list[Shift]:
    """The shifts from today on that stand without a person, by the assignments that the book knew."""
    ahead = select(Shift).where(within_days(Shift.day, today(session), FOREVER), ~taken_over())
    return lost(session, session.scalars(ahead.order_by(Shift.id)), known_at)


def shown_shift(session: Session, shift: Shift) -> Message:
    """What to call a shift in a message: its lane, its hours in the enterprise's time zone, and its number."""
    hours = " – ".join(f"{at.astimezone(zone(session)):%Y-%m-%d %H:%M}" for at in (shift.begins_at, shift.ends_at))
    lane = name_of(session, "toll_lane", shift.lane)
    return Message(f"{lane.zh} {hours} (#{shift.id})", f"{lane.en} {hours} (#{shift.id})")


def listed(names: Sequence[Message], total: int | None = None) -> Message:
    """The first few, and how many there are."""
    count = len(names) if total is None else total
    more = "" if count <= NAMED else f" … ({count})"
    return Message("；".join(it.zh for it in names[:NAMED]) + more, "; ".join(it.en for it in names[:NAMED]) + more)


def first_few(session: Session, query: Any) -> tuple[list[Any], int]:
    """The first few of what a query of one entity finds, and how many it finds."""
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    return list(session.scalars(query.limit(NAMED))) if total else [], total
