"""What is read for many positions or departments at once; equal loaders share a batch, so they hold plain values only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, select

from dutybook.api import View, asked
from dutybook_toll.models import Shift, SpecialEvent, Tally, table
from dutybook_toll.reads import manned, unreported

Rows = Mapping[int, list[Row[Any]]]


@dataclass(frozen=True, slots=True)
class OnDuty:
    """The shifts at work at each position at a moment."""

    at: datetime

    async def __call__(self, view: View, keys: Sequence[int]) -> Rows:
        working = (Shift.begins_at <= self.at) & (Shift.ends_at > self.at) & manned()
        return await _grouped(view, keys, table(Shift), "position", working)


@dataclass(frozen=True, slots=True)
class OnDay:
    """The shifts of each department that begin on a day."""

    day: date

    async def __call__(self, view: View, keys: Sequence[int]) -> Rows:
        return await _grouped(view, keys, table(Shift), "department", Shift.day == self.day)


async def load_unreported(view: View, keys: Sequence[int]) -> Rows:
    """The special events of each department that are still to be reported."""
    return await _grouped(view, keys, table(SpecialEvent), "department", unreported())


@dataclass(frozen=True, slots=True)
class InMonth:
    """The tallies of each department for a month."""

    month: str

    async def __call__(self, view: View, keys: Sequence[int]) -> Rows:
        return await _grouped(view, keys, table(Tally), "department", Tally.month == self.month)


async def _grouped(view: View, keys: Sequence[int], of: Table, column: str, wanted: ColumnElement[bool]) -> Rows:
    found: dict[int, list[Row[Any]]] = {key: [] for key in keys}
    theirs = select(of).where(asked(view.reading.database, of.c[column]), wanted)
    for row in await view.rows(theirs.order_by(*_order(of)), keys):
        found[getattr(row, column)].append(row)
    return found


def _order(of: Table) -> list[Any]:
    """By time, where it has one."""
    times = [of.c[name] for name in ("begins_at", "happened_at") if name in of.c]
    return [*times, *of.primary_key]
