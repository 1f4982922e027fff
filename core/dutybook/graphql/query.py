"""The root of all reading."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any

import strawberry
from anyio import to_thread

from dutybook.book.ids import MalformedId, kind_name
from dutybook.db import ledger as reads
from dutybook.db.documents import readable
from dutybook.db.paging import total
from dutybook.graphql import ids
from dutybook.graphql.changesets import ChangeSet, ChangeSetState, Revision, changeset_of, revision_of, states_seen
from dutybook.graphql.connections import AFTER, FIRST, Connection, connect, page_size, read_cursor
from dutybook.graphql.context import Asking, View
from dutybook.graphql.delegations import DelegationQuery
from dutybook.graphql.describe import argument, both, column, named, resolved
from dutybook.graphql.duties import Duty
from dutybook.graphql.jobs import Job, job_of
from dutybook.graphql.nodes import Node
from dutybook.graphql.periods import PeriodQuery, period_of
from dutybook.graphql.plugins import Plugin, plugins_of
from dutybook.graphql.records import RECORDS, ByKey
from dutybook.graphql.registry import Registry
from dutybook.graphql.standards import StandardSuggestion, suggestion_again
from dutybook.graphql.viewer import Viewer, viewer
from dutybook.services.inbox import waiting_for

ID = Annotated[strawberry.ID, argument("全局标识。", "The global id.")]
LEDGER = {"ChangeSet": changeset_of, "Revision": revision_of, "Job": job_of, "Period": period_of}


@strawberry.input(description=both("筛选变更单；各项须同时满足。", "Which change sets; all that is given must hold."))
class ChangeSetFilter:
    """A filter of change sets."""

    states: list[ChangeSetState] | None = column("状态为其中之一。", "In one of these states.", default=None)
    author: str | None = column("起草人的用户名。", "Drafted by this user.", default=None)
    document: strawberry.ID | None = column("以此文件为依据。", "Resting on this document.", default=None)
    waiting_for_me: bool | None = column(
        "是否待本人签署：当前步骤本人现在即可签署，包括受托代签。",
        "Whether it waits for the viewer, who could sign its current step now, also on somebody's behalf.",
        default=None,
    )


@named("读取。", "Everything that can be read.")
class Query(PeriodQuery, DelegationQuery):
    """The query root."""

    @resolved(
        "某一时点的账册：asOf 当日有效（默认今天），以 knownAt 版次所知（默认最新）。",
        "The book at one time: in force on `asOf` (today if absent), as known at revision `knownAt` (the head if absent).",
    )
    async def registry(
        self,
        info: Asking,
        as_of: Annotated[date | None, argument("有效日期。", "The day.")] = None,
        known_at: Annotated[int | None, argument("版次；0 为空账册。", "The revision; 0 is the empty book.")] = None,
    ) -> Registry:
        """The registry."""
        return Registry(view=await info.context.view(as_of, known_at))

    @resolved("按全局标识取对象，以标识所携带的时点。", "The object of a global id, in the time that the id carries.")
    async def node(self, info: Asking, id: ID) -> Node | None:  # noqa: A002
        """The object."""
        wanted = ids.parse(id)
        view = await info.context.view(wanted.plain.as_of, wanted.plain.known_at)
        if wanted.plain.type == StandardSuggestion.__name__:
            return await suggestion_again(view, [wanted.plain.key, *wanted.behind])
        if len(wanted.behind) > (wanted.plain.type == "Duty"):
            raise MalformedId(id)
        if wanted.plain.type == "Registry":
            return Registry(view=view)
        if find := LEDGER.get(wanted.plain.type):
            return await find(view, wanted.plain.key)
        return await _record(view, wanted)

    @resolved("某一时刻的最新版次。", "The revision that was the head at a moment.")
    async def revision_at(
        self, info: Asking, time: Annotated[datetime, argument("时刻。", "The moment.")]
    ) -> Revision | None:
        """The revision."""
        view = await info.context.view()
        rows = await view.rows(reads.revision_at(view.reading.database, time))
        return Revision(view, rows[0]) if rows else None

    @resolved(
        "最近一次变动的序号：先读此值，再读账册，此后自该序号订阅 changes，便不会遗漏。",
        "The sequence of the newest event: read it with the book, then follow `changes` from it, and nothing is missed.",
    )
    async def last_sequence(self, info: Asking) -> int:
        """The sequence."""
        return await info.context.last_sequence()

    @resolved("版次，最新在前。", "The revisions, newest first.")
    async def revisions(self, info: Asking, first: FIRST = 50, after: AFTER = None) -> Connection[Revision]:
        """A page of revisions."""
        view, size, cursor = await info.context.view(), page_size(first), read_cursor(after, [int])
        rows = await view.rows(reads.revisions(view.reading.database, cursor[0] if cursor else None, size))
        return connect([([row.number], Revision(view, row)) for row in rows], size, after, info.context.head)

    @resolved("一份变更单。", "One change set.")
    async def change_set(self, info: Asking, id: ID) -> ChangeSet | None:  # noqa: A002
        """The change set."""
        return await changeset_of(await info.context.view(), ids.expect("ChangeSet", id))

    @resolved(
        "变更单，最新在前；未发布的只给有权起草、审批或发布者。",
        "Change sets, newest first; unpublished ones only for those who may propose, approve or publish.",
    )
    async def change_sets(
        self,
        info: Asking,
        filter: Annotated[ChangeSetFilter | None, argument("筛选。", "Which ones.")] = None,  # noqa: A002
        first: FIRST = 50,
        after: AFTER = None,
    ) -> Connection[ChangeSet]:
        """A page of change sets."""
        view, size, cursor = await info.context.view(), page_size(first), read_cursor(after, [int])
        wanted = filter or ChangeSetFilter()
        query = _changesets(view, wanted)
        if wanted.waiting_for_me is not None:
            waits = query.selected_columns.id.in_(await to_thread.run_sync(_waiting, view))
            query = query.where(waits if wanted.waiting_for_me else ~waits)
        rows = await view.rows(reads.page_of_changesets(query, cursor[0] if cursor else None, size))

        async def count() -> int:
            return int((await view.rows(total(query)))[0][0])

        return connect([([row.id], ChangeSet(view, row)) for row in rows], size, after, count)

    @resolved("耗时的工作：导入、计算、导出。", "Long work: imports, runs, exports.")
    async def job(self, info: Asking, id: ID) -> Job | None:  # noqa: A002
        """The job."""
        return await job_of(await info.context.view(), ids.expect("Job", id))

    @resolved("当前用户；匿名时为空。", "Who asks; null for an anonymous reader.")
    def viewer(self, info: Asking) -> Viewer | None:
        """The viewer."""
        return viewer(info.context)

    @resolved("已启用的插件，按调用的次序。", "The plugins that are enabled, in the order in which they are called.")
    def plugins(self, info: Asking) -> list[Plugin]:
        """The plugins."""
        return plugins_of(info.context)


def _waiting(view: View) -> Sequence[int]:
    """The sets that wait for the viewer; runs in a worker thread."""
    book = view.context.book
    with book.database.read() as session:
        return waiting_for(session, book, view.context.actor)


def _changesets(view: View, wanted: ChangeSetFilter) -> Any:
    states = states_seen(view.context.actor)
    if wanted.states is not None:
        states &= {state.value for state in wanted.states}
    document = None if wanted.document is None else ids.expect("Document", wanted.document)
    query = reads.changesets(view.reading.database, states, wanted.author, document)
    return query if document is None else query.where(readable(view.reading, document))


async def _record(view: View, wanted: ids.NodeId) -> Node | None:
    kind = kind_name(wanted.plain.type)
    if kind not in RECORDS:
        raise ids.UnknownType(wanted.plain.type)
    row = await view.load(ByKey(kind), wanted.plain.key)
    if row is None:
        return None
    if kind == "duty":
        return Duty(view, row, None, *wanted.behind)
    found: Any = RECORDS[kind](view, row)
    node: Node = found
    return node
