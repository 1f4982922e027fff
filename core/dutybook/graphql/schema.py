"""The schema: what the core shows, and what is contributed to its types."""

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from inspect import signature
from typing import Any

import strawberry
from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
)
from strawberry.schema.config import StrawberryConfig
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from dutybook.book.kinds import Kinds
from dutybook.errors import BadInput, DutybookError
from dutybook.graphql.feed import Subscription
from dutybook.graphql.kinds import fields_of, types_of
from dutybook.graphql.mutation import mutation
from dutybook.graphql.query import Query
from dutybook.graphql.records import FromRow
from dutybook.graphql.scalars import SCALARS

Contributions = Mapping[str, Sequence[StrawberryField]]
"""Fields for types of the schema, by the type's name."""


class FieldTaken(BadInput):
    """A contribution would replace a field silently."""

    def __init__(self, place: str) -> None:
        super().__init__(
            f"字段 {place} 已存在，不能再贡献同名字段；请改名。",
            f"The field {place} exists already; choose another name.",
        )


class NoSuchType(BadInput):
    """A contribution would vanish silently: there is no such type, or it is an input."""

    def __init__(self, name: str) -> None:
        zh = f"没有可贡献字段的对象类型 {name}；输入类型不能贡献字段，请用自己的输入。"
        en = f"There is no object type {name} to contribute fields to; inputs take none, use one of your own."
        super().__init__(zh, en)


class Schema(strawberry.Schema):
    """What is optional is absent when it is not given, and plain fields are resolved directly."""

    def __init__(self, kinds: Kinds, contributions: Contributions, types: Sequence[type[Any]]) -> None:
        self._contributions = _merged([*fields_of(kinds), *_single(contributions)])
        config = StrawberryConfig(scalar_map=SCALARS)
        super().__init__(Query, mutation(kinds), Subscription, types=[*types_of(kinds), *types], config=config)
        for name in self._contributions:
            if not isinstance(self._schema.type_map.get(name), GraphQLObjectType):
                raise NoSuchType(name)
        for kind in list(self._schema.type_map.values()):
            if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
                _leave_out_nulls(kind)
            if isinstance(kind, GraphQLObjectType) and "strawberry-definition" in kind.extensions:
                self._shorten(kind)

    @property
    def graphql(self) -> GraphQLSchema:
        """What an executor needs."""
        return self._schema

    def get_fields(self, type_definition: StrawberryObjectDefinition) -> list[StrawberryField]:
        """A type's own fields and those contributed to it; strawberry writes on fields, so each schema has copies."""
        own, names = type_definition.fields, self.config.name_converter
        taken = {names.get_graphql_name(field) for field in own}
        added = [copy.copy(field) for field in self._contributions.get(type_definition.name, ())]
        for field in added:
            if (name := names.get_graphql_name(field)) in taken:
                raise FieldTaken(f"{type_definition.name}.{name}")
            taken.add(name)
        return [*own, *added]

    def as_str(self) -> str:
        """The SDL, without the definition of a directive that is a part of GraphQL."""
        return super().as_str().removeprefix("directive @oneOf on INPUT_OBJECT\n\n")

    def _shorten(self, kind: GraphQLObjectType) -> None:
        """Strawberry's way to a resolver costs as much again as graphql-core's whole field; most fields need none of it."""
        definition = kind.extensions["strawberry-definition"]
        for field in definition.fields:
            shown: GraphQLField = kind.fields[self.config.name_converter.get_graphql_name(field)]
            if resolve := _direct(definition.origin, field):
                shown.resolve = resolve


def _direct(origin: type, field: StrawberryField) -> Callable[[Any, Any], object] | None:
    """A resolver for a field that needs only its object; None for any other."""
    if field.extensions:
        return None
    if field.base_resolver is None:
        name = field.python_name
        if issubclass(origin, FromRow):
            return lambda source, _: getattr(source.row, name)
        return lambda source, _: getattr(source, name)
    method: Any = field.base_resolver.wrapped_func
    return (lambda source, _: method(source)) if list(signature(method).parameters) == ["self"] else None


def _leave_out_nulls(kind: GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType) -> None:
    for value in _optional(kind):
        if value.default_value is None:
            value.default_value = Undefined


def _optional(kind: GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType) -> Iterator[Any]:
    """The arguments of a type's fields, or the fields of an input."""
    for field in kind.fields.values():
        yield from (field.args.values() if isinstance(field, GraphQLField) else (field,))


def _single(contributions: Contributions) -> Iterator[tuple[str, StrawberryField]]:
    for name, fields in contributions.items():
        yield from ((name, field) for field in fields)


def _merged(fields: Iterable[tuple[str, StrawberryField]]) -> dict[str, list[StrawberryField]]:
    found: dict[str, list[StrawberryField]] = {}
    for name, field in fields:
        found.setdefault(name, []).append(field)
    return found


def build_schema(kinds: Kinds, contributions: Contributions | None = None, types: Sequence[type[Any]] = ()) -> Schema:
    """The schema of a book with these kinds, and with fields and types that others contribute."""
    try:
        return Schema(kinds, contributions or {}, types)
    except TypeError as wrapped:
        if isinstance(wrapped.__cause__, DutybookError):
            raise wrapped.__cause__ from None
        raise
