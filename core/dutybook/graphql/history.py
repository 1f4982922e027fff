"""The history of a record: its versions on both axes, newest first."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from sqlalchemy import Row

from dutybook.book.times import FOREVER
from dutybook.db.codec import RowCodec
from dutybook.db.reads import NEWEST, versions
from dutybook.graphql.connections import Connection, connect, page_size, read_cursor
from dutybook.graphql.context import View
from dutybook.graphql.describe import column, named, resolved
from dutybook.graphql.records import Record, one
from dutybook.graphql.values import is_told, shown

if TYPE_CHECKING:
    from dutybook.graphql.nodes import Node


@named("一个字段及其值。", "A field and its value.")
class Attribute:
    """One field of a version."""

    name: str = column("字段名。", "The field's name.")
    value: str | None = column("值；引用写作编号。", "Its value; references are written as codes.")


@named("一条记录的一个版本。", "One version of a record.")
class Version:
    """A row of a version table."""

    view: strawberry.Private[View]
    kind: strawberry.Private[str]
    row: strawberry.Private[Row[Any]]

    @resolved("此内容生效的第一天。", "The first day on which it holds.")
    def valid_from(self) -> date:
        """The first day."""
        day: date = self.row.valid_from
        return day

    @resolved("此内容失效的那一天；空表示无截止。", "The day from which it no longer holds; null if open-ended.")
    def valid_to(self) -> date | None:
        """The day after the last."""
        return None if self.row.valid_to == FOREVER else self.row.valid_to

    @resolved("自哪一版次起如此记载。", "The revision since which the book says so.")
    def since_revision(self) -> int:
        """The first revision."""
        revision: int = self.row.since_revision
        return revision

    @resolved(
        "自哪一版次起不再如此记载；空表示仍然如此。",
        "The revision from which it no longer does; null if it still does.",
    )
    def until_revision(self) -> int | None:
        """The revision after the last."""
        return self.row.until_revision if self.row.until_revision <= self.view.time.known_at else None

    @resolved(
        "各字段的值，空值除外；个人信息只给有权者，已删除的为空。",
        "The fields that hold a value; personal ones only for those who may, null where they were erased.",
    )
    async def attributes(self) -> list[Attribute]:
        """The fields."""
        kind = self.view.context.book.kinds[self.kind]
        values = RowCodec(kind).values(self.row._mapping)  # noqa: SLF001  SQLAlchemy's own public name
        fields = [field for field in kind.fields if values[field.name] is not None]
        texts = await asyncio.gather(*(shown(self.view, field, values[field.name]) for field in fields))
        named = zip(fields, texts, strict=True)
        return [Attribute(name=it.name, value=text) for it, text in named if await is_told(self.view, it, text)]

    @resolved(
        "这条记录在此版本的第一天、以此版次所见的样子。",
        "The record on this version's first day, as known at its revision.",
    )
    async def node(self) -> Annotated["Node", strawberry.lazy("dutybook.graphql.nodes")] | None:
        """The record."""
        view = await self.view.context.view(self.row.valid_from, self.row.since_revision)
        return await one(view, self.kind, self.row.key)  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Versions:
    """Loads a page of the versions of each key of a kind, and one more."""

    kind: str
    before: int | None
    limit: int

    async def __call__(self, view: View, keys: Sequence[int]) -> Mapping[int, list[Row[Any]]]:
        found: dict[int, list[Row[Any]]] = {key: [] for key in keys}
        page = {"before": NEWEST if self.before is None else self.before, "limit": self.limit}
        for row in await view.rows(versions(view.reading, self.kind), keys, page):
            found[row.key].append(row)
        return found


async def versions_of(record: Record, first: int | None, after: str | None) -> Connection[Version]:
    """A page of a record's versions."""
    cursor = read_cursor(after, [int])
    size = page_size(first)
    page = Versions(record.kind, cursor[0] if cursor else None, size)
    rows = await record.view.load(page, record.row.key)
    items = [([row.version_number], Version(view=record.view, kind=record.kind, row=row)) for row in rows]

    async def count() -> int:
        whole = await record.view.load(Versions(record.kind, None, 1), record.row.key)
        return whole[0].version_count if whole else 0

    return connect(items, size, after, count)
