"""The root of all reading."""

from datetime import date
from typing import Annotated

import strawberry

from dutybook.book.ids import kind_name
from dutybook.graphql import ids
from dutybook.graphql.context import Asking, View
from dutybook.graphql.describe import argument, named, resolved
from dutybook.graphql.duties import Duty
from dutybook.graphql.nodes import Node
from dutybook.graphql.records import RECORDS, ByKey
from dutybook.graphql.registry import Registry


@named("读取。", "Everything that can be read.")
class Query:
    """The query root."""

    @resolved(
        "某一时点的账册：asOf 当日有效（默认今天），以 knownAt 版次所知（默认最新）。",
        "The book at one time: in force on `asOf` (today if absent), as known at revision `knownAt` (the head if absent).",
    )
    async def registry(
        self,
        info: Asking,
        as_of: Annotated[date | None, argument("有效日期。", "The day.")] = None,
        known_at: Annotated[int | None, argument("版次；0 为空账册。", "The revision; 0 is the empty book.")] = None,
    ) -> Registry:
        """The registry."""
        return Registry(view=info.context.view(as_of, known_at))

    @resolved("按全局标识取对象，以标识所携带的时点。", "The object of a global id, in the time that the id carries.")
    async def node(
        self,
        info: Asking,
        id: Annotated[strawberry.ID, argument("全局标识。", "The global id.")],  # noqa: A002
    ) -> Node | None:
        """The object."""
        wanted = ids.parse(id)
        view = info.context.view(wanted.plain.as_of, wanted.plain.known_at)
        if wanted.plain.type == "Registry":
            return Registry(view=view)
        return await _record(view, wanted)


async def _record(view: View, wanted: ids.NodeId) -> Node | None:
    kind = kind_name(wanted.plain.type)
    if kind not in RECORDS:
        raise ids.UnknownType(wanted.plain.type)
    row = await view.load(ByKey(kind), wanted.plain.key)
    if row is None:
        return None
    if kind == "duty":
        return Duty(view, row, None, wanted.shown_by)
    found = RECORDS[kind](view, row)
    return found if isinstance(found, Node) else None
