"""What follows from events: in the transaction, new deadlines; after it, shifts without a person, and the tallies."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import ColumnElement, and_, case, delete, func, insert, or_, select
from sqlalchemy.orm import Session

from dutybook.api import Event, hookimpl
from dutybook_toll.models import Shift, SpecialEvent, Tally, Vacancy
from dutybook_toll.reads import lost, unreported, within_days
from dutybook_toll.specials import set_deadlines

SUBSCRIBES = ("assignment.*", "toll.event.*")
HANDFUL = 400
"""Keys for one IN list."""


@hookimpl
def derive(session: Session, events: Sequence[Event], dry_run: bool) -> None:  # noqa: ARG001
    """A new rule counts at once for what is still unreported: its deadline moves in the same transaction."""
    days = [event.effective_on for event in events if event.aggregate == "toll_event_rule" and event.effective_on]
    if days:
        waiting = select(SpecialEvent).where(SpecialEvent.reported_at.is_(None), SpecialEvent.day >= min(days))
        set_deadlines(session, session.scalars(waiting))


@hookimpl
def on_events(session: Session, events: Sequence[Event]) -> None:
    """Looks again at whatever the events touch, and never adds to what it wrote before: twice comes to the same."""
    assignments = {event.key for event in events if event.aggregate == "assignment"}
    for keys in _parts(assignments):
        _vacate(session, keys)
    specials = {event.key for event in events if event.aggregate == "toll.event"}
    months: set[tuple[int, date]] = set()
    for keys in _parts(specials):
        found = select(SpecialEvent.department, SpecialEvent.day).where(SpecialEvent.id.in_(keys))
        months |= {(department, day.replace(day=1)) for department, day in session.execute(found)}
    for department, first in sorted(months):
        _count_again(session, department, first)


@hookimpl
def reset_projection(session: Session) -> None:
    """Forgets all that was built from events."""
    session.execute(delete(Vacancy))
    session.execute(delete(Tally))


def _parts(keys: Iterable[int]) -> Iterable[list[int]]:
    all_of = sorted(keys)
    return (all_of[at : at + HANDFUL] for at in range(0, len(all_of), HANDFUL))


def _vacate(session: Session, assignments: list[int]) -> None:
    """Shifts lose their person where the assignment does not hold, and have them back where it does again."""
    shifts = list(session.scalars(select(Shift).where(Shift.assignment.in_(assignments))))
    session.execute(delete(Vacancy).where(Vacancy.assignment.in_(assignments)))
    if gone := [{"shift": shift.id, "assignment": shift.assignment} for shift in lost(session, shifts)]:
        session.execute(insert(Vacancy), gone)


def _count_again(session: Session, department: int, first: date) -> None:
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    month = f"{first:%Y-%m}"
    session.execute(delete(Tally).where(Tally.department == department, Tally.month == month))
    ours = and_(SpecialEvent.department == department, within_days(SpecialEvent.day, first, after))
    reported = _how_many(SpecialEvent.reported_at.is_not(None))
    counted = select(SpecialEvent.special, func.count(), reported, _how_many(_late())).where(ours)
    names = ("special", "recorded", "reported", "late")
    rows = session.execute(counted.group_by(SpecialEvent.special)).all()
    if rows:
        about = {"department": department, "month": month}
        session.execute(insert(Tally), [{**about, **dict(zip(names, row, strict=True))} for row in rows])


def _late() -> ColumnElement[bool]:
    return or_(
        SpecialEvent.reported_at > SpecialEvent.due_at, and_(unreported(), SpecialEvent.escalated_at.is_not(None))
    )


def _how_many(wanted: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((wanted, 1), else_=0)), 0)
