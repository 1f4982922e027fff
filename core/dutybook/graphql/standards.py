"""Which alike positions could follow a standard position of their own, and what speaks for it."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Annotated, Any, NamedTuple, cast

import strawberry
from anyio import to_thread
from sqlalchemy import Row
from strawberry.scalars import JSON

from dutybook.book.involvement import involvement as read_involvement
from dutybook.catalogue.alike import Holder, Item, Occurrence, Shared, Suggestion, suggestion, suggestions, title_key
from dutybook.catalogue.likeness import plain
from dutybook.db import standards as reads
from dutybook.db.positions import PositionFilter
from dutybook.db.reads import every, related
from dutybook.errors import BadInput, Message, NotFound
from dutybook.graphql import ids
from dutybook.graphql.connections import Connection, connect, page_size, read_cursor
from dutybook.graphql.context import View
from dutybook.graphql.describe import argument, column, named, resolved
from dutybook.graphql.duties import Duty
from dutybook.graphql.nodes import Node
from dutybook.graphql.positions import Position, StandardPosition
from dutybook.graphql.records import ByKey

LOOKED_AT = 2_000
"""Positions that one request compares, those of the most promising titles first."""

MOST = 500
"""Positions that may be named for one suggestion."""


class Rows(NamedTuple):
    """The rows that a suggestion speaks of, by key."""

    view: View
    positions: Mapping[int, Row[Any]]
    duties: Mapping[int, Row[Any]]

    def position(self, key: int) -> Position:
        """A position."""
        return Position(self.view, self.positions[key])

    def duty(self, key: int) -> Duty:
        """A duty."""
        return Duty(self.view, self.duties[key])


@named("一个岗位中与标准职责相当的职责。", "A position's duty that corresponds to one of the standard.")
class SuggestedOccurrence:
    """Where a duty occurs."""

    likeness: int = column("与标准措辞的相似度，百分数。", "How like the standard's wording it is, in per cent.")
    exact: bool = column(
        "是否完全相同，连同参与方式、标签、依据文件和密级。",
        "Whether it says exactly the same, involvement, tags, documents and classification included.",
    )
    position: Position = column("岗位。", "The position.")
    duty: Duty = column("该岗位的职责。", "The position's duty.")


@named("建议列入标准岗位的一条职责及其依据。", "A duty that a standard position could say, with the evidence.")
class SuggestedDuty:
    """A duty in several positions."""

    text: str = column("措辞：多数岗位所用者。", "The wording that most of the positions use.")
    duty: Duty = column("措辞所取自的职责。", "The duty that the wording is taken from.")
    proposed: bool = column(
        "是否建议列入：至少一半岗位有此职责；兜底职责仅当各岗位别无自有职责时列入。",
        "Whether it is proposed: at least half of the positions say it; one that names any other work only where nothing "
        "of the positions' own would stand behind it.",
    )
    catch_all: bool = column("是否兜底职责；不计入评分。", "Whether it names any other work; the score leaves it out.")
    exact_count: int = column("完全相同的岗位个数。", "How many positions say exactly the same.")
    occurrences: list[SuggestedOccurrence] = column("见于哪些岗位。", "In which positions it occurs.")


@named("建议遵循标准岗位的一个岗位。", "A position that could follow the standard.")
class SuggestedFollower:
    """A position, what stays and what it lacks."""

    position: Position = column("岗位。", "The position.")
    local: list[Duty] = column("留作自有的职责。", "The duties that stay its own.")
    left_out: list[Duty] = column(
        "该岗位没有、因而记为不适用的标准职责（以措辞所取自的职责表示）。",
        "Duties of the standard that it does not say and would leave out, each given by the duty its wording is taken from.",
    )


@named(
    "由相似岗位设立标准岗位的建议；建议本身不改变任何内容。",
    "A suggestion to make a standard position of alike positions; by itself it changes nothing.",
)
class StandardSuggestion(Node):
    """A suggestion with its evidence."""

    rows: strawberry.Private[Rows]
    found: strawberry.Private[Suggestion]

    def identify(self) -> strawberry.ID:
        """It is made again of the same positions, in their order: nothing keeps it."""
        return ids.write_all("StandardSuggestion", self.found.positions, self.rows.view.as_of, self.rows.view.known_at)

    @resolved("建议的岗位名称：最常见者。", "The proposed title: the most frequent one.")
    def title(self) -> str:
        """The title."""
        return self.found.title

    @resolved(
        "评分：各岗位全部职责（兜底职责除外）中可由标准列出的比例，相近者按相似度折算，百分数。",
        "The score: how much of all that the positions do the standard would say, in per cent; what is nearly equal counts by its "
        "likeness, what names any other work not at all.",
    )
    def score(self) -> int:
        """The score."""
        return self.found.score

    @resolved(
        "全部职责条数，兜底职责除外。", "How many duties they have in all, but for those that name any other work."
    )
    def duty_count(self) -> int:
        """The count."""
        return self.found.total

    @resolved(
        "其中两个以上岗位完全相同、建议列入的条数。", "How many of them are said exactly by several, and proposed."
    )
    def same_count(self) -> int:
        """The count."""
        return self.found.same

    @resolved("其中措辞相近、建议列入的条数。", "How many of them are said in other words, and proposed.")
    def near_count(self) -> int:
        """The count."""
        return self.found.near

    @resolved("依据，一句话。", "The evidence in one line.")
    def evidence(self) -> str:
        """The line."""
        return _evidence(self.found).pick(self.rows.view.context.language)

    @resolved("建议遵循的岗位。", "The positions that would follow it.")
    def positions(self) -> list[SuggestedFollower]:
        """The positions."""
        return [self._follower(key) for key in self.found.positions]

    def _follower(self, key: int) -> SuggestedFollower:
        said = {it.duty for shared in self.found.proposed for it in shared.occurrences if it.position == key}
        lacks = [it.model.key for it in self.found.proposed if key not in {each.position for each in it.occurrences}]
        own = [row.key for row in self.rows.duties.values() if row.position == key and row.key not in said]
        return SuggestedFollower(
            position=self.rows.position(key),
            local=[self.rows.duty(duty) for duty in own],
            left_out=[self.rows.duty(duty) for duty in lacks],
        )

    @resolved(
        "两个以上岗位共有的职责；建议列入标准的在 proposed 中标明。",
        "The duties that several positions share; `proposed` tells which of them the standard would say.",
    )
    def duties(self) -> list[SuggestedDuty]:
        """The duties."""
        return [self._shared(shared) for shared in self.found.duties]

    def _shared(self, shared: Shared) -> SuggestedDuty:
        return SuggestedDuty(
            text=shared.model.text,
            duty=self.rows.duty(shared.model.key),
            proposed=shared.is_proposed,
            catch_all=shared.model.is_catch_all,
            exact_count=shared.exact,
            occurrences=[self._occurrence(it) for it in shared.occurrences],
        )

    def _occurrence(self, it: Occurrence) -> SuggestedOccurrence:
        position, duty = self.rows.position(it.position), self.rows.duty(it.duty)
        return SuggestedOccurrence(likeness=it.percent, exact=it.is_exact, position=position, duty=duty)

    @resolved(
        "已有的同名标准岗位；可改用 followStandard。", "A standard position of that title; followStandard may do."
    )
    async def existing(self) -> StandardPosition | None:
        """The standard."""
        row = (await self.rows.view.load(_standards, None)).get(title_key(self.found.title))
        return None if row is None else StandardPosition(self.rows.view, row)

    @resolved(
        "可交给 addChanges 的变更（makeStandard），可先行修改；默认只合并完全相同的职责，没有这样的职责时为空。",
        "The change for addChanges (makeStandard), to be edited first where wanted; only what is exactly the same becomes one "
        "unless said, and it is null where nothing is.",
    )
    def change(
        self,
        merge_near: Annotated[
            bool | None,
            argument(
                "连同相近的职责一并合并，各岗位的措辞随之改变。",
                "Nearly equal duties too: they take the standard's wording.",
            ),
        ] = False,
    ) -> JSON | None:
        """The saying."""
        return cast("JSON | None", _saying(self.found, merge_near=bool(merge_near)))


async def _standards(view: View, keys: Sequence[None]) -> Mapping[None, Mapping[str, Row[Any]]]:
    rows = await view.rows(every(view.reading, "standard_position"))
    return {key: {title_key(row.title): row for row in rows[::-1]} for key in keys}


def _evidence(it: Suggestion) -> Message:
    left = it.total - it.same - it.near
    zh = f"{len(it.positions)} 个岗位共 {it.total} 条职责（兜底职责不计）：{it.same} 条在两个以上岗位完全相同"
    en = f"{len(it.positions)} positions with {it.total} duties (those naming any other work apart): {it.same} said exactly by several"
    if it.near:
        zh, en = f"{zh}，{it.near} 条相近（最低 {it.least}%）", f"{en}, {it.near} nearly (at least {it.least} %)"
    return Message(f"{zh}，{left} 条为各自所有。", f"{en}, {left} are their own.")


def _saying(it: Suggestion, *, merge_near: bool) -> dict[str, Any] | None:
    """The act that carries a suggestion out."""
    chosen = [shared for shared in it.proposed if merge_near or shared.exact > 1]
    named = [shared for shared in chosen if not shared.model.is_catch_all]
    counted = [each for shared in named for each in shared.occurrences if merge_near or each.is_exact]
    if not counted:
        return None
    positions = [key for key in it.positions if any(each.position == key for each in counted)]
    if len(counted) < it.total:
        chosen = named  # what names any other work closes a list, and here others stand behind the standard's
    duties = [_duty_said(shared, merge_near=merge_near) for shared in chosen]
    return {"makeStandard": {"title": it.title, "positions": _ids("Position", positions), "duties": duties}}


def _duty_said(shared: Shared, *, merge_near: bool) -> dict[str, Any]:
    [key] = _ids("Duty", [shared.model.key])
    near = [it.duty for it in shared.occurrences if not it.is_exact] if merge_near else []
    return {"duty": key, "alike": _ids("Duty", near)} if near else {"duty": key}


def _ids(name: str, keys: Sequence[int]) -> list[str]:
    return [str(ids.write(name, key, None, None)) for key in keys]


@named("设立标准岗位的建议，一页。", "A page of suggestions for standard positions.")
class StandardSuggestionConnection(Connection[StandardSuggestion]):
    """A page, and what was not looked at."""

    unexamined_count: int = column(
        "名称相似而未比较的岗位个数；请按部门或名称缩小范围。",
        "How many positions of alike titles were not compared; narrow it down by department or title.",
    )


async def suggested(
    view: View, wanted: PositionFilter, minimum: int, first: int | None, after: str | None
) -> StandardSuggestionConnection:
    """A page of suggestions, the best first."""
    size, cursor = page_size(first), read_cursor(after, [int, int, int])
    titles, behind = _promising(await view.rows(reads.titles(view.reading, wanted)))
    rows = await view.rows(reads.with_titles(view.reading, wanted, titles, LOOKED_AT)) if titles else ()
    known = await _rows(view, rows)
    found = await to_thread.run_sync(_best, known, minimum)
    items = [(_place(it), StandardSuggestion(rows=known, found=it)) for it in found]

    async def count() -> int:
        return len(items)

    page = connect([it for it in items if cursor is None or it[0] > cursor][: size + 1], size, after, count)
    return StandardSuggestionConnection(
        edges=page.edges, page_info=page.page_info, count=page.count, unexamined_count=behind
    )


def _promising(rows: Sequence[Row[Any]]) -> tuple[list[str], int]:
    """The titles under which most of the texts are shared, alike titles together; and how many positions are left aside."""
    alike: dict[str, list[Row[Any]]] = {}
    for row in rows:
        alike.setdefault(title_key(row.title), []).append(row)
    many = [some for some in alike.values() if sum(row.positions for row in some) > 1]
    chosen, room = list[str](), LOOKED_AT
    for some in sorted(many, key=_promise):
        if room > 0:
            chosen += [row.title for row in some]
            room -= sum(row.positions for row in some)
    return chosen, max(0, sum(row.positions for some in many for row in some) - LOOKED_AT)


def _promise(alike: Sequence[Row[Any]]) -> tuple[Fraction, int, str]:
    """Of some alike titles, the share of texts that several have; less is better."""
    shared, duties = (sum(int(getattr(row, name)) for row in alike) for name in ("shared", "duties"))
    return Fraction(-shared, max(duties, 1)), -sum(row.positions for row in alike), alike[0].title


async def _rows(view: View, positions: Sequence[Row[Any]]) -> Rows:
    keys = [row.key for row in positions]
    duties = await view.rows(related(view.reading, "duty", "position"), keys) if keys else ()
    return Rows(view, {row.key: row for row in positions}, {row.key: row for row in duties})


def _best(rows: Rows, minimum: int) -> list[Suggestion]:
    return sorted((it for it in suggestions(_holders(rows)) if it.score >= minimum), key=_place)


def _place(it: Suggestion) -> list[int]:
    return [-it.score, -len(it.positions), it.positions[0]]


def _holders(rows: Rows) -> list[Holder]:
    lists: dict[int, list[Item]] = {key: [] for key in rows.positions}
    for row in rows.duties.values():
        lists[row.position].append(_item(row))
    return [Holder(key, row.title, lists[key]) for key, row in rows.positions.items()]


def _item(row: Row[Any]) -> Item:
    same = (row.involvement, row.tags, row.documents, row.classification)
    involvement = row.involvement or read_involvement(row.text)
    text = plain(row.text)
    return Item(row.key, row.text, text, (text, *same), involvement == "CATCH_ALL")


async def suggested_for(view: View, positions: Sequence[str]) -> StandardSuggestion:
    """What the named positions share, whatever their titles."""
    if not 2 <= len(set(positions)) <= MOST:
        zh = f"请指明 2 至 {MOST} 个岗位，实际给出 {len(set(positions))} 个。"
        raise BadInput(zh, f"Name 2 to {MOST} positions; {len(set(positions))} were given.", path=["positions"])
    keys = list(dict.fromkeys(ids.expect("Position", text) for text in positions))
    found = await view.load_all(ByKey("position"), keys)
    rows = [row for key, row in zip(keys, found, strict=True) if _may_follow(key, row)]
    known = await _rows(view, cast("list[Row[Any]]", rows))
    return StandardSuggestion(rows=known, found=await to_thread.run_sync(_one, known))


async def suggestion_again(view: View, keys: Sequence[int]) -> StandardSuggestion | None:
    """The suggestion for some positions; None where one is gone, is not visible, or follows a standard by now."""
    if not 2 <= len(set(keys)) == len(keys) <= LOOKED_AT:
        return None
    rows = [row for row in await view.load_all(ByKey("position"), keys) if row is not None and row.standard is None]
    if len(rows) < len(keys):
        return None
    known = await _rows(view, rows)
    return StandardSuggestion(rows=known, found=await to_thread.run_sync(_one, known))


def _one(rows: Rows) -> Suggestion:
    return suggestion(_holders(rows))


def _may_follow(key: int, row: Row[Any] | None) -> bool:
    if row is None:
        zh = f"此时点没有标识为 {key} 的岗位，或不可见。"
        raise NotFound(zh, f"No position with the key {key} is in force and visible at this time.", path=["positions"])
    if row.standard is not None:
        zh = f"岗位 {row.code} 已遵循一个标准岗位；请去掉它。"
        raise BadInput(zh, f"Position {row.code} follows a standard already; leave it out.", path=["positions"])
    return True
