"""The types of kinds that plugins contribute: made from their descriptions, with lists on the registry and on what they refer to."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Annotated, Any

import orjson
import strawberry
from sqlalchemy import select
from strawberry.scalars import JSON
from strawberry.types.field import StrawberryField

from dutybook.book.ids import type_name
from dutybook.book.kinds import Field, Kind, Kinds, Type
from dutybook.db.codec import RowCodec
from dutybook.graphql.connections import AFTER, FIRST, Connection
from dutybook.graphql.describe import both, column, resolved
from dutybook.graphql.names import camel, plural
from dutybook.graphql.nodes import Dated, Node
from dutybook.graphql.pages import Order, record_page
from dutybook.graphql.records import RECORDS, ByKey, Record, Related, objects, one, record, whole_list
from dutybook.graphql.registry import CODE, ORGANISATION, Registry
from dutybook.graphql.values import personal

HERE = __name__
PLAIN: Mapping[Type, Any] = {Type.TEXT: str, Type.INTEGER: int, Type.BOOLEAN: bool, Type.DATE: date, Type.RANK: str}
"""The fields that are read from their column as they stand."""

_made: dict[str, Kind] = {}


def types_of(kinds: Kinds) -> list[type[Record]]:
    """The type of each kind of a book."""
    for kind in kinds:
        if kind.plugin and _made.get(kind.name) != kind:
            _made[kind.name] = kind
            # Types that refer to each other, or to themselves, are found here by name.
            globals()[type_name(kind.name)] = _type_of(kind)
    return [RECORDS[kind.name] for kind in kinds]


def _type_of(kind: Kind) -> type[Record]:
    body: dict[str, Any] = {"__slots__": (), "__annotations__": {}, "__module__": HERE, "__doc__": kind.label.en}
    if kind.coded:
        body["code"] = column("编号，永不复用。", "Its code, never reused.")
        body["__annotations__"]["code"] = str
    for field in (field for field in kind.fields if field.type is not Type.RANK):
        _add_field(body, kind, field)
    made = type(type_name(kind.name), (Dated, Node), body)
    done: type[Record] = record(kind.name, f"{kind.label.zh}。", f"{kind.label.en}.")(made)
    return done


def _add_field(body: dict[str, Any], kind: Kind, field: Field) -> None:
    zh, en = f"{field.label.zh}。", f"{field.label.en}."
    if field.type in PLAIN and not field.personal:
        body[field.name] = column(zh, en)
        body["__annotations__"][field.name] = PLAIN[field.type] if field.required else PLAIN[field.type] | None
        return
    body[field.name] = resolved(zh, en)(_resolver(kind, field))


def _resolver(kind: Kind, field: Field) -> Any:
    """The method that answers a field; its name and its annotations are what the schema shows."""
    answer: Any = _decoded(kind, field)
    shape: Any = JSON | None if field.type is Type.JSON else str | None
    if field.personal:
        answer, shape = _personal(field), str | None
    elif field.type is Type.REFERENCE:
        answer, shape = _related(field), _shape(str(field.target)) | None
    elif field.type is Type.REFERENCES:
        target: Any = _shape(str(field.target))
        answer, shape = _several(field), list[target]
    answer.__name__, answer.__annotations__ = field.name, {"return": shape}
    return answer


def _shape(target: str) -> Any:
    name = type_name(target)
    return RECORDS[target] if target not in _made else Annotated[name, strawberry.lazy(HERE)]


def _decoded(kind: Kind, field: Field) -> Any:
    decode = RowCodec(kind).decoders.get(field.name)

    def decoded(self: Any) -> Any:
        value = getattr(self.row, field.name)
        return value if value is None or decode is None else decode(value)

    return decoded


def _personal(field: Field) -> Any:
    async def value(self: Any) -> Any:
        return (await personal(self.view, [getattr(self.row, field.name)]))[0]

    return value


def _related(field: Field) -> Any:
    async def related(self: Any) -> Any:
        return await one(self.view, str(field.target), getattr(self.row, field.name))

    return related


def _several(field: Field) -> Any:
    async def several(self: Any) -> Any:
        keys = orjson.loads(getattr(self.row, field.name) or "[]")
        found = await self.view.load_all(ByKey(str(field.target)), keys)
        return objects(self.view, str(field.target), [row for row in found if row is not None])

    return several


def fields_of(kinds: Kinds) -> Iterator[tuple[str, StrawberryField]]:
    """What a kind of a plugin adds to other types: its page and its codes on the registry, and the way back of each reference."""
    types_of(kinds)
    for kind in (kind for kind in kinds if kind.plugin):
        yield "Registry", _page_of(kind)
        if kind.coded:
            yield "Registry", _by_code(kind)
        for field in kind.references:
            yield type_name(str(field.target)), _back(kind, field)


def _field(name: str, answer: Any, shape: Any, zh: str, en: str) -> StrawberryField:
    answer.__name__ = name
    answer.__annotations__ = {**answer.__annotations__, "return": shape}
    made: StrawberryField = strawberry.field(answer, name=camel(name), description=both(zh, en))
    return made


def _page_of(kind: Kind) -> StrawberryField:
    order = Order(("organisation", "code"), (int, str)) if kind.coded else Order(("key",), (int,))

    async def page(self: Registry, first: FIRST = 50, after: AFTER = None) -> Any:
        rows = self.view.reading.source(kind.name)
        return await record_page(self.view, kind.name, (select(rows), rows), order, first, after)

    made: Any = RECORDS[kind.name]
    shape: Any = Connection[made]
    return _field(plural(kind.name), page, shape, f"{kind.label.zh}，分页。", f"{kind.label.en}, in pages.")


def _by_code(kind: Kind) -> StrawberryField:
    async def by_code(self: Registry, code: CODE, organisation: ORGANISATION = None) -> Any:
        return await self._by_code(kind.name, code, organisation)

    shape = RECORDS[kind.name] | None
    return _field(kind.name, by_code, shape, f"按编号取{kind.label.zh}。", f"By its code: {kind.label.en}.")


def _back(kind: Kind, field: Field) -> StrawberryField:
    async def back(self: Any) -> Any:
        rows: Sequence[Any] = await self.view.load(Related(kind.name, field.name), self.row.key)
        return (whole_list if "rank" in kind.by_name else objects)(self.view, kind.name, rows)

    alone = sum(other.target == field.target for other in kind.references) == 1
    name = plural(kind.name) if alone else f"{plural(kind.name)}_by_{field.name}"
    made: Any = RECORDS[kind.name]
    shape: Any = list[made]
    zh, en = f"{field.label.zh}为此的{kind.label.zh}。", f"Where this is the {field.label.en.lower()}: {kind.label.en}."
    return _field(name, back, shape, zh, en)
