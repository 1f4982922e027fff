"""The schema: what the core shows, and later what plugins add to it."""

from collections.abc import Callable, Iterator
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
from strawberry.types.field import StrawberryField

from dutybook.book.kinds import Kinds
from dutybook.graphql.mutation import mutation
from dutybook.graphql.query import Query
from dutybook.graphql.records import RECORDS, FromRow
from dutybook.graphql.scalars import SCALARS


class Schema(strawberry.Schema):
    """A schema with two corrections: what is optional is absent when not given, and plain fields are resolved directly."""

    def __init__(self, kinds: Kinds) -> None:
        config = StrawberryConfig(scalar_map=SCALARS)
        super().__init__(Query, mutation(kinds), types=list(RECORDS.values()), config=config)
        for kind in list(self._schema.type_map.values()):
            if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
                _leave_out_nulls(kind)
            if isinstance(kind, GraphQLObjectType) and "strawberry-definition" in kind.extensions:
                self._shorten(kind)

    @property
    def graphql(self) -> GraphQLSchema:
        """What an executor needs."""
        return self._schema

    def as_str(self) -> str:
        """The SDL, without the definition of a directive that is a part of GraphQL."""
        return super().as_str().removeprefix("directive @oneOf on INPUT_OBJECT\n\n")

    def _shorten(self, kind: GraphQLObjectType) -> None:
        """Strawberry's way to a resolver costs as much again as graphql-core's whole field; most fields need none of it."""
        definition = kind.extensions["strawberry-definition"]
        for field in self.get_fields(definition):
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


def build_schema(kinds: Kinds) -> Schema:
    """The schema of a book with these kinds."""
    return Schema(kinds)
