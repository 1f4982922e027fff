"""The fields and mutations of the toll stations.

Rosters and events are not kept by revisions: their fields honour `asOf`, which picks the day and the names, and are
silent under `knownAt`.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Any

import strawberry
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from dutybook.api import (
    Asking,
    Axes,
    BadInput,
    Department,
    GraphQLContribution,
    Position,
    UserError,
    argument,
    field,
    hookimpl,
    mutation,
    number_of,
    perform,
)
from dutybook_toll.cash import RECONCILE, Counted, reconcile
from dutybook_toll.inputs import (
    TollCashInput,
    TollCashPayload,
    TollEventInput,
    TollEventPayload,
    TollReportInput,
    TollShiftInput,
    TollShiftPayload,
)
from dutybook_toll.loaders import InMonth, OnDay, OnDuty, load_unreported
from dutybook_toll.models import Base, CashCount, Shift, SpecialEvent, table
from dutybook_toll.money import fen
from dutybook_toll.objects import TollCashCount, TollShift, TollSpecial, TollSpecialEvent, TollTally
from dutybook_toll.roster import ROSTER, Wanted, roster
from dutybook_toll.specials import RECORD, Noted, record, report

READ = "toll.read"
INPUT = argument("输入。", "The input.")
Act = Callable[[Session], int]


class NoMoment(BadInput):
    """Who is on duty on a day, without a moment of it."""

    def __init__(self, day: date) -> None:
        zh = f"asOf {day} 是一天而非时刻；请给出 at，如 {day}T08:00:00+08:00。"
        super().__init__(zh, f"asOf {day} is a day and no moment; give `at`, like {day}T08:00:00+08:00.", path=["at"])


class NotAMonth(BadInput):
    """A text that is no month."""

    def __init__(self, text: str) -> None:
        zh = f"「{text[:40]}」不是月份；请写成 2026-03 的形式。"
        super().__init__(zh, f"'{text[:40]}' is no month; write it like 2026-03.", path=["month"])


@field("某一时刻在此岗位当班的班次。", "The shifts at work at a moment.", permission=READ, axes=Axes.AS_OF)
async def on_duty(
    root: strawberry.Parent[Position],
    at: Annotated[
        datetime | None, argument("时刻；默认现在，有 asOf 时必填。", "The moment; now, but needed under asOf.")
    ] = None,
) -> list[TollShift]:
    """Those whose person is still there."""
    view = root.view
    if at is None and view.as_of is not None:
        raise NoMoment(view.as_of)
    found = await view.load(OnDuty(at or view.context.now), root.row.key)
    return [TollShift(view=view, row=row) for row in found]


@field("在某日开始的班次。", "The shifts that begin on a day.", permission=READ, axes=Axes.AS_OF)
async def toll_shifts(
    root: strawberry.Parent[Department],
    on: Annotated[date | None, argument("日期；默认账册的日期。", "The day; that of the registry unless said.")] = None,
) -> list[TollShift]:
    """Those without a person too."""
    found = await root.view.load(OnDay(on or root.view.time.as_of), root.row.key)
    return [TollShift(view=root.view, row=row) for row in found]


@field("至今尚未上报的特情。", "The special events that are still to be reported.", permission=READ, axes=Axes.NOW)
async def unreported_toll_events(root: strawberry.Parent[Department]) -> list[TollSpecialEvent]:
    """The oldest first."""
    found = await root.view.load(load_unreported, root.row.key)
    return [TollSpecialEvent(view=root.view, row=row) for row in found]


@field("一个月各种特情的次数。", "How often each special event came up in a month.", permission=READ, axes=Axes.NOW)
async def toll_tally(
    root: strawberry.Parent[Department],
    month: Annotated[str, argument("月份，如 2026-03。", "The month, like 2026-03.")],
) -> list[TollTally]:
    """By the log, so a moment behind."""
    try:
        known = f"{datetime.strptime(month, '%Y-%m'):%Y-%m}"  # noqa: DTZ007  a month has no zone
    except ValueError as reason:
        raise NotAMonth(month) from reason
    rows = await root.view.load(InMonth(known), root.row.key)
    return [
        TollTally(special=TollSpecial(row.special), recorded=row.recorded, reported=row.reported, late=row.late)
        for row in rows
    ]


@mutation("排一个班次。", "Rosters a shift.", permission=ROSTER)
async def roster_toll_shift(info: Asking, input: Annotated[TollShiftInput, INPUT]) -> TollShiftPayload:  # noqa: A002
    """Rosters."""

    def act(session: Session) -> int:
        instead_of = input.instead_of and number_of("TollShift", input.instead_of, "insteadOf")
        hours = (input.begins_at, input.ends_at)
        return roster(
            session,
            info.context.actor,
            Wanted(input.lane, input.position, input.employee, *hours, instead_of or None),
        )

    row, errors = await _done(info, act, Shift)
    return TollShiftPayload(shift=row and TollShift(view=await info.context.view(), row=row), user_errors=errors)


@mutation("记一起特情。", "Records a special event.", permission=RECORD)
async def record_toll_event(info: Asking, input: Annotated[TollEventInput, INPUT]) -> TollEventPayload:  # noqa: A002
    """Records."""

    def act(session: Session) -> int:
        noted = Noted(
            shift=number_of("TollShift", input.shift, "shift"),
            special=input.special.value,
            happened_at=input.happened_at,
            lane=input.lane,
            vehicle=input.vehicle,
            note=input.note,
            reported_at=input.reported_at,
            late_reason=input.late_reason,
        )
        return record(session, info.context.actor, noted)

    return await _event(info, act)


@mutation("补报一起特情。", "Reports a special event to the monitoring room.", permission=RECORD)
async def report_toll_event(info: Asking, input: Annotated[TollReportInput, INPUT]) -> TollEventPayload:  # noqa: A002
    """Reports."""

    def act(session: Session) -> int:
        number = number_of("TollSpecialEvent", input.event, "event")
        return report(session, info.context.actor, number, input.reported_at, input.late_reason)

    return await _event(info, act)


@mutation("核对一个班次的票款。", "Reconciles the cash of a shift.", permission=RECONCILE)
async def reconcile_toll_cash(info: Asking, input: Annotated[TollCashInput, INPUT]) -> TollCashPayload:  # noqa: A002
    """Reconciles."""

    def act(session: Session) -> int:
        counted = Counted(
            shift=number_of("TollShift", input.shift, "shift"),
            system_fen=fen(input.system_amount, "systemAmount"),
            counted_fen=fen(input.counted_amount, "countedAmount"),
            explanation=input.explanation,
            corrects=input.corrects,
        )
        return reconcile(session, info.context.actor, counted)

    row, errors = await _done(info, act, CashCount)
    return TollCashPayload(count=row and TollCashCount(row=row), user_errors=errors)


@hookimpl
def contribute_graphql() -> GraphQLContribution:
    """Everything above."""
    return GraphQLContribution(
        {
            "Position": [on_duty],
            "Department": [toll_shifts, unreported_toll_events, toll_tally],
            "Mutation": [roster_toll_shift, record_toll_event, report_toll_event, reconcile_toll_cash],
        }
    )


async def _event(info: Asking, act: Act) -> TollEventPayload:
    row, errors = await _done(info, act, SpecialEvent)
    event = row and TollSpecialEvent(view=await info.context.view(), row=row)
    return TollEventPayload(event=event, user_errors=errors)


async def _done(info: Asking, act: Act, model: type[Base]) -> tuple[Row[Any] | None, list[UserError]]:
    """Does it, and looks at the row that it made or changed."""
    number, errors = await perform(info, act)
    if number is None:
        return None, errors
    it = table(model)
    rows = await (await info.context.view()).rows(select(it).where(it.c.id == number))
    return rows[0], errors
