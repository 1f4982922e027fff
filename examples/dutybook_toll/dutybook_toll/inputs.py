"""The inputs of the mutations and what comes of them."""

from datetime import datetime

import strawberry

from dutybook.api import UserError, both, column, named
from dutybook_toll.objects import TollCashCount, TollShift, TollSpecial, TollSpecialEvent

ERRORS = ("预料之中的错误；有则什么也没有存储。", "Expected errors; if any, nothing was stored.")
SHIFT = ("班次的 id。", "The id of the shift.")
LATE = ("迟报、未报的原因。", "Why it is reported late, or not at all.")


@strawberry.input(description=both("排一个班次。", "A shift to roster."))
class TollShiftInput:
    """Who sits where, and when."""

    lane: strawberry.ID = column("车道：id 或编号。", "The lane: an id or a code.")
    position: strawberry.ID = column("岗位：id 或编号。", "The position: an id or a code.")
    employee: strawberry.ID = column("当班人：id 或工号。", "Who works it: an id or a number.")
    begins_at: datetime = column("开始时刻。", "When it begins.")
    ends_at: datetime = column("结束时刻，不含。", "When it is over.")
    instead_of: strawberry.ID | None = column(
        "所顶替的待补班次。", "The shift without a person that it takes over.", default=None
    )


@strawberry.input(description=both("记一起特情。", "A special event to record."))
class TollEventInput:
    """What happened."""

    shift: strawberry.ID = column(*SHIFT)
    special: TollSpecial = column("种类。", "What it was.")
    happened_at: datetime = column("发生时刻。", "When it happened.")
    lane: strawberry.ID | None = column("车道；默认为班次的车道。", "The lane; the shift's unless said.", default=None)
    vehicle: str | None = column("车牌或车辆特征。", "The vehicle, by plate or by looks.", default=None)
    note: str | None = column("处理经过。", "What was done.", default=None)
    reported_at: datetime | None = column("报监控室的时刻。", "When it was reported.", default=None)
    late_reason: str | None = column(*LATE, default=None)


@strawberry.input(description=both("补报一起特情。", "A report of a special event that was recorded before."))
class TollReportInput:
    """When it was reported."""

    event: strawberry.ID = column("特情的 id。", "The id of the special event.")
    reported_at: datetime = column("报监控室的时刻。", "When it was reported.")
    late_reason: str | None = column(*LATE, default=None)


@strawberry.input(description=both("核对一个班次的票款。", "A count of a shift's cash."))
class TollCashInput:
    """What the system says, and what is there."""

    shift: strawberry.ID = column(*SHIFT)
    system_amount: str = column("系统金额，元，如 1234.50。", "What the system reckons, in yuan, like 1234.50.")
    counted_amount: str = column("实点金额，元。", "What was counted, in yuan.")
    explanation: str | None = column("差额或更正的说明。", "Why they differ, or why it is corrected.", default=None)
    corrects: bool = column("更正此前的核对。", "Whether it corrects the count before.", default=False)


@named("排班的结果。", "What came of rostering.")
class TollShiftPayload:
    """A shift, or errors."""

    shift: TollShift | None = column("班次；有错误时为空。", "The shift; null where there are errors.")
    user_errors: list[UserError] = column(*ERRORS)


@named("记录或补报特情的结果。", "What came of recording or reporting a special event.")
class TollEventPayload:
    """An event, or errors."""

    event: TollSpecialEvent | None = column("特情；有错误时为空。", "The event; null where there are errors.")
    user_errors: list[UserError] = column(*ERRORS)


@named("核对票款的结果。", "What came of reconciling.")
class TollCashPayload:
    """A count, or errors."""

    count: TollCashCount | None = column("核对；有错误时为空。", "The count; null where there are errors.")
    user_errors: list[UserError] = column(*ERRORS)
