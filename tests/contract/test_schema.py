"""The schema holds what portals rely on, and the committed SDL is what the server answers with."""

from pathlib import Path

import pytest
from graphql import (
    DocumentNode,
    EnumTypeDefinitionNode,
    FieldDefinitionNode,
    GraphQLEnumType,
    GraphQLNamedType,
    GraphQLObjectType,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    build_schema,
    parse,
    print_ast,
    print_type,
)

from dutybook.book.nouns import CORE
from dutybook.graphql.schema import build_schema as build_ours

SDL = Path(__file__).parents[2] / "schema" / "dutybook.graphql"
LATER = {"Mutation.importStaff"}
"""What belongs to later issues."""


@pytest.fixture(scope="module")
def promised(shared: Path) -> DocumentNode:
    return parse((shared / "design" / "registry.graphql").read_text("utf-8"))


def test_the_committed_sdl_is_what_the_server_answers_with() -> None:
    assert SDL.read_text("utf-8") == build_ours(CORE).as_str() + "\n", "run make schema, and look at the difference"


def test_everything_that_portals_rely_on_is_there(promised: DocumentNode) -> None:
    ours = build_schema(SDL.read_text("utf-8")).type_map
    missing = [problem for node in promised.definitions for problem in problems(node, ours)]
    assert missing == []


def problems(node: object, ours: dict[str, GraphQLNamedType]) -> list[str]:
    """What a promised type lacks in ours."""
    if isinstance(node, EnumTypeDefinitionNode) and isinstance(kind := ours.get(node.name.value), GraphQLEnumType):
        return [v.name.value for v in node.values or () if v.name.value not in kind.values]
    if not isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode) or node.name.value in LATER:
        return []
    if node.name.value not in ours:
        return [node.name.value]
    have = {found.name.value: found for found in fields_of(parse(print_type(ours[node.name.value])))}
    said = {f"{node.name.value}.{field.name.value}": field for field in node.fields or ()}
    return [name for name, field in said.items() if name not in LATER and not kept(field, have.get(field.name.value))]


def fields_of(document: DocumentNode) -> tuple[FieldDefinitionNode, ...]:
    [node] = document.definitions
    assert isinstance(node, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode)
    return tuple(node.fields or ())


def kept(promised: FieldDefinitionNode, ours: FieldDefinitionNode | None) -> bool:
    """Whether a field has the same type and at least the same arguments, with the same types and defaults."""
    if ours is None or print_ast(promised.type) != print_ast(ours.type):
        return False
    have = {argument.name.value: argument for argument in ours.arguments or ()}
    wanted = {argument.name.value: argument for argument in promised.arguments or ()}
    same = [name in have and bare(have[name]) == bare(argument) for name, argument in wanted.items()]
    return all(same)


def bare(argument: object) -> tuple[str, str]:
    """Type and default of an argument."""
    default = getattr(argument, "default_value", None)
    return print_ast(argument.type), print_ast(default) if default else ""  # type: ignore[attr-defined]


def test_every_type_field_argument_and_value_is_described_in_both_languages() -> None:
    ours = build_schema(SDL.read_text("utf-8"))
    own = [kind for name, kind in ours.type_map.items() if not name.startswith("__") and name not in BUILT_IN]
    silent = [place for kind in own for place, text in said_of(kind) if not bilingual(text)]
    assert silent == []


BUILT_IN = {"String", "Int", "Float", "Boolean", "ID", "JSON"}


def said_of(kind: GraphQLNamedType) -> list[tuple[str, str | None]]:
    """Everything of a type that wants a description."""
    found = [(kind.name, kind.description)]
    for name, value in getattr(kind, "values", {}).items():
        found.append((f"{kind.name}.{name}", value.description))
    for name, field in getattr(kind, "fields", {}).items():
        found.append((f"{kind.name}.{name}", field.description))
        arguments = getattr(field, "args", {}).items()
        found += [(f"{kind.name}.{name}({argument})", given.description) for argument, given in arguments]
    return found


def bilingual(text: str | None) -> bool:
    """Whether it has Chinese and English words."""
    return (
        bool(text) and any("一" <= letter <= "鿿" for letter in str(text)) and any("a" <= c <= "z" for c in str(text))
    )


def test_object_types_are_not_lost_in_the_interface(promised: DocumentNode) -> None:
    ours = build_schema(SDL.read_text("utf-8"))
    for node in promised.definitions:
        if isinstance(node, ObjectTypeDefinitionNode) and node.name.value not in LATER:
            kind = ours.type_map[node.name.value]
            assert isinstance(kind, GraphQLObjectType)
            assert {i.name.value for i in node.interfaces or ()} <= {i.name for i in kind.interfaces}
