"""Rostering: who sits at which lane, and when."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.orm import Session

from dutybook.api import (
    Actor,
    BadInput,
    Message,
    NotFound,
    Refused,
    closed_months,
    hold,
    key_of,
    name_of,
    now,
    records,
    require,
    zone,
)
from dutybook_toll.models import Shift, Vacancy
from dutybook_toll.reads import in_force, manned, overlapping, shown_shift, taken_over

ROSTER = "toll.roster"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A shift as it is asked for: records by id or code; `instead_of` is the shift without a person that it takes over."""

    lane: str
    position: str
    employee: str
    begins_at: datetime
    ends_at: datetime
    instead_of: int | None = None


class WrongHours(BadInput):
    """A shift that ends before it begins."""

    def __init__(self, begins_at: datetime, ends_at: datetime) -> None:
        zh = f"班次的结束时刻 {ends_at.isoformat()} 不晚于开始时刻 {begins_at.isoformat()}；请核对两个时刻。"
        en = f"The shift ends at {ends_at.isoformat()}, not after it begins at {begins_at.isoformat()}; check both."
        super().__init__(zh, en, path=["endsAt"])


class NotInForce(NotFound):
    """A record that is there, but not on the day of the shift."""

    def __init__(self, name: Message, day: date, place: str) -> None:
        zh = f"{name.zh} 在 {day} 无效；请换一个当日有效的，或先以变更单设立。"
        super().__init__(zh, f"{name.en} is not in force on {day}; take another, or open it first.", path=[place])


class ElsewherePosition(Refused):
    """A position of another department than the lane's."""

    code = "TOLL_OTHER_STATION"

    def __init__(self, position: Message, lane: Message, station: Message) -> None:
        zh = f"{position.zh} 不属于 {lane.zh} 所在的 {station.zh}；请选该站的岗位，或该岗位所属站的车道。"
        en = f"{position.en} does not belong to {station.en}, where {lane.en} is; take a position of that station, or another lane."
        super().__init__(zh, en, path=["position"])


class NotAssigned(Refused):
    """Somebody who does not hold the position on the day of the shift."""

    code = "TOLL_NOT_ASSIGNED"

    def __init__(self, employee: Message, position: Message, day: date) -> None:
        zh = f"{employee.zh} 在 {day} 没有 {position.zh} 的有效任职；请先任命，或改排当日在岗的人。"
        en = f"{employee.en} does not hold {position.en} on {day}; appoint them first, or roster somebody who does."
        super().__init__(zh, en, path=["employee"])


class Clash(Refused):
    """A person or a lane that is rostered at that time already."""

    code = "TOLL_SHIFT_CLASH"

    def __init__(self, what: Message, other: Message, place: str) -> None:
        zh = f"{what.zh} 在此时段已排班：{other.zh}；请错开时段，或换人、换道。"
        super().__init__(
            zh, f"{what.en} is rostered then already: {other.en}; take other hours or somebody else.", path=[place]
        )


class NotVacant(Refused):
    """A shift that cannot be taken over."""

    code = "TOLL_NOT_VACANT"

    def __init__(self, shift: Message) -> None:
        zh = f"班次 {shift.zh} 并非无人待补的班次；只能顶替失去当班人、尚未补上的班次。"
        en = f"The shift {shift.en} is not without a person; only such a shift, not taken over yet, can be taken over."
        super().__init__(zh, en, path=["insteadOf"])


class NoShift(NotFound):
    """A number that is no shift's."""

    def __init__(self, number: int) -> None:
        super().__init__(f"没有班次 #{number}；请使用查询给出的 id。", f"There is no shift #{number}.", path=["shift"])


class MonthClosed(Refused):
    """A day of a month whose figures stand."""

    code = "TOLL_MONTH_CLOSED"

    def __init__(self, day: date) -> None:
        zh = f"{day} 所在的核算期 {day:%Y-%m} 已关闭，不能补排班次；确需补排，请先说明事由重新开启该月。"
        en = f"{day} lies in {day:%Y-%m}, which is closed and takes no more shifts; have the month reopened with a reason."
        super().__init__(zh, en, path=["beginsAt"])


def roster(session: Session, actor: Actor, wanted: Wanted) -> int:
    """Puts a person at a lane for some hours, and gives the shift's number."""
    hold(session)  # an assignment must not end, nor another shift come in, between the look and the writing
    if wanted.begins_at >= wanted.ends_at:
        raise WrongHours(wanted.begins_at, wanted.ends_at)
    day = wanted.begins_at.astimezone(zone(session)).date()
    if f"{day:%Y-%m}" in closed_months(session):
        raise MonthClosed(day)
    lane = _lane(session, wanted, day)
    require(session, actor, ROSTER, "department", lane.department)
    position = _position(session, wanted, day, lane)
    assignment = _assignment(session, wanted, day, position)
    _refuse_clashes(session, wanted, lane.key, assignment.employee)
    if wanted.instead_of is not None:
        _refuse_unless_vacant(session, wanted.instead_of, lane.key, wanted)
    shift = Shift(
        department=lane.department,
        lane=lane.key,
        position=position,
        employee=assignment.employee,
        assignment=assignment.key,
        day=day,
        begins_at=wanted.begins_at,
        ends_at=wanted.ends_at,
        instead_of=wanted.instead_of,
        rostered_by=actor.name,
        rostered_at=now(session),
    )
    session.add(shift)
    session.flush()
    return shift.id


def shift_of(session: Session, number: int) -> Shift:
    """A shift, which stands still until the transaction ends."""
    shift = session.get(Shift, number, with_for_update=True)
    if shift is None:
        raise NoShift(number)
    return shift


def _lane(session: Session, wanted: Wanted, day: date) -> Row[Any]:
    key = key_of(session, "toll_lane", wanted.lane)
    lane = in_force(session, "toll_lane", key, day)
    if lane is None:
        raise NotInForce(name_of(session, "toll_lane", key), day, "lane")
    return lane


def _position(session: Session, wanted: Wanted, day: date, lane: Row[Any]) -> int:
    key = key_of(session, "position", wanted.position)
    position = in_force(session, "position", key, day)
    shown = name_of(session, "position", key)
    if position is None:
        raise NotInForce(shown, day, "position")
    if position.department != lane.department:
        station = name_of(session, "department", lane.department)
        raise ElsewherePosition(shown, name_of(session, "toll_lane", lane.key), station)
    return key


def _assignment(session: Session, wanted: Wanted, day: date, position: int) -> Row[Any]:
    """The assignment under which somebody is rostered."""
    employee = key_of(session, "employee", wanted.employee)
    rows = records(session, "assignment", day)
    theirs = (rows.c.employee == employee, rows.c.position == position, rows.c.suspended.is_not(True))
    found = session.execute(select(rows).where(*theirs).order_by(rows.c.key)).first()
    if found is None:
        raise NotAssigned(name_of(session, "employee", employee), name_of(session, "position", position), day)
    return found


def _refuse_clashes(session: Session, wanted: Wanted, lane: int, employee: int) -> None:
    taken = select(Shift).where(overlapping(wanted.begins_at, wanted.ends_at), manned())
    if other := _first(session, taken, Shift.employee == employee):
        raise Clash(name_of(session, "employee", employee), shown_shift(session, other), "employee")
    if other := _first(session, taken, Shift.lane == lane):
        raise Clash(name_of(session, "toll_lane", lane), shown_shift(session, other), "lane")


def _first(session: Session, query: Any, wanted: ColumnElement[bool]) -> Shift | None:
    found: Shift | None = session.scalars(query.where(wanted).order_by(Shift.begins_at).limit(1)).first()
    return found


def _refuse_unless_vacant(session: Session, number: int, lane: int, wanted: Wanted) -> None:
    shift = shift_of(session, number)
    vacant = select(Shift.id).join(Vacancy, Vacancy.shift == Shift.id).where(Shift.id == number, ~taken_over())
    same = (shift.lane, shift.begins_at, shift.ends_at) == (lane, wanted.begins_at, wanted.ends_at)
    if session.scalar(vacant) is None or not same:
        raise NotVacant(shown_shift(session, shift))
