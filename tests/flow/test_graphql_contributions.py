"""Fields can be contributed to types of the core, for one schema and without replacing any."""

from collections.abc import Iterator, Mapping, Sequence

import pytest
import strawberry

from dutybook.book.nouns import CORE
from dutybook.graphql.context import View
from dutybook.graphql.positions import Position
from dutybook.graphql.schema import FieldTaken, NoSuchType, build_schema
from tests.backends import Backend
from tests.flow.graphql_book import SCHEMA, Asking, asked, fill

CALLS: list[int] = []


async def load_wages(view: View, keys: Sequence[int]) -> Mapping[int, str]:
    CALLS.append(len(keys))
    return {key: f"{key}.00" for key in keys}


async def wage(root: strawberry.Parent[Position]) -> str:
    return await root.view.load(load_wages, root.row.key)


@pytest.fixture(scope="module")
def ask(backend: Backend) -> Iterator[Asking]:
    with backend.database(fill) as url, asked(url) as asking:
        yield asking


def test_a_contributed_field_is_answered_in_one_batch(ask: Asking) -> None:
    schema = build_schema(CORE, {"Position": [strawberry.field(wage)]})
    CALLS.clear()
    found = Asking(ask.book, schema=schema)(
        '{ registry { position(code: "P0001") { wage } positions { edges { node { wage } } } } }'
    )
    assert found["registry"]["position"]["wage"].endswith(".00")
    assert sum(CALLS) == 5


def test_a_contribution_is_of_one_schema_only() -> None:
    build_schema(CORE, {"Position": [strawberry.field(wage)]})
    assert "wage" not in SCHEMA.as_str()
    assert "wage" not in build_schema(CORE).as_str()


def test_a_contribution_cannot_replace_a_field() -> None:
    taken = strawberry.field(wage, name="title")
    with pytest.raises(FieldTaken, match=r"Position\.title"):
        build_schema(CORE, {"Position": [taken]})


def test_a_contribution_to_nothing_is_refused() -> None:
    with pytest.raises(NoSuchType, match="Salary"):
        build_schema(CORE, {"Salary": [strawberry.field(wage)]})
