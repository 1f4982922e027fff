"""Erasing a person."""

from typing import Annotated, cast

import strawberry
from anyio import to_thread
from sqlalchemy.orm import Session

from dutybook.graphql.context import Asking, Context
from dutybook.graphql.describe import argument, both, column, named, resolved
from dutybook.graphql.mutation_inputs import CLIENT
from dutybook.graphql.payloads import ERRORS, UserError, settled
from dutybook.graphql.people import Employee
from dutybook.graphql.records import one
from dutybook.services.erasing import Erased, erase_employee, erased
from dutybook.services.outcomes import perform
from dutybook.services.references import key_of

INPUT = argument("输入。", "The input.")


@strawberry.input(description=both("删除一人的个人信息，不可恢复。", "A person to erase, for good."))
class EraseEmployeeInput:
    """Names an employee and a reason."""

    employee: strawberry.ID = column("职工：id 或工号。", "The employee: an id or a number.")
    reason: str = column(
        "事由，永久留存，不得含个人信息。", "The reason; it is kept for ever and must hold nothing personal."
    )
    client_mutation_id: str | None = column(*CLIENT, default=None)


@named("删除个人信息的结果。", "What came of erasing a person.")
class EraseEmployeePayload:
    """The employee without anything personal, or errors."""

    employee: Employee | None = column("职工；其记录已终止时为空。", "The employee; null where its record has ended.")
    erased: int | None = column("删除了多少个值。", "How many values were erased.")
    standing: list[str] = column(
        "仍写有其姓名等、且不得改动之处：表、编号、字段，如文件标题。",
        "Where texts that may not be altered still name the person: table, number and field, such as the title of a document.",
    )
    user_errors: list[UserError] = column(*ERRORS)
    client_mutation_id: str | None = column(*CLIENT)


@named("删除个人信息。", "What can be done for somebody's privacy.")
class ErasingMutation:
    """What the root of all writing has of erasing."""

    @resolved(
        "永久删除一名职工的全部个人信息；工号、任职和沿革保留，账册的校验不受影响。须有全册的管理权限。",
        "Erases everything personal of an employee for good; number, assignments and history stay, and the book still "
        "verifies. Needs to administer the whole book.",
    )
    async def erase_employee(self, info: Asking, input: Annotated[EraseEmployeeInput, INPUT]) -> EraseEmployeePayload:  # noqa: A002
        """Erases."""
        it = info.context

        def act(session: Session) -> int:
            key = cast(int, key_of(session, it.book, "employee", input.employee))
            erase_employee(session, it.book, it.actor, key, input.reason)
            return key

        key, errors = await settled(it, lambda: perform(it.book, it.actor, it.idempotency, act))
        done = None if key is None else await to_thread.run_sync(_done, it, key)
        return EraseEmployeePayload(
            employee=await one(await it.view(), "employee", key),
            erased=done.values if done else None,
            standing=list(done.standing) if done else [],
            user_errors=errors,
            client_mutation_id=input.client_mutation_id,
        )


def _done(context: Context, key: int) -> Erased | None:
    context.book.database.fold()
    with context.book.database.read() as session:
        return erased(session, context.book, key)
