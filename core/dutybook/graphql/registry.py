"""The registry: the book at one time, the root of everything that is read of it."""

from datetime import date
from typing import Annotated, Any

import strawberry
from sqlalchemy import func, select

from dutybook.db.documents import bearing
from dutybook.db.documents import filtered as documents_where
from dutybook.db.duties import DutyFilter as DutiesWanted
from dutybook.db.people import filtered as employees_where
from dutybook.db.positions import filtered as positions_where
from dutybook.db.reads import every, holds
from dutybook.errors import BadInput
from dutybook.graphql import ids
from dutybook.graphql.approval_routes import ApprovalRoute
from dutybook.graphql.compare import RegistryDiff, compare
from dutybook.graphql.connections import AFTER, FIRST, Connection
from dutybook.graphql.context import View
from dutybook.graphql.departments import Department
from dutybook.graphql.describe import argument, named, resolved
from dutybook.graphql.documents import Document, DocumentFilter, SeveralDocuments
from dutybook.graphql.duties import Duty
from dutybook.graphql.filters import COLUMNS, DutyFilter, EmployeeFilter, PositionFilter, PositionOrder
from dutybook.graphql.nodes import Node
from dutybook.graphql.organisations import Organisation
from dutybook.graphql.pages import Order, duty_page, record_page
from dutybook.graphql.people import Employee
from dutybook.graphql.positions import Position, StandardPosition
from dutybook.graphql.records import RECORDS, Related, whole_list
from dutybook.graphql.responsible import ResponsibilityConnection, responsible
from dutybook.graphql.search import SearchHit, SearchKind, search
from dutybook.graphql.standards import StandardSuggestion, StandardSuggestionConnection, suggested, suggested_for
from dutybook.graphql.synonyms import Synonym
from dutybook.graphql.tree import load_tree

CODE = Annotated[str, argument("编号。", "The code.")]
ORGANISATION = Annotated[
    str | None,
    argument(
        "单位编号；账册只有一个单位时可省略。", "The code of the organisation; needed only where the book has several."
    ),
]


class SeveralOrganisations(BadInput):
    """A code that more than one organisation has."""

    def __init__(self, code: str) -> None:
        super().__init__(
            f"编号「{code}」在多个单位中都有；请用 organisation 指明单位编号。",
            f"Several organisations have the code '{code}'; name one by `organisation`.",
            path=["organisation"],
        )


@named("某一时点的账册。", "The book at one time.")
class Registry(Node):
    """One time of the book."""

    view: strawberry.Private[View]

    def identify(self) -> strawberry.ID:
        """The id in its time."""
        return ids.write("Registry", 0, self.view.as_of, self.view.known_at)

    @resolved("此答复所依据的日期。", "The day that this answer speaks of.")
    def as_of(self) -> date:
        """The day."""
        return self.view.time.as_of

    @resolved("此答复所依据的版次。", "The revision that this answer speaks of.")
    def revision(self) -> int:
        """The revision."""
        return self.view.time.known_at

    @resolved(
        "账册最早有记载的一天；更早的 asOf 理应为空。",
        "The first day the book says anything about; an earlier `asOf` is empty on purpose.",
    )
    async def covered_from(self) -> date | None:
        """The first day."""
        table = self.view.context.book.tables["revision"]
        first = select(func.min(table.c.covered_from)).where(table.c.number <= self.view.time.known_at)
        day: date | None = (await self.view.rows(first))[0][0]
        return day

    @resolved("单位，按正式次序。", "The organisations, in official order.")
    async def organisations(self) -> list[Organisation]:
        """The organisations."""
        return whole_list(self.view, "organisation", await self.view.rows(every(self.view.reading, "organisation")))

    @resolved("部门，按部门树的次序。", "The departments, in the order of the tree.")
    async def departments(
        self,
        organisation: Annotated[
            str | None, argument("只要此单位的；单位编号。", "Only those of an organisation, given by its code.")
        ] = None,
        category: Annotated[str | None, argument("只要此类别的。", "Only those of a category.")] = None,
        roots_only: Annotated[bool | None, argument("只要最上级的。", "Only those at the top.")] = False,
    ) -> list[Department]:
        """The departments."""
        tree = await self.view.load(load_tree, None)
        keys = None if organisation is None else await self._organisation_keys(organisation)
        return tree.records(
            self.view,
            lambda row: (
                (keys is None or row.organisation in keys)
                and (category is None or row.category == category)
                and not (roots_only and not tree.is_root(row))
            ),
        )

    @resolved("按编号取部门。", "The department of a code.")
    async def department(self, code: CODE, organisation: ORGANISATION = None) -> Department | None:
        """A department."""
        found: Department | None = await self._by_code("department", code, organisation)
        return found

    @resolved("按编号取岗位。", "The position of a code.")
    async def position(self, code: CODE, organisation: ORGANISATION = None) -> Position | None:
        """A position."""
        found: Position | None = await self._by_code("position", code, organisation)
        return found

    @resolved("岗位，分页。", "Positions, in pages.")
    async def positions(
        self,
        filter: Annotated[PositionFilter | None, argument("筛选。", "Which ones.")] = None,  # noqa: A002
        order_by: Annotated[
            PositionOrder | None, argument("排序；默认按编号。", "In which order; by code unless said.")
        ] = None,
        first: FIRST = 50,
        after: AFTER = None,
    ) -> Connection[Position]:
        """A page of positions."""
        found = positions_where(self.view.reading, (filter or PositionFilter()).wanted())
        order = Order(*COLUMNS[order_by or PositionOrder.CODE])
        return await record_page(self.view, "position", found, order, first, after)

    @resolved(
        "职责，分页；检索任意长度的子串（不论大小写、全半角，连同同义词）时，按命中方式、参与方式、部门负责岗位优先、部门次序、出现位置、长度排列。",
        "Duties, in pages. `search` is any substring whatever its case and width, or a synonym of it; hits are ranked by how they match, "
        "involvement, heads of departments first, place in the tree, position of the match, length.",
    )
    async def duties(
        self,
        search: Annotated[str | None, argument("内容中含有的文字。", "A text that the duty holds.")] = None,
        filter: Annotated[DutyFilter | None, argument("筛选。", "Which ones.")] = None,  # noqa: A002
        first: FIRST = 50,
        after: AFTER = None,
    ) -> Connection[Duty]:
        """A page of duties."""
        chosen = filter or DutyFilter()
        involvements = None if chosen.involvement is None else {one.value for one in chosen.involvement}
        return await duty_page(self.view, search or None, chosen.wanted(), involvements, first, after)

    @resolved(
        "按文号取文件；不论括号、全半角、空格和大小写。",
        "The document of a number, whatever its brackets, width, spaces and case.",
    )
    async def document(
        self,
        number: Annotated[str, argument("文号，如 〔2026〕12号。", "The number, like 〔2026〕12号.")],
        issuer: Annotated[
            str | None, argument("发文单位；文号相同时须指明。", "The issuer; needed where several use the number.")
        ] = None,
    ) -> Document | None:
        """A document."""
        rows = await self.view.rows(bearing(self.view.reading, number, issuer))
        if len(rows) > 1:
            raise SeveralDocuments(number, [row.issuer for row in rows])
        return Document(self.view, rows[0]) if rows else None

    @resolved("文件，分页，先登记的在前。", "Documents, in pages, the first registered first.")
    async def documents(
        self,
        filter: Annotated[DocumentFilter | None, argument("筛选。", "Which ones.")] = None,  # noqa: A002
        first: FIRST = 50,
        after: AFTER = None,
    ) -> Connection[Document]:
        """A page of documents."""
        found = documents_where(self.view.reading, (filter or DocumentFilter()).wanted())
        return await record_page(self.view, "document", found, Order(("key",), (int,)), first, after)

    @resolved("以某文件为依据的职责，分页。", "The duties that rest on a document, in pages.")
    async def duties_resting_on(
        self,
        document: Annotated[strawberry.ID, argument("文件。", "The document.")],
        first: FIRST = 50,
        after: AFTER = None,
    ) -> Connection[Duty]:
        """A page of duties."""
        wanted = DutiesWanted(document=ids.expect("Document", document))
        return await duty_page(self.view, None, wanted, None, first, after)

    @resolved("同义词，分页，先记入的在前。", "Synonyms, in pages, the oldest first.")
    async def synonyms(self, first: FIRST = 50, after: AFTER = None) -> Connection[Synonym]:
        """A page of synonyms."""
        rows = self.view.reading.source("synonym")
        return await record_page(self.view, "synonym", (select(rows), rows), Order(("key",), (int,)), first, after)

    @resolved("审批流程，分页，先记入的在前。", "Routes of approval, in pages, the oldest first.")
    async def approval_routes(self, first: FIRST = 50, after: AFTER = None) -> Connection[ApprovalRoute]:
        """A page of routes."""
        rows = self.view.reading.source("approval_route")
        return await record_page(
            self.view, "approval_route", (select(rows), rows), Order(("key",), (int,)), first, after
        )

    @resolved("按工号取职工。", "The employee of a number.")
    async def employee(
        self, number: Annotated[str, argument("工号。", "The employee number.")], organisation: ORGANISATION = None
    ) -> Employee | None:
        """An employee."""
        found: Employee | None = await self._by_code("employee", number, organisation)
        return found

    @resolved("职工，分页，按工号。", "Employees, in pages, by number.")
    async def employees(
        self,
        filter: Annotated[EmployeeFilter | None, argument("筛选。", "Which ones.")] = None,  # noqa: A002
        first: FIRST = 50,
        after: AFTER = None,
    ) -> Connection[Employee]:
        """A page of employees."""
        sight = await self.view.context.sight()
        found = employees_where(self.view.reading, (filter or EmployeeFilter()).wanted(sight), sight)
        return await record_page(self.view, "employee", found, Order(*COLUMNS[PositionOrder.CODE]), first, after)

    @resolved(
        "按文字检索部门、岗位、职工和职责，合为一个列表。", "Departments, positions, people and duties in one list."
    )
    async def search(
        self,
        text: Annotated[str, argument("要找的文字，一字以上。", "What to look for, one character or more.")],
        kinds: Annotated[
            list[SearchKind] | None, argument("只找这些类型；空为全部。", "Only these; all if absent.")
        ] = None,
        first: FIRST = 20,
        after: AFTER = None,
    ) -> Connection[SearchHit]:
        """A page of hits."""
        return await search(self.view, text, kinds, first, after)

    @resolved(
        "谁负责某事项：主办在前，协办在后；兜底职责不计。",
        "Who answers for a subject: who leads before who assists; duties that name any other work are left out.",
    )
    async def responsible(
        self,
        subject: Annotated[str, argument("事项，如「线损」。", "The subject, such as 线损.")],
        first: FIRST = 20,
        after: AFTER = None,
    ) -> ResponsibilityConnection:
        """A page of answers."""
        return await responsible(self.view, subject, first, after)

    @resolved("按编号取标准岗位。", "The standard position of a code.")
    async def standard_position(self, code: CODE, organisation: ORGANISATION = None) -> StandardPosition | None:
        """A standard position."""
        found: StandardPosition | None = await self._by_code("standard_position", code, organisation)
        return found

    @resolved("标准岗位，分页，按单位和编号。", "Standard positions, in pages, by organisation and code.")
    async def standard_positions(
        self,
        title: Annotated[str | None, argument("岗位名称含有的文字。", "A part of the title.")] = None,
        first: FIRST = 50,
        after: AFTER = None,
    ) -> Connection[StandardPosition]:
        """A page of standard positions."""
        rows = self.view.reading.source("standard_position")
        query = select(rows).where(holds(rows.c.title, title or ""))
        order = Order(*COLUMNS[PositionOrder.CODE])
        return await record_page(self.view, "standard_position", (query, rows), order, first, after)

    @resolved(
        "由相似岗位设立标准岗位的建议，分页，评分高者在前：名称相似（括号、编号不计）、至少一半职责相同或相近、尚未遵循标准岗位者为一组。",
        "Suggestions for standard positions, in pages, the best first: positions that follow none, of alike titles (brackets and "
        "numbers aside), which share at least half of their duties exactly or nearly.",
    )
    async def standard_suggestions(
        self,
        filter: Annotated[PositionFilter | None, argument("筛选岗位。", "Among which positions.")] = None,  # noqa: A002
        minimum: Annotated[int | None, argument("最低评分，百分数。", "The least score, in per cent.")] = 50,
        first: FIRST = 20,
        after: AFTER = None,
    ) -> StandardSuggestionConnection:
        """A page of suggestions."""
        wanted = (filter or PositionFilter()).wanted()
        return await suggested(self.view, wanted, 50 if minimum is None else minimum, first, after)

    @resolved(
        "对所列岗位设立标准岗位的建议，不论名称是否相似。",
        "What a standard position of these positions would be, whatever their titles.",
    )
    async def suggest_standard(
        self,
        positions: Annotated[
            list[strawberry.ID], argument("岗位的 id，2 至 500 个。", "The ids of 2 to 500 positions.")
        ],
    ) -> StandardSuggestion:
        """A suggestion."""
        return await suggested_for(self.view, positions)

    @resolved(
        "此时点与另一时点之间的差别；未给出的一项与此时点相同。",
        "What differs between this time and another; what is not given is the same as here.",
    )
    async def compare(
        self,
        as_of: Annotated[date | None, argument("另一时点的日期。", "The other day.")] = None,
        known_at: Annotated[int | None, argument("另一时点的版次。", "The other revision.")] = None,
        department: Annotated[
            str | None,
            argument("只比较此部门及其下级；部门编号。", "Only this department and all below, given by its code."),
        ] = None,
    ) -> RegistryDiff:
        """The differences."""
        here = self.view
        there = await here.context.view(
            here.as_of if as_of is None else as_of, here.known_at if known_at is None else known_at
        )
        return await compare(here, there, department)

    async def _organisation_keys(self, code: str) -> set[int]:
        return {row.key for row in await self.view.load(Related("organisation", "code"), code)}

    async def _by_code(self, kind: str, code: str, organisation: str | None) -> Any:
        """The record of a code; where several organisations have it, the one that is named."""
        rows = await self.view.load(Related(kind, "code"), code)
        if organisation is not None:
            keys = await self._organisation_keys(organisation)
            rows = [row for row in rows if row.organisation in keys]
        if len(rows) > 1:
            raise SeveralOrganisations(code)
        return RECORDS[kind](self.view, rows[0]) if rows else None
