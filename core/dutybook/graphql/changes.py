"""The changes of a change set, each with what it makes of every field."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import strawberry
from anyio import to_thread

from dutybook.book.changes import Change as Said
from dutybook.book.kinds import Field, Kind, Type, Value
from dutybook.book.timeline import CLOSING, OPENING, Timeline
from dutybook.book.times import eve
from dutybook.db.ledger import timelines
from dutybook.db.names import SHOWN
from dutybook.errors import Message
from dutybook.graphql.context import View
from dutybook.graphql.describe import column, named, resolved
from dutybook.graphql.names import camel
from dutybook.graphql.nodes import Node
from dutybook.graphql.records import one
from dutybook.graphql.values import CodeOf, is_told, shown

VALID_TO = "validTo"
LONGEST = 40
"""Characters of a title or text in a summary."""

VERBS: Mapping[str, Message] = {
    "open": Message("设立", "Open"),
    "set": Message("变更", "Change"),
    "close": Message("终止", "Close"),
    "rescind": Message("撤销", "Rescind"),
    "link": Message("记入沿革", "Record the lineage of"),
    "unlink": Message("去除沿革", "Remove from the lineage of"),
}


@named("一个字段的前后值。", "What a field was and becomes.")
class AttributeChange:
    """A field before and after."""

    name: str = column("字段名；validTo 为截止日，不含当日。", "The field's name; validTo is the day after the last.")
    before: str | None = column("原值；引用写作编号。", "What it was; references are written as codes.")
    after: str | None = column("新值。", "What it becomes.")


@dataclass(frozen=True, slots=True)
class Timelines:
    """Loads the life of each key of a kind as a revision knew it, as far as it may be seen; read by the code that publishing trusts."""

    kind: str
    known_at: int

    async def __call__(self, view: View, keys: Sequence[int]) -> Mapping[int, Timeline]:
        reading = view.reading
        return await to_thread.run_sync(timelines, reading.database, self.kind, keys, self.known_at, reading.scope)


@named("变更单中的一项变更。", "One change of a change set.")
class Change:
    """A change, and the revision it was or would be based on."""

    ordinal: int = column("次序，从 0 计。", "Its place in the set, counted from 0.")
    said: strawberry.Private[Said]
    view: strawberry.Private[View]
    base: strawberry.Private[int]
    published: strawberry.Private[int | None]
    effective_on: strawberry.Private[date]

    @resolved(
        "动作：open、set、close、rescind、link、unlink。", "What it does: open, set, close, rescind, link, unlink."
    )
    def verb(self) -> str:
        """The verb."""
        return self.said.verb

    @resolved("记录的类型。", "The kind of record.")
    def kind(self) -> str:
        """The kind."""
        return self.said.kind

    @resolved(
        "人们的说法：move、merge、split、reorder、make、follow、leaveOut、takeBack、detach、revert。",
        "What people called it: move, merge, split, reorder, make, follow, leaveOut, takeBack, detach, revert.",
    )
    def called(self) -> str | None:
        """The word."""
        return self.said.said

    @resolved("起始日。", "The day from which it holds.", name="from")
    def start(self) -> date | None:
        """The first day."""
        return self.said.start

    @resolved("截止日，不含当日；空为不限。", "The day after the last; null if open-ended.", name="to")
    def end(self) -> date | None:
        """The day after the last."""
        return self.said.end

    @resolved(
        "所变更的记录；尚未设立或不可见时为空。",
        "The record that is changed; null where it is not in the book yet, or not visible.",
    )
    async def subject(self) -> Node | None:
        """The record on the day of the change, or on the day before where it ends there."""
        if not self.is_known:
            return None
        day = self.said.start or self.effective_on
        revision = self.base if self.published is None else self.published
        for as_of, known_at in ((day, revision), (eve(day), revision), (day, self.base)):
            view = await self.view.context.view(as_of, known_at)
            found: Node | None = await one(view, self.said.kind, self.said.key)
            if found is not None:
                return found
        return None

    @resolved("一句话说明。", "The change in one line.")
    async def summary(self) -> str:
        """The line."""
        language, kind = self.view.context.language, self._kind
        words = [VERBS[self.said.verb].pick(language), kind.label.pick(language), *await self._name()]
        fields = kind.by_name
        names = [fields[name].label.pick(language) if name in fields else name for name in await self._told()]
        return " ".join(words) + (f": {', '.join(names)}" if self.said.verb == "set" and names else "")

    async def _told(self) -> list[str]:
        """The fields that may be named."""
        names, personal = list(self.said.values), self._kind.personal
        if personal.isdisjoint(names):
            return names
        told = {attribute.name for attribute in await self.attributes()}
        return [name for name in names if name not in personal or camel(name) in told]

    async def _name(self) -> list[str]:
        """What people know the record by: its code and title, or the codes of those it relates."""
        kind, day = self._kind, self.said.start or self.effective_on
        if not self.is_known:
            return [self.said.code or f"#{self.said.key}"]
        line = await self.view.load(Timelines(kind.name, self.base), self.said.key)

        def now(name: str) -> Value:
            return self.said.values.get(name) or line.value(name, day) or line.value(name, eve(day))

        code: list[str]
        if kind.coded:
            known: str = await self.view.load(CodeOf(kind.name), self.said.key)
            code = [self.said.code or known]
        else:
            related = [(str(field.target), now(field.name)) for field in kind.references if field.required]
            code = [await self.view.load(CodeOf(name), key) for name, key in related if isinstance(key, int)]
        shown = next((name for name in SHOWN if name in kind.by_name and name not in kind.personal), None)
        return [*code, str(now(shown))[:LONGEST]] if shown and now(shown) else code

    @resolved(
        "各字段的前后值；个人信息只给有权者。",
        "What each field was and becomes; personal ones only for those who may.",
    )
    async def attributes(self) -> list[AttributeChange]:
        """The fields."""
        known = Timelines(self.said.kind, self.base)
        line = await self.view.load(known, self.said.key) if self.is_known else Timeline()
        return [found async for found in self._attributes(line) if found]

    async def _attributes(self, line: Timeline) -> AsyncIterator[AttributeChange | None]:
        day = self.said.start or self.effective_on
        for name, value in self.said.values.items():
            if value is not None or self.said.verb == "set":
                yield await told_change(self.view, self._kind, name, line.value(name, day), value)
        for name in self.said.names:
            if name not in {OPENING, CLOSING}:
                yield await told_change(self.view, self._kind, name, line.value(name, day), line.value(name, eve(day)))
        if self.said.verb == "close":
            yield AttributeChange(name=VALID_TO, before=None, after=day.isoformat())
        if edge := self.said.edge:
            other = await self.view.load(CodeOf(edge.other_kind), edge.other)
            yield AttributeChange(name=edge.kind, before=None, after=other)

    @property
    def is_known(self) -> bool:
        """Whether the kind is one of this book's; one of a plugin that is not enabled is history that can still be told."""
        return self.said.kind in self.view.context.book.kinds

    @property
    def _kind(self) -> Kind:
        name = self.said.kind
        return self.view.context.book.kinds[name] if self.is_known else Kind(name, Message(name, name), ())


async def attribute_change(view: View, kind: Kind, name: str, before: Value, after: Value) -> AttributeChange:
    """What a field was and becomes, as people read it."""
    field = _field(kind, name)
    old, new = await asyncio.gather(shown(view, field, before), shown(view, field, after))
    return AttributeChange(name=camel(name), before=old, after=new)


async def told_change(view: View, kind: Kind, name: str, before: Value, after: Value) -> AttributeChange | None:
    """The same, of a field that may be named at all."""
    made = await attribute_change(view, kind, name, before, after)
    return made if await is_told(view, _field(kind, name), made.before, made.after) else None


def _field(kind: Kind, name: str) -> Field:
    """A field; of a plugin that is gone, as text."""
    return kind.by_name.get(name) or Field(name, Message(name, name), Type.TEXT)
