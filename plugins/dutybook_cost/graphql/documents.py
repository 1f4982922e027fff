"""Documents and settlements as the schema shows them: from any figure down to its slips."""

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, cast

import strawberry
from sqlalchemy import Row

from dutybook.api import View, id_of, link, named, resolved
from dutybook_cost.graphql.loaders import CHARGES_OF, LINES_OF, PARTS_OF, SETTLEMENTS_BY, SHIFTS_BY, SLIPS_OF
from dutybook_cost.rules.amounts import shown, value_of, yuan
from dutybook_cost.services.desk import MILLI, PERSONS
from dutybook_cost.services.recording import CONSUMED, ISSUE, RETURN


def quantity(milli: int) -> str:
    """Thousandths as a number."""
    return shown(Fraction(milli, MILLI), 3)


@named("一张领料、退料或消耗单。", "A slip of what was issued, returned or consumed.")
class CostSlip:
    """A row of the slips, with the price by which a settlement valued it."""

    view: strawberry.Private[View]
    row: strawberry.Private[Row[Any]]
    price: strawberry.Private[str]
    counted: strawberry.Private[bool]

    material = link("材料。", "The material.", "cost_material", "material")

    @resolved("标识。", "Its id.")
    def id(self) -> strawberry.ID:
        """The id."""
        return id_of("CostSlip", self.row.id)

    @resolved("单号。", "Its number.")
    def number(self) -> str:
        """The number."""
        return cast(str, self.row.number)

    @resolved("ISSUE 领料、RETURN 退料、CONSUMED 当班消耗。", "ISSUE, RETURN or CONSUMED.")
    def sort(self) -> str:
        """The sort."""
        return cast(str, self.row.sort)

    @resolved("数量。", "The quantity.")
    def quantity(self) -> str:
        """The quantity."""
        return quantity(self.row.quantity_milli)

    @resolved("签字人；空为未签字，由领用人承担。", "Who signed; null where nobody did and its person bears it.")
    def signed_by(self) -> str | None:
        """The signature."""
        return cast("str | None", self.row.signed_by)

    @resolved("计入该数字的金额，元；退料为负。", "What it makes of the figure, in yuan; negative where returned.")
    def amount(self) -> str:
        """The value; nothing where a count of the shift goes before it."""
        value = value_of(self.row.quantity_milli, int(Decimal(self.price) * 10_000))
        return yuan(0 if not self.counted else -value if self.row.sort == RETURN else value)

    @resolved("迟到的原因。", "Why it came late.")
    def late_reason(self) -> str | None:
        """The reason."""
        return cast("str | None", self.row.late_reason)

    @resolved("记录时刻。", "When it was recorded.")
    def recorded_at(self) -> datetime:
        """The moment."""
        return cast(datetime, self.row.recorded_at)


@named("一次配件更换。", "A part replaced.")
class CostPart:
    """A row of the parts."""

    row: strawberry.Private[Row[Any]]

    @resolved("单号。", "Its number.")
    def number(self) -> str:
        """The number."""
        return cast(str, self.row.number)

    @resolved("原因。", "Why it was replaced.")
    def cause(self) -> str:
        """The cause."""
        return cast(str, self.row.cause)

    @resolved("迟换，双倍落实。", "Replaced late, and charged twice.")
    def late(self) -> bool:
        """Whether another shift had to replace it."""
        return bool(self.row.shift != self.row.due_shift)

    @resolved("定性分析的结论。", "What the analysis found.")
    def analysis(self) -> str | None:
        """The finding."""
        return cast("str | None", self.row.analysis)


@named("结算中的一种材料。", "One material of a settlement.")
class CostLine:
    """A row of the lines."""

    view: strawberry.Private[View]
    row: strawberry.Private[Row[Any]]

    material = link("材料。", "The material.", "cost_material", "material")

    @resolved("班组费率，元/单位产量。", "The team's rate, in yuan per unit of output.")
    def rate(self) -> str:
        """The rate."""
        return shown(Fraction(self.row.rate), 4)

    @resolved("结算所用的单价，元。", "The unit price of the settlement, in yuan.")
    def price(self) -> str:
        """The price."""
        return cast(str, self.row.price)

    @resolved("预支计划，元。", "The plan, in yuan.")
    def plan(self) -> str:
        """The plan."""
        return yuan(self.row.plan_fen)

    @resolved("实耗，元。", "What was consumed, in yuan.")
    def actual(self) -> str:
        """The consumption."""
        return yuan(self.row.actual_fen)

    @resolved("最低消耗，元。", "The least that was to be consumed, in yuan.")
    def floor(self) -> str:
        """The floor."""
        return yuan(self.row.floor_fen)

    @resolved("低于最低消耗。", "Whether less was consumed.")
    def below_minimum(self) -> bool:
        """Whether it is below."""
        return cast(bool, self.row.below_minimum)

    @resolved("节超，元；超支为负。", "The saving, in yuan; negative where overrun.")
    def saving(self) -> str:
        """The saving."""
        return yuan(self.row.saving_fen)

    @resolved("隐患扣款，元。", "What hazards cost, in yuan.")
    def hazard(self) -> str:
        """The deduction."""
        return yuan(self.row.hazard_fen)

    @resolved("净额，元。", "The net, in yuan.")
    def net(self) -> str:
        """The net."""
        return yuan(self.row.net_fen)

    @resolved("构成实耗的单据。", "The slips that make it.")
    async def slips(self) -> list[CostSlip]:
        """Those that the settlement knew."""
        return await slips_of(self.view, self.row.settlement, self.row.material, self.row.price)

    @resolved("构成实耗的配件更换。", "The parts that make it.")
    async def parts(self) -> list[CostPart]:
        """Those due in the shift."""
        rows = await self.view.load(PARTS_OF, self.row.shift)
        return [CostPart(row=row) for row in rows if row.material == self.row.material]


@named("一项分摊：一人或一岗在一次结算中的份额。", "What one bearer has of a settlement.")
class CostCharge:
    """A row of the charges."""

    view: strawberry.Private[View]
    row: strawberry.Private[Row[Any]]

    position = link("岗位；空为工区账户。", "The position; null for the section's account.", "position", "position")
    material = link("材料。", "The material.", "cost_material", "material")

    @resolved("依据：USERS 使用人、AREA 岗位区域、SHARES 联责等。", "By which rule: USERS, AREA, SHARES and so on.")
    def reason(self) -> str:
        """The rule."""
        return cast(str, self.row.reason)

    @resolved("计划份额，元。", "Its share of the plan, in yuan.")
    def budget(self) -> str:
        """The plan."""
        return yuan(self.row.plan_fen)

    @resolved("实耗份额，元。", "Its share of consumption, in yuan.")
    def cost(self) -> str:
        """The cost."""
        return yuan(self.row.cost_fen)

    @resolved(
        "兑现金额，元；考核为负；无权看个人金额者为空。",
        "Money to be paid, negative where charged; null to who may not see it.",
    )
    async def amount(self) -> str | None:
        """The money, for those who may see people's."""
        return yuan(self.row.amount_fen) if await self._may() else None

    @resolved("职工编号；无权者为空。", "The employee's number; null to who may not see it.")
    async def employee(self) -> strawberry.ID | None:
        """The person."""
        may = self.row.employee is not None and await self._may()
        return id_of("Employee", self.row.employee) if may else None

    @resolved("所在的结算。", "The settlement.")
    async def settlement(self) -> "CostSettlement | None":
        """The document."""
        rows = await self.view.load(SETTLEMENTS_BY, self.row.settlement)
        return CostSettlement(view=self.view, row=rows[0]) if rows else None

    @resolved("构成它的单据。", "The slips that make it.")
    async def slips(self) -> list[CostSlip]:
        """Those of its material."""
        if self.row.material is None:
            return []
        lines = await self.view.load(LINES_OF, self.row.settlement)
        price = next((line.price for line in lines if line.material == self.row.material), "0")
        return await slips_of(self.view, self.row.settlement, self.row.material, price)

    async def _may(self) -> bool:
        scope = await self.view.context.scope_for(PERSONS)
        return scope.departments is None or self.row.department in scope.departments


@named("一个班次的结算单。", "The settlement of a shift.")
class CostSettlement:
    """A row of the settlements."""

    view: strawberry.Private[View]
    row: strawberry.Private[Row[Any]]

    centre = link("成本中心。", "The cost centre.", "cost_centre", "centre")
    department = link("部门。", "The department.", "department", "department")

    @resolved("标识。", "Its id.")
    def id(self) -> strawberry.ID:
        """The id."""
        return id_of("CostSettlement", self.row.id)

    @resolved("该班次的第几次结算。", "Which settlement of the shift it is.")
    def number(self) -> int:
        """The ordinal."""
        return cast(int, self.row.number)

    @resolved("计入的月份。", "The month that it is accounted for in.")
    def month(self) -> str:
        """The month."""
        return cast(str, self.row.month)

    @resolved("班次日期。", "The day of the shift.")
    def day(self) -> date:
        """The day."""
        return cast(date, self.row.day)

    @resolved("班次名称。", "The shift.")
    async def label(self) -> str | None:
        """The label."""
        rows = await self.view.load(SHIFTS_BY, self.row.shift)
        return cast(str, rows[0].label) if rows else None

    @resolved("所依据的版次。", "The revision of the book that it rests on.")
    def revision(self) -> int:
        """The revision."""
        return cast(int, self.row.revision)

    @resolved("所用的规则版本。", "The rules that it was made by.")
    def rules(self) -> str:
        """The version."""
        return cast(str, self.row.rules)

    @resolved("输入的摘要。", "The digest of its inputs.")
    def hash(self) -> str:
        """The digest."""
        return cast(str, self.row.hash)

    @resolved(
        "是差额：只含与已关账结算的不同。", "Whether it only tells what differs from settlements of closed months."
    )
    def delta(self) -> bool:
        """Whether it is a delta."""
        return cast(bool, self.row.delta)

    @resolved("重算的原因。", "Which fact it was made anew for.")
    def cause(self) -> str | None:
        """The fact."""
        return cast("str | None", self.row.cause)

    @resolved("此后出现、尚未计入的事实。", "The fact that has come since and is not in it.")
    def stale(self) -> str | None:
        """The fact."""
        return cast("str | None", self.row.stale)

    @resolved("未被重算取代。", "Whether no newer one has taken its place.")
    def current(self) -> bool:
        """Whether it counts."""
        return cast(bool, self.row.current)

    @resolved("预支计划，元。", "The plan, in yuan.")
    def plan(self) -> str:
        """The plan."""
        return yuan(self.row.plan_fen)

    @resolved("实耗，元。", "What was consumed, in yuan.")
    def actual(self) -> str:
        """The consumption."""
        return yuan(self.row.actual_fen)

    @resolved("净额，元。", "The net, in yuan.")
    def net(self) -> str:
        """The net."""
        return yuan(self.row.net_fen)

    @resolved("各材料。", "Its materials.")
    async def lines(self) -> list[CostLine]:
        """The lines."""
        return [CostLine(view=self.view, row=row) for row in await self.view.load(LINES_OF, self.row.id)]

    @resolved("各分摊。", "Who bears what.")
    async def charges(self) -> list[CostCharge]:
        """The charges."""
        return [CostCharge(view=self.view, row=row) for row in await self.view.load(CHARGES_OF, self.row.id)]


async def slips_of(view: View, settlement: int, material: int, price: str) -> list[CostSlip]:
    """The slips of a material that a settlement knew and those before it did not."""
    [document] = await view.load(SETTLEMENTS_BY, settlement)
    rows = [row for row in await view.load(SLIPS_OF, document.shift) if row.material == material]
    known = [row for row in rows if document.slips_after < row.id <= document.slips_until]
    counts = any(row.sort == CONSUMED for row in known)
    return [CostSlip(view=view, row=row, price=price, counted=_counts(row, within_counts=counts)) for row in known]


def _counts(row: Row[Any], *, within_counts: bool) -> bool:
    """Whether a slip makes the team's consumption: a count goes before issues; unsigned ones are their person's."""
    if within_counts:
        return bool(row.sort == CONSUMED)
    return not (row.sort == ISSUE and row.signed_by is None)
