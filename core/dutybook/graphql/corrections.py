"""Corrections: what was changed in closed periods, and by what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

import strawberry
from sqlalchemy import Row

from dutybook.book.ids import type_name
from dutybook.book.months import end_of
from dutybook.db import periods as reads
from dutybook.graphql import ids
from dutybook.graphql.changesets import Revision, revision_of
from dutybook.graphql.connections import Connection, connect, page_size, read_cursor
from dutybook.graphql.context import View
from dutybook.graphql.describe import column, resolved
from dutybook.graphql.nodes import Node
from dutybook.graphql.records import FromRow, from_row, one, pairs


@from_row(
    "更正：已关闭的核算期内事后才知道的事；差额计入以后开启的核算期。",
    "A correction: what became known of a closed period afterwards; a later open period takes the delta.",
)
class PeriodCorrection(FromRow):
    """What was changed in a closed month, and by what."""

    __slots__ = ()

    month: str = column("所更正的月份。", "The month that it corrects.")
    kind: str | None = column("原因：所变更记录的类型。", "The cause: the kind of record that was changed.")
    day: date | None = column("原因：变更所自之日。", "The cause: the day from which it was changed.")
    changes: int = column("合为此条的变更数。", "How many changes it stands for.")
    plugin: str | None = column("原因出自的插件。", "The plugin whose fact the cause is.")
    recorded_at: datetime = column("记录时刻。", "When it was recorded.")
    absorbed_at: datetime | None = column(
        "该月重新开启的时刻；此后按全部所知重算，不再有差额。",
        "When that month was reopened: it is worked out anew, and there is no delta any more.",
    )

    @resolved(
        "带来它的版次；插件的事实为当时的版次。", "The revision that brought it; for a plugin's fact, the head then."
    )
    async def revision(self) -> Revision | None:
        """The revision; null where a plugin told of something while the book was empty."""
        return await revision_of(self.view, self.row.revision)

    @resolved(
        "原因：所变更的记录，以关账时所知（此后才有的，以现在所知）；大批变更合为一条，为空；不可见时也为空。",
        "The cause: the record as the closing knew it, or as it is known now if it came later; "
        "null where one correction stands for many records, and where it is not visible.",
    )
    async def subject(self) -> Node | None:
        """The record, on the last day of the month."""
        if self.row.key is None:
            return None
        month, last = await self.view.load(period_row, self.row.month), end_of(self.row.month) - timedelta(days=1)
        closing = month.closing_revision if month else None
        for known_at in (None,) if closing is None else (closing, None):
            view = await self.view.context.view(last, known_at)
            found: Node | None = await one(view, self.row.kind, self.row.key)
            if found is not None:
                return found
        return None

    @resolved("所变更记录在任何时点都相同的标识。", "The record's `key`, the same at all times.")
    def subject_key(self) -> strawberry.ID | None:
        """The id without a time."""
        return None if self.row.key is None else ids.write(type_name(self.row.kind), self.row.key, None, None)

    @resolved("插件所述的事实；无权读取个人信息时为空。", "A plugin's fact; null without the right to personal data.")
    def text(self) -> str | None:
        """What the plugin says."""
        return self.row.subject if self.view.context.reads_personal else None

    @resolved("计入差额的月份；尚无开启的核算期时为空。", "The month that takes the delta; null until one is open.")
    def carried_to(self) -> str | None:
        """The month."""
        return cast("str | None", self.row.carried_to)


async def period_row(view: View, months: Sequence[str]) -> Mapping[str, Row[Any] | None]:
    """Loads the row of each month; None where it was never opened."""
    found: dict[str, Row[Any] | None] = dict.fromkeys(months)
    for row in await view.rows(reads.some_periods(view.reading.database, months)):
        found[row.month] = row
    return found


@dataclass(frozen=True, slots=True)
class _Page:
    """Loads a page of the corrections that each month has by `month` or `carried_to`."""

    by: str
    after: int
    size: int

    async def __call__(self, view: View, months: Sequence[str]) -> Mapping[str, list[Row[Any]]]:
        found: dict[str, list[Row[Any]]] = {month: [] for month in months}
        query = reads.corrections(view.reading.database, self.by, months, self.after, self.size)
        for row in await view.rows(query):
            found[getattr(row, self.by)].append(row)
        return found


@dataclass(frozen=True, slots=True)
class _Count:
    """Counts them."""

    by: str

    async def __call__(self, view: View, months: Sequence[str]) -> Mapping[str, int]:
        rows = await view.rows(reads.counted_corrections(view.reading.database, self.by, months))
        return dict.fromkeys(months, 0) | pairs(rows)


async def corrections_of(
    view: View, by: str, month: str, first: int | None, after: str | None
) -> Connection[PeriodCorrection]:
    """A page of the corrections that a month has by `month` or `carried_to`."""
    size, cursor = page_size(first), read_cursor(after, [int])
    rows = await view.load(_Page(by, cursor[0] if cursor else 0, size), month)

    async def count() -> int:
        return await view.load(_Count(by), month)

    return connect([([row.id], PeriodCorrection(view, row)) for row in rows], size, after, count)
