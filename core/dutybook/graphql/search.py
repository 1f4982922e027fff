"""One list of all that holds a text: departments, positions, people and duties."""

import asyncio
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple

import strawberry
from sqlalchemy import Row

from dutybook.book.folding import located
from dutybook.book.pinyin import spelt_at
from dutybook.db.search_sections import PINYIN, TEXT, Wanted
from dutybook.db.search_tokens import SLOTS
from dutybook.graphql.connections import Connection, connect, page_size, read_cursor
from dutybook.graphql.context import View
from dutybook.graphql.describe import both, column, named, value
from dutybook.graphql.duties import Duty
from dutybook.graphql.finding import FORMS, Found, Hit, Start, find, wanted_of
from dutybook.graphql.nodes import Node
from dutybook.graphql.records import RECORDS
from dutybook.graphql.values import personal


class SearchKind(Enum):
    """What can be found."""

    DEPARTMENT = value("DEPARTMENT", "部门，按名称、编号。", "Departments, by name and code.")
    POSITION = value("POSITION", "岗位，按名称、编号。", "Positions, by title and code.")
    EMPLOYEE = value(
        "EMPLOYEE",
        "职工，按工号；有读取个人信息的权限时也按姓名。",
        "Employees, by number; by name as well with the right to personal data.",
    )
    DUTY = value("DUTY", "职责，按内容。", "Duties, by text.")


strawberry.enum(
    SearchKind, description=both("可检索的类型，也是结果的次序。", "What can be found, in the order of the results.")
)
ORDER = list(SearchKind)
FIELDS = {
    "department": {"name": "name", "code": "code"},
    "position": {"title": "title", "code": "code"},
    "employee": {"name": "name", "number": "code"},
    "duty": {"text": "text"},
}
"""The fields that are looked into, each with its column."""


class MatchedBy(Enum):
    """How a hit was found."""

    TEXT = value("TEXT", "按所写的文字。", "By the text as written.")
    PINYIN = value("PINYIN", "按拼音。", "By pinyin.")
    SYNONYM = value("SYNONYM", "按同义词。", "By a synonym.")


strawberry.enum(MatchedBy, description=both("命中的方式。", "How a hit was found."))
HOW = (MatchedBy.TEXT, MatchedBy.SYNONYM, MatchedBy.PINYIN)


@named("一条检索结果。", "Something that was found.")
class SearchHit:
    """A hit."""

    node: Node = column("找到的记录。", "The record that was found.")
    matched_by: MatchedBy = column("命中的方式。", "How it was found.")
    field: str = column("命中的字段。", "The field that holds the text.")
    offset: int = column(
        "在字段中的起始位置，从 0 计，以 Unicode 字符为单位；在 JavaScript 中须按 [...text] 计。",
        "Where it begins in the field, in Unicode characters from 0; in JavaScript count in [...text].",
    )
    length: int = column("命中的长度，以 Unicode 字符为单位。", "How long the match is, in Unicode characters.")


class Page(NamedTuple):
    """What was found of one kind."""

    kind: SearchKind
    wanted: Wanted
    found: Found


async def search(
    view: View, text: str, kinds: Sequence[SearchKind] | None, first: int | None, after: str | None
) -> Connection[SearchHit]:
    """A page of what holds a text: as written before by synonyms before by pinyin, and in each kind by kind."""
    size, cursor = page_size(first), read_cursor(after, *([int, *form] for form in FORMS))
    wanted = [kind for kind in ORDER if kinds is None or kind in kinds]
    pages = [page for page in await asyncio.gather(*(_page(view, kind, text, cursor, size) for kind in wanted)) if page]
    merged = sorted(
        (
            (hit.how, ORDER.index(page.kind), place, page.wanted, hit)
            for page in pages
            for place, hit in _numbered(page)
        ),
        key=lambda one: one[:3],
    )
    shown = [(kind, terms, hit) for _, kind, _, terms, hit in merged[: size + 1]]
    made = await asyncio.gather(*(_hit(view, terms, hit) for _, terms, hit in shown))
    items = [([kind, *hit.cursor], one) for (kind, _, hit), one in zip(shown, made, strict=True)]

    async def count() -> int:
        return sum([await page.found.total() for page in pages])

    return connect(items, size, after, count)


def _numbered(page: Page) -> Sequence[tuple[int, Hit]]:
    return list(enumerate(page.found.hits))


async def _page(view: View, kind: SearchKind, text: str, cursor: Sequence[Any] | None, size: int) -> Page | None:
    name = kind.value.lower()
    wanted = await wanted_of(view, name, text, SLOTS.get(name, ()))
    if wanted is None:
        return None
    return Page(kind, wanted, await find(view, wanted, _start(ORDER.index(kind), cursor), size))


def _start(kind: int, cursor: Sequence[Any] | None) -> Start:
    """Where a kind goes on: the cursor's own behind it, the kinds before it with what was found in a worse way."""
    if cursor is None:
        return Start()
    how = cursor[2]
    if kind == cursor[0]:
        return Start(cursor[1:], how)
    return Start(None, how + 1 if kind < cursor[0] else how)


def _node(view: View, hit: Hit) -> Any:
    if hit.kind == "duty":
        return Duty(view, hit.row, None, hit.shown_by)
    return RECORDS[hit.kind](view, hit.row)


async def _hit(view: View, wanted: Wanted, hit: Hit) -> SearchHit:
    """Where the record's own text holds what was found, in its own characters."""
    fields = FIELDS[hit.kind]
    texts = [await _text(view, hit.kind, hit.row, column_) for column_ in fields.values()]
    field, (offset, length) = _located(wanted, hit.how, dict(zip(fields, texts, strict=True)))
    return SearchHit(node=_node(view, hit), matched_by=HOW[hit.how], field=field, offset=offset, length=length)


async def _text(view: View, kind: str, row: Row[Any], column_: str) -> str:
    if kind == "employee" and column_ == "name":
        return (await personal(view, [row.name]))[0] or ""
    return getattr(row, column_) or ""


def _located(wanted: Wanted, how: int, texts: Mapping[str, str]) -> tuple[str, tuple[int, int]]:
    first = next(iter(texts))
    if how == PINYIN:
        return first, spelt_at(texts[first], wanted.text) or (0, 0)
    for term in (wanted.text,) if how == TEXT else wanted.synonyms:
        for field, text in texts.items():
            if place := located(text, term):
                return field, place
    return first, (0, 0)
