"""Periods: months of accounts, what was done to them, and what was corrected in closed ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Annotated, Any, cast

import orjson
import strawberry
from anyio import to_thread
from sqlalchemy import Row

from dutybook.access.actor import MANAGE_PERIODS, READ_PERSONAL
from dutybook.access.scope import require_everywhere
from dutybook.book.ids import type_name
from dutybook.book.months import end_of, first_day, month_numbered, number_of, parse_month
from dutybook.db import periods as reads
from dutybook.db.paging import total
from dutybook.graphql import ids
from dutybook.graphql.changesets import Revision, revision_of
from dutybook.graphql.connections import AFTER, FIRST, Connection, connect, page_size, read_cursor
from dutybook.graphql.context import Asking, View
from dutybook.graphql.describe import argument, both, column, named, resolved, value
from dutybook.graphql.nodes import Node
from dutybook.graphql.previews import Objection, objections_shown
from dutybook.graphql.records import FromRow, from_row, one, pairs
from dutybook.services.periods import closing_objections

MONTH = ("月份，写作 2026-03。", "The month, written 2026-03.")


class PeriodState(Enum):
    """The life of a period."""

    OPEN = value("OPEN", "开启。", "Open.")
    CLOSING = value("CLOSING", "正在关闭；只有插件在检查时见到。", "Being closed; only plugins see it, as they check.")
    CLOSED = value("CLOSED", "已关闭。", "Closed.")


class PeriodActKind(Enum):
    """What is done to a period."""

    OPENED = value("OPENED", "开启。", "It was opened.")
    CLOSED = value("CLOSED", "关闭。", "It was closed.")
    REOPENED = value("REOPENED", "重新开启。", "It was reopened.")
    REFUSED = value("REFUSED", "因异议未能关闭。", "Closing it was refused by objections.")


strawberry.enum(PeriodState, description=both("核算期的状态。", "The states of a period."))
strawberry.enum(PeriodActKind, description=both("对核算期所做的事。", "What is done to a period."))


@named("关闭核算期时的一条异议。", "What was objected when a period was to be closed.")
class PeriodVerdict:
    """An objection, and what was decided about it."""

    objection: str = column("异议的名称，如 wages:UNSIGNED。", "The objection's name, such as wages:UNSIGNED.")
    message: str = column("当时的说明。", "What it said then.")
    overridden: str | None = column("推翻它的理由；空为已确认或仍然成立。", "The reason for overriding it, if it was.")


@from_row("对核算期所做的一件事；只增不改。", "Something that was done to a period; these are only ever added to.")
class PeriodAct(FromRow):
    """One act."""

    __slots__ = ()

    at: datetime = column("时刻。", "When.")
    revision: int = column("当时的版次。", "The revision at which the book stood.")
    reason: str | None = column("事由。", "The reason that was given.")

    @resolved("所做的事。", "What was done.")
    def act(self) -> PeriodActKind:
        """The act."""
        return PeriodActKind(self.row.act)

    @resolved("何人；无权读取个人信息时为空。", "By whom; null without the right to personal data.")
    def by(self) -> str | None:
        """The actor."""
        return _name(self.view, self.row.by)

    @resolved("当时的异议。", "What was objected.")
    def verdicts(self) -> list[PeriodVerdict]:
        """The objections."""
        told: list[dict[str, Any]] = orjson.loads(self.row.objections)
        language = "en" if self.view.context.language.lower().startswith("en") else "zh"
        return [PeriodVerdict(objection=it["objection"], message=it[language], overridden=it["reason"]) for it in told]


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
        month, last = await self.view.load(_period, self.row.month), end_of(self.row.month) - timedelta(days=1)
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


@from_row(
    "核算期：逐月开启、关闭，必要时重新开启。", "A period: a month of accounts, opened, closed, sometimes reopened."
)
class Period(FromRow, Node):
    """One month."""

    __slots__ = ()

    month: str = column(*MONTH)
    opened_at: datetime = column("首次开启的时刻。", "When it was first opened.")
    closed_at: datetime | None = column("关闭的时刻。", "When it was closed.")

    def identify(self) -> strawberry.ID:
        """The id."""
        return ids.write("Period", number_of(self.row.month), None, None)

    @resolved("状态。", "Its state.")
    def state(self) -> PeriodState:
        """The state."""
        return PeriodState(self.row.state)

    @resolved("第一天。", "Its first day.")
    def start(self) -> date:
        """The first day."""
        return first_day(self.row.month)

    @resolved("结束后的第一天。", "The first day after it.")
    def end(self) -> date:
        """The day after the last."""
        return end_of(self.row.month)

    @resolved(
        "关账版次：其数字永远以此读取。", "The revision at which it was closed: its figures are read at it for good."
    )
    async def closing_revision(self) -> Revision | None:
        """The revision; null also where it was closed over the empty book."""
        return await revision_of(self.view, self.row.closing_revision) if self.row.closing_revision else None

    @resolved("首次开启者；无权读取个人信息时为空。", "Who first opened it; null without the right to personal data.")
    def opened_by(self) -> str | None:
        """Who."""
        return _name(self.view, self.row.opened_by)

    @resolved("关闭者；无权读取个人信息时为空。", "Who closed it; null without the right to personal data.")
    def closed_by(self) -> str | None:
        """Who."""
        return _name(self.view, self.row.closed_by)

    @resolved("对它所做的事，按次序。", "What was done to it, in order.")
    async def acts(self) -> list[PeriodAct]:
        """The acts."""
        return [PeriodAct(self.view, row) for row in await self.view.load(_acts, self.row.month)]

    @resolved("对它的更正，按次序。", "What was corrected in it, in order.")
    async def corrections(self, first: FIRST = 50, after: AFTER = None) -> Connection[PeriodCorrection]:
        """A page of corrections."""
        return await _corrections(self.view, "month", self.row.month, first, after)

    @resolved("由它计入差额的、对更早核算期的更正。", "Corrections of earlier periods whose deltas it takes.")
    async def carried(self, first: FIRST = 50, after: AFTER = None) -> Connection[PeriodCorrection]:
        """A page of corrections."""
        return await _corrections(self.view, "carried_to", self.row.month, first, after)

    @resolved(
        "若现在关闭会有的异议；仅供管理核算期者；非开启状态为空。",
        "What stands against closing it now, for those who manage periods; empty unless it is open.",
    )
    async def objections(self) -> list[Objection]:
        """The objections; asking costs a write that is taken back."""
        actor = self.view.context.actor
        require_everywhere(actor, MANAGE_PERIODS)
        if self.state() is not PeriodState.OPEN:
            return []
        found = await to_thread.run_sync(closing_objections, self.view.context.book, actor, self.row.month)
        return objections_shown(found, self.view.context.language)


@named("读取核算期。", "What can be read of periods.")
class PeriodQuery:
    """What the root of all reading has of periods."""

    @resolved("一个核算期；从未开启时为空。", "One period; null if it was never opened.")
    async def period(self, info: Asking, month: Annotated[str, argument(*MONTH)]) -> Period | None:
        """The period."""
        return await period_of_month(await info.context.view(), parse_month(month))

    @resolved("核算期，最新在前。", "The periods, newest first.")
    async def periods(self, info: Asking, first: FIRST = 50, after: AFTER = None) -> Connection[Period]:
        """A page of periods."""
        view, size, cursor = await info.context.view(), page_size(first), read_cursor(after, [str])
        database = view.reading.database
        rows = await view.rows(reads.page_of_periods(database, cursor[0] if cursor else None, size))

        async def count() -> int:
            return int((await view.rows(total(reads.every_period(database))))[0][0])

        return connect([([row.month], Period(view, row)) for row in rows], size, after, count)


async def period_of(view: View, number: int) -> Period | None:
    """The period of a number, as ids carry it."""
    return await period_of_month(view, month_numbered(number))


async def period_of_month(view: View, month: str) -> Period | None:
    """The period of a month, if it was ever opened."""
    row = await view.load(_period, month)
    return Period(view, row) if row else None


async def _period(view: View, months: Sequence[str]) -> Mapping[str, Row[Any] | None]:
    found: dict[str, Row[Any] | None] = dict.fromkeys(months)
    for row in await view.rows(reads.some_periods(view.reading.database, months)):
        found[row.month] = row
    return found


async def _acts(view: View, months: Sequence[str]) -> Mapping[str, list[Row[Any]]]:
    found: dict[str, list[Row[Any]]] = {month: [] for month in months}
    for row in await view.rows(reads.acts(view.reading.database, months)):
        found[row.month].append(row)
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


async def _corrections(
    view: View, by: str, month: str, first: int | None, after: str | None
) -> Connection[PeriodCorrection]:
    size, cursor = page_size(first), read_cursor(after, [int])
    rows = await view.load(_Page(by, cursor[0] if cursor else 0, size), month)

    async def count() -> int:
        return await view.load(_Count(by), month)

    return connect([([row.id], PeriodCorrection(view, row)) for row in rows], size, after, count)


def _name(view: View, name: str | None) -> str | None:
    return name if view.context.actor.may(READ_PERSONAL) else None
