"""Special events: each is recorded, and what its rule says is reported to the monitoring room in time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, exists, select
from sqlalchemy.orm import Session

from dutybook.api import (
    Actor,
    BadInput,
    EventType,
    Message,
    NotFound,
    Refused,
    emit,
    hold,
    key_of,
    name_of,
    now,
    plugin_settings,
    require,
    zone,
)
from dutybook_toll.kinds import SPECIALS
from dutybook_toll.models import CashCount, Shift, SpecialEvent
from dutybook_toll.reads import rules_on, shown_shift
from dutybook_toll.roster import shift_of
from dutybook_toll.settings import TollSettings

RECORD = "toll.record"


@dataclass(frozen=True, slots=True)
class SpecialTold:
    """What the log says of a special event: what it was, at which station, in which month, and how many minutes late."""

    special: str
    department: int
    month: str
    minutes_late: int = 0


EVENTS = tuple(EventType(f"toll.event.{verb}", SpecialTold) for verb in ("recorded", "reported", "escalated"))


@dataclass(frozen=True, slots=True)
class Noted:
    """A special event as somebody tells it; `lane` is the shift's own unless said."""

    shift: int
    special: str
    happened_at: datetime
    lane: str | None = None
    vehicle: str | None = None
    note: str | None = None
    reported_at: datetime | None = None
    late_reason: str | None = None


class OtherLane(Refused):
    """A lane that the shift does not sit at."""

    code = "TOLL_OTHER_LANE"

    def __init__(self, lane: Message, shift: Message) -> None:
        zh = f"{lane.zh} 不是班次 {shift.zh} 的车道；请记在当班车道的班次上。"
        super().__init__(
            zh, f"{lane.en} is not the lane of the shift {shift.en}; record it with that lane's.", path=["lane"]
        )


class OutsideShift(Refused):
    """A moment at which the shift was not on."""

    code = "TOLL_OUTSIDE_SHIFT"

    def __init__(self, moment: str, shift: Message) -> None:
        zh = f"发生时刻 {moment} 不在班次 {shift.zh} 之内；请核对时刻，或记在当时当班的班次上。"
        en = f"It happened at {moment}, outside of the shift {shift.en}; check the moment, or record it with the shift on then."
        super().__init__(zh, en, path=["happenedAt"])


class NotYet(BadInput):
    """A moment that is still to come, or a report before the event."""

    def __init__(self, moment: str, place: str) -> None:
        zh = f"时刻 {moment} 尚未到来，或早于特情发生；请核对。"
        super().__init__(zh, f"{moment} is still to come, or before the event itself; check it.", path=[place])


class ShiftSettled(Refused):
    """A shift whose cash was counted takes no more events."""

    code = "TOLL_SHIFT_SETTLED"

    def __init__(self, shift: Message) -> None:
        zh = f"班次 {shift.zh} 的票款已核对，不再补记特情；请记在下一班次并在备注中说明。"
        en = f"The cash of {shift.en} is reconciled and it takes no more events; record it with the next shift, and say why."
        super().__init__(zh, en, path=["shift"])


class ReportDue(Refused):
    """An event that was to be reported by a moment, and was not."""

    code = "TOLL_REPORT_DUE"

    def __init__(self, special: str, due: str, minutes: int) -> None:
        label = SPECIALS[special]
        zh = f"{label.zh}须在 {minutes} 分钟内（{due} 前）报监控室；请给出此前的 reportedAt，或以 lateReason 说明迟报、未报的原因。"
        en = f"A {label.en} is reported within {minutes} minutes, by {due}; give an earlier reportedAt, or say in lateReason why not."
        super().__init__(zh, en, path=["reportedAt"])


class NothingToReport(Refused):
    """An event that needs no report, or has one."""

    code = "TOLL_NOTHING_TO_REPORT"

    def __init__(self, number: int, reported: str | None) -> None:
        zh = f"特情 #{number} 无须上报。" if reported is None else f"特情 #{number} 已于 {reported} 上报，只报一次。"
        en = "need not be reported." if reported is None else f"was reported at {reported}, and is reported once."
        super().__init__(zh, f"Special event #{number} {en}", path=["event"])


class NoSpecialEvent(NotFound):
    """A number that is no event's."""

    def __init__(self, number: int) -> None:
        zh = f"没有特情 #{number}；请使用查询给出的 id。"
        super().__init__(zh, f"There is no special event #{number}; use an id that a query gave.", path=["event"])


def record(session: Session, actor: Actor, noted: Noted) -> int:
    """Records a special event and gives its number; one that is overdue unreported needs the reason."""
    hold(session)  # the rule must not change between the look and the writing
    shift = shift_of(session, noted.shift)
    require(session, actor, RECORD, "department", shift.department)
    _refuse_misplaced(session, noted, shift)
    event = SpecialEvent(
        shift=shift.id,
        department=shift.department,
        lane=shift.lane,
        day=shift.day,
        special=noted.special,
        happened_at=noted.happened_at,
        vehicle=noted.vehicle,
        note=noted.note,
        recorded_by=actor.name,
        recorded_at=now(session),
        reported_at=noted.reported_at,
        reported_by=actor.name if noted.reported_at else None,
        late_reason=noted.late_reason,
    )
    set_deadlines(session, [event])
    _refuse_late(session, event)
    session.add(event)
    session.flush()
    tell(session, "recorded", event)
    return event.id


def report(session: Session, actor: Actor, number: int, moment: datetime, late_reason: str | None) -> int:
    """Notes that an event was reported to the monitoring room; a late report says why."""
    event = session.get(SpecialEvent, number, with_for_update=True)
    if event is None:
        raise NoSpecialEvent(number)
    require(session, actor, RECORD, "department", event.department)
    if event.due_at is None or event.reported_at is not None:
        raise NothingToReport(number, _local(session, event.reported_at) if event.reported_at else None)
    _refuse_untimely(session, moment, event.happened_at, "reportedAt")
    event.reported_at, event.reported_by = moment, actor.name
    event.late_reason = late_reason or event.late_reason
    _refuse_late(session, event)
    session.flush()
    tell(session, "reported", event)
    return number


def set_deadlines(session: Session, events: Iterable[SpecialEvent]) -> None:
    """Until when each event is to be reported, by the rule of its day; two statements for each day."""
    usual = plugin_settings(session, TollSettings).report_within_minutes
    rules: dict[date, Mapping[tuple[int, str], Row[Any]]] = {}
    for it in events:
        if it.day not in rules:
            rules[it.day] = rules_on(session, it.day)
        rule = rules[it.day].get((it.lane, it.special))
        within = timedelta(minutes=rule.within_minutes or usual) if rule and rule.report else None
        it.due_at = it.happened_at + within if within else None


def tell(session: Session, verb: str, event: SpecialEvent) -> None:
    """Appends to the log what became of an event."""
    until = event.reported_at or now(session)
    late = max(0, int((until - event.due_at).total_seconds() // 60)) if event.due_at else 0
    told = SpecialTold(event.special, event.department, f"{event.day:%Y-%m}", late)
    emit(session, f"toll.event.{verb}", event.id, told, event.day)


def _refuse_misplaced(session: Session, noted: Noted, shift: Shift) -> None:
    if noted.lane is not None and (key := key_of(session, "toll_lane", noted.lane)) != shift.lane:
        raise OtherLane(name_of(session, "toll_lane", key), shown_shift(session, shift))
    if not shift.begins_at <= noted.happened_at < shift.ends_at:
        raise OutsideShift(_local(session, noted.happened_at), shown_shift(session, shift))
    _refuse_untimely(session, noted.happened_at, shift.begins_at, "happenedAt")
    if noted.reported_at is not None:
        _refuse_untimely(session, noted.reported_at, noted.happened_at, "reportedAt")
    if session.scalar(select(exists().where(CashCount.shift == shift.id))):
        raise ShiftSettled(shown_shift(session, shift))


def _refuse_untimely(session: Session, moment: datetime, earliest: datetime, place: str) -> None:
    if not earliest <= moment <= now(session):
        raise NotYet(_local(session, moment), place)


def _refuse_late(session: Session, event: SpecialEvent) -> None:
    """An event that is overdue, or was reported late, without a word about it."""
    due = event.due_at
    if due is not None and not event.late_reason and (event.reported_at or now(session)) > due:
        minutes = int((due - event.happened_at).total_seconds() // 60)
        raise ReportDue(event.special, _local(session, due), minutes)


def _local(session: Session, moment: datetime) -> str:
    return f"{moment.astimezone(zone(session)):%Y-%m-%d %H:%M}"
