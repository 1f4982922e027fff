"""Lineage: what a record was split from, merged into, moved from, copied from or succeeded by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import strawberry
from sqlalchemy import Row

from dutybook.book.ids import type_name
from dutybook.db.lineage import edges
from dutybook.graphql import ids
from dutybook.graphql.context import View
from dutybook.graphql.describe import both, column, named, resolved, value
from dutybook.graphql.records import Record, one

if TYPE_CHECKING:
    from dutybook.graphql.nodes import Node


class LineageKind(Enum):
    """How two records are related."""

    SPLIT_FROM = value("SPLIT_FROM", "由对方拆分而来。", "It was split off the other.")
    MERGED_INTO = value("MERGED_INTO", "并入了对方。", "It was merged into the other.")
    MOVED_FROM = value("MOVED_FROM", "自对方移来。", "It was moved here from the other.")
    COPIED_FROM = value("COPIED_FROM", "由对方复制而来。", "It was copied from the other.")
    SUCCEEDED_BY = value("SUCCEEDED_BY", "由对方接替。", "The other took its place.")


strawberry.enum(LineageKind, description=both("沿革的种类。", "The kinds of lineage."))


@named("一步沿革。", "One step of lineage.")
class LineageEdge:
    """An edge from a record to another one."""

    kind: LineageKind = column("种类。", "What kind of step it is.")
    revision: int = column("记入的版次。", "The revision that recorded it.")
    other_key: strawberry.ID = column("另一方在任何时点都相同的标识。", "The other one's key, the same at all times.")
    view: strawberry.Private[View]
    row: strawberry.Private[Row[Any]]

    @resolved(
        "另一方；在此时点不存在或不可见时为空。",
        "The other one; null where it is not in force or not visible at this time.",
    )
    async def other(self) -> Annotated["Node", strawberry.lazy("dutybook.graphql.nodes")] | None:
        """The other record."""
        return await one(self.view, self.row.other_kind, self.row.other)  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Edges:
    """Loads the lineage of each key of a kind."""

    kind: str

    async def __call__(self, view: View, keys: Sequence[int]) -> Mapping[int, list[Row[Any]]]:
        found: dict[int, list[Row[Any]]] = {key: [] for key in keys}
        for row in await view.rows(edges(view.reading, self.kind), keys):
            found[row.key].append(row)
        return found


async def lineage_of(record: Record) -> list[LineageEdge]:
    """The steps of a record, oldest first."""
    rows = await record.view.load(Edges(record.kind), record.row.key)
    return [_edge(record.view, row) for row in rows]


def _edge(view: View, row: Row[Any]) -> LineageEdge:
    other = ids.write(type_name(row.other_kind), row.other, None, None)
    return LineageEdge(kind=LineageKind(row.edge), revision=row.since_revision, other_key=other, view=view, row=row)
