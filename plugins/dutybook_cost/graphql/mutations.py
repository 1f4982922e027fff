"""The mutations: each calls one service in one transaction."""

from collections.abc import Callable
from typing import Annotated

import strawberry
from sqlalchemy.orm import Session

from dutybook.api import Asking, argument, id_of, mutation, number_of, perform
from dutybook_cost.graphql.inputs import (
    CostAnalysisInput,
    CostAwardInput,
    CostDocumentPayload,
    CostHazardInput,
    CostMemberInput,
    CostPartInput,
    CostPlanInput,
    CostSettlePayload,
    CostShiftInput,
    CostSlipInput,
    CostTargetInput,
)
from dutybook_cost.services.desk import RECORD, SETTLE, SIGN, Desk
from dutybook_cost.services.planning import plan, take_step
from dutybook_cost.services.recording import (
    record_award,
    record_hazard,
    record_member,
    record_shift,
    record_slip,
    record_target,
)
from dutybook_cost.services.replacing import decide_part, record_part
from dutybook_cost.services.settling import settle_month, unsettled

INPUT = argument("输入。", "The input.")
PLAN = argument("计划的 id。", "The id of the plan.")
STEP = argument(
    "CHECKED 副职、SIGNED 区长、FILED 材料员。", "CHECKED by the deputy, SIGNED by the chief, FILED by the clerk."
)
Act = Callable[[Desk], int]


async def _recorded(info: Asking, name: str, act: Act) -> CostDocumentPayload:
    number, errors = await perform(info, lambda session: act(Desk(session, info.context.actor)))
    return CostDocumentPayload(document=None if number is None else id_of(name, number), user_errors=errors)


@mutation("记录班次产量。", "Records the output of a shift.", permission=RECORD)
async def record_cost_shift(info: Asking, input: Annotated[CostShiftInput, INPUT]) -> CostDocumentPayload:  # noqa: A002
    """Output."""
    return await _recorded(info, "CostShift", lambda desk: record_shift(desk, input.said()))


@mutation("记录班次出勤和吃分。", "Records who worked a shift, for how many points.", permission=RECORD)
async def record_cost_member(info: Asking, input: Annotated[CostMemberInput, INPUT]) -> CostDocumentPayload:  # noqa: A002
    """Crew."""
    return await _recorded(info, "CostMember", lambda desk: record_member(desk, input.said()))


@mutation("记录领料、退料或消耗单。", "Records a slip.", permission=RECORD)
async def record_cost_slip(info: Asking, input: Annotated[CostSlipInput, INPUT]) -> CostDocumentPayload:  # noqa: A002
    """Slip."""
    return await _recorded(info, "CostSlip", lambda desk: record_slip(desk, input.said()))


@mutation("记录配件更换。", "Records a part replaced.", permission=RECORD)
async def record_cost_part(info: Asking, input: Annotated[CostPartInput, INPUT]) -> CostDocumentPayload:  # noqa: A002
    """Part."""
    return await _recorded(info, "CostPart", lambda desk: record_part(desk, input.said()))


@mutation("记录大型、隐蔽配件的定性分析。", "Records the analysis of a large or hidden part.", permission=SIGN)
async def decide_cost_part(info: Asking, input: Annotated[CostAnalysisInput, INPUT]) -> CostDocumentPayload:  # noqa: A002
    """Analysis."""
    return await _recorded(info, "CostPart", lambda desk: decide_part(desk, input.said()))


@mutation("记录因节约造成的隐患。", "Records hazards that came of saving.", permission=RECORD)
async def record_cost_hazard(info: Asking, input: Annotated[CostHazardInput, INPUT]) -> CostDocumentPayload:  # noqa: A002
    """Hazard."""
    return await _recorded(info, "CostHazard", lambda desk: record_hazard(desk, input.said()))


@mutation("记录奖惩。", "Records a reward or a penalty.", permission=RECORD)
async def record_cost_award(info: Asking, input: Annotated[CostAwardInput, INPUT]) -> CostDocumentPayload:  # noqa: A002
    """Award."""
    return await _recorded(info, "CostAward", lambda desk: record_award(desk, input.said()))


@mutation("记录计划产量。", "Records a planned output.", permission=RECORD)
async def record_cost_target(info: Asking, input: Annotated[CostTargetInput, INPUT]) -> CostDocumentPayload:  # noqa: A002
    """Target."""
    return await _recorded(
        info, "CostTarget", lambda desk: record_target(desk, input.centre, input.month, input.output)
    )


@mutation("提出材料计划。", "Plans material.", permission=RECORD)
async def plan_cost_material(info: Asking, input: Annotated[CostPlanInput, INPUT]) -> CostDocumentPayload:  # noqa: A002
    """Plan."""
    return await _recorded(info, "CostPlan", lambda desk: plan(desk, input.said()))


@mutation("审批材料计划的下一步。", "Takes the next step of a plan.", permission=RECORD)
async def take_cost_plan_step(
    info: Asking, plan: Annotated[strawberry.ID, PLAN], step: Annotated[str, STEP]
) -> CostDocumentPayload:
    """Step."""
    return await _recorded(info, "CostPlan", lambda desk: take_step(desk, number_of("CostPlan", plan, "plan"), step))


@mutation("结算一个月；较大的月份分次进行。", "Settles a month; a large one in several calls.", permission=SETTLE)
async def settle_cost(
    info: Asking, month: Annotated[str, argument("月份，如 2026-03。", "The month, like 2026-03.")]
) -> CostSettlePayload:
    """Settlement."""
    left: list[int] = []

    def act(session: Session) -> int:
        made = settle_month(session, info.context.actor, month).made
        left.append(len(unsettled(session, month)))
        return made

    settled, errors = await perform(info, act)
    return CostSettlePayload(
        settled=settled, remaining=left[0] if left and settled is not None else None, user_errors=errors
    )


FIELDS = [
    record_cost_shift,
    record_cost_member,
    record_cost_slip,
    record_cost_part,
    decide_cost_part,
    record_cost_hazard,
    record_cost_award,
    record_cost_target,
    plan_cost_material,
    take_cost_plan_step,
    settle_cost,
]
"""What can be done."""
