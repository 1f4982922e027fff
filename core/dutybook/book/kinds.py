"""Kinds: the description by which every dated record of the book is registered, the core's and the plugins' alike."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cached_property

from dutybook.book.times import parse_day
from dutybook.errors import BadInput, Message

Scalar = str | int | bool | None
Value = Scalar | list["Value"] | dict[str, "Value"]
"""A field's value in canonical JSON: dates as ISO text, decimals as text, references as keys; never a float."""

Values = Mapping[str, Value]

LARGEST = 2**53 - 1
"""Beyond it whole numbers are not exact in every reader of JSON."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters but for tab and line feed, and halves of surrogate pairs, which no database takes."""


class Type(Enum):
    """What a field may hold."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    BOOLEAN = "boolean"
    DATE = "date"
    REFERENCE = "reference"
    REFERENCES = "references"
    JSON = "json"
    RANK = "rank"


YES_NO: Mapping[bool, Message] = {True: Message("是", "yes"), False: Message("否", "no")}


class InvalidValue(BadInput):
    """A field was given a value it cannot hold."""

    def __init__(self, field: "Field", value: object, zh: str, en: str) -> None:
        text = "".join(c if c.isprintable() else "�" for c in str(value)[:61])  # else the message could not be sent
        shown = text if len(text) <= 60 else f"{text[:60]}…"
        name = field.name
        super().__init__(
            f"{field.label.zh}（{name}）的值「{shown}」无效：{zh}。",
            f"{name}: '{shown}' is not valid: {en}.",
            path=[name],
        )


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a kind. `within` demands that the referred identity be in force on every day it is referred to.
    `choices` are the only values, each with what people call it.

    The clear value of a `personal` field is kept apart from the book, and shown only where its person's values may be read;
    one that is a `contact` besides, wherever their office contacts may be.
    """

    name: str
    label: Message
    type: Type = Type.TEXT
    required: bool = False
    personal: bool = False
    contact: bool = False
    target: str | None = None
    within: bool = True
    choices: Mapping[str, Message] = field(default_factory=dict, hash=False)
    minimum: int | None = None
    maximum: int | None = None
    scale: int = 2
    longest: int = 4000

    def check(self, value: object) -> Value:
        """The value in canonical form; InvalidValue names the field, the value and the way out."""
        if value is None or (isinstance(value, str) and not value.strip()):
            if self.required:
                raise InvalidValue(self, value, "不能为空", "it must not be empty")
            return None
        return _CHECKS[self.type](self, value)

    def chosen(self, value: Value) -> Message | None:
        """What people call one of its choices, or yes and no; None for a value that is none of these."""
        return YES_NO[value] if isinstance(value, bool) else self.choices.get(str(value))


def _text(field: Field, value: object) -> str:
    if not isinstance(value, str):
        raise InvalidValue(field, value, "应为文字", "text is expected")
    if len(value) > field.longest:
        raise InvalidValue(field, value, f"超过 {field.longest} 字", f"longer than {field.longest} characters")
    if strange := _CONTROL.search(value):
        code = f"U+{ord(strange[0]):04X}"
        raise InvalidValue(field, value, f"含控制字符 {code}，请删除", f"holds control character {code}; remove it")
    if field.choices and value not in field.choices:
        zh = "、".join(f"{name}（{called.zh}）" for name, called in field.choices.items())
        raise InvalidValue(field, value, f"只能取 {zh}", f"one of {', '.join(field.choices)} is expected")
    return value


def _integer(field: Field, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > LARGEST:
        raise InvalidValue(field, value, "应为整数", "a whole number is expected")
    low, high = field.minimum, field.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        raise InvalidValue(field, value, f"应在 {low} 到 {high} 之间", f"it must lie between {low} and {high}")
    return value


def _decimal(field: Field, value: object) -> str:
    try:
        number = Decimal(str(value))
        rounded = number.quantize(Decimal(1).scaleb(-field.scale))
    except InvalidOperation as reason:
        raise InvalidValue(field, value, "应为数字", "a number is expected") from reason
    if not number.is_finite() or abs(rounded.scaleb(field.scale)) > LARGEST:
        raise InvalidValue(field, value, "应为数字", "a number is expected")
    if rounded != number:
        raise InvalidValue(field, value, f"小数超过 {field.scale} 位", f"more than {field.scale} decimal places")
    return str(rounded)


def _boolean(field: Field, value: object) -> bool:
    if not isinstance(value, bool):
        raise InvalidValue(field, value, "应为是或否", "true or false is expected")
    return value


def _date(_: Field, value: object) -> str:
    return value.isoformat() if isinstance(value, date) else parse_day(str(value)).isoformat()


def _reference(field: Field, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InvalidValue(field, value, f"应为 {field.target} 的标识", f"the key of a {field.target} is expected")
    return value


def _references(field: Field, value: object) -> list[Value]:
    if not isinstance(value, list | tuple):
        raise InvalidValue(field, value, "应为列表", "a list is expected")
    return [_reference(field, item) for item in value] or []


def _json(field: Field, value: object) -> Value:
    if isinstance(value, float):
        raise InvalidValue(field, value, "不接受浮点数", "floats are not accepted; write a string")
    if isinstance(value, list | tuple):
        return [_json(field, item) for item in value]
    if isinstance(value, dict):
        return {_name(field, name): _json(field, item) for name, item in value.items()}
    if isinstance(value, str):
        return _text(field, value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return _integer(field, value)
    raise InvalidValue(field, value, "应为 JSON", "JSON is expected")


def _name(field: Field, name: object) -> str:
    """A name within JSON. Up to U+FFFF the canonical order, by UTF-16, is also the order of characters and of bytes."""
    if not isinstance(name, str) or max(name, default="") > "\uffff":
        raise InvalidValue(
            field, name, "名称只能用基本平面内的字符", "names of the basic plane (up to U+FFFF) are expected"
        )
    return _text(field, name)


_CHECKS: Mapping[Type, Callable[[Field, object], Value]] = {
    Type.TEXT: _text,
    Type.INTEGER: _integer,
    Type.DECIMAL: _decimal,
    Type.BOOLEAN: _boolean,
    Type.DATE: _date,
    Type.REFERENCE: _reference,
    Type.REFERENCES: _references,
    Type.JSON: _json,
    Type.RANK: _text,
}


@dataclass(frozen=True)
class Kind:
    """A dated record type. `coded` kinds have a code that is unique in their organisation for ever.

    `parents` names the references under which its records stand in order and end together with them, the first that is set
    holding. `scope` names the reference that leads to the department which decides who may see a record (`key` for
    departments themselves); None: everybody. `person` names the reference that leads to the employee whom its personal values
    are about (`key` for employees themselves).
    `classified`: its field `classification` decides besides who may see a record.
    `backstage`: only who works on change sets sees its records.
    `plugin` names the plugin that contributes it, with which its name begins.
    """

    name: str
    label: Message
    fields: tuple[Field, ...]
    coded: str | None = None
    parents: tuple[str, ...] = ()
    scope: str | None = None
    person: str | None = None
    classified: bool = False
    backstage: bool = False
    plugin: str | None = None
    events: Mapping[str, str] = field(default_factory=lambda: {"open": "opened", "set": "changed", "close": "closed"})

    @property
    def table(self) -> str:
        """The name of the table of its identities."""
        return f"plg_{self.name}" if self.plugin else self.name

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        """The fields by their names."""
        return {field.name: field for field in self.fields}

    @cached_property
    def personal(self) -> frozenset[str]:
        """The fields whose clear values are kept apart from the book."""
        return frozenset(field.name for field in self.fields if field.personal)

    @cached_property
    def contacts(self) -> frozenset[str]:
        """The personal fields by which colleagues know and reach somebody."""
        return frozenset(field.name for field in self.fields if field.contact)

    @cached_property
    def open_to_all(self) -> tuple[str, ...]:
        """The names of the fields whose values stand in the book itself."""
        return tuple(field.name for field in self.fields if not field.personal)

    @cached_property
    def references(self) -> tuple[Field, ...]:
        """The fields that hold one key of another identity."""
        return tuple(field for field in self.fields if field.type is Type.REFERENCE)

    @property
    def leads_by(self) -> Field | None:
        """The reference that leads towards the department which a record belongs to."""
        name = self.parents[0] if self.scope == "key" else self.scope
        return self.by_name[name] if name else None

    def check(self, values: Mapping[str, object]) -> dict[str, Value]:
        """The named values in canonical form; InvalidValue for an unknown field or a value it cannot hold."""
        if unknown := values.keys() - self.by_name.keys():
            name, known = min(unknown), ", ".join(self.by_name)
            strange = Field(name, Message("字段", "Field"))
            zh = f"{self.label.zh}没有此字段，已有 {known}"
            raise InvalidValue(strange, values[name], zh, f"{self.name} has {known}")
        return {name: self.by_name[name].check(value) for name, value in values.items()}

    def complete(self, values: Mapping[str, object]) -> dict[str, Value]:
        """Checked values for an opening: absent fields are null, absent required ones are refused."""
        return self.check({**dict.fromkeys(self.by_name), **values})


class Kinds:
    """The kinds of one book, by name."""

    def __init__(self, kinds: Iterable[Kind]) -> None:
        self._kinds = {kind.name: kind for kind in kinds}

    def __getitem__(self, name: str) -> Kind:
        if name not in self._kinds:
            known = ", ".join(self._kinds)
            raise BadInput(
                f"没有名为「{name}」的类型，已有 {known}；若它属于某个插件，请先启用该插件。",
                f"No kind is called '{name}'; known are {known}. If it is a plugin's, enable that plugin first.",
            )
        return self._kinds[name]

    def __iter__(self) -> Iterator[Kind]:
        return iter(self._kinds.values())

    def __contains__(self, name: object) -> bool:
        return name in self._kinds

    def referring_to(self, target: str) -> Iterator[tuple[Kind, Field]]:
        """Every kind and field by which a record can depend on a `target` on each of its days."""
        for kind in self:
            yield from ((kind, ref) for ref in kind.references if ref.target == target and ref.within)
