"""The route of approval of a change set: steps, who signed them, and what of the set chose them."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from typing import Any, cast

import orjson
import strawberry
from sqlalchemy import Row

from dutybook.access.actor import Actor
from dutybook.book.routes import Step
from dutybook.graphql.approval_routes import ApprovalRoute
from dutybook.graphql.changes import Change
from dutybook.graphql.context import View
from dutybook.graphql.describe import column, named, resolved
from dutybook.graphql.documents import Document
from dutybook.graphql.ledger import Rows
from dutybook.graphql.records import one
from dutybook.services.book import Book
from dutybook.services.routes import Choice, Chosen, choose

AGREED = "APPROVED"

Changes = Callable[[], Awaitable[list[Change]]]


@named("一次签署。", "One signature.")
class Signature:
    """Who signed, and what they said."""

    by: str = column("签署人。", "Who signed.")
    on_behalf_of: str | None = column(
        "受谁委托；空为本人的签署。", "For whom, where it was delegated; null for one's own."
    )
    signer: str = column("所填的签署位，如 role:approver。", "The place that it fills, such as role:approver.")
    approved: bool = column(
        "是否同意；否为退回或否决。", "Whether they agreed; if not, they returned or rejected the set."
    )
    opinion: str | None = column("意见。", "Their opinion.")
    at: datetime = column("签署时刻。", "When.")
    evidence: str | None = column("会议纪要、文号等依据。", "Minutes, a document number or other evidence.")
    body: str | None = column(
        "在别处作出决定的机构，如党委会；空为签署人的决定。",
        "The body that decided elsewhere, such as a committee; null where the signer decides.",
    )
    decided_on: date | None = column("该机构作出决定之日。", "The day on which that body decided.")
    view: strawberry.Private[View]
    document_key: strawberry.Private[int | None]

    @resolved("账册中载有该决定的文件。", "The document of the book that holds the decision.")
    async def document(self) -> Document | None:
        """The document."""
        return cast("Document | None", await one(self.view, "document", self.document_key))


@named("审批的一步。", "One step of the route of approval.")
class ApprovalStep:
    """Those who must all sign."""

    ordinal: int = column("次序，从 0 计。", "Its place in the route, counted from 0.")
    name: str | None = column("名称，如所采流程所称。", "What the routes that ask for it call it.")
    routes: list[str] = column(
        "要求此步的审批流程的名称；空为默认流程或该单指定的流程。",
        "The names of the routes of the book that ask for it; none for the default, or a route said for this set.",
    )
    signers: list[str] = column(
        "须全部签署，各由不同的人：user:用户名、role:角色 或 role:角色@编号。",
        "All of them must sign, each a person of their own: user:NAME, role:NAME or role:NAME@CODE.",
    )
    signed: list[Signature] = column(
        "有效的签署，以及退回和否决。", "The signatures that count, and those that returned or rejected it."
    )


@named("选用一个审批流程的缘由。", "Why a change set goes by a route.")
class RouteChoice:
    """A route, and what chose it."""

    name: str | None = column("流程的名称；空为默认流程。", "The name of the route; null for the default.")
    kind: str = column("所涉记录的类型。", "The kind of the records that chose it.")
    records: int = column("这样的记录有几条。", "How many of them there are.")
    view: strawberry.Private[View]
    route_key: strawberry.Private[int]
    keys: strawberry.Private[frozenset[int]]
    of_set: strawberry.Private[Changes]

    @resolved(
        "该流程；默认流程或已不在用的为空。", "The route; null for the default, and for one that is no longer in force."
    )
    async def route(self) -> ApprovalRoute | None:
        """The route as it is now."""
        return cast("ApprovalRoute | None", await one(self.view, "approval_route", self.route_key or None))

    @resolved(
        "这些记录的变更：前 20 条记录的，不可见的除外。",
        "The changes of these records: of the first 20, as far as they can be seen.",
    )
    async def changes(self) -> list[Change]:
        """The changes."""
        ours = await self.of_set()
        return [change for change in ours if change.said.kind == self.kind and change.said.key in self.keys]


@named("若现在提交将采用的审批流程。", "What a draft would go by if it were submitted now.")
class RoutePreview:
    """Steps, and why."""

    steps: list[ApprovalStep] = column("各步。", "The steps.")
    choices: list[RouteChoice] = column("缘由；指定的流程没有。", "Why; none for a route that was said for this set.")


async def steps_of(view: View, changeset: int) -> list[ApprovalStep]:
    """The steps of a change set's route."""
    waiting = view.load(Rows("signature", "changeset", ("id",)), changeset)
    steps = await view.load(Rows("approval_step", "changeset", ("ordinal",)), changeset)
    signatures = [row for row in await waiting if row.counts or row.verdict != AGREED]
    return [_step(view, row, [one for one in signatures if one.step == row.ordinal]) for row in steps]


async def choices_of(view: View, changeset: int, of_set: Changes) -> list[RouteChoice]:
    """Why a submitted set goes by its route, the oldest route first and the default last."""
    rows = await view.load(Rows("route_choice", "changeset", ("route", "kind")), changeset)
    made = [Choice(row.route, row.name, row.kind, row.records, orjson.loads(row.keys)) for row in rows]
    return _choices(view, sorted(made, key=lambda choice: not choice.route), of_set)


def route_previewed(view: View, row: Row[Any], actor: Actor, of_set: Changes) -> RoutePreview:
    """What a draft would go by; runs in a worker thread."""
    chosen = _chosen(view.context.book, actor, row)
    steps = [_previewed(ordinal, step) for ordinal, step in enumerate(chosen.steps)]
    return RoutePreview(steps=steps, choices=_choices(view, chosen.choices, of_set))


def _chosen(book: Book, actor: Actor, row: Row[Any]) -> Chosen:
    with book.database.read() as session:
        return choose(session, book, actor, row)


def _choices(view: View, choices: Sequence[Choice], of_set: Changes) -> list[RouteChoice]:
    return [
        RouteChoice(
            name=it.name,
            kind=it.kind,
            records=it.records,
            view=view,
            route_key=it.route,
            keys=frozenset(it.keys),
            of_set=of_set,
        )
        for it in choices
    ]


def _previewed(ordinal: int, step: Step) -> ApprovalStep:
    return ApprovalStep(
        ordinal=ordinal, name=step.name, routes=list(step.routes), signers=list(step.signers), signed=[]
    )


def _step(view: View, row: Row[Any], signatures: list[Row[Any]]) -> ApprovalStep:
    return ApprovalStep(
        ordinal=row.ordinal,
        name=row.name,
        routes=orjson.loads(row.routes) if row.routes else [],
        signers=orjson.loads(row.signers),
        signed=[_signature(view, signature) for signature in signatures],
    )


def _signature(view: View, row: Row[Any]) -> Signature:
    return Signature(
        by=row.signed_by,
        on_behalf_of=row.on_behalf_of,
        signer=row.signer,
        approved=row.verdict == AGREED,
        opinion=row.opinion,
        at=row.signed_at,
        evidence=row.evidence,
        body=row.body,
        decided_on=row.decided_on,
        view=view,
        document_key=row.document,
    )
