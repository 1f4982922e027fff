"""Organisations: the legal entities that the book serves."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from dutybook.graphql.describe import column, resolved
from dutybook.graphql.nodes import Dated, Node
from dutybook.graphql.records import record
from dutybook.graphql.tree import load_tree

if TYPE_CHECKING:
    from dutybook.graphql.departments import Department


@record(
    "organisation",
    "单位：集团内的法人，账册为其记载一棵部门树。",
    "A legal entity of the group; the book keeps its one tree of departments.",
)
class Organisation(Dated, Node):
    """One organisation."""

    __slots__ = ()

    code: str = column("单位编号，永不复用。", "Its code, never reused.")
    name: str = column("单位名称。", "Its name.")

    @resolved("全部部门，按部门树的次序。", "All its departments, in the order of the tree.")
    async def departments(self) -> list[Annotated["Department", strawberry.lazy("dutybook.graphql.departments")]]:
        """The departments."""
        tree = await self.view.load(load_tree, None)
        return tree.records(self.view, lambda row: row.organisation == self.row.key)
