"""Material plans: of a month or a day, through their steps, held against the month's plan and what lies on site."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from dutybook.api import BadInput, Message, Refused, name_of
from dutybook_cost.models import Plan, PlanStep, Shift, Slip, table
from dutybook_cost.refusals import NotThere
from dutybook_cost.rules.amounts import shown
from dutybook_cost.services.desk import MILLI, RECORD, SIGN, Desk, chosen, first_day, scaled, within
from dutybook_cost.services.recording import CONSUMED, ISSUE, LEAST_QUANTITY, RETURN

DRAFTED, CHECKED, SIGNED, FILED = "DRAFTED", "CHECKED", "SIGNED", "FILED"
STEPS = (DRAFTED, CHECKED, SIGNED, FILED)
"""Line 18: the team leader plans, the deputy and the section chief cut what is not needed, the clerk files."""


class OutsidePlan(Refused):
    """A daily plan that the month's filed plans do not cover."""

    code = "COST_OUTSIDE_MONTHLY_PLAN"

    def __init__(self, material: Message, wanted: int, left: int, month: str) -> None:
        zh = f"{material.zh} 计划 {shown(wanted, 0)}，{month} 月计划只余 {shown(left, 0)}（千分之一单位）；请先补报月计划。"
        en = f"{material.en}: {wanted} is planned and the plans of {month} leave {left} (thousandths of a unit); plan the month first."
        super().__init__(zh, en, path=["quantity"])


class OnSite(Refused):
    """A daily plan for something that lies on site unused."""

    code = "COST_STOCK_ON_SITE"

    def __init__(self, material: Message, left: int) -> None:
        zh = f"{material.zh} 现场尚有备用 {left}（千分之一单位），不得再计划；请先使用现场备用。"
        super().__init__(
            zh, f"{material.en}: {left} (thousandths of a unit) lie on site; use these first.", path=["material"]
        )


class WrongStep(BadInput):
    """A step that is not the next one."""

    def __init__(self, step: str, there: str) -> None:
        following = STEPS[STEPS.index(there) + 1] if there != FILED else "-"
        zh = f"计划现处于 {there}，下一步是 {following}，不能 {step}；请按顺序审批。"
        super().__init__(
            zh, f"The plan is {there}; {following} is next, not {step}. Take the steps in order.", path=["step"]
        )


@dataclass(frozen=True, slots=True)
class Planned:
    """What a team leader plans for a month, or for one day of it."""

    centre: str
    month: str
    material: str
    quantity: str
    day: date | None = None


def plan(desk: Desk, said: Planned) -> int:
    """Records a plan; one of a day is held against the month's plans and the stock on site (line 20)."""
    day = said.day or first_day(said.month)
    centre, material = desk.centre(said.centre, day), desk.material(said.material, day)
    department = desk.on(day).centres[centre].department
    desk.may(RECORD, department)
    desk.accounted(day, None)
    quantity = scaled(said.quantity, "quantity", MILLI, least=LEAST_QUANTITY)
    if said.day is not None:
        _refuse_needless(desk, said, centre, material, quantity)
    of = {"centre": centre, "department": department, "material": material}
    when = {"month": said.month, "day": said.day}
    return desk.add(Plan, {**of, **when, "quantity_milli": quantity, "step": DRAFTED}).id


def take_step(desk: Desk, number: int, step: str) -> int:
    """Takes the next step of a plan."""
    found = desk.session.get(Plan, number, with_for_update=True)
    if found is None:
        raise NotThere(("材料计划", "plan"), number, "plan")
    wanted = chosen(step, STEPS, "step")
    desk.may(RECORD if wanted == FILED else SIGN, found.department)
    if found.step == FILED or STEPS.index(wanted) != STEPS.index(found.step) + 1:
        raise WrongStep(wanted, found.step)
    found.step = wanted
    desk.add(PlanStep, {"plan": number, "step": wanted})
    return number


def on_site(session: Session, centre: int, material: int, until: date) -> int:
    """What shifts have had issued and not counted as consumed, in thousandths; a shift that counted nothing used it all."""
    signed = case((Slip.sort == ISSUE, Slip.quantity_milli), else_=-Slip.quantity_milli)
    counted = func.sum(case((Slip.sort == CONSUMED, 1), else_=0))
    query = select(func.sum(signed).label("left")).join(Shift, Shift.id == Slip.shift)
    query = query.where(Shift.centre == centre, Slip.material == material, Shift.day <= until)
    per_shift = query.group_by(Slip.shift).having(counted > 0).subquery()
    return int(session.scalar(select(func.coalesce(func.sum(per_shift.c.left), 0))) or 0)


def unused(month: str) -> Select[*tuple[Any, ...]]:
    """Filed plans of days of which something was never issued, and how much (`left`): they are on their planners (line 20)."""
    issued = case((Slip.sort == ISSUE, Slip.quantity_milli), (Slip.sort == RETURN, -Slip.quantity_milli), else_=0)
    had = select(Shift.centre, Shift.day, Slip.material, func.sum(issued).label("total"))
    had = had.join(Shift, Shift.id == Slip.shift).where(*within(Shift.day, month))
    got = had.group_by(Shift.centre, Shift.day, Slip.material).subquery()
    it = table(Plan)
    same = (got.c.centre == it.c.centre) & (got.c.day == it.c.day) & (got.c.material == it.c.material)
    left = it.c.quantity_milli - func.coalesce(got.c.total, 0)
    filed = (it.c.month == month, it.c.day.is_not(None), it.c.step == FILED, left > 0)
    return select(it, left.label("left")).outerjoin(got, same).where(*filed).order_by(it.c.id)


def _refuse_needless(desk: Desk, said: Planned, centre: int, material: int, quantity: int) -> None:
    session, day = desk.session, said.day or first_day(said.month)
    shown_as = name_of(session, "cost_material", material)
    if (left := on_site(session, centre, material, day)) > 0:
        raise OnSite(shown_as, left)
    same = (Plan.month == said.month, Plan.centre == centre, Plan.material == material)
    month = session.scalar(select(func.sum(Plan.quantity_milli)).where(*same, Plan.day.is_(None), Plan.step == FILED))
    days = session.scalar(select(func.sum(Plan.quantity_milli)).where(*same, Plan.day.is_not(None)))
    rest = int(month or 0) - int(days or 0)
    if quantity > rest:
        raise OutsidePlan(shown_as, quantity, rest, said.month)
