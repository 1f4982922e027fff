"""What can be done to periods: open a month, close it, reopen it."""

from collections.abc import Callable
from typing import Annotated

import strawberry
from sqlalchemy.orm import Session

from dutybook.graphql.context import Asking, Context
from dutybook.graphql.describe import argument, both, column, named, resolved
from dutybook.graphql.mutation_inputs import CLIENT
from dutybook.graphql.payloads import ERRORS, UserError, settled
from dutybook.graphql.periods import MONTH, Period, period_of
from dutybook.graphql.verdicts import Decided, verdicts_of
from dutybook.services.outcomes import Outcome, perform
from dutybook.services.periods import attempt_close, open_period, reopen_period

INPUT = argument("输入。", "The input.")


@strawberry.input(description=both("指明一个月份。", "One month."))
class OpenPeriodInput:
    """Names a month."""

    month: str = column(*MONTH)
    client_mutation_id: str | None = column(*CLIENT, default=None)


@strawberry.input(description=both("关闭一个月份。", "A month to close."))
class ClosePeriodInput(OpenPeriodInput, Decided):
    """Closes, with what is decided about objections."""


@strawberry.input(description=both("重新开启一个月份。", "A month to reopen."))
class ReopenPeriodInput(OpenPeriodInput):
    """Reopens for a reason."""

    reason: str = column("事由，必填。", "The reason; there must be one.")


@named("核算期操作的结果。", "What came of a mutation of a period.")
class PeriodPayload:
    """A period, or errors."""

    period: Period | None = column("核算期；有错误时为空。", "The period; null where there are errors.")
    user_errors: list[UserError] = column(*ERRORS)
    client_mutation_id: str | None = column(*CLIENT)


@named("写入核算期。", "What can be done to periods.")
class PeriodMutation:
    """What the root of all writing has of periods."""

    @resolved("开启核算期。", "Opens a period.")
    async def open_period(self, info: Asking, input: Annotated[OpenPeriodInput, INPUT]) -> PeriodPayload:  # noqa: A002
        """Opens."""
        it, month = info.context, input.month
        return await _payload(
            it, input, _performing(it, lambda session: open_period(session, it.book, it.actor, month))
        )

    @resolved("关闭核算期：其数字从此不变。", "Closes a period: its figures never change again.")
    async def close_period(self, info: Asking, input: Annotated[ClosePeriodInput, INPUT]) -> PeriodPayload:  # noqa: A002
        """Closes."""
        it, month, verdicts = info.context, input.month, verdicts_of(input)
        return await _payload(it, input, lambda: attempt_close(it.book, it.actor, it.idempotency, month, verdicts))

    @resolved("重新开启核算期，须有事由。", "Reopens a period, for a reason.")
    async def reopen_period(self, info: Asking, input: Annotated[ReopenPeriodInput, INPUT]) -> PeriodPayload:  # noqa: A002
        """Reopens."""
        it, month, why = info.context, input.month, input.reason
        return await _payload(
            it, input, _performing(it, lambda session: reopen_period(session, it.book, it.actor, month, why))
        )


def _performing(context: Context, act: Callable[[Session], int]) -> Callable[[], Outcome]:
    return lambda: perform(context.book, context.actor, context.idempotency, act)


async def _payload(context: Context, given: OpenPeriodInput, run: Callable[[], Outcome]) -> PeriodPayload:
    """Does it, and looks at what became of the period."""
    number, errors = await settled(context, run)
    made = None if number is None else await period_of(await context.view(), number)
    return PeriodPayload(period=made, user_errors=errors, client_mutation_id=given.client_mutation_id)
