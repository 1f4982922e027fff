"""Cost and budget of departments, positions and cost centres; of duties where weights are set.

Documents are not kept by revisions: the fields honour `asOf`, which picks the month and the tree, and are silent under
`knownAt`. A closed month does not change, so what it said stays true.
"""

from collections.abc import Sequence
from typing import Annotated, Any

import strawberry

from dutybook.api import Axes, BadInput, Department, Position, View, argument, column, field, id_of, named, resolved
from dutybook_cost.graphql.documents import CostCharge
from dutybook_cost.graphql.loaders import ChargesBy, SumsBy, load_weights
from dutybook_cost.kinds import WEIGHT
from dutybook_cost.reading import decoded
from dutybook_cost.rules.amounts import yuan
from dutybook_cost.rules.shares import largest_remainder
from dutybook_cost.services.desk import READ, first_day

MONTH = Annotated[
    str | None,
    argument(
        "月份，如 2026-03；默认账册日期所在月。", "The month, like 2026-03; that of the registry's day unless said."
    ),
]
MONTHS = Annotated[int, argument("最近几个月，1 至 24。", "How many months, 1 to 24.")]
FIRST = Annotated[int, argument("最多几项，1 至 200。", "How many at most, 1 to 200.")]
UNWEIGHTED = "未设权重，以下为岗位成本 no weights set, this is the position's cost"


@named("一个月的成本与预算，元。", "Cost and budget of a month, in yuan.")
class CostFigures:
    """The sums of one bearer."""

    view: strawberry.Private[View]
    by: strawberry.Private[str]
    key: strawberry.Private[int]
    sums: strawberry.Private[tuple[int, int, int]]

    month: str = column("月份。", "The month.")

    @resolved("预算：预支计划的份额。", "The budget: its share of plans.")
    def budget(self) -> str:
        """The budget."""
        return yuan(self.sums[0])

    @resolved("成本：实耗的份额。", "The cost: its share of consumption.")
    def cost(self) -> str:
        """The cost."""
        return yuan(self.sums[1])

    @resolved("差异：预算减成本，超支为负。", "The variance: budget less cost, negative where overrun.")
    def variance(self) -> str:
        """The variance."""
        return yuan(self.sums[0] - self.sums[1])

    @resolved(
        "构成这些数字的分摊，大的在前；由此可查到每张单据。",
        "What makes these figures, the largest first; each leads to its slips.",
    )
    async def charges(self, first: FIRST = 200) -> list[CostCharge]:
        """The charges."""
        rows = await self.view.load(ChargesBy(self.by, self.month), self.key)
        largest = sorted(rows, key=lambda row: (-abs(row.cost_fen), -abs(row.plan_fen), row.id))
        return [CostCharge(view=self.view, row=row) for row in largest[: _few(first, 200, "first")]]


@named("一项职责的成本份额。", "A duty's share of its position's cost.")
class CostOfDuty:
    """A share."""

    duty: strawberry.ID = column("职责的 id。", "The id of the duty.")
    percent: str = column("权重，%。", "Its weight, %.")
    cost: str = column("成本，元。", "Its cost, in yuan.")


@named("岗位成本在职责上的分摊。", "A position's cost by duties.")
class CostByDuty:
    """Shares, or the statement that there are none."""

    statement: str | None = column("未设权重时的说明。", "Said where no weights are set.")
    cost: str = column("岗位成本，元。", "The position's cost, in yuan.")
    duties: list[CostOfDuty] = column("各职责；未设权重时为空。", "The duties; none where no weights are set.")


def _few(wanted: int, most: int, name: str) -> int:
    if not 1 <= wanted <= most:
        zh = f"{name} 的值 {wanted} 超出范围，应为 1 至 {most}。"
        raise BadInput(zh, f"{name}: {wanted} is out of range, 1 to {most} is expected.", path=[name])
    return wanted


def _months(view: View, month: str | None, count: int = 1) -> tuple[str, ...]:
    """The months up to one, the oldest first."""
    last = first_day(month) if month else view.time.as_of
    at, found = last.year * 12 + last.month - 1, list[str]()
    for number in range(at - count + 1, at + 1):
        found.append(f"{number // 12:04}-{number % 12 + 1:02}")
    return tuple(found)


async def _figures(root: Any, by: str, months: tuple[str, ...]) -> list[CostFigures]:
    sums = await root.view.load(SumsBy(by, months), root.row.key)
    return [
        CostFigures(view=root.view, by=by, key=root.row.key, sums=sums.get(it, (0, 0, 0)), month=it) for it in months
    ]


@field(
    "部门及其下级一个月的成本与预算。",
    "Cost and budget of the department and all below it.",
    permission=READ,
    axes=Axes.AS_OF,
    name="cost",
)
async def department_cost(root: strawberry.Parent[Department], month: MONTH = None) -> CostFigures | None:
    """The figures of a month."""
    return (await _figures(root, "department", _months(root.view, month)))[0]


@field("部门成本的走势。", "The trend of the department's cost.", permission=READ, axes=Axes.AS_OF, name="costTrend")
async def department_trend(
    root: strawberry.Parent[Department], months: MONTHS = 6, month: MONTH = None
) -> list[CostFigures]:
    """The last months."""
    return await _figures(root, "department", _months(root.view, month, _few(months, 24, "months")))


@field("岗位一个月的成本与预算。", "Cost and budget of the position.", permission=READ, axes=Axes.AS_OF, name="cost")
async def position_cost(root: strawberry.Parent[Position], month: MONTH = None) -> CostFigures | None:
    """The figures of a month."""
    return (await _figures(root, "position", _months(root.view, month)))[0]


@field("岗位成本的走势。", "The trend of the position's cost.", permission=READ, axes=Axes.AS_OF, name="costTrend")
async def position_trend(
    root: strawberry.Parent[Position], months: MONTHS = 6, month: MONTH = None
) -> list[CostFigures]:
    """The last months."""
    return await _figures(root, "position", _months(root.view, month, _few(months, 24, "months")))


@field(
    "成本中心一个月的成本与预算。", "Cost and budget of the cost centre.", permission=READ, axes=Axes.AS_OF, name="cost"
)
async def centre_cost(root: strawberry.Parent[Any], month: MONTH = None) -> CostFigures | None:
    """The figures of a month."""
    return (await _figures(root, "centre", _months(root.view, month)))[0]


@field(
    "岗位成本按职责权重的分摊。",
    "The position's cost by the weights of its duties.",
    permission=READ,
    axes=Axes.AS_OF,
    name="costByDuty",
)
async def cost_by_duty(root: strawberry.Parent[Position], month: MONTH = None) -> CostByDuty | None:
    """By largest remainder, so that the fen add up."""
    [figures] = await _figures(root, "position", _months(root.view, month))
    weights = await root.view.load(load_weights, root.row.key)
    return CostByDuty(
        statement=None if weights else UNWEIGHTED, cost=figures.cost(), duties=_shared(figures.sums[1], weights)
    )


def _shared(cost: int, weights: Sequence[Any]) -> list[CostOfDuty]:
    percents = [decoded(WEIGHT, "percent", row.percent) for row in weights]
    parts = largest_remainder(cost, percents)
    return [
        CostOfDuty(duty=id_of("Duty", row.duty), percent=str(percent), cost=yuan(part))
        for row, percent, part in zip(weights, percents, parts, strict=True)
    ]


FIELDS = {
    "Department": [department_cost, department_trend],
    "Position": [position_cost, position_trend, cost_by_duty],
    "CostCentre": [centre_cost],
}
"""What the types of the book are given."""
