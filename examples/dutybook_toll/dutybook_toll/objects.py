"""What the toll stations add to the schema, and how it is loaded: each level of an answer is one statement."""

from datetime import date, datetime
from enum import Enum
from typing import Any, cast

import strawberry
from sqlalchemy import Row

from dutybook.api import RowsBy, View, both, column, id_of, link, named, resolved, value
from dutybook_toll.kinds import SPECIALS
from dutybook_toll.models import CashCount, SpecialEvent, Vacancy
from dutybook_toll.money import yuan


class TollSpecial(Enum):
    """What can be out of the ordinary at a lane."""

    U_TURN = value("U_TURN", *SPECIALS["U_TURN"])
    J_TURN = value("J_TURN", *SPECIALS["J_TURN"])
    NO_CARD = value("NO_CARD", *SPECIALS["NO_CARD"])
    SWAPPED_CARD = value("SWAPPED_CARD", *SPECIALS["SWAPPED_CARD"])
    DAMAGED_CARD = value("DAMAGED_CARD", *SPECIALS["DAMAGED_CARD"])
    FORCED_PASSAGE = value("FORCED_PASSAGE", *SPECIALS["FORCED_PASSAGE"])
    WRONG_AXLES = value("WRONG_AXLES", *SPECIALS["WRONG_AXLES"])
    EVASION = value("EVASION", *SPECIALS["EVASION"])
    REFUSED_PAYMENT = value("REFUSED_PAYMENT", *SPECIALS["REFUSED_PAYMENT"])
    DISPUTE = value("DISPUTE", *SPECIALS["DISPUTE"])


strawberry.enum(TollSpecial, description=both("特情的种类。", "The sorts of special events."))


EVENTS_OF = RowsBy(SpecialEvent, "shift", ("happened_at", "id"))
COUNTS_OF = RowsBy(CashCount, "shift", ("-number",))
VACANCY_OF = RowsBy(Vacancy, "shift")


@named("对一个班次票款的一次核对。", "One reckoning of a shift's cash.")
class TollCashCount:
    """A row of the counts."""

    row: strawberry.Private[Row[Any]]

    @resolved("标识。", "Its id.")
    def id(self) -> strawberry.ID:
        """The id."""
        return id_of("TollCashCount", self.row.id)

    @resolved("第几次核对；大于 1 的是更正。", "Which count of the shift it is; those after 1 are corrections.")
    def number(self) -> int:
        """The ordinal."""
        return cast(int, self.row.number)

    @resolved("系统金额，元。", "What the system reckons, in yuan.")
    def system_amount(self) -> str:
        """The system's."""
        return yuan(self.row.system_fen)

    @resolved("实点金额，元。", "What was counted, in yuan.")
    def counted_amount(self) -> str:
        """The counted."""
        return yuan(self.row.counted_fen)

    @resolved("差额：实点减系统，元；短款为负。", "Counted less system, in yuan; negative where money is missing.")
    def difference(self) -> str:
        """The difference."""
        return yuan(self.row.counted_fen - self.row.system_fen)

    @resolved("差额或更正的说明。", "Why they differ, or why it was corrected.")
    def explanation(self) -> str | None:
        """The explanation."""
        return cast("str | None", self.row.explanation)

    @resolved("核对人。", "Who counted.")
    def counted_by(self) -> str:
        """The account."""
        return cast(str, self.row.counted_by)

    @resolved("核对时刻。", "When it was counted.")
    def counted_at(self) -> datetime:
        """The moment."""
        return cast(datetime, self.row.counted_at)


@named("一起特情。", "Something out of the ordinary at a lane.")
class TollSpecialEvent:
    """A row of the special events."""

    view: strawberry.Private[View]
    row: strawberry.Private[Row[Any]]

    lane = link("所在车道。", "The lane.", "toll_lane", "lane")

    @resolved("标识。", "Its id.")
    def id(self) -> strawberry.ID:
        """The id."""
        return id_of("TollSpecialEvent", self.row.id)

    @resolved("种类。", "What it was.")
    def special(self) -> TollSpecial:
        """The sort."""
        return TollSpecial(self.row.special)

    @resolved("发生时刻。", "When it happened.")
    def happened_at(self) -> datetime:
        """The moment."""
        return cast(datetime, self.row.happened_at)

    @resolved("车牌或车辆特征。", "The vehicle, by its plate or by what it looked like.")
    def vehicle(self) -> str | None:
        """The vehicle."""
        return cast("str | None", self.row.vehicle)

    @resolved("处理经过。", "What was done.")
    def note(self) -> str | None:
        """The note."""
        return cast("str | None", self.row.note)

    @resolved("记录人。", "Who recorded it.")
    def recorded_by(self) -> str:
        """The account."""
        return cast(str, self.row.recorded_by)

    @resolved("须在此刻前报监控室；空为无须上报。", "To be reported by then; null if it need not be.")
    def due_at(self) -> datetime | None:
        """The deadline."""
        return cast("datetime | None", self.row.due_at)

    @resolved("上报时刻；空为尚未上报。", "When it was reported; null if it was not.")
    def reported_at(self) -> datetime | None:
        """The report."""
        return cast("datetime | None", self.row.reported_at)

    @resolved("迟报、未报的原因。", "Why it was reported late, or not at all.")
    def late_reason(self) -> str | None:
        """The reason."""
        return cast("str | None", self.row.late_reason)

    @resolved("因逾期未报而督办的时刻。", "When it was escalated for want of a report.")
    def escalated_at(self) -> datetime | None:
        """The escalation."""
        return cast("datetime | None", self.row.escalated_at)


@named("一个班次：一人在一车道的一段时间。", "A shift: a person at a lane for some hours.")
class TollShift:
    """A row of the roster."""

    view: strawberry.Private[View]
    row: strawberry.Private[Row[Any]]

    lane = link("车道。", "The lane.", "toll_lane", "lane")
    position = link("岗位。", "The position.", "position", "position")
    employee = link(
        "当班人；已失去任职时仍为原定之人。", "Who is rostered, also after losing it.", "employee", "employee"
    )

    @resolved("标识。", "Its id.")
    def id(self) -> strawberry.ID:
        """The id."""
        return id_of("TollShift", self.row.id)

    @resolved("开始日，按企业时区。", "The day on which it begins, in the enterprise's time zone.")
    def day(self) -> date:
        """The day."""
        return cast(date, self.row.day)

    @resolved("开始时刻。", "When it begins.")
    def begins_at(self) -> datetime:
        """The first moment."""
        return cast(datetime, self.row.begins_at)

    @resolved("结束时刻，不含。", "When it is over.")
    def ends_at(self) -> datetime:
        """The moment after the last."""
        return cast(datetime, self.row.ends_at)

    @resolved("排班人。", "Who made the roster.")
    def rostered_by(self) -> str:
        """The account."""
        return cast(str, self.row.rostered_by)

    @resolved("当班人的任职已不覆盖此日，班次待补。", "Its person does not hold the position that day any more.")
    async def vacant(self) -> bool:
        """Whether it has lost its person."""
        return bool(await self.view.load(VACANCY_OF, self.row.id))

    @resolved("特情，按发生时刻。", "Its special events, in order of time.")
    async def events(self) -> list[TollSpecialEvent]:
        """The events."""
        return [TollSpecialEvent(view=self.view, row=row) for row in await self.view.load(EVENTS_OF, self.row.id)]

    @resolved("票款的现行核对；空为尚未核对。", "The reckoning that counts; null while there is none.")
    async def cash(self) -> TollCashCount | None:
        """The newest count."""
        counts = await self.view.load(COUNTS_OF, self.row.id)
        return TollCashCount(row=counts[0]) if counts else None

    @resolved("票款的全部核对，最新在前。", "All reckonings, the newest first.")
    async def cash_history(self) -> list[TollCashCount]:
        """All counts."""
        return [TollCashCount(row=row) for row in await self.view.load(COUNTS_OF, self.row.id)]


@named("一个站一月中一种特情的次数。", "How often a special event came up at a station in a month.")
class TollTally:
    """A row of the tallies."""

    special: TollSpecial = column("种类。", "What it was.")
    recorded: int = column("记录的起数。", "How many were recorded.")
    reported: int = column("已上报的起数。", "How many were reported.")
    late: int = column("迟报或逾期未报的起数。", "How many were reported late, or escalated.")
