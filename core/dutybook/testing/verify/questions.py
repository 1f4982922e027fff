"""Questions about contributed fields: documents that ask a field of some parents, with arguments and a selection."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    Undefined,
    get_named_type,
    print_ast,
)
from graphql.utilities import ast_from_value

from dutybook.book.ids import type_name

DEPTH = 4
"""How far below a field its answer is read, edges and nodes of connections included."""


@dataclass(frozen=True)
class Questions:
    """The questions of one plugin's schema; `ids` are records of each kind, by the kind's name."""

    schema: GraphQLSchema
    plugin: str
    ids: Mapping[str, Sequence[str]]
    today: date

    def field(self, parent: str, name: str, **given: Any) -> str:
        """A field with arguments where it must have some, and with all below it that belongs to the plugin."""
        kind = self.schema.type_map[parent]
        assert isinstance(kind, GraphQLObjectType)
        return self._asked(name, kind.fields[name], DEPTH, given)

    def takes(self, parent: str, name: str, argument: str) -> bool:
        """Whether a field has an argument."""
        kind = self.schema.type_map[parent]
        return isinstance(kind, GraphQLObjectType) and argument in kind.fields[name].args

    def _asked(self, name: str, field: GraphQLField, depth: int, given: Mapping[str, Any]) -> str:
        told = ", ".join(f"{key}: {value}" for key, value in self._arguments(field, given))
        below = self._selection(get_named_type(field.type), depth)
        return f"{name}{f'({told})' if told else ''}{below}"

    def _arguments(self, field: GraphQLField, given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        for name, argument in field.args.items():
            if name in given or _is_needed(argument):
                value = given.get(name, self._value(name, argument.type))
                ast = ast_from_value(value, argument.type)
                yield name, print_ast(ast) if ast else "null"

    def _value(self, name: str, kind: Any) -> Any:
        """Something to give for an argument: a record where it is called like a kind, else the simplest there is."""
        bare = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
        if isinstance(bare, GraphQLList):
            return [self._value(name, bare.of_type)]
        if isinstance(bare, GraphQLInputObjectType):
            needed = {key: it for key, it in bare.fields.items() if isinstance(it.type, GraphQLNonNull)}
            return {key: self._value(key, it.type) for key, it in needed.items()}
        if isinstance(bare, GraphQLEnumType):
            return next(iter(bare.values.values())).value
        known = self.ids.get(name) or (self.ids["position"] if bare.name == "ID" else None)
        if known and bare.name in {"ID", "String"}:
            return known[0]
        moment = datetime.combine(self.today, time(4), UTC)
        plain = {"Int": 1, "Float": 1.0, "Boolean": True, "Date": self.today, "DateTime": moment}
        return plain.get(bare.name, "1")

    def _selection(self, kind: Any, depth: int) -> str:
        if isinstance(kind, GraphQLUnionType | GraphQLInterfaceType) or depth == 0:
            return "" if isinstance(kind, GraphQLScalarType | GraphQLEnumType) else " { __typename }"
        if not isinstance(kind, GraphQLObjectType):
            return ""
        inner = " ".join(self._fields(kind, depth - 1))
        return f" {{ __typename {inner} }}"

    def _fields(self, kind: GraphQLObjectType, depth: int) -> Iterator[str]:
        """Of the plugin's own types everything; of the core's only what tells that they are there."""
        ours = kind.name.startswith(type_name(self.plugin))
        for name, field in kind.fields.items():
            leaf = isinstance(get_named_type(field.type), GraphQLScalarType | GraphQLEnumType)
            if not any(_is_needed(argument) for argument in field.args.values()) and (ours or (leaf and name == "id")):
                yield self._asked(name, field, depth, {})


def _is_needed(argument: GraphQLArgument) -> bool:
    return isinstance(argument.type, GraphQLNonNull) and argument.default_value is Undefined


def of_nodes(parent: str, ids: Sequence[str], field: str) -> str:
    """Asks a field of some records."""
    nodes = " ".join(
        f'n{at}: node(id: "{text}") {{ ... on {parent} {{ it: {field} }} }}' for at, text in enumerate(ids)
    )
    return f"{{ {nodes} }}"
