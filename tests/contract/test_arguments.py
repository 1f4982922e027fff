"""Whatever arguments of a query are given together, the answer is data or a clear error."""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
    is_required_argument,
    is_required_input_field,
)

from dutybook.errors import DutybookError
from tests.backends import Backend
from tests.flow.graphql_book import SCHEMA, Asking, asked, fill

TOGETHER = 3
"""So many arguments are combined: a filter's place takes two, and a text to look for is one more."""

PAGING = {("first",), ("after",)}
"""These are asked with alone."""

SCALARS = {"Boolean": "true", "Int": "1", "Date": '"2026-02-01"', "DateTime": '"2026-02-01T00:00:00Z"', "ID": '"x"'}
TEXTS = {"department": "D002", "position": "P0005", "organisation": "GS", "number": "E0001", "search": "检修"}
CODES = {"department": "D002", "position": "P0005", "employee": "E0001", "standardPosition": "S001", "document": "无"}
PATHS = {
    "Query": "{{ {} }}",
    "Registry": "{{ registry {{ {} }} }}",
    "Department": '{{ registry {{ department(code: "D002") {{ {} }} }} }}',
    "Position": '{{ registry {{ position(code: "P0005") {{ {} }} }} }}',
    "Employee": '{{ registry {{ employee(number: "E0001") {{ {} }} }} }}',
}

Given = Mapping[str, GraphQLArgument] | Mapping[str, GraphQLInputField]
Choice = tuple[str, ...]


def value(name: str, kind: GraphQLInputType, owner: str) -> str:
    """Something that an argument may be."""
    bare = get_nullable_type(kind)
    if isinstance(bare, GraphQLList):
        return f"[{value(name, bare.of_type, owner)}]"
    if isinstance(bare, GraphQLEnumType):
        return str(next(iter(bare.values)))
    if isinstance(bare, GraphQLInputObjectType):
        needed = [key for key, field in bare.fields.items() if is_required_input_field(field)]
        inner = (f"{key}: {value(key, bare.fields[key].type, owner)}" for key in needed or [next(iter(bare.fields))])
        return f"{{{', '.join(inner)}}}"
    named = CODES.get(owner, "D002") if name == "code" else TEXTS.get(name, "检")
    return SCALARS.get(get_named_type(kind).name, f'"{named}"')


def choices(given: Given) -> Iterator[Choice]:
    """Every argument, and of filters every field, by the way to it."""
    for name, one in given.items():
        bare = get_nullable_type(one.type)
        if isinstance(bare, GraphQLInputObjectType):
            yield from ((name, *inner) for inner in choices(bare.fields))
        else:
            yield (name,)


def written(given: Given, chosen: set[Choice], owner: str) -> str:
    """The arguments that are chosen, with those that have to be given."""
    said = []
    for name, one in given.items():
        inner = {choice[1:] for choice in chosen if choice[0] == name}
        bare = get_nullable_type(one.type)
        is_needed = is_required_argument(one) if isinstance(one, GraphQLArgument) else is_required_input_field(one)
        if isinstance(bare, GraphQLInputObjectType) and inner:
            said.append(f"{name}: {{{written(bare.fields, inner, owner)}}}")
        elif inner or is_needed:
            said.append(f"{name}: {value(name, one.type, owner)}")
    return ", ".join(said)


def selected(field: GraphQLField) -> str:
    """A little of what a field answers, and how much there is where it is counted."""
    kind = get_named_type(field.type)
    if not isinstance(kind, GraphQLObjectType):
        return "" if kind.name in SCALARS or not hasattr(kind, "fields") else "{ __typename }"
    counted = "totalCount edges { node { __typename } }" if "totalCount" in kind.fields else "__typename"
    return f"{{ {counted} }}"


def documents(owner: str) -> Iterator[tuple[str, str]]:
    """Each field with arguments, asked with every few of them."""
    kind = SCHEMA.graphql.get_type(owner)
    assert isinstance(kind, GraphQLObjectType)
    for name, field in kind.fields.items():
        every = list(choices(field.args))
        others = [choice for choice in every if choice not in PAGING]
        counts = range(TOGETHER + 1) if every else ()
        together: list[set[Choice]] = [set(chosen) for count in counts for chosen in combinations(others, count)]
        for chosen in together + [{choice} for choice in every if choice in PAGING]:
            said = written(field.args, chosen, name)
            yield name, PATHS[owner].format(f"{name}{f'({said})' if said else ''} {selected(field)}")


@pytest.fixture(scope="module")
def ask(backend: Backend) -> Iterator[Asking]:
    with backend.database(fill) as url, asked(url) as asking:
        yield asking


@pytest.mark.parametrize("owner", PATHS)
def test_no_arguments_together_are_too_much(ask: Asking, owner: str) -> None:
    told = dict[str, Any]()
    for _, document in documents(owner):
        for error in ask.result(document).errors or ():
            if not isinstance(error.original_error, DutybookError):
                told[document] = error
    assert not told


def test_the_arguments_of_a_search_are_combined() -> None:
    texts = [document for name, document in documents("Registry") if name == "duties"]
    wanted = 'duties(search: "检修", filter: {department: "D002", includeDescendants: true})'
    assert any(wanted in text for text in texts)
    assert len(texts) == len(set(texts)) > 40
