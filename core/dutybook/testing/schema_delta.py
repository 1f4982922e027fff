"""What a plugin adds to the schema: the difference between the schema without it and the schema with it."""

from collections.abc import Iterator

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
)

from dutybook.graphql.gifts import schema_with
from dutybook.lifecycle.loading import kinds_with
from dutybook.lifecycle.plugins import Plugins


def schema_delta(plugins: Plugins, name: str) -> dict[str, str]:
    """Every line that a plugin adds, such as `Position.shifts` with its type, or `TollKind.EARLY` of an enum."""
    before, after = _schemas(plugins, name)
    old = dict(_lines(before))
    return {place: text for place, text in sorted(_lines(after)) if old.get(place) != text}


def on_types_of_the_core(plugins: Plugins, name: str) -> dict[str, str]:
    """The fields that a plugin adds to object types which are there without it."""
    before, _ = _schemas(plugins, name)
    objects = {kind.name for kind in before.type_map.values() if isinstance(kind, GraphQLObjectType)}
    found = schema_delta(plugins, name)
    return {place: text for place, text in found.items() if place.partition(".")[0] in objects}


def new_fields(plugins: Plugins, name: str) -> list[tuple[str, str]]:
    """The (type, field) of every field of an object type that a plugin adds."""
    _, after = _schemas(plugins, name)
    objects = {kind.name for kind in after.type_map.values() if isinstance(kind, GraphQLObjectType)}
    places = (place.partition("(")[0].split(".") for place in schema_delta(plugins, name) if "." in place)
    return [(kind, field) for kind, field in places if kind in objects]


def _schemas(plugins: Plugins, name: str) -> tuple[GraphQLSchema, GraphQLSchema]:
    """With only what the plugin itself needs, and with the plugin on top."""
    wanted = _needed(plugins, name)
    without = Plugins([plugin for plugin in plugins if plugin.name in wanted - {name}])
    whole = Plugins([plugin for plugin in plugins if plugin.name in wanted])
    return tuple(schema_with(kinds_with(some), some).graphql for some in (without, whole))  # type: ignore[return-value]


def _needed(plugins: Plugins, name: str) -> set[str]:
    return {name}.union(*(_needed(plugins, other) for other in plugins[name].meta.requires))


def _lines(schema: GraphQLSchema) -> Iterator[tuple[str, str]]:
    for kind in schema.type_map.values():
        if not kind.name.startswith("__"):
            yield from _of_type(kind)


def _of_type(kind: GraphQLNamedType) -> Iterator[tuple[str, str]]:
    yield kind.name, type(kind).__name__.removeprefix("GraphQL").removesuffix("Type")
    match kind:
        case GraphQLObjectType() | GraphQLInterfaceType():
            for name, field in kind.fields.items():
                yield f"{kind.name}.{name}{_arguments(field)}", str(field.type)
        case GraphQLInputObjectType():
            for name, given in kind.fields.items():
                yield f"{kind.name}.{name}", str(given.type)
        case GraphQLEnumType():
            yield from ((f"{kind.name}.{value}", "value") for value in kind.values)
        case GraphQLUnionType():
            yield from ((f"{kind.name}.{member.name}", "member") for member in kind.types)


def _arguments(field: GraphQLField) -> str:
    told = ", ".join(f"{name}: {argument.type}" for name, argument in field.args.items())
    return f"({told})" if told else ""
