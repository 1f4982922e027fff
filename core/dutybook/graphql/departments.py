"""Departments: the nodes of the tree."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, cast

import strawberry
from sqlalchemy import Row

from dutybook.db import departments as reads
from dutybook.db.positions import under
from dutybook.errors import NotFound
from dutybook.graphql.context import View
from dutybook.graphql.describe import argument, column, resolved
from dutybook.graphql.lineage import LineageEdge, lineage_of
from dutybook.graphql.nodes import Dated, Node
from dutybook.graphql.organisations import Organisation
from dutybook.graphql.records import Related, objects, one, pairs, record, whole_list
from dutybook.graphql.tree import load_tree

if TYPE_CHECKING:
    from dutybook.graphql.positions import Position
    from dutybook.graphql.quotas import Quota


async def _ancestors(view: View, keys: Sequence[int]) -> Mapping[int, list[Row[Any]]]:
    found: dict[int, list[Row[Any]]] = {key: [] for key in keys}
    for row in await view.rows(reads.ancestors(view.reading), keys):
        found[row.below].append(row)
    return found


async def _positions_under(view: View, keys: Sequence[int]) -> Mapping[int, list[Row[Any]]]:
    rows, tree = await asyncio.gather(view.rows(under(view.reading), keys), view.load(load_tree, None))
    found: dict[int, list[Row[Any]]] = {key: [] for key in keys}
    for row in sorted(rows, key=lambda row: tree.order[row.department]):
        found[row.top].append(row)
    return found


async def _seats(view: View, keys: Sequence[int]) -> Mapping[int, int]:
    rows = await view.rows(reads.seats(view.reading), keys)
    return dict.fromkeys(keys, 0) | {key: int(seats) for key, seats in pairs(rows).items()}


async def _incumbents(view: View, keys: Sequence[int]) -> Mapping[int, int]:
    return dict.fromkeys(keys, 0) | pairs(await view.rows(reads.incumbents(view.reading), keys))


@record("department", "部门：部门树的一个节点。", "A node of the tree of departments.")
class Department(Dated, Node):
    """One department."""

    __slots__ = ()

    code: str = column("部门编号，永不复用。", "Its code, never reused.")
    name: str = column("部门名称。", "Its name.")
    category: str | None = column(
        "岗位目录中的章（如机关类）。", "The catalogue's chapter it stands in (such as 机关类)."
    )
    quota: int | None = column(
        "编制总数：本部门自有岗位的定员和在岗人数之上限，不含下级部门；分项的见 quotas。",
        "The staffing total: how many seats and people its own positions may have, without departments below; "
        "`quotas` has those by sort.",
    )

    @resolved(
        "性质：职能部室、二级单位、站所、班组等。",
        "What sort of unit it is: functional office, unit, station, team.",
        name="kind",
    )
    def sort(self) -> str | None:
        """The column `kind`, which is also the name of a record's own kind."""
        return cast("str | None", self.row.kind)

    @resolved("在同级部门中的序号，从 1 开始。", "Its place among its siblings, from 1.")
    def ordinal(self) -> int:
        """The ordinal; what has to be looked up is awaited by the executor, what is known costs no task."""
        return self.place or cast(int, self._look_up_place())

    async def _look_up_place(self) -> int:
        return (await self.view.load(load_tree, None)).places[self.row.key]

    @resolved("所属单位。", "The organisation it belongs to.")
    async def organisation(self) -> Organisation:
        """The organisation."""
        found: Organisation | None = await one(self.view, "organisation", self.row.organisation)
        if found is None:
            raise NotFound(
                f"部门 {self.row.code} 的单位在 {self.view.time.as_of} 尚未或不再有效；请修正单位的有效期。",
                f"The organisation of department {self.row.code} is not in force on {self.view.time.as_of}; mend its days.",
            )
        return found

    @resolved("上级部门。", "The department above.")
    async def parent(self) -> Annotated["Department", strawberry.lazy("dutybook.graphql.departments")] | None:
        """The parent."""
        return cast("Department | None", await one(self.view, "department", self.row.parent))

    @resolved("直接下级部门，按正式次序。", "The departments right below, in official order.")
    async def children(self) -> list[Annotated["Department", strawberry.lazy("dutybook.graphql.departments")]]:
        """The children."""
        return whole_list(self.view, "department", await self.view.load(Related("department", "parent"), self.row.key))

    @resolved("全部上级部门，最上级在前。", "All departments above, root first.")
    async def ancestors(self) -> list[Annotated["Department", strawberry.lazy("dutybook.graphql.departments")]]:
        """The ancestors."""
        if self.row.parent is None:
            return []
        return objects(self.view, "department", await self.view.load(_ancestors, self.row.key))

    @resolved("岗位，按正式次序。", "Its positions, in official order.")
    async def positions(
        self,
        include_descendants: Annotated[
            bool | None,
            argument(
                "连同所有下级部门的岗位，按部门树的次序。",
                "With those of all departments below, in the order of the tree.",
            ),
        ] = False,
    ) -> list[Annotated["Position", strawberry.lazy("dutybook.graphql.positions")]]:
        """The positions."""
        if include_descendants:
            return objects(self.view, "position", await self.view.load(_positions_under, self.row.key))
        return whole_list(self.view, "position", await self._own_positions())

    async def _own_positions(self) -> list[Row[Any]]:
        return await self.view.load(Related("position", "department"), self.row.key)

    @resolved(
        "负责岗位：按次序第一个不向本部门岗位汇报的岗位。",
        "The position at its head: the first in order that reports to none of the same department.",
    )
    async def head_position(self) -> Annotated["Position", strawberry.lazy("dutybook.graphql.positions")] | None:
        """The head."""
        rows = await self._own_positions()
        inside = {row.key for row in rows}
        heads = (position for position in whole_list(self.view, "position", rows))
        return next((head for head in heads if head.row.reports_to not in inside), None)

    @resolved(
        "本部门自有岗位的定员之和，不含下级部门。",
        "The approved seats of its own positions, without departments below.",
    )
    async def headcount(self) -> int:
        """The seats."""
        return await self.view.load(_seats, self.row.key)

    @resolved(
        "本部门自有岗位的在岗主岗人数（含停职），不含下级部门。",
        "Primary assignments in force (suspended ones included) to its own positions, without departments below.",
    )
    async def incumbent_count(self) -> int:
        """The incumbents."""
        return await self.view.load(_incumbents, self.row.key)

    @resolved("空缺：定员减在岗；负数为超编。", "Vacancy: headcount less incumbents; negative where overstaffed.")
    async def vacancy(self) -> int:
        """The vacancy."""
        return await self.headcount() - await self.incumbent_count()

    @resolved(
        "编制定额：按范围、用工性质、领导职数核定的人数。",
        "Its quotas: how many are allowed, by reach, employment type and leading posts.",
    )
    async def quotas(self) -> list[Annotated["Quota", strawberry.lazy("dutybook.graphql.quotas")]]:
        """The quotas."""
        return objects(self.view, "quota", await self.view.load(Related("quota", "department"), self.row.key))

    @resolved("由何而来、并入何处。", "Where it came from, and what it became.")
    async def lineage(self) -> list[LineageEdge]:
        """The lineage."""
        return await lineage_of(self)
