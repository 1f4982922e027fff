"""A month of costs at the root: its settlements, what is still unsettled, and plans that were never used."""

from typing import Annotated, Any, cast

import strawberry
from sqlalchemy import func, or_, select

from dutybook.api import Asking, Axes, View, argument, column, field, id_of, link, named, resolved
from dutybook_cost.graphql.documents import CostSettlement
from dutybook_cost.models import Plan, Settlement, Shift, table
from dutybook_cost.rules.amounts import yuan
from dutybook_cost.services.desk import READ, within
from dutybook_cost.services.planning import unused

MONTH = Annotated[str, argument("月份，如 2026-03。", "The month, like 2026-03.")]
AT_ONCE = 500


@named("一份材料计划。", "A plan of material.")
class CostPlan:
    """A row of the plans."""

    view: strawberry.Private[View]
    row: strawberry.Private[Any]

    material = link("材料。", "The material.", "cost_material", "material")
    centre = link("成本中心。", "The cost centre.", "cost_centre", "centre")

    @resolved("标识。", "Its id.")
    def id(self) -> strawberry.ID:
        """The id."""
        return id_of("CostPlan", self.row.id)

    @resolved("数量，千分之一单位。", "The quantity, in thousandths.")
    def quantity_milli(self) -> int:
        """The quantity."""
        return cast(int, self.row.quantity_milli)

    @resolved(
        "未领用的数量，千分之一单位；只在 unusedPlans 中给出。",
        "What was never issued, in thousandths; told by unusedPlans only.",
    )
    def left_milli(self) -> int | None:
        """The rest."""
        left = getattr(self.row, "left", None)
        return None if left is None else int(left)

    @resolved("所处步骤。", "Its step.")
    def step(self) -> str:
        """The step."""
        return cast(str, self.row.step)

    @resolved("计划人。", "Who planned it.")
    def planned_by(self) -> str:
        """The account."""
        return cast(str, self.row.recorded_by)


@named("一个月的成本。", "A month of costs.")
class CostPeriod:
    """What may be seen of a month."""

    view: strawberry.Private[View]
    departments: strawberry.Private[frozenset[int] | None]

    month: str = column("月份。", "The month.")

    @resolved("预算，元。", "The budget, in yuan.")
    async def budget(self) -> str:
        """The sum of plans."""
        return yuan(await self._sum("plan_fen"))

    @resolved("成本，元。", "The cost, in yuan.")
    async def cost(self) -> str:
        """The sum of consumption."""
        return yuan(await self._sum("actual_fen"))

    @resolved("未结算的班次。", "The shifts that are not settled.")
    async def unsettled(self) -> list[str]:
        """By name, the first 500."""
        s, it = table(Shift), table(Settlement)
        newest = (it.c.shift == s.c.id) & it.c.current
        waiting = or_(it.c.id.is_(None), it.c.stale.is_not(None), it.c.final.is_not(True))
        query = (
            select(s.c.day, s.c.label, s.c.department)
            .outerjoin(it, newest)
            .where(*within(s.c.day, self.month), waiting)
        )
        rows = await self.view.rows(query.order_by(s.c.day, s.c.label, s.c.id).limit(AT_ONCE))
        return [f"{row.day} {row.label}" for row in rows if self._may(row.department)]

    @resolved("现行的结算单，至多 500 张。", "The settlements that count, 500 at most.")
    async def settlements(self) -> list[CostSettlement]:
        """Deltas too."""
        it = table(Settlement)
        query = (
            select(it)
            .where(it.c.month == self.month, it.c.current)
            .order_by(it.c.day, it.c.shift, it.c.number)
            .limit(AT_ONCE)
        )
        return [
            CostSettlement(view=self.view, row=row) for row in await self.view.rows(query) if self._may(row.department)
        ]

    @resolved("材料计划。", "The plans of material.")
    async def plans(self) -> list[CostPlan]:
        """Of the month and of its days."""
        it = table(Plan)
        query = select(it).where(it.c.month == self.month).order_by(it.c.id).limit(AT_ONCE)
        return [CostPlan(view=self.view, row=row) for row in await self.view.rows(query) if self._may(row.department)]

    @resolved(
        "已批准却未领用完的日计划，由计划人负责。",
        "Filed plans of days that were never used up: they are on their planners.",
    )
    async def unused_plans(self) -> list[CostPlan]:
        """The first 500."""
        rows = await self.view.rows(unused(self.month).limit(AT_ONCE))
        return [CostPlan(view=self.view, row=row) for row in rows if self._may(row.department)]

    def _may(self, department: int) -> bool:
        return self.departments is None or department in self.departments

    async def _sum(self, name: str) -> int:
        it = table(Settlement)
        query = select(it.c.department, func.sum(it.c[name]).label("total")).where(
            it.c.month == self.month, it.c.current
        )
        rows = await self.view.rows(query.group_by(it.c.department))
        return sum(int(row.total) for row in rows if self._may(row.department))


@field("一个月的成本。", "A month of costs.", permission=READ, axes=Axes.NOW, name="costPeriod")
async def cost_period(info: Asking, month: MONTH) -> CostPeriod | None:
    """As far as it may be seen."""
    scope = await info.context.scope_for(READ)
    return CostPeriod(view=await info.context.view(), departments=scope.departments, month=month)


FIELDS = [cost_period]
"""What the root is given."""
