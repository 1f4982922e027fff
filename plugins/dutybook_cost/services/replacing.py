"""Parts: replaced in time or late, broken by somebody, or waiting for an analysis."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select

from dutybook.api import Message, name_of, now
from dutybook_cost.kinds import COMMON, HIDDEN, LARGE
from dutybook_cost.models import Part, Shift
from dutybook_cost.refusals import Lacking, MissingShares, NotThere, Twice
from dutybook_cost.rules.amounts import number
from dutybook_cost.rules.parts import CAUSES, WEAR
from dutybook_cost.rules.shares import refuse_unless_whole
from dutybook_cost.services.desk import MILLI, RECORD, SIGN, Desk, chosen, month_of, scaled
from dutybook_cost.services.recording import LEAST_QUANTITY, At, refuse_twice


@dataclass(frozen=True, slots=True)
class PartSaid:
    """A part as it was replaced; `due` is the shift in which the standard for wear wanted it (reading B8)."""

    number: str
    at: At
    material: str
    quantity: str = "1"
    due: At | None = None
    cause: str = WEAR
    responsible: str | None = None
    late_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Analysis:
    """What was found: who answers for how many per cent, and sections that the team loses (lines 34, 42)."""

    number: str
    finding: str
    charges: Sequence[tuple[str, str]] = ()
    sections: str = "0"
    late_reason: str | None = None


def record_part(desk: Desk, said: PartSaid) -> int:
    """Records a replacement; large and hidden parts fall on nobody until an analysis is recorded."""
    shift = desk.shift(said.at.centre, said.at.day, said.at.label)
    due = shift if said.due is None else desk.shift(said.due.centre, said.due.day, said.due.label, "due")
    desk.may(RECORD, shift.department)
    desk.may(RECORD, due.department)
    for day in {shift.day, due.day}:
        desk.accounted(day, said.late_reason)
    material = desk.material(said.material, shift.day)
    cause = chosen(said.cause, CAUSES, "cause")
    _refuse_unready(desk, said, due, material, cause)
    refuse_twice(desk, Part, said.number, "number", number=said.number)
    made = desk.add(
        Part,
        {
            "number": said.number,
            "shift": shift.id,
            "due_shift": due.id,
            "material": material,
            "quantity_milli": scaled(said.quantity, "quantity", MILLI, least=LEAST_QUANTITY),
            "cause": cause,
            "responsible": desk.key("employee", said.responsible, "responsible") if said.responsible else None,
            "late_reason": said.late_reason,
            "deducted_milli": 0,
        },
    )
    for it in {shift.id: shift, due.id: due}.values():
        desk.touch(it, f"part {said.number}")
    return made.id


def decide_part(desk: Desk, said: Analysis) -> int:
    """Records the analysis of a part, by somebody who may sign."""
    part = desk.session.scalars(select(Part).where(Part.number == said.number)).first()
    if part is None:
        raise NotThere(("配件更换单", "part"), said.number, "number")
    shift = desk.session.get_one(Shift, part.shift)
    desk.may(SIGN, shift.department)
    desk.accounted(shift.day, said.late_reason)
    if part.analysis is not None:
        raise Twice(Message(f"{said.number} 的原因分析", f"The analysis of {said.number}"), "number")
    if not said.finding.strip():
        raise Lacking("finding", ("请写明定性分析的结论", "say what the analysis found"))
    charges = [
        (desk.key("employee", who, "charges"), str(number(share, "charges", Decimal()))) for who, share in said.charges
    ]
    if charges:
        refuse_unless_whole([Decimal(share) for _, share in charges], "charges")
    part.analysis, part.charges = said.finding.strip(), json.dumps(charges)
    part.deducted_milli = scaled(said.sections, "sections", MILLI)
    part.decided_by, part.decided_at = desk.actor.name, now(desk.session)
    desk.touch(shift, f"analysis of part {said.number}")
    if part.deducted_milli:
        desk.touch_section(shift.section, month_of(shift.day), f"analysis of part {said.number}")
    return part.id


def needs_analysis(material: object) -> bool:
    """Whether a material is too large or too hidden for its parts to be charged as they stand."""
    return getattr(material, "size", None) == LARGE or getattr(material, "visibility", None) == HIDDEN


def _refuse_unready(desk: Desk, said: PartSaid, due: Shift, material: int, cause: str) -> None:
    book = desk.on(due.day)
    row = desk.on(said.at.day).materials[material]
    if needs_analysis(row):
        return
    if cause != WEAR:
        if said.responsible is None:
            raise Lacking("responsible", ("非正常磨损须写明责任人", "what is no wear names the person responsible"))
        return
    book.price(material)
    book.demand_quota(due.centre, due.team, material)
    total = sum(book.liability.get(material, {}).values(), Decimal())
    if row.size == COMMON and total != 100:
        raise MissingShares(name_of(desk.session, "cost_material", material), total, due.day)
