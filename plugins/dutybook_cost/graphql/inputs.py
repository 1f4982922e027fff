"""The inputs of the mutations and what comes of them."""

from datetime import date

import strawberry

from dutybook.api import UserError, both, column, named
from dutybook_cost.services.planning import Planned
from dutybook_cost.services.recording import At, AwardSaid, HazardSaid, Output, Present, SlipSaid
from dutybook_cost.services.replacing import Analysis, PartSaid

ERRORS = ("预料之中的错误；有则什么也没有存储。", "Expected errors; if any, nothing was stored.")
MATERIAL = ("材料：编号或 id。", "The material: a code or an id.")
EMPLOYEE = ("职工：工号或 id。", "The employee: a number or an id.")
POSITION = ("岗位：编号或 id。", "The position: a code or an id.")
CENTRE = (
    "成本中心或部门的编号；部门取其或最近上级的成本中心。",
    "A cost centre, or a department, which means its own or the nearest one above.",
)
LATE = ("核算期已关闭时：迟到的原因。", "Where the period is closed: why it comes late.")
QUANTITY = ("数量，至多三位小数。", "The quantity, up to three decimals.")


@strawberry.input(description=both("一个班次。", "A shift."))
class CostShiftAt:
    """Which shift."""

    centre: str = column(*CENTRE)
    day: date = column("日期。", "The day.")
    label: str = column("班次名称，如 早班。", "The shift, like early.")

    def said(self) -> At:
        """As services take it."""
        return At(self.centre, self.day, self.label)


@strawberry.input(description=both("班次产量。", "The output of a shift."))
class CostShiftInput:
    """Output."""

    shift: CostShiftAt = column("班次。", "The shift.")
    sections: str | None = column(
        "生产节数；服务全区的班组留空。", "Sections; empty where it serves the whole section.", default=None
    )
    tons_per_section: str | None = column("吨/节。", "Tons of each.", default=None)

    def said(self) -> Output:
        """As services take it."""
        return Output(self.shift.said(), self.sections, self.tons_per_section)


@strawberry.input(description=both("班次出勤。", "Somebody who worked a shift."))
class CostMemberInput:
    """Crew."""

    shift: CostShiftAt = column("班次。", "The shift.")
    employee: str = column(*EMPLOYEE)
    position: str = column(*POSITION)
    points: str = column("吃分。", "The points that savings are split by.")
    odd: bool = column("干零活。", "Whether on odd jobs.", default=False)

    def said(self) -> Present:
        """As services take it."""
        return Present(self.shift.said(), self.employee, self.position, self.points, self.odd)


@strawberry.input(description=both("领料、退料或消耗单。", "A slip."))
class CostSlipInput:
    """Slip."""

    number: str = column("单号，不重复。", "Its number, once only.")
    shift: CostShiftAt = column("班次。", "The shift.")
    material: str = column(*MATERIAL)
    quantity: str = column(*QUANTITY)
    sort: str = column("ISSUE、RETURN 或 CONSUMED。", "ISSUE, RETURN or CONSUMED.", default="ISSUE")
    signed_by: str | None = column("区长签字。", "Who signed for the section.", default=None)
    person: str | None = column("领用人；未签字时必填。", "Who took it; needed where nobody signed.", default=None)
    users: list[str] = column("使用人。", "Who used it.", default_factory=list)
    late_reason: str | None = column(*LATE, default=None)

    def said(self) -> SlipSaid:
        """As services take it."""
        about = (self.number, self.shift.said(), self.material, self.quantity, self.sort)
        return SlipSaid(*about, self.signed_by, self.person, self.users, self.late_reason)


@strawberry.input(description=both("配件更换。", "A part replaced."))
class CostPartInput:
    """Part."""

    number: str = column("单号，不重复。", "Its number, once only.")
    shift: CostShiftAt = column("更换的班次。", "The shift that replaced it.")
    material: str = column(*MATERIAL)
    quantity: str = column(*QUANTITY, default="1")
    due: CostShiftAt | None = column(
        "应更换的班次；默认同班。", "The shift that had to; the same unless said.", default=None
    )
    cause: str = column("WEAR、MISOPERATION 或 MAINTENANCE。", "WEAR, MISOPERATION or MAINTENANCE.", default="WEAR")
    responsible: str | None = column("责任人。", "Who answers for it.", default=None)
    late_reason: str | None = column(*LATE, default=None)

    def said(self) -> PartSaid:
        """As services take it."""
        due = self.due.said() if self.due else None
        about = (self.number, self.shift.said(), self.material, self.quantity, due)
        return PartSaid(*about, self.cause, self.responsible, self.late_reason)


@strawberry.input(description=both("分析中一人承担的比例。", "Who answers for how much."))
class CostAnalysisShare:
    """Share."""

    employee: str = column(*EMPLOYEE)
    percent: str = column("比例，合计 100。", "Per cent; together 100.")


@strawberry.input(description=both("大型、隐蔽配件的定性分析。", "The analysis of a large or hidden part."))
class CostAnalysisInput:
    """Analysis."""

    number: str = column("更换单号。", "The number of the replacement.")
    finding: str = column("结论。", "What was found.")
    charges: list[CostAnalysisShare] = column("各责任人。", "Who answers for it.", default_factory=list)
    sections: str = column("扣减的节数。", "Sections taken off the team.", default="0")
    late_reason: str | None = column(*LATE, default=None)

    def said(self) -> Analysis:
        """As services take it."""
        charges = [(it.employee, it.percent) for it in self.charges]
        return Analysis(self.number, self.finding, charges, self.sections, self.late_reason)


@strawberry.input(description=both("因节约造成的隐患。", "Hazards that came of saving."))
class CostHazardInput:
    """Hazard."""

    shift: CostShiftAt = column("班次。", "The shift.")
    material: str = column(*MATERIAL)
    times: int = column("次数。", "How many times.", default=1)
    note: str = column("情况。", "What it was.", default="")
    late_reason: str | None = column(*LATE, default=None)

    def said(self) -> HazardSaid:
        """As services take it."""
        return HazardSaid(self.shift.said(), self.material, self.times, self.note, self.late_reason)


@strawberry.input(
    description=both(
        "奖惩；扣款须给出当月工资与最低工资。", "A reward or penalty; a penalty needs the wage and the minimum wage."
    )
)
class CostAwardInput:
    """Award."""

    employee: str = column(*EMPLOYEE)
    position: str = column(*POSITION)
    day: date = column("日期。", "The day.")
    amount: str = column("金额，元；扣款为负。", "The amount in yuan; negative for a penalty.")
    reason: str = column("事由。", "Why.")
    wage: str | None = column("当月工资，元。", "The month's wage, in yuan.", default=None)
    minimum_wage: str | None = column("当地最低工资，元。", "The minimum wage, in yuan.", default=None)

    def said(self) -> AwardSaid:
        """As services take it."""
        about = (self.employee, self.position, self.day, self.amount, self.reason)
        return AwardSaid(*about, self.wage, self.minimum_wage)


@strawberry.input(description=both("一个月的计划产量。", "The planned output of a month."))
class CostTargetInput:
    """Target."""

    centre: str = column(*CENTRE)
    month: str = column("月份。", "The month.")
    output: str = column("计划产量。", "The planned output.")


@strawberry.input(description=both("月度或日常材料计划。", "A plan of material for a month or a day."))
class CostPlanInput:
    """Plan."""

    centre: str = column(*CENTRE)
    month: str = column("月份。", "The month.")
    material: str = column(*MATERIAL)
    quantity: str = column(*QUANTITY)
    day: date | None = column("日计划的日期。", "The day of a daily plan.", default=None)

    def said(self) -> Planned:
        """As services take it."""
        return Planned(self.centre, self.month, self.material, self.quantity, self.day)


@named("记录的结果。", "What came of recording.")
class CostDocumentPayload:
    """A document, or errors."""

    document: strawberry.ID | None = column(
        "单据的 id；有错误时为空。", "The id of the document; null where there are errors."
    )
    user_errors: list[UserError] = column(*ERRORS)


@named("结算的结果。", "What came of settling.")
class CostSettlePayload:
    """How far it got, or errors."""

    settled: int | None = column("本次结算或重算的班次数。", "Shifts settled, or settled anew.")
    remaining: int | None = column(
        "仍未结算的班次数；大于 0 时再调用一次。", "Shifts still unsettled; call again while there are any."
    )
    user_errors: list[UserError] = column(*ERRORS)
