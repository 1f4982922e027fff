"""Records and values in the words of people, for what is printed: names and codes, never keys."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from dutybook.access.actor import ROLE_NAMES
from dutybook.book.kinds import Field, Kind, Type, Value
from dutybook.book.routes import Signer
from dutybook.db.names import SHOWN
from dutybook.errors import Message
from dutybook.graphql.context import View
from dutybook.graphql.records import ByKey
from dutybook.graphql.tree import load_tree
from dutybook.graphql.values import CodeOf, personal, shown
from dutybook.services.signers import called

HIDDEN = Message("（不可见）", "(not visible)")
COLON, SEMICOLON, COMMA = Message("：", ": "), Message("；", "; "), Message("，", ", ")
AND = Message("、", ", ")
OPEN, SHUT = Message("（", " ("), Message("）", ")")
TITLE = Message("《{title}》", "“{title}”")


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

    def moment(self, moment: datetime) -> str:
        """A moment by the clock of the house."""
        return moment.astimezone(self.view.context.book.clock.zone).strftime("%Y-%m-%d %H:%M")

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
            quoted = self.pick(TITLE).format(title=values["title"])
            return quoted + (f"{self.pick(OPEN)}{number}{self.pick(SHUT)}" if number else "")
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
            return self.pick(AND).join([await self.name(field.target, int(str(key))) for key in keys])
        if told := field.chosen(value):
            return self.pick(told)
        if field.name in {"kinds", "steps"} and isinstance(value, list):
            return await self._route(field.name, value)
        return _plain(value, self.pick) if field.type is Type.JSON else str(value)

    async def _route(self, name: str, value: list[Value]) -> str:
        """What a route of approval is for, and its steps."""
        kinds, pick = self.view.context.book.kinds, self.pick
        if name == "kinds":
            return pick(AND).join(pick(kinds[str(it)].label) if it in kinds else str(it) for it in value)
        steps = []
        for number, step in enumerate(value, 1):
            said = step if isinstance(step, dict) else {}
            signers = said.get("signers")
            names = [await self.signer(str(it)) for it in (signers if isinstance(signers, list) else ())]
            steps.append(f"{number} {said.get('name') or ''}".strip() + pick(COLON) + pick(AND).join(names))
        return pick(SEMICOLON).join(steps)

    async def signer(self, text: str) -> str:
        """A place to be signed: somebody, or whoever has a role, perhaps for a department."""
        signer = Signer.read(text)
        place = await self._place(signer.place) if signer and signer.place else None
        return self.pick(called(text, place))

    def role(self, name: str) -> str:
        """What those who have a role are called."""
        return self.pick(ROLE_NAMES.get(name, Message(name, name)))

    async def _place(self, place: str) -> str:
        """What a place is written for: an organisation by its code, or a department by its organisation's and its own."""
        above, _, code = place.rpartition("/")
        for row in (await self.view.load(load_tree, None)).rows if above else ():
            if row.code == code and await self.view.load(CodeOf("organisation"), row.organisation) == above:
                return f"{code} {row.name}"
        return place


def _plain(value: Value, pick: Callable[[Message], str]) -> str:
    """JSON as people would write it: lists by commas, objects by what they say."""
    colon, semicolon, comma = pick(COLON), pick(SEMICOLON), pick(COMMA)
    if isinstance(value, list):
        return semicolon.join(_plain(item, pick) for item in value)
    if isinstance(value, dict):
        if set(value) == {"digest", "name"}:
            return f"{value['name']}{pick(OPEN)}SHA-256 {value['digest']}{pick(SHUT)}"
        if set(value) == {"name", "text"}:
            return f"{value['name']}{colon}{value['text']}"
        return comma.join(f"{name}{colon}{_plain(item, pick)}" for name, item in value.items())
    return value if isinstance(value, str) else orjson.dumps(value).decode()
