"""Records and values in the words of people, for what is printed: names and codes, never keys."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import orjson

from dutybook.book.kinds import Field, Kind, Type, Value
from dutybook.db.names import SHOWN
from dutybook.errors import Message
from dutybook.graphql.context import View
from dutybook.graphql.records import ByKey
from dutybook.graphql.values import CodeOf, personal, shown

HIDDEN = Message("（不可见）", "(not visible)")
YES, NO = Message("是", "yes"), Message("否", "no")

CHOICES: Mapping[str, Message] = {
    "PUBLIC": Message("公开", "public"),
    "INTERNAL": Message("内部", "internal"),
    "SECRET": Message("商业秘密", "trade secret"),
    "PRIMARY": Message("主岗", "primary"),
    "CONCURRENT": Message("兼岗", "concurrent"),
    "ACTING": Message("代理", "acting"),
    "SECONDED": Message("借调", "seconded"),
    "ACCOUNTABLE": Message("全面负责", "accountable"),
    "RESPONSIBLE": Message("负责", "responsible"),
    "SUPERVISE": Message("监督", "supervises"),
    "ASSIST": Message("协助", "assists"),
    "PARTICIPATE": Message("参与", "participates"),
    "CATCH_ALL": Message("兜底", "catch-all"),
    "OTHER": Message("其他", "other"),
    "OWN": Message("本部门", "own"),
    "SUBTREE": Message("含下级", "with all below"),
}


@dataclass(frozen=True, slots=True)
class Wording:
    """Where names are looked up, the first place that has one: what a set opens, then the book at some times."""

    views: tuple[View, ...]
    opened: Mapping[tuple[str, int], tuple[str | None, Mapping[str, Value]]] = field(default_factory=dict)

    @property
    def view(self) -> View:
        """The first of the times."""
        return self.views[0]

    def pick(self, message: Message) -> str:
        """A sentence in the language of the request."""
        return message.pick(self.view.context.language)

    async def row(self, kind: str, key: int) -> Any:
        """A record at the first of the times at which it is there and visible."""
        for view in self.views:
            found = await view.load(ByKey(kind), key)
            if found is not None:
                return found
        return None

    async def name(self, kind: str, key: int) -> str:
        """What people know a record by."""
        described = self.view.context.book.kinds[kind]
        code, values = self.opened.get((kind, key), (None, None))
        if values is None:
            row = await self.row(kind, key)
            if row is None:
                return await self._hidden(described, key)
            code, values = getattr(row, "code", None), row._mapping  # noqa: SLF001  SQLAlchemy's own public name
        return await self._named(described, code, values)

    async def seen(self, kind: str, key: int | None) -> str | None:
        """The same, None where there is nothing that may be seen."""
        if key is None or ((kind, key) not in self.opened and await self.row(kind, key) is None):
            return None
        return await self.name(kind, key)

    async def _hidden(self, kind: Kind, key: int) -> str:
        return await self.view.load(CodeOf(kind.name), key) if kind.coded else self.pick(HIDDEN)

    async def _named(self, kind: Kind, code: str | None, values: Mapping[Any, Any]) -> str:
        if kind.name == "document":
            number = values.get("number")
            return f"《{values['title']}》" + (f"（{number}）" if number else "")
        title = next((name for name in SHOWN if name in kind.by_name and values.get(name)), None)
        said: str | None = None if title is None else str(values[title])
        if title in kind.personal:
            [said] = await personal(self.view, [said])
        if title is None and not kind.coded:
            said = await self._related(kind, values)
        return " ".join(part for part in (code, said) if part) or self.pick(kind.label)

    async def _related(self, kind: Kind, values: Mapping[Any, Any]) -> str:
        """Of a record without a name: those it relates."""
        related = [(str(it.target), values.get(it.name)) for it in kind.references if it.required]
        return " → ".join([await self.name(target, key) for target, key in related if isinstance(key, int)])

    async def value(self, field: Field, value: Value) -> str | None:
        """A field's value in words."""
        if value is None or value == []:
            return None
        if field.personal:
            return await shown(self.view, field, value)
        if field.target is not None:
            keys = value if isinstance(value, list) else [value]
            return "、".join([await self.name(field.target, int(str(key))) for key in keys])
        if isinstance(value, bool) or field.choices:
            return self.pick(_chosen(value))
        return _plain(value) if field.type is Type.JSON else str(value)


def _chosen(value: Value) -> Message:
    if isinstance(value, bool):
        return YES if value else NO
    return CHOICES.get(str(value), Message(str(value), str(value)))


def _plain(value: Value) -> str:
    """JSON as people would write it: lists by commas, objects by what they say."""
    if isinstance(value, list):
        return "；".join(_plain(item) for item in value)
    if isinstance(value, dict):
        if set(value) == {"digest", "name"}:
            return f"{value['name']}（SHA-256 {value['digest']}）"
        if set(value) == {"name", "text"}:
            return f"{value['name']}：{value['text']}"
        return "，".join(f"{name}：{_plain(item)}" for name, item in value.items())
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def until(start: date | None, end: date | None, pick: Any) -> str:
    """Days in words."""
    if start is None:
        return ""
    last = "" if end is None else f" {pick(Message('至', 'until'))} {end.isoformat()}"
    return start.isoformat() + last
