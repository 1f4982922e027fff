"""Quotas: how many seats and people a department is allowed, and how many there are."""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Annotated, cast

import strawberry

from dutybook.book.quotas import OWN, Sort, Tally
from dutybook.db import quotas as reads
from dutybook.graphql.context import View
from dutybook.graphql.describe import both, column, resolved, value
from dutybook.graphql.documents import Document
from dutybook.graphql.nodes import Dated, Node
from dutybook.graphql.records import one, record

if TYPE_CHECKING:
    from dutybook.graphql.departments import Department

Tallies = Mapping[int, Sequence[Tally]]


class Reach(Enum):
    """Whose positions a quota counts."""

    OWN = value("OWN", "仅本部门的岗位。", "The department's own positions.")
    SUBTREE = value("SUBTREE", "连同所有下级部门的岗位。", "Its own positions and those of all departments below.")


strawberry.enum(Reach, description=both("编制定额的范围。", "Whose positions a quota counts."))


async def _seats(view: View, keys: Sequence[int]) -> Tallies:
    return _by_top(keys, [Tally._make(row) for row in await view.rows(reads.seats(view.reading), keys)])


async def _people(view: View, keys: Sequence[int]) -> Tallies:
    return _by_top(keys, [Tally._make(row) for row in await view.rows(reads.people(view.reading), keys)])


def _by_top(keys: Sequence[int], tallies: Sequence[Tally]) -> Tallies:
    found: dict[int, list[Tally]] = {key: [] for key in keys}
    for tally in tallies:
        found[tally.top].append(tally)
    return found


@record(
    "quota",
    "编制定额：一个部门可有多少定员和在岗人员。",
    "How many seats and people a department is allowed.",
)
class Quota(Dated, Node):
    """One quota."""

    __slots__ = ()

    employment_type: str | None = column("所限用工性质；空为全部。", "The employment type it counts; all if null.")
    seats: int = column("核定人数。", "How many it allows.")
    note: str | None = column("备注。", "A note.")

    @resolved("所属部门。", "The department it is given to.")
    async def department(self) -> Annotated["Department", strawberry.lazy("dutybook.graphql.departments")]:
        """The department."""
        return cast("Department", await one(self.view, "department", self.row.department))

    @resolved("范围。", "Whose positions it counts.")
    def reach(self) -> Reach:
        """Own positions or the subtree's."""
        return Reach(self.row.reach)

    @resolved("是否只计领导岗位（领导职数）。", "Whether only leading posts count.")
    def leading(self) -> bool:
        """Not, unless said."""
        return bool(self.row.leading)

    @resolved("核定文件。", "The document it rests on.")
    async def document(self) -> Document | None:
        """The document."""
        return cast("Document | None", await one(self.view, "document", self.row.document))

    @resolved(
        "所计岗位的定员之和；限定用工性质时为空，因为岗位没有用工性质。",
        "The approved seats of the positions it counts; null where it is for one employment type, which positions lack.",
    )
    async def headcount(self) -> int | None:
        """The seats."""
        if self.row.employment_type is not None:
            return None
        return self._counted(await self.view.load(_seats, self.row.department))

    @resolved(
        "所计岗位的在岗主岗人数（含停职）。",
        "The people it counts: primary assignments in force, suspended ones included.",
    )
    async def used(self) -> int:
        """The people."""
        return self._counted(await self.view.load(_people, self.row.department))

    def _counted(self, tallies: Sequence[Tally]) -> int:
        row = self.row
        return Sort(row.reach == OWN, bool(row.leading), row.employment_type).total(tallies)

    @resolved("余额：核定人数减在岗；负数为超编。", "What is left: the allowed less the people; negative if exceeded.")
    async def left(self) -> int:
        """The rest."""
        return int(self.row.seats) - await self.used()
