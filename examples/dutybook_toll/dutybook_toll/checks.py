"""What a toll station has against a change of the book, or against closing a month."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from dutybook.api import (
    AssignmentChange,
    ChangeSetView,
    DepartmentChange,
    Impact,
    KindChange,
    Message,
    Objection,
    PeriodView,
    hookimpl,
    name_of,
    records,
    zone,
)
from dutybook_toll.kinds import SPECIALS
from dutybook_toll.models import CashCount, Shift, SpecialEvent
from dutybook_toll.money import yuan
from dutybook_toll.reads import (
    coming,
    first_few,
    listed,
    lost,
    manned,
    shown_shift,
    taken_over,
    unreconciled,
    unreported,
    within_days,
)
from dutybook_toll.roster import ROSTER

UNMANNED = Message("无人当班的已排班次", "rostered shifts without a person")


@hookimpl
def check_assignment(session: Session, changes: Sequence[AssignmentChange], dry_run: bool) -> Iterable[Objection]:  # noqa: ARG001
    """Nobody leaves a toll position while rostered beyond it; who is rostered and gets another position is pointed out."""
    yield from _left_behind(session, changes)
    yield from _needed_elsewhere(session, changes)


def _left_behind(session: Session, changes: Sequence[AssignmentChange]) -> Iterator[Objection]:
    """Every shift that these changes leave without its person, by assignment."""
    keys = {change.key for change in changes if change.before is not None}
    if not keys:
        return
    first = min(change.effective_on for change in changes)
    theirs = select(Shift).where(Shift.assignment.in_(keys), Shift.day >= first, manned(), ~taken_over())
    left: dict[int, list[Shift]] = {}
    for shift in lost(session, session.scalars(theirs.order_by(Shift.begins_at))):
        left.setdefault(shift.assignment, []).append(shift)
    for key, shifts in left.items():
        who = name_of(session, "employee", shifts[0].employee)
        shown = listed([shown_shift(session, shift) for shift in shifts[:5]], len(shifts))
        yield Objection(
            "ROSTERED_BEYOND",
            Message(
                f"{who.zh} 的任职变动后仍排有班次：{shown.zh}；请先改排他人，或说明理由推翻，班次将成为待补",
                f"{who.en} is still rostered after this change: {shown.en}; roster others first, or override and leave them open",
            ),
            ("assignment", str(key)),
            overridable_by=ROSTER,
        )


def _needed_elsewhere(session: Session, changes: Sequence[AssignmentChange]) -> Iterator[Objection]:
    """At the booth one does nothing else: a further position meanwhile is for somebody to look at."""
    begun = [(change, change.after) for change in changes if change.before is None and change.after is not None]
    if not begun:
        return
    first = min(change.effective_on for change, _ in begun)
    theirs = select(Shift).where(Shift.employee.in_({it.employee for _, it in begun}), Shift.day >= first, manned())
    ahead: dict[int, list[Shift]] = {}
    for shift in session.scalars(theirs.order_by(Shift.begins_at)):
        ahead.setdefault(shift.employee, []).append(shift)
    for change, it in begun:
        shifts = (shift for shift in ahead.get(it.employee, ()) if shift.day >= change.effective_on)
        clash = next((shift for shift in shifts if shift.position != it.position), None)
        if clash is not None:
            yield _elsewhere(session, change.key, clash)


def _elsewhere(session: Session, key: int, shift: Shift) -> Objection:
    who, shown = name_of(session, "employee", shift.employee), shown_shift(session, shift)
    return Objection(
        "ROSTERED_ELSEWHERE",
        Message(
            f"{who.zh} 已排有收费班次（最早 {shown.zh}），当班时不能兼顾新岗位；请知悉，或先改排",
            f"{who.en} is rostered at a toll lane, first {shown.en}, and cannot see to another position then; "
            "acknowledge it, or roster somebody else first",
        ),
        ("assignment", str(key)),
        severity="WARN",
    )


@hookimpl
def check_department(session: Session, changes: Sequence[DepartmentChange], dry_run: bool) -> Iterable[Objection]:  # noqa: ARG001
    """A station does not close on uncounted cash, unreported events or shifts that are still to come."""
    for change in changes:
        if change.after is None:
            shifts = Shift.department == change.key
            yield from _unsettled(
                session, and_(shifts, _open_shift(change.effective_on)), ("department", str(change.key))
            )
            events = SpecialEvent.department == change.key
            yield from _unreported(session, events, ("department", str(change.key)))


def _open_shift(closes_on: date) -> ColumnElement[bool]:
    """Shifts of before a day that nobody has reckoned up, and all from that day on."""
    return or_(unreconciled(), and_(Shift.day >= closes_on, manned()))


@hookimpl
def check_kind(session: Session, changes: Sequence[KindChange], dry_run: bool) -> Iterable[Objection]:  # noqa: ARG001
    """A lane stays open for its shifts, and each special event has one rule."""
    for change in changes:
        if change.kind == "toll_lane" and change.after is None:
            yield from _still_rostered(session, change)
        elif change.kind == "toll_event_rule" and change.after is not None:
            yield from _ruled_twice(session, change, str(change.after["event"]))


def _still_rostered(session: Session, change: KindChange) -> Iterator[Objection]:
    beyond = select(Shift).where(Shift.lane == change.key, Shift.day >= change.effective_on, manned())
    shifts, total = first_few(session, beyond.order_by(Shift.begins_at))
    if total:
        lane, shown = name_of(session, "toll_lane", change.key), listed(_shown(session, shifts), total)
        yield Objection(
            "LANE_ROSTERED",
            Message(
                f"{lane.zh} 关闭后仍排有班次：{shown.zh}；请选更晚的日期",
                f"{lane.en} is still rostered after it closes: {shown.en}; choose a later day",
            ),
            ("toll_lane", str(change.key)),
        )


def _ruled_twice(session: Session, change: KindChange, special: str) -> Iterator[Objection]:
    rows = records(session, "toll_event_rule", change.effective_on)
    mine = select(rows.c.organisation).where(rows.c.key == change.key).scalar_subquery()
    same = and_(rows.c.event == special, rows.c.organisation == mine, rows.c.key != change.key)
    other = session.execute(select(rows.c.code).where(same)).first()
    if other is not None:
        label = SPECIALS[special]
        yield Objection(
            "RULED_TWICE",
            Message(
                f"{label.zh}在 {change.effective_on} 已有规定 {other.code}；请修改或先终止它",
                f"{other.code} rules on {label.en} on {change.effective_on} already; change that one, or close it first",
            ),
            ("toll_event_rule", str(change.key), "event"),
        )


@hookimpl
def check_period_close(session: Session, period: PeriodView, dry_run: bool) -> Iterable[Objection]:  # noqa: ARG001
    """A month closes when each of its shifts is over and reckoned up, and every event that had to be is reported."""
    shifts = and_(within_days(Shift.day, period.start, period.end), unreconciled())
    yield from _unsettled(session, shifts, ("month",))
    yield from _unreported(session, within_days(SpecialEvent.day, period.start, period.end), ("month",))
    yield from _apart(session, period)


def _unsettled(session: Session, wanted: ColumnElement[bool], path: tuple[str, ...]) -> Iterator[Objection]:
    shifts, total = first_few(session, select(Shift).where(wanted).order_by(Shift.begins_at, Shift.id))
    if total:
        shown = listed(_shown(session, shifts), total)
        yield Objection(
            "UNRECONCILED",
            Message(
                f"{total} 个班次的票款尚未核对：{shown.zh}；请先逐班核对（reconcileTollCash）",
                f"{total} shifts are not reconciled: {shown.en}; reconcile each of them first (reconcileTollCash)",
            ),
            path,
        )


def _unreported(session: Session, wanted: ColumnElement[bool], path: tuple[str, ...]) -> Iterator[Objection]:
    open_ones = select(SpecialEvent).where(unreported(), wanted)
    events, total = first_few(session, open_ones.order_by(SpecialEvent.happened_at, SpecialEvent.id))
    if total:
        shown = listed([_named(session, it) for it in events], total)
        yield Objection(
            "UNREPORTED",
            Message(
                f"{total} 起特情尚未报监控室：{shown.zh}；请先补报（reportTollEvent）",
                f"{total} special events are not reported: {shown.en}; report them first (reportTollEvent)",
            ),
            path,
        )


def _apart(session: Session, period: PeriodView) -> Iterator[Objection]:
    """Explained differences do not hold up a month, but whoever closes it shall have seen their sum."""
    newest = select(CashCount.shift, func.max(CashCount.number).label("number")).group_by(CashCount.shift).subquery()
    last = and_(CashCount.shift == newest.c.shift, CashCount.number == newest.c.number)
    difference = CashCount.counted_fen - CashCount.system_fen
    query = select(func.count(), func.sum(difference)).join(newest, last).join(Shift, Shift.id == CashCount.shift)
    count, total = session.execute(query.where(difference != 0, within_days(Shift.day, period.start, period.end))).one()
    if count:
        yield Objection(
            "CASH_APART",
            Message(
                f"{count} 个班次的票款有差额，合计 {yuan(int(total))} 元，均已说明；请知悉",
                f"{count} shifts are apart, {yuan(int(total))} yuan in all, each explained; acknowledge it",
            ),
            ("month",),
            severity="WARN",
        )


@hookimpl
def preview_changeset(session: Session, changeset: ChangeSetView) -> Iterable[Impact]:
    """How many coming shifts stand without a person now, and how many would."""
    made = changeset.revision or 0
    before, after = len(coming(session, made - 1)), len(coming(session, made))
    if before != after:
        yield Impact(UNMANNED, str(before), str(after))


def _shown(session: Session, shifts: Sequence[Shift]) -> list[Message]:
    return [shown_shift(session, shift) for shift in shifts]


def _named(session: Session, event: SpecialEvent) -> Message:
    label, at = SPECIALS[event.special], event.happened_at.astimezone(zone(session))
    return Message(f"{label.zh} {at:%Y-%m-%d %H:%M} (#{event.id})", f"{label.en} {at:%Y-%m-%d %H:%M} (#{event.id})")
