"""What can be said of the book, as one @oneOf input: made from the descriptions of the kinds, a plugin's included."""

from collections.abc import Iterator, Mapping
from datetime import date
from enum import Enum
from typing import Any

import strawberry
from strawberry.scalars import JSON

from dutybook.book.kinds import Field, Kind, Type
from dutybook.errors import Message
from dutybook.graphql.classification import Classification
from dutybook.graphql.describe import both, column
from dutybook.graphql.involvement import Involvement
from dutybook.graphql.names import camel
from dutybook.graphql.people import AssignmentKind
from dutybook.graphql.quotas import Reach
from dutybook.services.say import plain

Parts = dict[str, tuple[Any, Any]]
"""The fields of an input in the making: type and description of each."""

Saying = tuple[str, type, Message]
"""A member of the @oneOf input: its name, its own input, and what it says."""


@strawberry.input(description=both("岗位说明书中职责以外的章节。", "A part of a job description that is not a duty."))
class SectionInput:
    """A section."""

    name: str = column("章节名。", "Its name.")
    text: str = column("内容。", "Its text.")


@strawberry.input(description=both("职责的出处。", "Where a duty was read from."))
class SourceInput:
    """Lines of a document."""

    document: str = column("文件名。", "The document.")
    first_line: int | None = column("首行，从 1 计。", "The first line, counted from 1.", default=None)
    last_line: int | None = column("末行。", "The last line.", default=None)


@strawberry.input(description=both("审批流程的一步。", "One step of a route of approval."))
class RouteStepInput:
    """A step."""

    name: str | None = column("步骤名称。", "What the step is called.", default=strawberry.UNSET)
    signers: list[str] = column(
        "须全部签署：user:用户名、role:角色 或 role:角色@部门或单位编号。",
        "All must sign: user:NAME, role:NAME or role:NAME@CODE of a department or organisation.",
    )


@strawberry.input(
    description=both("一个扫描件：已上传的文件及其名称。", "A scan: a file that was uploaded, and its name.")
)
class ScanInput:
    """A scan."""

    digest: str = column("上传（POST /files）所答的摘要。", "The digest that the upload (POST /files) answered.")
    name: str = column("文件名，如 通知.pdf。", "Its name, like notice.pdf.")


ENUMS: Mapping[str, type[Enum]] = {
    "involvement": Involvement,
    "classification": Classification,
    "kind": AssignmentKind,
    "reach": Reach,
}
SHAPES: Mapping[str, Any] = {
    "sections": list[SectionInput],
    "tags": list[str],
    "source": SourceInput,
    "scans": list[ScanInput],
    "kinds": list[str],
    "steps": list[RouteStepInput],
}
TYPES: Mapping[Type, Any] = {
    Type.TEXT: str,
    Type.INTEGER: int,
    Type.DECIMAL: str,
    Type.BOOLEAN: bool,
    Type.DATE: date,
    Type.REFERENCE: strawberry.ID,
    Type.REFERENCES: list[strawberry.ID],
    Type.JSON: JSON,
}
FROM = (
    "from",
    (date | None, Message("起始日；默认为变更单的生效日", "From which day; the set's effective day unless said")),
)
TO = ("to", (date | None, Message("截止日，不含当日；空为不限", "The day after the last; open-ended if absent")))
ANCHORS: Parts = {
    "before": (strawberry.ID | None, Message("排在此记录之前", "Right before this sibling")),
    "after": (
        strawberry.ID | None,
        Message("排在此记录之后；两者皆空为最后", "Right after this sibling; last if neither is given"),
    ),
}
ORGANISATION = (
    strawberry.ID | None,
    Message("单位；账册只有一个单位时可省略", "The organisation; needed only where the book has several"),
)
CODE = (str | None, Message("编号；省略则取下一个空号", "The code; the next free one if absent"))
NOTE = Message(
    "引用可用 id、key 或编号，也可指同一变更单中先设立的记录",
    "References are ids, keys or codes, also of what the same set opens before",
)


def field_type(kind: Kind, field: Field) -> Any:
    """The input type of a kind's field; names mean something special in the core's kinds only."""
    if kind.plugin:
        return JSON if field.type is Type.JSON else TYPES[field.type]
    if field.choices:
        return ENUMS.get(field.name, str)
    return SHAPES.get(field.name, JSON) if field.type is Type.JSON else TYPES[field.type]


def make_input(name: str, zh: str, en: str, parts: Parts, *, one_of: bool = False) -> type:
    """An input of the schema; a part that is not given stays unset."""
    names = {part: f"{part}_" if part == "from" else part for part in parts}
    body: dict[str, Any] = {"__annotations__": {names[part]: kind for part, (kind, _) in parts.items()}}
    for part, (kind, text) in parts.items():
        options = {} if type(None) not in getattr(kind, "__args__", ()) else {"default": strawberry.UNSET}
        body[names[part]] = column(f"{text.zh}。", f"{text.en}.", name=camel(part), **options)
    made: type = strawberry.input(type(name, (), body), description=both(zh, en), one_of=one_of)
    return made


def _fields(kind: Kind, *, opening: bool) -> Iterator[tuple[str, tuple[Any, Message]]]:
    for field in kind.fields:
        if field.type is Type.RANK:
            continue
        needed = opening and field.required and field.name not in plain.DEFAULTS.get(kind.name, {})
        shape = field_type(kind, field)
        yield field.name, (shape if needed else shape | None, field.label)


def opening_parts(kind: Kind) -> Parts:
    """What can be said when a record begins."""
    parts: Parts = dict(_fields(kind, opening=True))
    if kind.coded:
        parts[plain.NUMBERS.get(kind.name, "code")] = CODE
        if kind.name != "organisation":
            parts["organisation"] = ORGANISATION
    return parts | _ranked(kind) | dict([FROM, TO])


def _ranked(kind: Kind) -> Parts:
    return dict(ANCHORS) if "rank" in kind.by_name else {}


def _subject(kind: Kind) -> Parts:
    return {kind.name: (strawberry.ID, kind.label)}


def of_kind(kind: Kind) -> Iterator[Saying]:
    """The three sayings that every kind has."""
    begin, change, end = plain.of(kind)
    label = kind.label
    setting = _subject(kind) | dict(_fields(kind, opening=False)) | _ranked(kind) | dict([FROM, TO])
    dependents = (bool | None, Message("连同其下的一切一并终止", "End with it whatever lies within it"))
    why = {name: part for name, part in _fields(kind, opening=False) if name in plain.LAST_WORDS.get(kind.name, ())}
    closing = _subject(kind) | why | {"with_dependents": dependents} | dict([FROM])
    for name, parts, text in (
        (begin, opening_parts(kind), Message(f"设立{label.zh}", f"Open: {label.en}")),
        (change, setting, Message(f"变更{label.zh}的若干字段", f"Change named fields of: {label.en}")),
        (end, closing, Message(f"终止{label.zh}", f"Close: {label.en}")),
    ):
        yield name, make_input(input_name(name), f"{text.zh}。{NOTE.zh}。", f"{text.en}. {NOTE.en}.", parts), text


def input_name(saying: str) -> str:
    """The name of a saying's input type."""
    return f"{saying[0].upper()}{saying[1:]}Input"


def said(spoken: Any) -> Any:
    """An input as the plain JSON that services and the command line share."""
    if isinstance(spoken, list):
        return [said(item) for item in spoken]
    if isinstance(spoken, Enum):
        return spoken.name
    if isinstance(spoken, date):
        return spoken.isoformat()
    if not hasattr(spoken, "__strawberry_definition__"):
        return spoken
    fields = spoken.__strawberry_definition__.fields
    given = {field.graphql_name or camel(field.python_name): getattr(spoken, field.python_name) for field in fields}
    return {name: said(value) for name, value in given.items() if value is not strawberry.UNSET}
