"""What a change set would do to costs: the last settled month, told by the book as it would be."""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dutybook.api import ChangeSetView, Impact, Message, hookimpl
from dutybook_cost.models import Charge, Settlement, table
from dutybook_cost.reading import BookOn
from dutybook_cost.rules.amounts import rounded, yuan

Sums = dict[tuple[str, int], list[int]]
"""Budget and cost in fen by kind and key."""


@hookimpl
def preview_changeset(session: Session, changeset: ChangeSetView) -> Iterable[Impact]:
    """Budget and cost of each department and position that a reorganisation or a new quota changes."""
    month = session.scalar(select(func.max(Settlement.month)).where(Settlement.current))
    if month is None or changeset.revision is None:
        return
    day = changeset.effective_on
    before, after = BookOn(session, day, changeset.revision - 1), BookOn(session, day)
    rows = session.execute(_borne(month)).all()
    old, new = _sums(rows, before, before), _sums(rows, before, after)
    for (kind, key), sums in sorted({**{it: [0, 0] for it in old}, **new}.items()):
        yield from _told(month, kind, key, old.get((kind, key), [0, 0]), sums)


def _told(month: str, kind: str, key: int, old: list[int], new: list[int]) -> Iterator[Impact]:
    names = (("预算", "budget"), ("成本", "cost"))
    for (zh, en), was, now in zip(names, old, new, strict=True):
        if was != now:
            metric = Message(f"{month} 的{zh}若依此变更", f"{en} of {month}, had this been so")
            yield Impact(metric, yuan(was), yuan(now), "元", kind, key)


def _borne(month: str) -> Any:
    it = table(Charge)
    current = select(Settlement.id).where(Settlement.month == month, Settlement.current)
    by = (it.c.centre, it.c.department, it.c.position, it.c.material)
    sums = (func.sum(it.c.plan_fen).label("plan"), func.sum(it.c.cost_fen).label("cost"))
    return select(*by, *sums).where(it.c.settlement.in_(current)).group_by(*by)


def _sums(rows: Iterable[Any], base: BookOn, book: BookOn) -> Sums:
    found: Sums = {}
    for row in rows:
        plan = rounded(int(row.plan) * _ratio(row, base, book))
        bearers = [("department", it) for it in _upwards(book, _department(row, book))]
        for bearer in [*bearers, *([("position", row.position)] if row.position is not None else [])]:
            sums = found.setdefault(bearer, [0, 0])
            sums[0] += plan
            sums[1] += int(row.cost)
    return found


def _ratio(row: Any, base: BookOn, book: BookOn) -> Fraction:
    """By what a team's quota of a material would grow."""
    was, now = _rate(row, base), _rate(row, book)
    return Fraction(1) if not was else now / was


def _rate(row: Any, book: BookOn) -> Fraction:
    centre = book.centres.get(row.centre)
    quotas: Mapping[int, Any] = {} if centre is None else book.quotas(row.centre, centre.team)
    return quotas[row.material].rate if row.material in quotas else Fraction()


def _department(row: Any, book: BookOn) -> int:
    centre = book.centres.get(row.centre)
    own = row.department if centre is None else centre.department
    return int(book.posts.get(row.position or 0, own))


def _upwards(book: BookOn, department: int) -> Iterator[int]:
    at: int | None = department
    while at is not None:
        yield at
        row = book.departments.get(at)
        at = None if row is None else row.parent
