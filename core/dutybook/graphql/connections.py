"""Relay connections: pages with opaque cursors; the total is counted only when it is asked for."""

import base64
import binascii
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar

import orjson
import strawberry

from dutybook.errors import BadInput
from dutybook.graphql.describe import argument, column, named, resolved

T = TypeVar("T")

USUAL, LONGEST = 50, 200
FIRST = Annotated[int | None, argument("每页条数，0 至 200。", "How many, 0 to 200.")]
AFTER = Annotated[str | None, argument("上一页 endCursor 的值。", "The `endCursor` of the page before.")]


@named("分页的位置。", "Where a page lies in its list.")
class PageInfo:
    """Relay's page information."""

    has_next_page: bool = column("后面还有。", "Whether more follow.")
    has_previous_page: bool = column("前面还有。", "Whether some come before.")
    start_cursor: str | None = column("本页第一条的游标。", "The cursor of the first one.")
    end_cursor: str | None = column("本页最后一条的游标。", "The cursor of the last one.")


@named("分页列表中的一条。", "One item of a page.")
class Edge(Generic[T]):
    """An item with its cursor."""

    cursor: str = column("此条的游标。", "The cursor of this item.")
    node: T = column("此条的对象。", "The item itself.")


@named("一页。", "One page of a list.")
class Connection(Generic[T]):
    """A page; `count` counts the whole list."""

    edges: list[Edge[T]] = column("本页各条。", "The items of this page.")
    page_info: PageInfo = column("本页的位置。", "Where this page lies.")
    count: strawberry.Private[Callable[[], Awaitable[int]]]

    @resolved("全部条数；只在请求时计算。", "How many there are in all; counted only when asked for.")
    async def total_count(self) -> int:
        """The count."""
        return await self.count()


class WrongCursor(BadInput):
    """A cursor that this list did not give out."""

    def __init__(self, text: str) -> None:
        zh = f"游标「{text[:60]}」不属于此列表；请使用本列表 endCursor 的值，或去掉 after。"
        en = f"The cursor '{text[:60]}' is not of this list; use its own endCursor, or leave `after` out."
        super().__init__(zh, en, path=["after"])


def write_cursor(values: Sequence[object]) -> str:
    """The cursor for the values that an item has in the order of its list."""
    return base64.urlsafe_b64encode(orjson.dumps(values)).decode()


def read_cursor(text: str | None, *forms: Sequence[type]) -> list[Any] | None:
    """The values of a cursor; WrongCursor unless they have the types of one of the list's orders."""
    if text is None:
        return None
    try:
        values = orjson.loads(base64.urlsafe_b64decode(text.encode()))
    except (binascii.Error, UnicodeError, ValueError) as reason:
        raise WrongCursor(text) from reason
    if (
        not isinstance(values, list)
        or [type(value) for value in values] not in [list(form) for form in forms]
        or not _were_written(values)
    ):
        raise WrongCursor(text)
    return values


def _were_written(values: Sequence[Any]) -> bool:
    """Whether a database can compare with them: with keys of 63 bits, and texts without U+0000."""
    return all(abs(it) < 2**63 if isinstance(it, int) else "\0" not in str(it) for it in values)


def page_size(first: int | None) -> int:
    """The size of a page, 50 unless said; BadInput outside of 0 to 200. An empty page tells whether there is any, and how many."""
    if first is None:
        return USUAL
    if not 0 <= first <= LONGEST:
        zh = f"first 的值 {first} 超出范围，每页 0 至 {LONGEST} 条；请用 after 逐页读取。"
        raise BadInput(
            zh, f"first: {first} is out of range, a page has 0 to {LONGEST}; read on with after.", path=["first"]
        )
    return first


def connect(
    items: Sequence[tuple[Sequence[object], T]], first: int, after: str | None, count: Callable[[], Awaitable[int]]
) -> Connection[T]:
    """A page of items, each with the values of its cursor; one item beyond `first` tells that the list goes on."""
    edges = [Edge(cursor=write_cursor(values), node=node) for values, node in items[:first]]
    info = PageInfo(
        has_next_page=len(items) > first,
        has_previous_page=after is not None,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return Connection(edges=edges, page_info=info, count=count)
