"""How much one request may ask for."""

from dataclasses import replace
from typing import Any

import pytest
from graphql import build_schema, parse
from hypothesis import given
from hypothesis import strategies as st

from dutybook.http.limits import Limits
from dutybook.http.weight import weigh
from tests.flow.http_server import Server

PAGE = "query($n: Int) { positions(first: $n) { edges { node { duties { text } } } } }"


def code(server: Server, query: str, variables: Any = None, who: str = "reader") -> str | None:
    errors = server.post(query, variables, authorization=f"Bearer {who}").json().get("errors")
    return errors[0]["extensions"]["code"] if errors else None


def chain(levels: int) -> str:
    """A query of so many levels, the leaf included."""
    return "{ position " + "{ reportsTo " * (levels - 2) + "{ title }" + " }" * (levels - 1)


@pytest.mark.parametrize(
    ("within", "beyond"),
    [
        (chain(15), chain(16)),
        (
            "{" + " ".join(f"a{n}: __typename" for n in range(15)) + "}",
            "{" + " ".join(f"a{n}: __typename" for n in range(16)) + "}",
        ),
        (
            "{ positions(first: 200) { edges { cursor } } }",
            "{ positions(first: 200) { edges { node { duties { position { reportsTo { title } } } } } } }",
        ),
    ],
    ids=["depth", "aliases", "cost"],
)
def test_a_limit_lets_through_what_is_within_and_refuses_what_is_beyond(
    server: Server, within: str, beyond: str
) -> None:
    assert code(server, within) is None
    assert code(server, beyond) == "TOO_EXPENSIVE"


def test_a_document_has_at_most_2000_tokens(server: Server) -> None:
    assert code(server, "{" + " __typename" * 1998 + "}") != "TOO_EXPENSIVE"
    assert code(server, "{" + " __typename" * 1999 + "}") == "TOO_EXPENSIVE"


def test_aliases_count_as_often_as_their_fragment_is_spread(server: Server) -> None:
    nested = "fragment A on Position { a: title b: title } fragment B on Position { ...A reportsTo { ...A } }"
    chain = "{ position { ...B reportsTo { reportsTo { ...B reportsTo { reportsTo { ...B reportsTo { reportsTo { ...B } } } } } } } }"
    assert code(server, chain + nested) == "TOO_EXPENSIVE"


def test_fragments_that_double_at_each_step_are_weighed_at_once(server: Server) -> None:
    steps = [
        f"fragment F{n} on Position {{ a: reportsTo {{ ...F{n + 1} }} b: reportsTo {{ ...F{n + 1} }} }}"
        for n in range(80)
    ]
    bomb = "{ position { ...F0 } }" + "".join(steps) + "fragment F80 on Position { title }"
    answer = server.post(bomb)
    assert answer.json()["errors"][0]["extensions"]["code"] == "TOO_EXPENSIVE"
    assert answer.elapsed.total_seconds() < 1


@pytest.mark.parametrize(
    ("size", "told"),
    [(0, None), (60, None), (200, None), (201, "BAD_USER_INPUT"), (10**9, "BAD_USER_INPUT"), (-1, None)],
)
def test_the_size_of_a_page_counts_wherever_it_is_written(server: Server, size: int, told: str | None) -> None:
    page = "{ positions(first: %d) { edges { cursor } } }"
    variable = "query($n: Int) { positions(first: $n) { edges { cursor } } }"
    default = "query($n: Int = %d) { positions(first: $n) { edges { cursor } } }"
    assert {code(server, page % size), code(server, variable, {"n": size}), code(server, default % size)} == {told}


def test_a_page_is_paid_for_by_what_the_variable_says(server: Server) -> None:
    assert [code(server, PAGE, {"n": size}) for size in (50, 200)] == [None, None]
    assert code(server, PAGE.replace("{ text }", "{ position { id } }"), {"n": 150}) is None
    assert code(server, PAGE.replace("{ text }", "{ position { reportsTo { id } } }"), {"n": 200}) == "TOO_EXPENSIVE"


def test_a_variable_without_a_name_buys_nothing(server: Server) -> None:
    assert code(server, "{ positions(first: 201) { edges { cursor } } }", {"": 1}) == "BAD_USER_INPUT"


def test_introspection_is_not_limited_in_depth(server: Server) -> None:
    inner = "name ofType { " * 12 + "name" + " }" * 12
    assert code(server, "{ __schema { types { fields { type { INNER } } } } }".replace("INNER", inner)) is None


def test_introspection_is_for_those_who_may(server: Server) -> None:
    schema = "{ ...F } fragment F on Query { s: __schema { queryType { name } } }"
    assert code(server, schema) is None
    assert code(server, schema, who="stranger") == "FORBIDDEN"
    assert code(server, "{ __typename }", who="stranger") is None


SCHEMA = build_schema("""
    type Query { rows(first: Int = 50): Rows  list: [Row!]!  row: Row  words: [String!]! }
    type Rows { edges: [Edge!]!  totalCount: Int }
    type Edge { node: Row }
    type Row { text: String  row: Row  list: [Row!]!  rows(first: Int): Rows }
""")


def cost(query: str, variables: dict[str, Any] | None = None, limits: Limits = Limits()) -> int:  # noqa: B008
    document = parse(query)
    [operation, *_] = document.definitions
    return weigh(SCHEMA, document, operation, limits).worth(variables or {}, limits.page)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("query", "objects"),
    [
        ("{ words __typename }", 0),
        ("{ row { text } }", 1),
        ("{ row { row { text } } }", 2),
        ("{ list { text } }", 10),
        ("{ list { list { text } row { text } } }", 10 * (1 + 10 + 1)),
        ("{ rows { totalCount } }", 1),
        ("{ rows { edges { node { text } } } }", 1 + 50 * 2),
        ("{ rows(first: 7) { edges { node { text } } } }", 1 + 7 * 2),
        ("{ row { rows { edges { node { text } } } } }", 1 + 1 + 200 * 2),
        ("{ rows(first: null) { edges { node { text } } } }", 1 + 200 * 2),
        ("{ ...F } fragment F on Query { rows(first: 3) { ...G } } fragment G on Rows { edges { node { text } } }", 7),
        ("{ ... on Query { row { text } } ... { row { text } } }", 2),
    ],
)
def test_an_object_costs_one_and_a_list_as_many_as_it_may_hold(query: str, objects: int) -> None:
    assert cost(query) == objects


def test_a_list_may_be_said_to_be_longer() -> None:
    assert cost("{ list { list { text } } }", limits=replace(Limits(), list_sizes={"Query.list": 100})) == 100 * 11


@given(outer=st.integers(0, 200), inner=st.integers(0, 200))
def test_pages_in_pages_multiply(outer: int, inner: int) -> None:
    inside = "edges { node { rows(first: $inner) { edges { node { text } } } } }"
    query = f"query($outer: Int, $inner: Int) {{ rows(first: $outer) {{ {inside} }} }}"
    expected = 1 + outer * (1 + 1 + 1 + inner * 2)
    assert cost(query, {"outer": outer, "inner": inner}) == expected
    assert cost(query.replace("$outer)", f"{outer})").replace("$inner)", f"{inner})")) == expected
