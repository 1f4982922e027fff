"""The words of one saying: typed access to its parts, and references resolved to keys."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date

from dutybook.book.ids import GlobalId, kind_name, read_id
from dutybook.book.kinds import Field, Kind, Type, Value
from dutybook.book.times import parse_day
from dutybook.errors import BadInput, DutybookError, Message, NotFound
from dutybook.services.drafts import Draft

SAID = re.compile(r"^(move|merge|split|reorder|detach|make|follow|leaveOut|takeBack)")
CODE = Field("code", Message("编号", "Code"), longest=60)
LARGEST_KEY = 2**63 - 1
"""What the databases can hold; no record beyond it can exist."""


class Words:
    """One saying as it is being understood; every error it raises carries the path to the word."""

    def __init__(
        self, draft: Draft, name: str, given: Mapping[str, object], path: Sequence[str], default: date | None = None
    ) -> None:
        self.draft, self.name, self.path = draft, name, tuple(path)
        self._default = default or draft.effective_on
        self._given = {snake(word): value for word, value in given.items()}
        self._used: set[str] = set()
        found = SAID.match(name)
        self.said = found[1] if found else None

    def has(self, name: str) -> bool:
        """Whether a word was given."""
        return name in self._given

    def take(self, name: str) -> object:
        """A word's value; None where it was not given."""
        self._used.add(name)
        return self._given.get(name)

    def fail(self, name: str, zh: str, en: str) -> BadInput:
        """An error about one word."""
        return BadInput(zh, en, path=[*self.path, name])

    def put(self, name: str, value: object) -> None:
        """Puts the form in which a word is kept in its place."""
        self._given[name] = value

    def required(self, name: str) -> object:
        """A word's value; BadInput where it is missing."""
        value = self.take(name)
        if value is None:
            raise self.fail(name, f"{self.name} 缺少 {name}。", f"{self.name} lacks {name}.")
        return value

    def start(self) -> date:
        """The day it begins: `from`, else that of the saying it is a part of, else the effective day of the set."""
        return self.day("from") or self._default

    def day(self, name: str) -> date | None:
        """A day, where given."""
        value = self.take(name)
        return value if isinstance(value, date) or value is None else parse_day(str(value))

    def key(self, name: str, kind: str) -> int:
        """The record that a required word refers to."""
        return self.resolve(name, kind, self.required(name))

    def key_or_none(self, name: str, kind: str) -> int | None:
        """The record that a word refers to, where given."""
        value = self.take(name)
        return None if value is None else self.resolve(name, kind, value)

    def keys(self, name: str, kind: str) -> list[int]:
        """The records that a list refers to; a missing list is empty."""
        items = self.items(name)
        ids = (item if isinstance(item, int) else read_id(str(item)) for item in items)
        keys = (found.key if isinstance(found, GlobalId) else found for found in ids)
        self.draft.know(kind, {key for key in keys if key is not None and 0 < key <= LARGEST_KEY})
        return [self.resolve(name, kind, item) for item in items]

    def items(self, name: str) -> Sequence[object]:
        """A list; a missing one is empty."""
        value = self.take(name)
        if value is not None and not isinstance(value, list | tuple):
            raise self.fail(name, f"{name} 应为列表。", f"{name} must be a list.")
        return value or ()

    def part(self, name: str, index: int, value: object) -> "Words":
        """The words inside an item of a list or inside an object."""
        if not isinstance(value, Mapping):
            raise self.fail(name, f"{name} 应为对象。", f"{name} must be an object.")
        return Words(self.draft, self.name, value, (*self.path, name, str(index)), self.start())

    def resolve(self, name: str, kind: str, value: object) -> int:
        """The key for an id, a key or a code; also of what the same set opens."""
        if isinstance(value, int) and not isinstance(value, bool):
            return self._existing(name, kind, value)
        text = str(value)
        found = read_id(text)
        if found:
            if kind_name(found.type) != kind:
                label = self.draft.book.kinds[kind].label
                zh, en = (
                    f"{name} 应指向{label.zh}，而不是 {found.type}。",
                    f"{name} must be a {label.en.lower()}, not a {found.type}.",
                )
                raise self.fail(name, zh, en)
            return self._existing(name, kind, found.key)
        return self._by_code(name, kind, text)

    def _existing(self, name: str, kind: str, key: int) -> int:
        if not 0 < key <= LARGEST_KEY or not self.draft.knows(kind, key):
            raise self._nothing(name, kind, str(key))
        return key

    def _by_code(self, name: str, kind: str, code: str) -> int:
        self.checked_as(CODE, name, code)
        if (key := self.draft.by_code(kind, code)) is None:
            raise self._nothing(name, kind, code)
        return key

    def _nothing(self, name: str, kind: str, value: str) -> DutybookError:
        label = self.draft.book.kinds[kind].label
        if kind == "document":
            zh = f"没有文号或标识为「{value}」的文件，或不止一个；请核对文号，或改用 id 指明。"
            en = f"No document, or several, have the number or id '{value}'; check it, or name the document by its id."
            return NotFound(zh, en, path=[*self.path, name])
        zh = f"没有编号或标识为「{value}」的{label.zh}；请核对编号，或指明单位。"
        en = f"No {label.en.lower()} has the code or id '{value}'; check it, or name its organisation."
        return NotFound(zh, en, path=[*self.path, name])

    def values(self, kind: Kind, names: Collection[str] | None = None) -> dict[str, Value]:
        """The given fields of a kind, or those of some names, checked, references resolved."""
        raw: dict[str, object] = {}
        for field in kind.fields:
            if field.type is Type.RANK or not self.has(field.name) or (names is not None and field.name not in names):
                continue
            value = self.take(field.name)
            if field.type is Type.REFERENCE and value is not None:
                value = self.resolve(field.name, str(field.target), value)
            elif field.type is Type.REFERENCES and value is not None:
                value = self.keys(field.name, str(field.target))
            raw[field.name] = value
        return self.checked(kind, raw)

    def checked(self, kind: Kind, raw: Mapping[str, object]) -> dict[str, Value]:
        """Checked values; errors carry the path of this saying."""
        try:
            return kind.check(raw)
        except DutybookError as error:
            error.path = (*self.path, *error.path)
            raise

    def checked_as(self, field: Field, name: str, value: object) -> Value:
        """The value of a word that is like a field; an error carries the word's path."""
        try:
            return field.check(value)
        except DutybookError as error:
            error.path = (*self.path, name)
            raise

    def held_by(self, parent: int, name: str, kind: str, field: str, key: int) -> None:
        """BadInput unless a record that the word names lies under a parent."""
        if not self.draft.referring(kind, key, field, parent, self.start()):
            label = self.draft.book.kinds[kind].label
            zh = f"{name} 只能列出被拆分者名下的{label.zh}；第 {key} 号不在其中。"
            en = f"{name} may only list what the split one holds; {label.en.lower()} {key} is not among it."
            raise self.fail(name, zh, en)

    def refuse_unknown(self) -> None:
        """BadInput for a word that nobody asked for."""
        if unknown := self._given.keys() - self._used:
            name = min(unknown)
            raise self.fail(name, f"{self.name} 没有「{name}」这一项。", f"{self.name} has no '{name}'.")


def snake(word: str) -> str:
    """`reportsTo` as the book writes it: `reports_to`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", word).lower()
