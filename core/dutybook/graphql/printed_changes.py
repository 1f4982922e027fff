"""What a change set does, in the order of the book: by department and position, each change with its fields before and after."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from dutybook.book.changes import Change as Said
from dutybook.book.kinds import Field, Kind, Type, Value
from dutybook.book.timeline import CLOSING, OPENING, Timeline
from dutybook.book.times import FOREVER, days_told, eve
from dutybook.errors import DutybookError, Message
from dutybook.graphql.changes import VERBS, Timelines
from dutybook.graphql.duties import duty_rows
from dutybook.graphql.records import ByKey
from dutybook.graphql.tree import load_tree
from dutybook.graphql.values import is_told
from dutybook.graphql.worded import COLON, Wording

if TYPE_CHECKING:
    from dutybook.graphql.changes import Change
    from dutybook.graphql.changesets import ChangeSet

CALLED: Mapping[str, Message] = {
    "move": Message("移动", "move"),
    "merge": Message("合并", "merge"),
    "split": Message("拆分", "split"),
    "reorder": Message("重排", "reorder"),
    "detach": Message("脱离标准", "detach"),
    "revert": Message("撤销版次", "revert"),
}
ORDINAL, ENDS, RANK = Message("第 {number} 条", "No. {number}"), Message("末日", "Last day"), "rank"
LAST = 1 << 40
SPANS = frozenset({OPENING, CLOSING})
EDGES: Mapping[str, Message] = {
    "SPLIT_FROM": Message("拆分自", "split from"),
    "MERGED_INTO": Message("并入", "merged into"),
    "MOVED_FROM": Message("移自", "moved from"),
    "COPIED_FROM": Message("复制自", "copied from"),
    "SUCCEEDED_BY": Message("接替者", "succeeded by"),
}

Place = tuple[int, int | None, int | None]
"""Under what a change is told: its sort, the department, and the position or standard position."""

IN_TREE, OF_STANDARD = 0, 1
NOWHERE: Place = (2, None, None)


@dataclass(frozen=True, slots=True)
class Line:
    """A field before and after."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Effect:
    """One change in words."""

    what: str
    lines: Sequence[Line]
    days: Message


@dataclass(frozen=True, slots=True)
class Group:
    """What becomes of one position, of one department itself, or of one kind of records that belong to neither."""

    name: str
    effects: Sequence[Effect]


class Effects:
    """The changes of a set with the lives of their records before and after it."""

    def __init__(self, it: "ChangeSet", changes: Sequence["Change"], wording: Wording) -> None:
        self.it, self.wording, self.day = it, wording, it.row.effective_on
        self.changes = changes
        self.kinds = it.view.context.book.kinds
        self.before: dict[tuple[str, int], Timeline] = {}
        self.after: dict[tuple[str, int], Timeline] = {}

    async def groups(self) -> list[Group]:
        """All of them in official order."""
        await self._read()
        places = await asyncio.gather(*(self._place(change.said) for change in self.changes))
        orders = {place: await self._order(place) for place in dict.fromkeys(places)}
        found: dict[tuple[Any, ...], list[Change]] = {}
        for change, place in sorted(zip(self.changes, places, strict=True), key=lambda one: orders[one[1]]):
            found.setdefault((place, change.said.kind if place == NOWHERE else None), []).append(change)
        names = await asyncio.gather(*(self._heading(place, some[0]) for (place, _), some in found.items()))
        effects = await asyncio.gather(*(self._effects(some) for some in found.values()))
        return [Group(name, some) for name, some in zip(names, effects, strict=True)]

    async def _effects(self, changes: Sequence["Change"]) -> list[Effect]:
        return list(await asyncio.gather(*(self._effect(change) for change in changes)))

    async def _read(self) -> None:
        """The lives before the set, one statement a kind, and after it; a change that fits no more leaves them as they are."""
        keys = {(it.said.kind, it.said.key): it.base for it in self.changes if it.is_known}
        lines = await asyncio.gather(
            *(self.it.view.load(Timelines(kind, base), key) for (kind, key), base in keys.items())
        )
        self.before = dict(zip(keys, lines, strict=True))
        self.after = dict(self.before)
        for said in (change.said for change in self.changes if change.is_known):
            with suppress(DutybookError):
                self.after[said.kind, said.key] = said.apply(self.after[said.kind, said.key])

    def _held(self, said: Said, name: str) -> Value:
        """A field as the set leaves it, or as it was where the record ends."""
        at, day = (said.kind, said.key), said.start or self.day
        becomes, was = self.after.get(at, Timeline()), self.before.get(at, Timeline())
        return becomes.value(name, day) or was.value(name, day) or was.value(name, eve(day))

    async def _place(self, said: Said) -> Place:
        """Where a change belongs: to the position, department or standard position that its record leads to."""
        if said.kind == "department":
            return (IN_TREE, said.key, None)
        if said.kind in {"position", "standard_position"}:
            return await self._within(said.kind, said.key)
        for field in self.kinds[said.kind].references if said.kind in self.kinds else ():
            key = self._held(said, field.name)
            if isinstance(key, int) and field.name in self.kinds[said.kind].parents:
                return await self._within(str(field.target), key)
        return NOWHERE

    async def _within(self, kind: str, key: int) -> Place:
        if kind == "department":
            return (IN_TREE, key, None)
        if kind == "position":
            return (IN_TREE, await self._department_of(key), key)
        return (OF_STANDARD, None, key) if kind == "standard_position" else NOWHERE

    async def _department_of(self, position: int) -> int | None:
        if ("position", position) in self.after:
            held = self._held(Said("set", "position", position, self.day), "department")
            return held if isinstance(held, int) else None
        row = await self.wording.row("position", position)
        return None if row is None else int(row.department)

    async def _order(self, place: Place) -> tuple[Any, ...]:
        """Departments in the order of the tree, the new ones behind; their own changes before those of their positions."""
        sort, department, position = place
        if sort != IN_TREE:
            return (sort, position or 0)
        tree = await self.wording.view.load(load_tree, None)
        at = LAST + (department or 0) if department is None or department not in tree.order else tree.order[department]
        rank = "" if position is None else f" {await self._rank_of(position)}"
        return (sort, at, rank, position or 0)

    async def _rank_of(self, position: int) -> Value:
        if ("position", position) in self.after:
            return self._held(Said("set", "position", position, self.day), RANK)
        row = await self.wording.row("position", position)
        return "" if row is None else str(row.rank)

    async def _heading(self, place: Place, change: "Change") -> str:
        if place == NOWHERE:
            kind = (
                self.kinds[change.said.kind].label if change.is_known else Message(change.said.kind, change.said.kind)
            )
            return self.wording.pick(kind)
        last = "standard_position" if place[0] == OF_STANDARD else "position"
        parts = [("department", place[1]), (last, place[2])]
        names = await asyncio.gather(*(self.wording.name(kind, key) for kind, key in parts if key is not None))
        return " / ".join(names)

    async def _effect(self, change: "Change") -> Effect:
        said, pick = change.said, self.wording.pick
        if not change.is_known:
            return Effect(await change.summary(), (), _days(said))
        kind = self.kinds[said.kind]
        word = CALLED.get(said.said or "")
        called = "" if word is None else pick(word) + pick(COLON)
        ordinals = await self._ordinals(said)
        place = pick(ORDINAL).format(number=ordinals[1] or ordinals[0]) if any(ordinals) else ""
        # A duty is known by its text, which stands in a line of its own below.
        name = "" if said.kind == "duty" and "text" in said.values else await self.wording.name(said.kind, said.key)
        words = (pick(VERBS[said.verb]), pick(kind.label), place, name)
        lines = [line for line in await self._lines(change, kind, ordinals) if line.before != line.after]
        return Effect(called + " ".join(word for word in words if word), lines, _days(said))

    async def _lines(self, change: "Change", kind: Kind, ordinals: tuple[int | None, int | None]) -> list[Line]:
        said, pick = change.said, self.wording.pick
        line, day = self.before[said.kind, said.key], said.start or self.day
        values = {name: said.values[name] for name in kind.by_name if name in said.values}
        if said.verb == "open":
            # Where it stands is told above; what is not given is not there.
            values = {name: value for name, value in values.items() if value is not None and name not in kind.parents}
        pairs = [(name, line.value(name, day), value) for name, value in values.items()]
        pairs += [(name, line.value(name, day), line.value(name, eve(day))) for name in said.names if name not in SPANS]
        told = await asyncio.gather(*(self._line(kind, *pair) for pair in pairs if pair[0] != RANK))
        found = [one for one in told if one is not None]
        if any(pair[0] == RANK for pair in pairs) and said.verb != "open" and ordinals[0] != ordinals[1]:
            was, becomes = (pick(ORDINAL).format(number=it) if it else None for it in ordinals)
            found.append(Line(pick(kind.by_name[RANK].label), was, becomes))
        if said.verb == "close":
            found.append(Line(pick(ENDS), self._last_day(line, day), eve(day).isoformat()))
        if said.edge:
            edge = pick(EDGES.get(said.edge.kind, Message(said.edge.kind, said.edge.kind)))
            found.append(Line(edge, None, await self.wording.name(said.edge.other_kind, said.edge.other)))
        return found

    def _last_day(self, line: Timeline, day: date) -> str | None:
        """The last day of a life that is now to end on another one; None where none was known."""
        span = line.span_on(eve(day))
        return None if span is None or span.end == FOREVER else eve(span.end).isoformat()

    async def _line(self, kind: Kind, name: str, before: Value, after: Value) -> Line | None:
        field = kind.by_name.get(name) or Field(name, Message(name, name), Type.JSON)
        was, becomes = await asyncio.gather(self.wording.value(field, before), self.wording.value(field, after))
        if not await is_told(self.wording.view, field, was, becomes):
            return None
        return Line(self.wording.pick(field.label), was, becomes)

    async def _ordinals(self, said: Said) -> tuple[int | None, int | None]:
        """A duty's place in its position's list before and after the set, on the set's day."""
        day = said.start or self.day
        if said.kind != "duty" or day != self.day:
            return None, None
        at = said.kind, said.key
        old = self.before[at].value("position", day) or self.before[at].value("position", eve(day))
        new = self.after[at].value("position", day)
        was, becomes = await asyncio.gather(self._listed(old, after=False), self._listed(new, after=True))
        return was.get(said.key), becomes.get(said.key)

    async def _listed(self, position: Value, *, after: bool) -> Mapping[int, int]:
        """The ordinals of the duties of a position: those of its standard first, then its own by rank."""
        if not isinstance(position, int):
            return {}
        view = await self._view_before()
        row = await view.load(ByKey("position"), position)
        rows = await duty_rows(view, row) if row is not None else []
        if not after:
            return {one.key: place for place, one in enumerate(rows, 1)}
        touched = {key: line for (kind, key), line in self.after.items() if kind == "duty"}
        own = [(one.rank or "", one.key) for one in rows if one.standard is None and one.key not in touched]
        own += [
            (str(line.value(RANK, self.day) or ""), key)
            for key, line in touched.items()
            if line.value("position", self.day) == position
        ]
        followed = sum(one.standard is not None for one in rows)
        return {key: place for place, (_, key) in enumerate(sorted(own), followed + 1)}

    async def _view_before(self) -> Any:
        published = self.it.row.revision
        return await self.it.view.context.view(self.day, None if published is None else published - 1)


def _days(said: Said) -> Message:
    """The days that a change is about; what ends has no first one."""
    return days_told(None, said.start) if said.verb == "close" else days_told(said.start, said.end)
