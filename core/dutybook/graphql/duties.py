"""Duties: the items of ordered duty lists, a position's own or a standard's."""

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, cast

import orjson
import strawberry
from sqlalchemy import Row

from dutybook.book.involvement import involvement as read_involvement
from dutybook.errors import NotFound
from dutybook.graphql import ids
from dutybook.graphql.context import View
from dutybook.graphql.describe import both, column, named, resolved, value
from dutybook.graphql.documents import Document
from dutybook.graphql.involvement import Involvement
from dutybook.graphql.lineage import LineageEdge, lineage_of
from dutybook.graphql.nodes import Dated, Node
from dutybook.graphql.records import RECORDS, ByKey, Related, objects, one, place_of, record

if TYPE_CHECKING:
    from dutybook.graphql.positions import Position


class DutyOrigin(Enum):
    """Whose list a duty is of."""

    OWN = value("OWN", "岗位自有。", "The position's own.")
    STANDARD = value("STANDARD", "来自所遵循的标准岗位。", "Of the standard position that it follows.")


strawberry.enum(DutyOrigin, description=both("职责的来源。", "Where a duty of a position comes from."))


@named("职责的出处。", "Where a duty was read from.")
class Source:
    """Lines of a document."""

    document: str = column("文件名。", "The document.")
    first_line: int | None = column("首行，从 1 计。", "The first line, counted from 1.")
    last_line: int | None = column("末行。", "The last line.")


@record(
    "duty",
    "职责：有序职责清单中的一条，有自己的标识、历史和沿革。",
    "One item of an ordered duty list, with its own identity, history and lineage.",
)
class Duty(Dated, Node):
    """One duty; a standard's duty may be `shown_by` a follower, whose ordinal it then has."""

    __slots__ = ("shown_by",)

    text: str = column("内容，如所印。", "Its text, as printed.")

    def __init__(self, view: View, row: Row[Any], place: int | None = None, shown_by: int | None = None) -> None:
        self.view, self.row, self.place, self.shown_by = view, row, place, shown_by

    def identify(self) -> strawberry.ID:
        """The id; it names the follower that shows a standard's duty."""
        return ids.write("Duty", self.row.key, self.view.as_of, self.view.known_at, self.shown_by)

    @resolved(
        "在清单中的序号，从 1 开始；遵循者的清单中标准职责在前。",
        "Its place in the list, from 1; a follower shows the standard's duties first.",
    )
    def ordinal(self) -> int:
        """The ordinal; what has to be looked up is awaited by the executor, what is known costs no task."""
        return self.place or cast(int, self._look_up_place())

    async def _look_up_place(self) -> int:
        holder = self.shown_by or self.row.position
        if holder is None:
            return place_of(self.row.key, await self.view.load(Related("duty", "standard"), self.row.standard))
        position = await self.view.load(ByKey("position"), holder)
        return place_of(self.row.key, await duty_rows(self.view, position) if position else [self.row])

    @resolved("参与方式。", "How it involves its position.")
    def involvement(self) -> Involvement:
        """As overridden, or as its opening words say."""
        return Involvement[self.row.involvement or read_involvement(self.row.text)]

    @resolved("标签。", "Its tags.")
    def tags(self) -> list[str]:
        """The tags."""
        return orjson.loads(self.row.tags) if self.row.tags else []

    @resolved("岗位自有，或来自标准岗位。", "The position's own, or the standard's.")
    def origin(self) -> DutyOrigin:
        """The origin."""
        return DutyOrigin.OWN if self.row.standard is None else DutyOrigin.STANDARD

    @resolved(
        "所属岗位；标准岗位的职责为展示它的遵循者，未经遵循者取得时为第一个遵循者。",
        "The position it belongs to; for a standard's duty the follower that shows it, or else the first follower.",
    )
    def position(self) -> Annotated["Position", strawberry.lazy("dutybook.graphql.positions")]:
        """The position."""
        holder = self.shown_by or self.row.position
        row = None if holder is None else self.view.known(ByKey("position"), holder)
        return cast("Position", self._look_up_position(holder) if row is None else RECORDS["position"](self.view, row))

    async def _look_up_position(self, holder: int | None) -> Any:
        found = await one(self.view, "position", holder or await self._first_follower())
        if found is None:
            raise NotFound(
                "没有岗位遵循这条职责所属的标准岗位；请改查标准岗位。",
                "No position follows the standard that this duty belongs to; ask for the standard position instead.",
            )
        return found

    async def _first_follower(self) -> int | None:
        followers = await self.view.load(Related("position", "standard"), self.row.standard)
        return next((row.key for row in followers if self.row.key not in exceptions(row)), None)

    @resolved("所依据的文件。", "The documents it rests on.")
    async def documents(self) -> list[Document]:
        """The documents that are in force."""
        keys: Sequence[int] = orjson.loads(self.row.documents) if self.row.documents else ()
        found = await self.view.load_all(ByKey("document"), keys)
        return objects(self.view, "document", [row for row in found if row is not None])

    @resolved("读自何处。", "Where it was read from.")
    def source(self) -> Source | None:
        """The source."""
        said = orjson.loads(self.row.source) if self.row.source else None
        if not said:
            return None
        return Source(
            document=str(said.get("document", "")), first_line=said.get("firstLine"), last_line=said.get("lastLine")
        )

    @resolved("由何而来、并入何处。", "Where it came from, and what it became.")
    async def lineage(self) -> list[LineageEdge]:
        """The lineage."""
        return await lineage_of(self)


def exceptions(position: Row[Any]) -> set[int]:
    """The standard's duties that a follower leaves out."""
    return set(orjson.loads(position.exceptions)) if position.exceptions else set()


async def duty_rows(view: View, position: Row[Any]) -> list[Row[Any]]:
    """The duties a position shows: those of the standard it follows but for its exceptions, then its own."""
    if position.standard is None:
        return await view.load(Related("duty", "position"), position.key)
    own, left_out = view.load(Related("duty", "position"), position.key), exceptions(position)
    followed = await view.load(Related("duty", "standard"), position.standard)
    return [*(row for row in followed if row.key not in left_out), *await own]


async def duties_of(view: View, position: Row[Any]) -> list[Duty]:
    """The same as objects, numbered through."""
    rows = await duty_rows(view, position)
    shown_by = position.key
    return [Duty(view, row, place, None if row.standard is None else shown_by) for place, row in enumerate(rows, 1)]
