"""One list of all that holds a text: departments, positions, people and duties."""

import asyncio
from collections.abc import Sequence
from enum import Enum
from typing import Any, NamedTuple

import strawberry
from sqlalchemy import Row

from dutybook.db import search as reads
from dutybook.db.paging import total
from dutybook.graphql.connections import Connection, connect, page_size, read_cursor
from dutybook.graphql.context import View
from dutybook.graphql.describe import both, column, named, value
from dutybook.graphql.duties import Duty
from dutybook.graphql.nodes import Node
from dutybook.graphql.records import RECORDS, ByKey


class SearchKind(Enum):
    """What can be found."""

    DEPARTMENT = value("DEPARTMENT", "部门，按名称。", "Departments, by name.")
    POSITION = value("POSITION", "岗位，按名称。", "Positions, by title.")
    EMPLOYEE = value(
        "EMPLOYEE", "职工，按姓名；须有读取个人信息的权限。", "Employees, by name; needs the right to personal data."
    )
    DUTY = value("DUTY", "职责，按内容。", "Duties, by text.")


strawberry.enum(
    SearchKind, description=both("可检索的类型，也是结果的次序。", "What can be found, in the order of the results.")
)
ORDER = list(SearchKind)
FIELD = {
    SearchKind.DEPARTMENT: "name",
    SearchKind.POSITION: "title",
    SearchKind.EMPLOYEE: "name",
    SearchKind.DUTY: "text",
}


class MatchedBy(Enum):
    """How a hit was found."""

    TEXT = value("TEXT", "按所写的文字。", "By the text as written.")
    PINYIN = value("PINYIN", "按拼音。", "By pinyin.")
    SYNONYM = value("SYNONYM", "按同义词。", "By a synonym.")


strawberry.enum(MatchedBy, description=both("命中的方式。", "How a hit was found."))


@named("一条检索结果。", "Something that was found.")
class SearchHit:
    """A hit."""

    node: Node = column("找到的记录。", "The record that was found.")
    matched_by: MatchedBy = column("命中的方式。", "How it was found.")
    field: str = column("命中的字段。", "The field that holds the text.")
    offset: int = column(
        "在字段中的起始位置，从 0 计，以字符为单位。", "Where it begins in the field, in characters from 0."
    )
    length: int = column("命中的长度，以字符为单位。", "How long the match is, in characters.")


class Found(NamedTuple):
    """A row of one kind."""

    kind: SearchKind
    row: Row[Any]

    @property
    def cursor(self) -> list[int]:
        """Its place in the list."""
        return [ORDER.index(self.kind), self.row.offset, self.row.length, self.row.key]


async def search(
    view: View, text: str, kinds: Sequence[SearchKind] | None, first: int | None, after: str | None
) -> Connection[SearchHit]:
    """A page of what holds a text."""
    size, cursor = page_size(first), read_cursor(after, [int] * 4)
    wanted = [kind for kind in ORDER if _is_wanted(view, kind, kinds) and text]
    ahead = [kind for kind in wanted if cursor is None or ORDER.index(kind) >= cursor[0]]
    lists = await asyncio.gather(*(_found(view, kind, text, cursor, size) for kind in ahead))
    page = [found for some in lists for found in some][: size + 1]
    nodes = await asyncio.gather(*(_node(view, found) for found in page))
    items = [(found.cursor, _hit(found, node, text)) for found, node in zip(page, nodes, strict=True)]

    async def count() -> int:
        queries = (total(reads.hits(view.reading, kind.value.lower(), text, None, None)) for kind in wanted)
        return sum([(await view.rows(query))[0][0] for query in queries])

    return connect(items, size, after, count)


def _is_wanted(view: View, kind: SearchKind, kinds: Sequence[SearchKind] | None) -> bool:
    if kind is SearchKind.EMPLOYEE and not view.context.reads_personal:
        return False
    return kinds is None or kind in kinds


async def _found(view: View, kind: SearchKind, text: str, cursor: Sequence[int] | None, size: int) -> list[Found]:
    here = cursor is not None and cursor[0] == ORDER.index(kind)
    query = reads.hits(view.reading, kind.value.lower(), text, cursor[1:] if cursor and here else None, size)
    return [Found(kind, row) for row in await view.rows(query)]


async def _node(view: View, found: Found) -> Any:
    kind = found.kind.value.lower()
    row = await view.load(ByKey(kind), found.row.key)
    if row is not None and found.kind is SearchKind.DUTY:
        return Duty(view, row, None, found.row.shown_by)
    return row and RECORDS[kind](view, row)


def _hit(found: Found, node: Any, text: str) -> SearchHit:
    return SearchHit(
        node=node, matched_by=MatchedBy.TEXT, field=FIELD[found.kind], offset=found.row.offset, length=len(text)
    )
