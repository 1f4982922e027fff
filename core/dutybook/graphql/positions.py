"""Positions: posts in departments, with their duties, superiors, substitutes and people."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, cast

import orjson
import strawberry
from sqlalchemy import Row

from dutybook.db import positions as reads
from dutybook.graphql.context import View
from dutybook.graphql.departments import Department
from dutybook.graphql.describe import column, named, resolved
from dutybook.graphql.duties import Duty, duties_of, exceptions
from dutybook.graphql.job_sheets import job_sheet
from dutybook.graphql.lineage import LineageEdge, lineage_of
from dutybook.graphql.nodes import Dated, Node
from dutybook.graphql.people import KINDS, Assignment, assignments_of
from dutybook.graphql.records import ByKey, Counted, Related, objects, one, pairs, place_of, record, whole_list


async def _incumbents(view: View, keys: Sequence[int]) -> Mapping[int, int]:
    return dict.fromkeys(keys, 0) | pairs(await view.rows(reads.incumbents(view.reading), keys))


@named(
    "岗位说明书中职责以外的章节：任职资格、权限、工作关系、工作标准等。",
    "A named part of a job description that is not a duty: qualifications, authority, relations, work standards.",
)
class Section:
    """A section."""

    name: str = column("章节名。", "Its name.")
    text: str = column("内容。", "Its text.")


def sections_of(row: Row[Any]) -> list[Section]:
    """The sections of a position or a standard position."""
    parts = orjson.loads(row.sections) if row.sections else ()
    return [Section(name=part["name"], text=part["text"]) for part in parts]


@record(
    "standard_position", "标准岗位：可由多个岗位遵循的岗位说明。", "A position description that many positions follow."
)
class StandardPosition(Dated, Node):
    """One standard position."""

    __slots__ = ()

    code: str = column("编号，永不复用。", "Its code, never reused.")
    title: str = column("岗位名称。", "Its title.")

    @resolved("职责，按正式次序。", "Its duties, in official order.")
    async def duties(self) -> list[Duty]:
        """The duties."""
        return whole_list(self.view, "duty", await self.view.load(Related("duty", "standard"), self.row.key))

    @resolved("职责以外的章节。", "The parts of its description that are not duties.")
    def sections(self) -> list[Section]:
        """The sections."""
        return sections_of(self.row)

    @resolved("遵循它的岗位个数。", "How many positions follow it.")
    async def follower_count(self) -> int:
        """The count."""
        return await self.view.load(Counted("position", "standard"), self.row.key)

    @resolved("遵循它的岗位。", "The positions that follow it.")
    async def followers(self) -> list[Annotated["Position", strawberry.lazy("dutybook.graphql.positions")]]:
        """The followers."""
        return objects(self.view, "position", await self.view.load(Related("position", "standard"), self.row.key))


@record("position", "岗位：一个部门中的一个岗位。", "A post in one department.")
class Position(Dated, Node):
    """One position."""

    __slots__ = ()

    code: str = column("岗位编号，永不复用。", "Its code, never reused.")
    title: str = column("岗位名称。", "Its title.")
    grade: str | None = column("岗级。", "Its grade.")
    headcount: int = column("定员：核定的人数。", "The approved seats.")
    note: str | None = column("备注。", "A note.")

    @resolved("是否领导岗位，计入领导职数。", "Whether it is a leading post, which quotas for those count.")
    def leading(self) -> bool:
        """Not, unless said."""
        return bool(self.row.leading)

    @resolved("所属部门。", "The department it belongs to.")
    async def department(self) -> Department:
        """The department."""
        return cast(Department, await one(self.view, "department", self.row.department))

    @resolved("在部门中的序号，从 1 开始。", "Its place in the department, from 1.")
    def ordinal(self) -> int:
        """The ordinal; what has to be looked up is awaited by the executor, what is known costs no task."""
        return self.place or cast(int, self._look_up_place())

    async def _look_up_place(self) -> int:
        return place_of(self.row.key, await self.view.load(Related("position", "department"), self.row.department))

    @resolved("所遵循的标准岗位。", "The standard position it follows.")
    async def standard(self) -> StandardPosition | None:
        """The standard."""
        return cast("StandardPosition | None", await one(self.view, "standard_position", self.row.standard))

    @resolved("上级岗位。", "The position it reports to.")
    async def reports_to(self) -> Annotated["Position", strawberry.lazy("dutybook.graphql.positions")] | None:
        """The superior."""
        return cast("Position | None", await one(self.view, "position", self.row.reports_to))

    @resolved("直接下级岗位。", "The positions that report to it.")
    async def direct_reports(self) -> list[Annotated["Position", strawberry.lazy("dutybook.graphql.positions")]]:
        """Those who report to it."""
        return objects(self.view, "position", await self.view.load(Related("position", "reports_to"), self.row.key))

    @resolved("作为副职所属的正职岗位。", "The position that it is a deputy of.")
    async def deputy_of(self) -> Annotated["Position", strawberry.lazy("dutybook.graphql.positions")] | None:
        """The principal."""
        return cast("Position | None", await one(self.view, "position", self.row.deputy_of))

    @resolved("B角：缺位时代行的岗位，按次序。", "The positions that stand in for it, in order.")
    async def substitutes(self) -> list[Annotated["Position", strawberry.lazy("dutybook.graphql.positions")]]:
        """The substitutes that are in force and visible."""
        keys = orjson.loads(self.row.substitutes) if self.row.substitutes else ()
        found = await self.view.load_all(ByKey("position"), keys)
        return objects(self.view, "position", [row for row in found if row is not None])

    @resolved(
        "在岗人数：有效的主岗任职，含停职。", "Incumbents: primary assignments in force, suspended ones included."
    )
    async def incumbent_count(self) -> int:
        """The incumbents; who is suspended still holds the seat."""
        return await self.view.load(_incumbents, self.row.key)

    @resolved("空缺：定员减在岗；负数为超编。", "Vacancy: headcount less incumbents; negative where overstaffed.")
    async def vacancy(self) -> int:
        """The vacancy."""
        return int(self.row.headcount) - await self.incumbent_count()

    @resolved(
        "职责清单：先是所遵循标准岗位的职责，后是自有的。",
        "Its duties: first those of the standard it follows, then its own.",
    )
    async def duties(self) -> list[Duty]:
        """The duties."""
        return await duties_of(self.view, self.row)

    @resolved(
        "所遵循标准岗位中对它不适用的职责。", "The duties of the standard that it leaves out by a recorded exception."
    )
    async def left_out(self) -> list[Duty]:
        """What it does without."""
        if self.row.standard is None or not (left_out := exceptions(self.row)):
            return []
        followed = await self.view.load(Related("duty", "standard"), self.row.standard)
        return objects(self.view, "duty", [row for row in followed if row.key in left_out])

    @resolved("职责条数。", "How many duties it has.")
    async def duty_count(self) -> int:
        """The count."""
        own = await self.view.load(Counted("duty", "position"), self.row.key)
        if self.row.standard is None:
            return own
        left_out = exceptions(self.row)
        followed = await self.view.load(Related("duty", "standard"), self.row.standard)
        return own + sum(row.key not in left_out for row in followed)

    @resolved("职责以外的章节。", "The parts of its description that are not duties.")
    def sections(self) -> list[Section]:
        """The sections."""
        return sections_of(self.row)

    @resolved("任职，主岗在前。", "Who is assigned to it, primary assignments first.")
    async def assignments(self, kinds: KINDS = None) -> list[Assignment]:
        """The assignments."""
        return await assignments_of(self.view, "position", self.row.key, kinds)

    @resolved(
        "岗位说明书：Markdown，含基本信息、各章节和职责。",
        "The job sheet: Markdown with its data, sections and duties.",
    )
    async def printable(self) -> str:
        """The sheet."""
        return await job_sheet(self)

    @resolved("由何而来、并入何处。", "Where it came from, and what it became.")
    async def lineage(self) -> list[LineageEdge]:
        """The lineage."""
        return await lineage_of(self)
