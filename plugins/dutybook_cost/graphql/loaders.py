"""What is read for many records at once; equal loaders share a batch, so they hold plain values only."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, func, select

from dutybook.api import RowsBy, View, asked
from dutybook_cost.models import Charge, Line, Part, Settlement, Shift, Slip, table

LINES_OF = RowsBy(Line, "settlement", ("material",))
CHARGES_OF = RowsBy(Charge, "settlement", ("id",))
SLIPS_OF = RowsBy(Slip, "shift", ("id",))
PARTS_OF = RowsBy(Part, "due_shift", ("id",))
SHIFTS_BY = RowsBy(Shift, "id")
SETTLEMENTS_BY = RowsBy(Settlement, "id")

Sums = Mapping[str, tuple[int, int, int]]
"""Budget, cost and money paid of each month, in fen."""


@dataclass(frozen=True, slots=True)
class SumsBy:
    """The sums of each department, with all below it; of each position; or of each cost centre."""

    column: str
    months: tuple[str, ...]

    async def __call__(self, view: View, keys: Sequence[int]) -> Mapping[int, Sums]:
        below = await _below(view, keys) if self.column == "department" else {key: {key} for key in keys}
        found: dict[int, dict[str, tuple[int, int, int]]] = {key: {} for key in keys}
        parts: dict[int, list[Row[Any]]] = {}
        for row in await view.rows(self._query(view), sorted({part for those in below.values() for part in those})):
            parts.setdefault(row.bearer, []).append(row)
        for key, those in below.items():
            for row in (row for part in sorted(those) for row in parts.get(part, ())):
                plan, cost, amount = found[key].get(row.month, (0, 0, 0))
                found[key][row.month] = (plan + int(row.plan), cost + int(row.cost), amount + int(row.amount))
        return found

    def _query(self, view: View) -> Any:
        it = table(Charge)
        bearer = it.c[self.column]
        sums = [func.sum(it.c[f"{name}_fen"]).label(name) for name in ("plan", "cost", "amount")]
        current = select(Settlement.id).where(Settlement.month.in_(self.months), Settlement.current)
        wanted = (asked(view.reading.database, bearer), it.c.month.in_(self.months), it.c.settlement.in_(current))
        return select(bearer.label("bearer"), it.c.month, *sums).where(*wanted).group_by(bearer, it.c.month)


@dataclass(frozen=True, slots=True)
class ChargesBy:
    """The largest charges of each department with all below it, of each position, or of each centre, in a month."""

    column: str
    month: str

    async def __call__(self, view: View, keys: Sequence[int]) -> Mapping[int, list[Row[Any]]]:
        below = await _below(view, keys) if self.column == "department" else {key: {key} for key in keys}
        it = table(Charge)
        current = select(Settlement.id).where(Settlement.month == self.month, Settlement.current)
        wanted = (
            asked(view.reading.database, it.c[self.column]),
            it.c.month == self.month,
            it.c.settlement.in_(current),
        )
        query = select(it).where(*wanted).order_by(it.c.id)
        rows = await view.rows(query, sorted({part for those in below.values() for part in those}))
        return {key: [row for row in rows if getattr(row, self.column) in those] for key, those in below.items()}


async def load_weights(view: View, keys: Sequence[int]) -> Mapping[int, list[Row[Any]]]:
    """The weights of the duties of each position."""
    duties, weights = view.source("duty"), view.source("cost_duty_weight")
    query = select(duties.c.position, weights.c.duty, weights.c.percent).join(duties, duties.c.key == weights.c.duty)
    query = query.where(asked(view.reading.database, duties.c.position)).order_by(weights.c.key)
    found: dict[int, list[Row[Any]]] = {key: [] for key in keys}
    for row in await view.rows(query, keys):
        found[row.position].append(row)
    return found


async def _below(view: View, keys: Iterable[int]) -> Mapping[int, set[int]]:
    """Each department with all below it."""
    rows = view.source("department")
    children: dict[int | None, list[int]] = {}
    for row in await view.rows(select(rows.c.key, rows.c.parent)):
        children.setdefault(row.parent, []).append(row.key)
    return {key: _reached(children, key) for key in keys}


def _reached(children: Mapping[int | None, list[int]], top: int) -> set[int]:
    found, ahead = {top}, [top]
    while ahead:
        for child in children.get(ahead.pop(), ()):
            if child not in found:
                found.add(child)
                ahead.append(child)
    return found
