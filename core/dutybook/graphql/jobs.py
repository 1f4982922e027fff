"""Jobs: long work such as imports and exports."""

from typing import Any, cast

import strawberry
from sqlalchemy import Row

from dutybook.access.actor import ADMINISTER
from dutybook.access.scope import holds_everywhere
from dutybook.graphql import ids
from dutybook.graphql.changesets import ChangeSet, changeset_of
from dutybook.graphql.context import View
from dutybook.graphql.describe import column, resolved
from dutybook.graphql.ledger import one_row
from dutybook.graphql.nodes import Node
from dutybook.graphql.records import FromRow, from_row


@from_row("耗时的工作：导入、计算、导出。", "Long work: imports, runs, exports.")
class Job(FromRow, Node):
    """One job."""

    __slots__ = ()

    state: str = column("状态：QUEUED、RUNNING、DONE、FAILED。", "Its state: QUEUED, RUNNING, DONE, FAILED.")
    done: int = column("已完成的步数。", "How many steps are done.")
    total: int | None = column("总步数；未知时为空。", "How many there are; null while unknown.")
    message: str | None = column("说明：结果或失败的原因。", "What came of it, or why it failed.")

    def identify(self) -> strawberry.ID:
        """The id."""
        return ids.write("Job", self.row.id, None, None)

    @resolved("种类。", "What sort of work it is.", name="kind")
    def sort(self) -> str:
        """The column `kind`."""
        return cast(str, self.row.kind)

    @resolved("产生的变更单。", "The change set that it made.")
    async def change_set(self) -> ChangeSet | None:
        """The change set."""
        return None if self.row.changeset is None else await changeset_of(self.view, self.row.changeset)


async def job_of(view: View, number: int) -> Job | None:
    """The job of a number, if it is the actor's own or the actor administers everything: what came of it may name people."""
    row: Row[Any] | None = await one_row(view, "job", "id", number)
    actor = view.context.actor
    return Job(view, row) if row and (row.actor == actor.name or holds_everywhere(actor, ADMINISTER)) else None
