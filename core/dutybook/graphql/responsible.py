"""Who answers for a subject: the duties that name it, each with who holds the position and who stands in."""

from collections.abc import Sequence
from dataclasses import replace
from enum import Enum
from typing import Any

import strawberry
from sqlalchemy import Row

from dutybook.book.ranking import ASSIST, LEAD
from dutybook.db import search as reads
from dutybook.db.search_sections import Wanted
from dutybook.db.search_tokens import SLOTS, involvement_of
from dutybook.errors import Message
from dutybook.graphql.connections import Connection, connect, page_size, read_cursor
from dutybook.graphql.context import View
from dutybook.graphql.departments import Department
from dutybook.graphql.describe import both, column, named, resolved, value
from dutybook.graphql.duties import Duty
from dutybook.graphql.finding import FORMS, NOTHING, Hit, Start, find, wanted_of, weights_of
from dutybook.graphql.people import Assignment, AssignmentKind, assignments_of
from dutybook.graphql.positions import Position
from dutybook.graphql.records import ByKey, objects
from dutybook.graphql.search import HOW, MatchedBy

NAMED = 10
"""Departments that a message names."""

IN_PLACE = [AssignmentKind.PRIMARY, AssignmentKind.ACTING]


class ResponsibilityRole(Enum):
    """How somebody answers for a subject."""

    LEAD = value("LEAD", "主办：全面负责、负责。", "Answers for it: accountable or responsible.")
    ASSIST = value("ASSIST", "协办：监督、协助、参与。", "Has a part in it: supervises, assists, takes part.")
    UNSTATED = value("UNSTATED", "未明示：开头的词不在表中。", "The opening words of the duty do not tell.")


strawberry.enum(ResponsibilityRole, description=both("主办或协办。", "Who leads and who assists."))


@named("一条答复：谁、以何种角色、因哪条职责。", "One answer: who, in which role, by which duty.")
class Responsibility:
    """An answer."""

    duty: Duty = column("所依据的职责。", "The duty that says so.")
    role: ResponsibilityRole = column("主办或协办。", "Whether it leads or assists.")
    matched_by: MatchedBy = column("如何与所问事项相符。", "How the duty names the subject.")
    position: Position = column("岗位。", "The position.")

    @resolved("岗位所属部门。", "The position's department.")
    async def department(self) -> Department:
        """The department."""
        return await self.position.department()

    @resolved(
        "在岗的人：主岗和代理；姓名和联系方式依权限。",
        "Who holds the position, as the primary one or acting; names and contacts as far as the right to them goes.",
    )
    async def incumbents(self) -> list[Assignment]:
        """The assignments."""
        return await assignments_of(self.position.view, "position", self.position.row.key, IN_PLACE)

    @resolved("B角。", "The positions that stand in.")
    async def substitutes(self) -> list[Position]:
        """The substitutes."""
        return await self.position.substitutes()


@named("对分工的提示。", "Something about the division of work that wants a look.")
class ResponsibilityFinding:
    """A finding."""

    code: str = column("代码。", "Its code.")
    message: str = column("说明。", "What it says.")
    departments: list[Department] = column("涉及的部门。", "The departments concerned.")


@named("对某事项负责的岗位，一页。", "A page of who answers for a subject.")
class ResponsibilityConnection(Connection[Responsibility]):
    """A page, and what is remarkable about all of them."""

    view: strawberry.Private[View]
    wanted: strawberry.Private[Wanted | None]
    subject: strawberry.Private[str]

    @resolved(
        "提示：同一事项有两个以上部门主办。",
        "Findings: several departments lead in one subject.",
    )
    async def findings(self) -> list[ResponsibilityFinding]:
        """The findings."""
        keys = await _leading_departments(self.view, self.wanted) if self.wanted else []
        if len(keys) < 2:
            return []
        rows = await self.view.load_all(ByKey("department"), keys)
        departments: list[Department] = objects(self.view, "department", [row for row in rows if row is not None])
        message = _several(self.subject, [department.row.name for department in departments])
        return [self._finding("SEVERAL_LEAD", message, departments)]

    def _finding(self, code: str, message: Message, departments: list[Department]) -> ResponsibilityFinding:
        text = message.pick(self.view.context.language)
        return ResponsibilityFinding(code=code, message=text, departments=departments)


def _several(subject: str, names: Sequence[str]) -> Message:
    return Message(
        f"「{subject}」由 {len(names)} 个部门主办（{'、'.join(names[:NAMED])}）；请明确一个主办部门，其余改为协助",
        f"{len(names)} departments lead in '{subject}' ({', '.join(names[:NAMED])}); name one, and let the others assist",
    )


async def _leading_departments(view: View, wanted: Wanted) -> list[int]:
    leading = replace(wanted, slots=tuple(slot for slot in wanted.slots if involvement_of(slot) in LEAD))
    weights = await weights_of(view, leading)
    pieces = weights.pieces(leading.terms, leading.slots)
    if not pieces:
        return []
    query, values = reads.departments(view.reading, leading, pieces)
    return [row.within for row in await view.rows(query, values=values)]


async def responsible(view: View, subject: str, first: int | None, after: str | None) -> ResponsibilityConnection:
    """Who answers for a subject; duties that say everything and nothing are left out."""
    size, cursor = page_size(first), read_cursor(after, *FORMS[:2])
    slots = [slot for slot in SLOTS["duty"] if involvement_of(slot) != "CATCH_ALL"]
    wanted = await wanted_of(view, "duty", subject, slots)
    found = NOTHING if wanted is None else await find(view, wanted, Start(cursor), size)
    positions = await view.load_all(ByKey("position"), (hit.row.shown_by for hit in found.hits))
    of = zip(found.hits, positions, strict=True)
    items = [(hit.cursor, _responsibility(view, hit, position)) for hit, position in of]
    page = connect(items, size, after, found.total)
    return ResponsibilityConnection(
        edges=page.edges, page_info=page.page_info, count=page.count, view=view, wanted=wanted, subject=subject[:60]
    )


def _responsibility(view: View, hit: Hit, position: Row[Any] | None) -> Responsibility:
    assert position is not None
    return Responsibility(
        duty=Duty(view, hit.row, None, hit.shown_by),
        role=_role(involvement_of(hit.slot)),
        matched_by=HOW[hit.how],
        position=Position(view, position),
    )


def _role(involvement: str) -> ResponsibilityRole:
    if involvement in LEAD:
        return ResponsibilityRole.LEAD
    return ResponsibilityRole.ASSIST if involvement in ASSIST else ResponsibilityRole.UNSTATED
