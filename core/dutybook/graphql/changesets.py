"""Change sets, and the revisions that they become."""

from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any, cast

import orjson
import strawberry
from anyio import to_thread
from sqlalchemy import Row

from dutybook.access.actor import READ_PERSONAL, Actor
from dutybook.book.changes import Change as Said
from dutybook.db.in_force import EVERYTHING
from dutybook.errors import Forbidden
from dutybook.graphql import ids
from dutybook.graphql.approvals import ApprovalStep, RouteChoice, RoutePreview, choices_of, route_previewed, steps_of
from dutybook.graphql.changes import Change
from dutybook.graphql.comments import ReviewComment, comment_page, open_comments
from dutybook.graphql.connections import AFTER, FIRST, Connection, connect
from dutybook.graphql.context import View
from dutybook.graphql.describe import both, column, resolved, value
from dutybook.graphql.documents import Document
from dutybook.graphql.followers import FollowerConnection, followers_of
from dutybook.graphql.ledger import Rows, one_row
from dutybook.graphql.nodes import Node
from dutybook.graphql.previews import Conflict, Preview, conflicts_in, previewed
from dutybook.graphql.printing import printed
from dutybook.graphql.records import FromRow, from_row, one
from dutybook.graphql.visibility import WHOLE, Seen, seen_of, visible
from dutybook.services.rights import works_on_changesets


class ChangeSetState(Enum):
    """The life of a change set."""

    DRAFT = value("DRAFT", "起草中。", "Being drafted.")
    SUBMITTED = value("SUBMITTED", "已提交，待审批。", "Handed to its signers.")
    APPROVED = value("APPROVED", "已审批。", "Approved.")
    PUBLISHED = value("PUBLISHED", "已发布为版次。", "Published as a revision.")
    REJECTED = value("REJECTED", "已否决。", "Rejected.")
    WITHDRAWN = value("WITHDRAWN", "已撤回。", "Withdrawn.")


strawberry.enum(ChangeSetState, description=both("变更单的状态。", "The states of a change set."))
UNDECIDED = {ChangeSetState.DRAFT, ChangeSetState.SUBMITTED, ChangeSetState.APPROVED}


@from_row(
    "变更单：对账册的一组变更，经预览、审批、发布成为版次。",
    "A proposal to change the book: previewed, approved, and published as a revision.",
)
class ChangeSet(FromRow, Node):
    """One change set."""

    __slots__ = ()

    title: str = column("标题。", "Its title.")
    effective_on: date = column(
        "生效日：未另指明的变更自此日起。", "The day from which its changes hold unless they say otherwise."
    )
    base_revision: int = column(
        "所依据的版次；此后他人的变更可能与之冲突。",
        "The revision it is based on; what others changed since may conflict.",
    )
    author: str = column("起草人。", "Who drafts it.")
    created_at: datetime = column("创建时刻。", "When it was opened.")

    def identify(self) -> strawberry.ID:
        """The id."""
        return ids.write("ChangeSet", self.row.id, None, None)

    @resolved("编号。", "Its number.")
    def number(self) -> int:
        """The number."""
        return cast(int, self.row.id)

    @resolved(
        "事由；可能言及个人，故只给有权起草、审批或发布者。",
        "Its reason; it may speak of people, so it is for those who may propose, approve or publish.",
    )
    def reason(self) -> str | None:
        """The reason."""
        return self.row.reason if works_on_changesets(self.view.context.actor) else None

    @resolved("状态。", "Its state.")
    def state(self) -> ChangeSetState:
        """The state."""
        return ChangeSetState(self.row.state)

    @resolved("所依据的文件。", "The document it rests on.")
    async def document(self) -> Document | None:
        """The document."""
        return cast("Document | None", await one(self.view, "document", self.row.document))

    @resolved(
        "审批的各步，只给有权起草、审批或发布者。",
        "The steps of its route of approval, for those who may propose, approve or publish.",
    )
    async def steps(self) -> list[ApprovalStep]:
        """The steps; opinions may speak of people."""
        return await steps_of(self.view, self.row.id) if works_on_changesets(self.view.context.actor) else []

    @resolved(
        "提交后待签的一步，从 0 计；不在审批中为空。",
        "The step that waits for signatures, counted from 0; null unless submitted.",
    )
    def current_step(self) -> int | None:
        """The step."""
        return cast(int, self.row.current_step) if self.row.state == "SUBMITTED" else None

    @resolved(
        "审批流程的选用缘由，自提交起；只给有权起草、审批或发布者。",
        "What chose its route, from its submission on; for those who may propose, approve or publish.",
    )
    async def route_choices(self) -> list[RouteChoice]:
        """The choices."""
        works = works_on_changesets(self.view.context.actor)
        return await choices_of(self.view, self.row.id, self.changes) if works else []

    @resolved(
        "草稿若现在由您提交将采用的审批流程；非草稿为空。",
        "What a draft would go by if you submitted it now; null for any other set.",
    )
    async def route_preview(self) -> RoutePreview | None:
        """The preview; drafts are shown to those who work on them alone."""
        if self.row.state != "DRAFT":
            return None
        return await to_thread.run_sync(route_previewed, self.view, self.row, self.view.context.actor, self.changes)

    @resolved(
        "审阅意见，分页，先提出的在前；只给有权起草、审批或发布者。",
        "Review comments, in pages, the oldest first; for those who may propose, approve or publish.",
    )
    async def comments(self, first: FIRST = 50, after: AFTER = None) -> Connection[ReviewComment]:
        """A page of comments."""
        if not works_on_changesets(self.view.context.actor):
            return connect([], 0, after, _none)
        return await comment_page(self.view, self.row.id, await self.changes(), first, after)

    @resolved("未了结的审阅意见条数。", "How many review comments are open.")
    async def open_comments(self) -> int:
        """The count."""
        works = works_on_changesets(self.view.context.actor)
        return await open_comments(self.view, self.row.id, await self.changes()) if works else 0

    @resolved("各项变更；不可见部门的除外。", "Its changes, but for those of departments that cannot be seen.")
    async def changes(self) -> list[Change]:
        """The changes."""
        return await visible(self.view, await self._all())

    async def seen(self) -> Seen:
        """Which of its records are seen; who sees everything need not read them."""
        return WHOLE if self.view.reading.scope == EVERYTHING else await seen_of(self.view, await self._all())

    async def _all(self) -> list[Change]:
        rows = await self.view.load(Rows("change", "changeset", ("ordinal",)), self.row.id)
        return [self._change(row) for row in rows]

    def _change(self, row: Row[Any]) -> Change:
        published: int | None = self.row.revision
        return Change(
            ordinal=row.ordinal,
            said=Said.parse(orjson.loads(row.body)),
            view=self.view,
            base=self.view.time.known_at if published is None else published - 1,
            published=published,
            effective_on=self.row.effective_on,
        )

    @resolved(
        "与所依据版次之后已发布内容的冲突，列出双方的值。",
        "What was published since its base and collides with it, with both values.",
    )
    async def conflicts(self) -> list[Conflict]:
        """The conflicts of a set that may still be published."""
        return await conflicts_in(self.view, self.row) if self.state() in UNDECIDED else []

    @resolved(
        "若现在发布将会如何；已了结的变更单为空。",
        "What publishing it now would do; empty for a set that is done with.",
    )
    async def preview(self) -> Preview:
        """Publishing and taking it back costs a write, so it is for those who work on change sets."""
        if not works_on_changesets(self.view.context.actor):
            zh = "预览需要起草、审批或发布的权限。"
            raise Forbidden(zh, "A preview needs the right to propose, approve or publish.", path=["preview"])
        if self.state() not in UNDECIDED:
            return Preview(objections=[], impacts=[], events=[], view=self.view, changeset=self.row)
        return await to_thread.run_sync(previewed, self.view, self.row, await self.seen())

    @resolved(
        "标准岗位的遵循者所受（已发布者为所曾受）的影响，按部门；不可见者只计个数。",
        "What it does, or when it is published did, to those who follow standard positions, by department; who cannot be seen is "
        "only counted.",
    )
    async def followers(self, first: FIRST = 50, after: AFTER = None) -> FollowerConnection:
        """A page of followers; unlike a preview it costs no write."""
        return await followers_of(self.view, self.row, first, after)

    @resolved(
        "可打印的变更单：Markdown，装订于文件之后；前 1000 项变更，按部门和岗位，连同异议、已推翻的异议及其理由、审批与待签之处。",
        "The printable form: Markdown to be stapled to the document; its first 1,000 changes by department and position, "
        "with what stands against it, what was overridden and why, the approval and lines yet to be signed.",
    )
    async def printable(self) -> str:
        """The form, as far as the viewer may see the set."""
        return await printed(self)

    @resolved("发布成的版次。", "The revision that it became.")
    async def revision(self) -> Annotated["Revision", strawberry.lazy("dutybook.graphql.changesets")] | None:
        """The revision."""
        return None if self.row.revision is None else await revision_of(self.view, self.row.revision)


@from_row("版次：一次发布后的账册。", "A revision: the book as one publication left it.")
class Revision(FromRow, Node):
    """One revision."""

    __slots__ = ()

    number: int = column("版次号，从 1 起连续。", "Its number, gapless from 1.")
    published_at: datetime = column("发布时刻。", "When it was published.")
    hash: str = column(
        "校验值：对前一校验值和本次变更的规范形式。", "The hash over the previous hash and the canonical changes."
    )
    previous_hash: str = column("前一版次的校验值。", "The hash of the revision before.")

    def identify(self) -> strawberry.ID:
        """The id."""
        return ids.write("Revision", self.row.number, None, None)

    @resolved("发布人；无权读取个人信息时为空。", "Who published it; null without the right to personal data.")
    def published_by(self) -> str | None:
        """The publisher."""
        return self.row.published_by if self.view.context.actor.may(READ_PERSONAL) else None

    @resolved("发布的变更单。", "The change set that was published.")
    async def change_set(self) -> ChangeSet:
        """The change set."""
        return cast(ChangeSet, await changeset_of(self.view, self.row.changeset))


async def _none() -> int:
    return 0


async def revision_of(view: View, number: int) -> Revision | None:
    """The revision of a number."""
    row = await one_row(view, "revision", "number", number)
    return Revision(view, row) if row else None


async def changeset_of(view: View, number: int) -> ChangeSet | None:
    """The change set of a number, if the actor may see it."""
    row = await one_row(view, "changeset", "id", number)
    return ChangeSet(view, row) if row and row.state in states_seen(view.context.actor) else None


def states_seen(actor: Actor) -> set[str]:
    """The states of the change sets that an actor sees: proposals are for those who work on them."""
    return {state.value for state in ChangeSetState} if works_on_changesets(actor) else {ChangeSetState.PUBLISHED.value}
