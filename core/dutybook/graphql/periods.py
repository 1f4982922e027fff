"""Periods: months of accounts, and what was done to them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any, cast

import orjson
import strawberry
from anyio import to_thread
from sqlalchemy import Row

from dutybook.access.actor import MANAGE_PERIODS, READ_PERSONAL
from dutybook.access.scope import require_everywhere
from dutybook.book.months import end_of, first_day, month_numbered, number_of, parse_month
from dutybook.db import periods as reads
from dutybook.db.paging import total
from dutybook.graphql import ids
from dutybook.graphql.changesets import Revision, revision_of
from dutybook.graphql.connections import AFTER, FIRST, Connection, connect, page_size, read_cursor
from dutybook.graphql.context import Asking, View
from dutybook.graphql.corrections import PeriodCorrection, corrections_of, period_row
from dutybook.graphql.describe import argument, both, column, named, resolved, value
from dutybook.graphql.nodes import Node
from dutybook.graphql.previews import Objection, objections_shown
from dutybook.graphql.records import FromRow, from_row
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

    objection: str = column(
        "异议的名称，如 toll:NO_CERTIFICATE。", "The objection's name, such as toll:NO_CERTIFICATE."
    )
    message: str = column("当时的说明。", "What it said then.")
    overridden: str | None = column("推翻它的理由；空为已确认或仍然成立。", "The reason for overriding it, if it was.")


@from_row("对核算期所做的一件事；只增不改。", "Something that was done to a period; these are only ever added to.")
class PeriodAct(FromRow):
    """One act."""

    __slots__ = ()

    at: datetime = column("时刻。", "When.")
    revision: int = column("当时的版次。", "The revision at which the book stood.")

    @resolved("所做的事。", "What was done.")
    def act(self) -> PeriodActKind:
        """The act."""
        return PeriodActKind(self.row.act)

    @resolved("何人；无权读取个人信息时为空。", "By whom; null without the right to personal data.")
    def by(self) -> str | None:
        """The actor."""
        return _name(self.view, self.row.by)

    @resolved(
        "事由；无权读取全册个人信息时为空。",
        "The reason that was given; null without the right to everybody's personal data.",
    )
    def reason(self) -> str | None:
        """The reason."""
        return cast("str | None", self.row.reason) if self.view.context.reads_personal else None

    @resolved(
        "当时的异议；无权读取全册个人信息时为空。",
        "What was objected; empty without the right to everybody's personal data.",
    )
    def verdicts(self) -> list[PeriodVerdict]:
        """The objections: in the words of plugins, of which nobody here knows whom they are about."""
        if not self.view.context.reads_personal:
            return []
        told: list[dict[str, Any]] = orjson.loads(self.row.objections)
        language = "en" if self.view.context.language.lower().startswith("en") else "zh"
        return [PeriodVerdict(objection=it["objection"], message=it[language], overridden=it["reason"]) for it in told]


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
        return await corrections_of(self.view, "month", self.row.month, first, after)

    @resolved("由它计入差额的、对更早核算期的更正。", "Corrections of earlier periods whose deltas it takes.")
    async def carried(self, first: FIRST = 50, after: AFTER = None) -> Connection[PeriodCorrection]:
        """A page of corrections."""
        return await corrections_of(self.view, "carried_to", self.row.month, first, after)

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
    row = await view.load(period_row, month)
    return Period(view, row) if row else None


async def _acts(view: View, months: Sequence[str]) -> Mapping[str, list[Row[Any]]]:
    found: dict[str, list[Row[Any]]] = {month: [] for month in months}
    for row in await view.rows(reads.acts(view.reading.database, months)):
        found[row.month].append(row)
    return found


def _name(view: View, name: str | None) -> str | None:
    return name if view.context.actor.may(READ_PERSONAL) else None
