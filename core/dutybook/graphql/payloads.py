"""What comes of a mutation: one transaction in a worker thread, whose expected errors are data."""

from collections.abc import Callable
from typing import Any

from anyio import to_thread
from sqlalchemy.orm import Session

from dutybook.errors import DutybookError
from dutybook.graphql.changesets import ChangeSet, changeset_of
from dutybook.graphql.context import Context
from dutybook.graphql.describe import column, named
from dutybook.graphql.jobs import Job, job_of
from dutybook.graphql.mutation_inputs import CLIENT
from dutybook.graphql.previews import Objection, Severity
from dutybook.services.outcomes import Outcome, Trouble, perform, troubles

Act = Callable[[Session], int | None]
"""Does it, and gives the number of what it made or changed."""

ERRORS = ("预料之中的错误；有则什么也没有存储。", "Expected errors; if any, nothing was stored.")


@named("一处预料之中的错误。", "An expected error.")
class UserError:
    """What was wrong, where, and the way out."""

    code: str = column("代码。", "Its code.")
    path: list[str] = column("输入中的位置。", "The place in the input.")
    message: str = column("说明，含有错的值和出路。", "What is wrong, with the value and the way out.")
    plugin: str | None = column(
        "提出者；空或 core 为账册自身。", "The plugin that objects; null or core for the book itself.", default=None
    )
    severity: Severity | None = column(
        "异议的轻重；空为其他错误。", "How much an objection weighs; null for any other error.", default=None
    )
    overridable_by: str | None = column(
        "可推翻它的权限；以 plugin:code 为名推翻或确认。",
        "The permission that may override it; it is overridden or acknowledged as plugin:code.",
        default=None,
    )


@named("变更单操作的结果。", "What came of a mutation of a change set.")
class ChangeSetPayload:
    """A change set, or errors."""

    change_set: ChangeSet | None = column("变更单；有错误时为空。", "The change set; null where there are errors.")
    user_errors: list[UserError] = column(*ERRORS)
    client_mutation_id: str | None = column(*CLIENT)


@named("导入将做的一件事。", "One thing that an import would do.")
class ImportAct:
    """One record as it would become."""

    what: str = column("做什么，如 new、changed、transferred。", "What is done, such as new, changed or transferred.")
    kind: str = column("记录的种类。", "The kind of record.")
    place: str = column("对谁或何处，如工号和姓名。", "To whom or where, such as number and name.")
    before: str | None = column("原来。", "What it was.")
    after: str | None = column("以后。", "What it becomes.")


@named("试运行的结果：将有的变更与异议。", "What a dry run came to: what would change, and what would be objected to.")
class ImportProposal:
    """An import that was taken back."""

    message: str = column("说明：各类变更的件数、提示和略过的行。", "Counts, notes, and the rows that were left out.")
    count: int = column("共做几件事。", "How many things it would do.")
    acts: list[ImportAct] = column("前 200 件。", "The first 200 of them.")
    objections: list[Objection] = column("若发布，会有的异议。", "What would be objected to its publication.")


@named("耗时工作的结果。", "What came of starting long work.")
class JobPayload:
    """A job, or errors."""

    job: Job | None = column("工作；有错误或试运行时为空。", "The job; null where there are errors, and of a dry run.")
    proposal: ImportProposal | None = column(
        "试运行（dryRun）的结果；否则为空。", "What a dry run came to; null otherwise.", default=None
    )
    user_errors: list[UserError] = column(*ERRORS)
    client_mutation_id: str | None = column(*CLIENT)


async def changeset_payload(context: Context, given: Any, act: Act) -> ChangeSetPayload:
    """Does it, and looks at what became of the change set."""
    number, errors = await _performed(context, act)
    made = None if number is None else await changeset_of(await context.view(), number)
    return ChangeSetPayload(change_set=made, user_errors=errors, client_mutation_id=given.client_mutation_id)


async def job_payload(context: Context, given: Any, act: Act) -> JobPayload:
    """Does it, and looks at the job."""
    number, errors = await _performed(context, act)
    made = None if number is None else await job_of(await context.view(), number)
    return JobPayload(job=made, user_errors=errors, client_mutation_id=given.client_mutation_id)


async def _performed(context: Context, act: Act) -> tuple[int | None, list[UserError]]:
    return await settled(context, lambda: perform(context.book, context.actor, context.idempotency, act))


async def settled(context: Context, run: Callable[[], Outcome]) -> tuple[int | None, list[UserError]]:
    """What running it came to; from here on the request sees the book as that left it."""
    outcome = await to_thread.run_sync(run)
    await context.refresh()
    return outcome.result, [_told(trouble, context.language) for trouble in outcome.troubles]


def _told(trouble: Trouble, language: str) -> UserError:
    return UserError(
        code=trouble.code,
        path=list(trouble.path),
        message=trouble.message.pick(language),
        plugin=trouble.plugin,
        severity=Severity[trouble.severity] if trouble.severity else None,
        overridable_by=trouble.overridable_by,
    )


def refused(payload: Any, error: DutybookError, language: str) -> Any:
    """A payload of any type that says nothing but why it was refused."""
    empty = {field.python_name: None for field in payload.__strawberry_definition__.fields if field.init}
    return payload(**empty | {"user_errors": [_told(trouble, language) for trouble in troubles(error)]})
