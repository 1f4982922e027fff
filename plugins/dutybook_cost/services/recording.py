"""What happened in a shift: output, crew, slips, hazards; and rewards and penalties of a month."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import exists, func, select

from dutybook.api import Message, name_of
from dutybook_cost.models import Award, Base, Hazard, Member, Shift, Slip, Target
from dutybook_cost.refusals import Lacking, NotInForce, Twice, Unsigned
from dutybook_cost.rules.amounts import fen, number
from dutybook_cost.rules.gate import refuse_beyond
from dutybook_cost.services.desk import CENTI, MILLI, RECORD, Desk, chosen, first_day, scaled

ISSUE, RETURN, CONSUMED = "ISSUE", "RETURN", "CONSUMED"
SORTS = (ISSUE, RETURN, CONSUMED)
"""Slips of what was issued, of what came back, and of what was counted as consumed in the shift."""

LEAST_QUANTITY, LEAST_POINTS = "0.001", "0.01"


@dataclass(frozen=True, slots=True)
class At:
    """A shift: of which centre, on which day, by which label."""

    centre: str
    day: date
    label: str

    def __str__(self) -> str:
        """As people say it."""
        return f"{self.centre} {self.day} {self.label}"


@dataclass(frozen=True, slots=True)
class Output:
    """What a shift put out: sections, and tons of each; neither where it serves the whole section."""

    at: At
    sections: str | None = None
    tons_per_section: str | None = None


@dataclass(frozen=True, slots=True)
class Present:
    """Somebody who worked a shift."""

    at: At
    employee: str
    position: str
    points: str
    odd: bool = False


@dataclass(frozen=True, slots=True)
class SlipSaid:
    """A slip as it is handed in."""

    number: str
    at: At
    material: str
    quantity: str
    sort: str = ISSUE
    signed_by: str | None = None
    person: str | None = None
    users: Sequence[str] = ()
    late_reason: str | None = None


@dataclass(frozen=True, slots=True)
class HazardSaid:
    """A hazard as it was found."""

    at: At
    material: str
    times: int
    note: str
    late_reason: str | None = None


@dataclass(frozen=True, slots=True)
class AwardSaid:
    """A reward, or a penalty where the amount is negative; a penalty needs the month's wage and the minimum wage."""

    employee: str
    position: str
    day: date
    amount: str
    reason: str
    wage: str | None = None
    minimum_wage: str | None = None


def record_shift(desk: Desk, said: Output) -> int:
    """Records the output of a shift, and gives its number."""
    at, book = said.at, desk.on(said.at.day)
    key = desk.centre(at.centre, at.day)
    row = book.centres[key]
    desk.may(RECORD, row.department)
    desk.accounted(at.day, None)
    if not at.label.strip():
        raise Lacking("label", ("请写明班次，如 早班", "name the shift, like early"))
    if (said.sections is None) != (said.tons_per_section is None):
        raise Lacking("tonsPerSection", ("节数与吨/节须同时给出", "sections and tons per section come together"))
    refuse_twice(desk, Shift, str(at), "label", centre=key, day=at.day, label=at.label.strip())
    shift = desk.add(
        Shift,
        {
            "centre": key,
            "department": row.department,
            "section": book.section(row.department),
            "team": row.team,
            "day": at.day,
            "label": at.label.strip(),
            "sections_milli": None if said.sections is None else scaled(said.sections, "sections", MILLI),
            "tons_milli": None if said.sections is None else scaled(said.tons_per_section, "tonsPerSection", MILLI),
        },
    )
    desk.touch(shift, f"shift {at}")
    desk.touch_section(shift.section, f"{at.day:%Y-%m}", f"shift {at}")
    return shift.id


def record_member(desk: Desk, said: Present) -> int:
    """Records who worked a shift, at which position and for how many points."""
    shift = _open_shift(desk, said.at, None)
    employee = desk.key("employee", said.employee, "employee")
    position = desk.key("position", said.position, "position")
    if position not in desk.on(shift.day).posts:
        raise NotInForce(name_of(desk.session, "position", position), shift.day, "position")
    refuse_twice(desk, Member, f"{said.employee} {said.at}", "employee", shift=shift.id, employee=employee)
    points = scaled(said.points, "points", CENTI, least=LEAST_POINTS)
    made = desk.add(
        Member,
        {"shift": shift.id, "employee": employee, "position": position, "points_centi": points, "odd": said.odd},
    )
    desk.touch(shift, f"points of {said.employee} in {said.at}")
    return made.id


def record_slip(desk: Desk, said: SlipSaid) -> int:
    """Records a slip: signed it counts for the team, unsigned for its person (lines 20, 46)."""
    shift = _open_shift(desk, said.at, said.late_reason)
    material = desk.material(said.material, shift.day)
    desk.on(shift.day).demand_quota(shift.centre, shift.team, material)
    sort = chosen(said.sort, SORTS, "sort")
    number_ = said.number.strip()
    if not number_:
        raise Lacking("number", ("请写明领料单号", "give the number of the slip"))
    if sort == ISSUE and not said.signed_by and not said.person:
        raise Unsigned
    refuse_twice(desk, Slip, number_, "number", number=number_)
    person = desk.key("employee", said.person, "person") if said.person else None
    users = sorted({desk.key("employee", user, "users") for user in said.users})
    made = desk.add(
        Slip,
        {
            "number": number_,
            "shift": shift.id,
            "material": material,
            "sort": sort,
            "quantity_milli": scaled(said.quantity, "quantity", MILLI, least=LEAST_QUANTITY),
            "signed_by": said.signed_by or None,
            "person": person,
            "users": json.dumps(users),
            "late_reason": said.late_reason or None,
        },
    )
    desk.touch(shift, f"slip {number_}")
    return made.id


def record_hazard(desk: Desk, said: HazardSaid) -> int:
    """Records hazards that came of saving on a material (line 48)."""
    shift = _open_shift(desk, said.at, said.late_reason)
    material = desk.material(said.material, shift.day)
    desk.on(shift.day).demand_quota(shift.centre, shift.team, material)
    times = int(number(said.times, "times", number("1", "times")))
    told = {"shift": shift.id, "material": material, "times": times, "note": said.note, "late_reason": said.late_reason}
    made = desk.add(Hazard, told)
    desk.touch(shift, f"hazard {made.id} in {said.at}")
    return made.id


def record_target(desk: Desk, centre: str, month: str, output: str) -> int:
    """Records the planned output of a production centre in a month."""
    day = first_day(month)
    key = desk.centre(centre, day)
    department = desk.on(day).centres[key].department
    desk.may(RECORD, department)
    desk.accounted(day, None)
    refuse_twice(desk, Target, f"{centre} {month}", "month", centre=key, month=month)
    planned = scaled(output, "output", MILLI, least=LEAST_QUANTITY)
    section = desk.on(day).section(department)
    desk.touch_section(section, month, f"planned output of {centre}")
    return desk.add(Target, {"centre": key, "section": section, "month": month, "output_milli": planned}).id


def record_award(desk: Desk, said: AwardSaid) -> int:
    """Records a reward or a penalty; penalties of a month never go beyond the legal gate."""
    employee = desk.key("employee", said.employee, "employee")
    position = desk.key("position", said.position, "position")
    if position not in desk.on(said.day).posts:
        raise NotInForce(name_of(desk.session, "position", position), said.day, "position")
    department = desk.on(said.day).posts[position]
    desk.may(RECORD, department)
    month, amount = desk.accounted(said.day, None), fen(number(said.amount, "amount"))
    wage = None if said.wage is None else fen(number(said.wage, "wage", number("0", "wage")))
    minimum = (
        None if said.minimum_wage is None else fen(number(said.minimum_wage, "minimumWage", number("0", "minimumWage")))
    )
    if not said.reason.strip():
        raise Lacking("reason", ("奖惩须有事由", "a reward or penalty has a reason"))
    if amount < 0:
        before = (Award.month == month, Award.employee == employee, Award.amount_fen < 0)
        sofar = desk.session.scalar(select(func.coalesce(func.sum(Award.amount_fen), 0)).where(*before)) or 0
        refuse_beyond(-int(sofar) - amount, wage, minimum)
    told = {"employee": employee, "position": position, "department": department, "day": said.day, "month": month}
    money = {"amount_fen": amount, "wage_fen": wage, "minimum_fen": minimum, "reason": said.reason.strip()}
    return desk.add(Award, {**told, **money}).id


def refuse_twice(desk: Desk, model: type[Base], shown: str, place: str, **same: object) -> None:
    """Twice, if there is such a document."""
    there = [getattr(model, name) == value for name, value in same.items()]
    if desk.session.scalar(select(exists().where(*there))):
        raise Twice(Message(shown, shown), place)


def _open_shift(desk: Desk, at: At, late_reason: str | None) -> Shift:
    shift = desk.shift(at.centre, at.day, at.label)
    desk.may(RECORD, shift.department)
    desk.accounted(at.day, late_reason)
    return shift
