"""Routes of approval as records of the book."""

from typing import cast

import orjson

from dutybook.graphql.departments import Department
from dutybook.graphql.describe import column, named, resolved
from dutybook.graphql.nodes import Dated, Node
from dutybook.graphql.organisations import Organisation
from dutybook.graphql.records import one, record


@named("审批流程的一步。", "One step of a route.")
class RouteStep:
    """Those who must all sign."""

    name: str | None = column("步骤名称，如「分管领导」。", "What the step is called.")
    signers: list[str] = column(
        "须全部签署：user:用户名、role:角色（其范围须含所涉部门）或 role:角色@编号（其范围须含该部门或单位）。",
        "All must sign: user:NAME, role:NAME whose scope holds what the set touches, or role:NAME@CODE whose scope holds that place.",
    )


@record(
    "approval_route",
    "审批流程：按变更单所涉的单位、部门、类型选用；最具体者优先。只给有权起草、审批或发布者。",
    "A route of approval, chosen by the organisation, department and kind that a set touches; the most specific one wins. "
    "For those who may propose, approve or publish.",
)
class ApprovalRoute(Dated, Node):
    """One route."""

    __slots__ = ()

    name: str = column("名称。", "Its name.")
    priority: int | None = column(
        "优先级：同样具体时大者优先；空为 0。", "Among equally specific ones the higher wins; 0 if absent."
    )

    @resolved("适用的单位；空为不限。", "The organisation it is for; null for any.")
    async def organisation(self) -> Organisation | None:
        """The organisation."""
        return cast("Organisation | None", await one(self.view, "organisation", self.row.organisation))

    @resolved(
        "适用的部门及其下级；空为不限，或不可见。",
        "The department it is for, and all below; null for any, or if not visible.",
    )
    async def department(self) -> Department | None:
        """The department."""
        return cast("Department | None", await one(self.view, "department", self.row.department))

    @resolved("适用的类型；空为不限。", "The kinds it is for; null for all.")
    def kinds(self) -> list[str] | None:
        """The kinds."""
        return cast("list[str] | None", orjson.loads(self.row.kinds) if self.row.kinds else None)

    @resolved("各步，按次序。", "Its steps, in order.")
    def steps(self) -> list[RouteStep]:
        """The steps."""
        steps = orjson.loads(self.row.steps)
        return [RouteStep(name=step.get("name"), signers=step["signers"]) for step in steps]
