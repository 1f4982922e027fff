"""The root of all writing: each field is one transaction, whose expected errors are data."""

from collections.abc import Callable
from types import FunctionType
from typing import Annotated, Any

import strawberry
from sqlalchemy.orm import Session

from dutybook.book.conflicts import EXISTENCE
from dutybook.book.ids import kind_name
from dutybook.book.kinds import Kinds
from dutybook.graphql import ids
from dutybook.graphql.approval_mutations import ApprovalMutation
from dutybook.graphql.changes_input import said
from dutybook.graphql.context import Asking, Context
from dutybook.graphql.describe import argument, both, column, named, resolved
from dutybook.graphql.erasing import ErasingMutation
from dutybook.graphql.imports import ImportCatalogueInput, importing
from dutybook.graphql.imports_staff import ImportStaffInput, importing_staff, rehearsing_staff
from dutybook.graphql.mutation_inputs import (
    Applied,
    ChangeSetInput,
    OfChangeSet,
    OpenChangeSetInput,
    Proposed,
    RebaseInput,
    RemoveChangeInput,
    RevertInput,
    SignInput,
)
from dutybook.graphql.payloads import ChangeSetPayload, JobPayload, changeset_payload, job_payload
from dutybook.graphql.period_mutations import PeriodMutation
from dutybook.graphql.sayings_input import change_input
from dutybook.graphql.verdicts import verdicts_of
from dutybook.services import approval, changesets
from dutybook.services.approval import Opinion
from dutybook.services.changesets import Proposal, Resolution
from dutybook.services.references import key_of
from dutybook.services.revert import revert
from dutybook.services.say.words import snake

INPUT = argument("输入。", "The input.")


async def _on_set(info: Asking, given: Any, do: Callable[[Session, int], object]) -> ChangeSetPayload:
    """Does something to the change set that an input names."""

    def act(session: Session) -> int:
        number = ids.expect("ChangeSet", given.change_set)
        do(session, number)
        return number

    return await changeset_payload(info.context, given, act)


def _proposal(session: Session, context: Context, given: Proposed, **more: Any) -> Proposal:
    return Proposal(
        title=given.title,
        reason=given.reason,
        organisation=key_of(session, context.book, "organisation", given.organisation),
        effective_on=given.effective_on,
        document=key_of(session, context.book, "document", given.document, context.actor),
        base_revision=given.expected_revision,
        **more,
    )


def _attribute(name: str) -> str:
    """A field's name as the book writes it; `validTo` stands for the closing day and is no field."""
    return name if name == EXISTENCE else snake(name)


def _resolutions(given: RebaseInput) -> list[Resolution]:
    found = [(ids.parse(one.subject).plain, one) for one in given.resolutions or ()]
    return [Resolution(kind_name(it.type), it.key, _attribute(one.attribute), one.keep.name) for it, one in found]


@named("写入。", "Everything that can be done.")
class Mutation(PeriodMutation, ErasingMutation, ApprovalMutation):
    """The mutation root; `mutation` adds what takes changes."""

    @resolved("新建变更单。", "Opens a change set as a draft.")
    async def open_change_set(self, info: Asking, input: Annotated[OpenChangeSetInput, INPUT]) -> ChangeSetPayload:  # noqa: A002
        """Opens."""
        it, route = info.context, input.route or None

        def act(session: Session) -> int:
            proposal = _proposal(session, it, input, route=route)
            return changesets.open_changeset(session, it.book, it.actor, proposal)

        return await changeset_payload(it, input, act)

    @resolved("去除草稿中的一项变更。", "Takes a change of a draft back.")
    async def remove_change(self, info: Asking, input: Annotated[RemoveChangeInput, INPUT]) -> ChangeSetPayload:  # noqa: A002
        """Removes."""
        it, ordinal = info.context, input.ordinal
        return await _on_set(
            info, input, lambda session, number: changesets.remove_change(session, it.book, it.actor, number, ordinal)
        )

    @resolved("提交审批。", "Hands a draft to its signers.")
    async def submit_change_set(self, info: Asking, input: Annotated[ChangeSetInput, INPUT]) -> ChangeSetPayload:  # noqa: A002
        """Submits."""
        it = info.context
        return await _on_set(
            info,
            input,
            lambda session, number: changesets.submit(session, it.book, it.actor, number, verdicts_of(input)),
        )

    @resolved("同意。", "Signs the current step.")
    async def approve_change_set(self, info: Asking, input: Annotated[SignInput, INPUT]) -> ChangeSetPayload:  # noqa: A002
        """Approves."""
        it, opinion = info.context, Opinion(input.opinion, input.evidence)
        return await _on_set(
            info, input, lambda session, number: approval.approve(session, it.book, it.actor, number, opinion)
        )

    @resolved("退回到更早的步骤或起草人。", "Returns a set to an earlier step, or to its author.")
    async def return_change_set(self, info: Asking, input: Annotated[SignInput, INPUT]) -> ChangeSetPayload:  # noqa: A002
        """Returns."""
        it, opinion, step = info.context, Opinion(input.opinion, input.evidence), input.to_step
        return await _on_set(
            info, input, lambda session, number: approval.send_back(session, it.book, it.actor, number, opinion, step)
        )

    @resolved("否决。", "Ends a set for good.")
    async def reject_change_set(self, info: Asking, input: Annotated[SignInput, INPUT]) -> ChangeSetPayload:  # noqa: A002
        """Rejects."""
        it, opinion = info.context, Opinion(input.opinion, input.evidence)
        return await _on_set(
            info, input, lambda session, number: approval.reject(session, it.book, it.actor, number, opinion)
        )

    @resolved("撤回变更单。", "Takes a set back for good.")
    async def withdraw_change_set(self, info: Asking, input: Annotated[ChangeSetInput, INPUT]) -> ChangeSetPayload:  # noqa: A002
        """Withdraws."""
        it = info.context
        return await _on_set(
            info, input, lambda session, number: changesets.withdraw(session, it.book, it.actor, number)
        )

    @resolved("变基：改以最新版次为依据，并解决冲突。", "Moves the base to the head and settles conflicts.")
    async def rebase_change_set(self, info: Asking, input: Annotated[RebaseInput, INPUT]) -> ChangeSetPayload:  # noqa: A002
        """Rebases."""
        it, keep = info.context, input.keep and input.keep.name
        return await _on_set(
            info,
            input,
            lambda session, number: changesets.rebase(session, it.book, it.actor, number, keep, _resolutions(input)),
        )

    @resolved("发布为下一版次。", "Publishes a set as the next revision.")
    async def publish_change_set(self, info: Asking, input: Annotated[ChangeSetInput, INPUT]) -> ChangeSetPayload:  # noqa: A002
        """Publishes."""
        it = info.context
        return await _on_set(
            info,
            input,
            lambda session, number: changesets.publish(session, it.book, it.actor, number, verdicts_of(input)),
        )

    @resolved("新建一份撤销某版次的变更单。", "Opens a change set that undoes a revision.")
    async def revert_revision(self, info: Asking, input: Annotated[RevertInput, INPUT]) -> ChangeSetPayload:  # noqa: A002
        """Reverts."""
        it = info.context
        return await changeset_payload(
            it, input, lambda session: revert(session, it.book, it.actor, input.revision, input.reason)
        )

    @resolved(
        "读入职责目录，与账册核对成一份变更单。",
        "Reads a duty catalogue and reconciles it with the book into one change set.",
    )
    async def import_catalogue(self, info: Asking, input: Annotated[ImportCatalogueInput, INPUT]) -> JobPayload:  # noqa: A002
        """Imports."""
        return await job_payload(info.context, input, await importing(info.context, input))

    @resolved(
        "读入职工表，与账册核对成一份变更单；有错的行逐一报告。",
        "Reads a staff table and reconciles it with the book into one change set; every bad row is told.",
    )
    async def import_staff(self, info: Asking, input: Annotated[ImportStaffInput, INPUT]) -> JobPayload:  # noqa: A002
        """Imports people."""
        if input.dry_run:
            return await rehearsing_staff(info.context, input)
        return await job_payload(info.context, input, await importing_staff(info.context, input))


async def add_changes(self: Mutation, info: Asking, input: Any) -> ChangeSetPayload:  # noqa: A002, ARG001
    """Adds."""
    it, sayings = info.context, ids.timeless(said(input.changes))
    return await _on_set(
        info, input, lambda session, number: changesets.add_changes(session, it.book, it.actor, number, sayings)
    )


async def apply_changes(self: Mutation, info: Asking, input: Any) -> ChangeSetPayload:  # noqa: A002, ARG001
    """Opens and publishes."""
    it, sayings = info.context, ids.timeless(said(input.changes))

    def act(session: Session) -> int:
        proposal = _proposal(session, it, input)
        return changesets.apply_changes(session, it.book, it.actor, proposal, sayings, verdicts_of(input))

    return await changeset_payload(it, input, act)


def mutation(kinds: Kinds) -> type:
    """The mutation root of a book with these kinds."""
    changes = {"changes": list[change_input(kinds)]}  # type: ignore[misc]
    to_draft = _with_changes("AddChangesInput", OfChangeSet, changes, "追加到草稿的变更。", "Changes for a draft.")
    at_once = _with_changes("ApplyChangesInput", Applied, changes, "立即发布的变更。", "Changes to publish at once.")
    body = {
        "add_changes": resolved("向草稿追加变更。", "Adds changes to a draft.")(_taking(add_changes, to_draft)),
        "apply_changes": resolved(
            "新建并立即发布，仅供有权者。", "Opens and publishes in one step, for those who may."
        )(_taking(apply_changes, at_once)),
    }
    whole: type = type("Mutation", (Mutation,), body)
    return named("写入。", "Everything that can be done.")(whole)


def _with_changes(name: str, base: type, changes: dict[str, Any], zh: str, en: str) -> type:
    body = {"__annotations__": changes, "changes": column("各项变更，按次序。", "The changes, in order.")}
    made: type = strawberry.input(type(name, (base,), body), description=both(zh, en))
    return made


def _taking(resolver: Any, taken: type) -> Any:
    """A copy of a resolver that takes the input of one schema."""
    copy = FunctionType(resolver.__code__, resolver.__globals__, resolver.__name__, resolver.__defaults__)
    copy.__annotations__ = {**resolver.__annotations__, "input": Annotated[taken, INPUT]}
    return copy
