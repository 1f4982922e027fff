"""What belongs to approval beside signing: decisions taken elsewhere, review comments, delegations."""

from datetime import date
from enum import Enum
from typing import Annotated, Any

import strawberry
from sqlalchemy.orm import Session

from dutybook.graphql import ids
from dutybook.graphql.changesets import ChangeSet, changeset_of
from dutybook.graphql.comments import ReviewComment, changeset_of_comment, comment_of
from dutybook.graphql.context import Asking, Context
from dutybook.graphql.delegations import Delegation, delegation_of
from dutybook.graphql.describe import argument, both, column, named, resolved, value
from dutybook.graphql.mutation_inputs import CLIENT, OfChangeSet
from dutybook.graphql.payloads import ERRORS, Act, ChangeSetPayload, UserError, changeset_payload, settled
from dutybook.services.approval import Decision, record_decision
from dutybook.services.comments import Remark, comment, resolve_comment
from dutybook.services.delegation import Delegated, delegate_signing, revoke_delegation
from dutybook.services.outcomes import perform
from dutybook.services.references import key_of
from dutybook.services.say.words import snake

INPUT = argument("输入。", "The input.")


class DecisionVerdict(Enum):
    """What was decided elsewhere."""

    APPROVED = value("APPROVED", "同意。", "Agreed.")
    RETURNED = value("RETURNED", "退回。", "Returned.")
    REJECTED = value("REJECTED", "否决。", "Rejected.")


strawberry.enum(DecisionVerdict, description=both("在别处作出的决定。", "What was decided elsewhere."))


@strawberry.input(
    description=both(
        "在别处作出的决定，如党委会、OA。", "A decision taken elsewhere, by a committee or in another system."
    )
)
class RecordDecisionInput(OfChangeSet):
    """Records for the current step what a body has decided."""

    verdict: DecisionVerdict = column("决定。", "The decision.")
    body: str = column("决定机构，如「公司党委会」。", "The body that decided.")
    decided_on: date = column("决定日，不得晚于今天。", "The day of the decision, today at the latest.")
    evidence: str = column("纪要的编号或标题。", "The number or title of the minutes.")
    document: strawberry.ID | None = column(
        "账册中载有该决定的文件。", "The document of the book that holds the decision.", default=None
    )
    opinion: str | None = column("附加的意见。", "What there is to add.", default=None)
    to_step: int | None = column(
        "退回到哪一步，从 0 计；空为退回起草人。仅用于退回。",
        "The step it goes back to, counted from 0; its author if absent. For returning only.",
        default=None,
    )


@strawberry.input(description=both("一条审阅意见。", "A review comment."))
class CommentInput(OfChangeSet):
    """Says something of a set."""

    text: str = column("内容，至多 4000 字。", "What is said, 4000 characters at most.")
    ordinal: int | None = column(
        "针对第几项变更，从 0 计；空为整份变更单。",
        "The ordinal of the change it is about; the whole set if absent.",
        default=None,
    )
    attribute: str | None = column("针对该项变更的哪个字段。", "The field of that change.", default=None)
    reply_to: strawberry.ID | None = column("所回复的意见。", "The comment that this replies to.", default=None)


@strawberry.input(description=both("了结一条审阅意见。", "A review comment to settle."))
class ResolveCommentInput:
    """Names a comment."""

    comment: strawberry.ID = column("意见。", "The comment.")
    client_mutation_id: str | None = column(*CLIENT, default=None)


@strawberry.input(description=both("委托他人代为签署。", "A delegation of signing."))
class DelegateSigningInput:
    """Who signs for whom."""

    delegate: str = column("受托人的用户名。", "The user who signs.")
    start: date = column("第一天。", "The first day.", name="from")
    end: date = column("截止日，不含当日；至多 366 天。", "The day after the last; 366 days at most.", name="to")
    reason: str = column("事由，必填。", "The reason; there must be one.")
    principal: str | None = column(
        "委托人的用户名；默认本人，管理员可代他人记入。",
        "The user who delegates; oneself unless said, which is for administrators.",
        default=None,
    )
    department: strawberry.ID | None = column(
        "仅限只涉及此部门及其下级的变更单：id 或编号。",
        "Only for sets that touch nothing but this department and all below: an id or a code.",
        default=None,
    )
    client_mutation_id: str | None = column(*CLIENT, default=None)


@strawberry.input(description=both("撤销一项委托。", "A delegation to revoke."))
class RevokeDelegationInput:
    """Names a delegation."""

    delegation: strawberry.ID = column("委托。", "The delegation.")
    client_mutation_id: str | None = column(*CLIENT, default=None)


@named("审阅意见操作的结果。", "What came of a mutation of a review comment.")
class ReviewCommentPayload:
    """A comment in its set, or errors."""

    comment: ReviewComment | None = column(
        "意见；回复时为所回复的意见。有错误时为空。",
        "The comment, the one replied to after a reply; null where there are errors.",
    )
    change_set: ChangeSet | None = column("所属的变更单。", "The set it is about.")
    user_errors: list[UserError] = column(*ERRORS)
    client_mutation_id: str | None = column(*CLIENT)


@named("委托操作的结果。", "What came of a mutation of a delegation.")
class DelegationPayload:
    """A delegation, or errors."""

    delegation: Delegation | None = column("委托；有错误时为空。", "The delegation; null where there are errors.")
    user_errors: list[UserError] = column(*ERRORS)
    client_mutation_id: str | None = column(*CLIENT)


@named("写入审批。", "What can be done about approval beside signing.")
class ApprovalMutation:
    """What the root of all writing has of it."""

    @resolved(
        "记录对当前步骤在别处作出的决定，代替其全部签署；供签署人和有权发布者。",
        "Records what was decided elsewhere of the current step, in place of its signatures; for its signers and those who may publish.",
    )
    async def record_decision(self, info: Asking, input: Annotated[RecordDecisionInput, INPUT]) -> ChangeSetPayload:  # noqa: A002
        """Records."""
        it = info.context

        def act(session: Session) -> int:
            number = ids.expect("ChangeSet", input.change_set)
            document = key_of(session, it.book, "document", input.document, it.actor)
            record_decision(session, it.book, it.actor, number, _decision(input, document))
            return number

        return await changeset_payload(it, input, act)

    @resolved("对变更单或其一项变更提出意见，或回复意见。", "Comments on a set or on one change of it, or replies.")
    async def comment_on_change_set(self, info: Asking, input: Annotated[CommentInput, INPUT]) -> ReviewCommentPayload:  # noqa: A002
        """Comments."""
        it = info.context

        def act(session: Session) -> int:
            number = ids.expect("ChangeSet", input.change_set)
            return comment(session, it.book, it.actor, number, _remark(input))

        return await _comment_payload(it, input, act)

    @resolved("了结意见；供提出人和起草人。", "Settles a comment; for who made it, and who drafts the set.")
    async def resolve_comment(self, info: Asking, input: Annotated[ResolveCommentInput, INPUT]) -> ReviewCommentPayload:  # noqa: A002
        """Settles."""
        it = info.context

        def act(session: Session) -> int:
            number = ids.number_of("ReviewComment", input.comment, "comment")
            resolve_comment(session, it.book, it.actor, number)
            return number

        return await _comment_payload(it, input, act)

    @resolved("委托他人代为签署。", "Lets another user sign.")
    async def delegate_signing(self, info: Asking, input: Annotated[DelegateSigningInput, INPUT]) -> DelegationPayload:  # noqa: A002
        """Delegates."""
        it = info.context

        def act(session: Session) -> int:
            department = key_of(session, it.book, "department", input.department)
            who = (input.principal or it.actor.name, input.delegate)
            said = Delegated(*who, input.start, input.end, input.reason, department)
            return delegate_signing(session, it.book, it.actor, said)

        return await _delegation_payload(it, input, act)

    @resolved("撤销委托，立即生效。", "Revokes a delegation, at once.")
    async def revoke_delegation(
        self,
        info: Asking,
        input: Annotated[RevokeDelegationInput, INPUT],  # noqa: A002
    ) -> DelegationPayload:
        """Revokes."""
        it = info.context

        def act(session: Session) -> int:
            number = ids.number_of("Delegation", input.delegation, "delegation")
            revoke_delegation(session, it.book, it.actor, number)
            return number

        return await _delegation_payload(it, input, act)


def _decision(given: RecordDecisionInput, document: int | None) -> Decision:
    what = (given.verdict.name, given.evidence, given.body, given.decided_on)
    return Decision(*what, document, given.opinion, given.to_step)


def _remark(given: CommentInput) -> Remark:
    thread = None if given.reply_to is None else ids.number_of("ReviewComment", given.reply_to, "replyTo")
    return Remark(given.text, given.ordinal, given.attribute and snake(given.attribute), thread)


async def _comment_payload(context: Context, given: Any, act: Act) -> ReviewCommentPayload:
    number, errors = await settled(context, lambda: perform(context.book, context.actor, context.idempotency, act))
    made, of_set = None, None
    if number is not None:
        view = await context.view()
        of_set = await changeset_of(view, await changeset_of_comment(view, number))
        made = await comment_of(view, number, await of_set.changes()) if of_set else None
    client = given.client_mutation_id
    return ReviewCommentPayload(comment=made, change_set=of_set, user_errors=errors, client_mutation_id=client)


async def _delegation_payload(context: Context, given: Any, act: Act) -> DelegationPayload:
    number, errors = await settled(context, lambda: perform(context.book, context.actor, context.idempotency, act))
    made = None if number is None else await delegation_of(await context.view(), number)
    return DelegationPayload(delegation=made, user_errors=errors, client_mutation_id=given.client_mutation_id)
