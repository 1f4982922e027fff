"""An answer takes the same number of statements however much data it holds."""

import asyncio
import gc
import weakref
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from dutybook.access.actor import OPERATOR
from dutybook.app import engine
from dutybook.book.nouns import CORE
from dutybook.book.times import Time
from dutybook.db.engine import Database
from dutybook.db.in_force import EVERYTHING
from dutybook.db.reads import Reading, related
from dutybook.http.params import Params
from dutybook.http.ports import Call
from dutybook.settings import load_settings
from tests.backends import Backend
from tests.flow.graphql_book import Asking, asked, fill


@pytest.fixture(scope="module")
def small(backend: Backend) -> Iterator[Asking]:
    with backend.database(fill) as url, asked(url) as asking:
        yield asking


@pytest.fixture(scope="module")
def large(backend: Backend) -> Iterator[Asking]:
    with backend.database(fill) as url, asked(url) as asking:
        asking.apply(date(2026, 2, 1), growth(40))
        yield asking


def growth(size: int) -> list[dict[str, dict[str, Any]]]:
    """Many more of everything, each with relations of its own."""
    said: list[dict[str, dict[str, Any]]] = []
    for n in range(100, 100 + size):
        parent = f"D{n - 1}" if n > 100 and n % 4 else "D003"
        said += [
            {"openDepartment": {"code": f"D{n}", "name": f"部门{n}", "parent": parent}},
            {"openStandardPosition": {"code": f"S{n}", "title": "标准"}},
            {"addDuty": {"standard": f"S{n}", "text": "检修标准。"}},
            {"openPosition": {"code": f"P{n}", "title": f"主任{n}", "department": f"D{n}", "standard": f"S{n}"}},
            {"openQuota": {"department": f"D{n}", "reach": "SUBTREE", "seats": 99}},
            {"addDuty": {"position": f"P{n}", "text": "负责检修。"}},
            {"openEmployee": {"number": f"E{n}", "name": "李", "email": f"{n}@example.com"}},
            {"appoint": {"employee": f"E{n}", "position": f"P{n}"}},
            {"setPosition": {"position": f"P{n}", "substitutes": ["P0001", f"P{n}"], "reportsTo": "P0001"}},
        ]
    return said


DOCUMENTS = {
    "W1": ("{ registry { departments { code name positions { code title duties { ordinal text } } } } }", 5),
    "W2": ('{ registry { department(code: "D003") { name positions { title duties { ordinal text } } } } }', 5),
    "W3": (
        '{ registry { position(code: "P0004") { title duties { text } department { name ancestors { name } } } } }',
        6,
    ),
    "W4": (
        '{ registry { positions(first: 50, filter: { title: "主任" }) { edges { node { code department { name } dutyCount } } } } }',
        5,
    ),
    "W5": ('{ registry { duties(search: "检修", first: 20) { edges { node { text position { title } } } } } }', 10),
    "quotas": ("{ registry { departments { quotas { seats used headcount left department { code } } } } }", 6),
    "people": (
        "{ registry { employees { edges { node { number name contact { email room } assignments { position { code } } } } } } }",
        5,
    ),
    "heads": ("{ registry { departments { headPosition { code } headcount incumbentCount vacancy } } }", 5),
    "trees": ("{ registry { departments { ancestors { code } children { code ordinal } parent { code } } } }", 5),
    "subtrees": ("{ registry { departments { positions(includeDescendants: true) { code ordinal } } } }", 4),
    "relations": (
        "{ registry { positions { edges { node { reportsTo { code } directReports { code } substitutes { code } } } } } }",
        4,
    ),
    "history": (
        "{ registry { positions { edges { node { history(first: 5) { edges { node { validFrom } } } } } } } }",
        3,
    ),
    "lineage": ("{ registry { duties(first: 20) { edges { node { lineage { kind other { id } } } } } } }", 5),
    "ordinals": ('{ registry { duties(search: "的") { edges { node { ordinal } } } } }', 12),
    "compare": (
        '{ registry(asOf: "2025-06-01") { compare(asOf: "2026-03-01") { added { id } changed { attributes { after } } } } }',
        20,
    ),
    "compare a department": (
        '{ registry(asOf: "2025-06-01") { compare(asOf: "2026-03-01", department: "D001") { added { id } removed { id } } } }',
        13,
    ),
    "compare revisions": (
        "{ registry(knownAt: 1) { compare(knownAt: 2) { added { id } moved { before { id } } } } }",
        10,
    ),
    "search": ('{ registry { search(text: "主任", kinds: [POSITION]) { edges { node { node { id } } } } } }', 10),
    "steps": (
        "{ changeSets(first: 20) { edges { node { steps { signers signed { by } } revision { number } } } } }",
        5,
    ),
}


@pytest.mark.parametrize(("document", "statements"), DOCUMENTS.values(), ids=DOCUMENTS.keys())
def test_the_number_of_statements_depends_on_the_document_alone(
    small: Asking, large: Asking, document: str, statements: int
) -> None:
    assert small.cost(document) <= statements
    assert large.cost(document) <= statements


@pytest.mark.parametrize(
    "name",
    [
        *("W1", "W2", "W3", "W4", "W5", "heads", "trees", "relations", "search", "history", "lineage", "steps"),
        *("compare", "compare a department", "compare revisions", "quotas", "people"),
    ],
)
def test_what_an_answer_took_is_let_go_of_without_the_collector_of_cycles(small: Asking, name: str) -> None:
    params = Params(DOCUMENTS[name][0])
    asked = engine(load_settings(), small.book, small.schema.graphql)

    async def answers() -> int:
        """What three answers leave to the collector."""
        gc.freeze()  # for ever: to look through what other tests hold takes longer than to answer
        try:
            for answer in range(6):
                if answer == 3:
                    gc.collect()
                    gc.disable()
                found = await asked.execute(await asked.read(params, OPERATOR), params, Call(OPERATOR, "test"))
                assert found.executed
            return gc.collect()
        finally:
            gc.enable()
            await small.book.database.rest()

    assert asyncio.run(answers()) < 100


def test_a_database_takes_the_statements_that_are_remembered_of_it_along() -> None:
    database = Database("sqlite://", CORE)
    reading = Reading(database, Time(date(2026, 1, 1), 1), EVERYTHING)
    assert related(reading, "duty", "position") is related(reading, "duty", "position")
    gone = weakref.ref(database)
    del database, reading
    gc.collect()
    assert gone() is None


def test_what_is_asked_twice_is_read_once(small: Asking) -> None:
    part = "{ departments { code positions { code } } }"
    assert small.cost(f"{{ one: registry {part} two: registry {part} }}") == small.cost(f"{{ registry {part} }}") == 3


def plan(database: Database, statement: str) -> str:
    """How SQLite means to find the rows of the last statement."""
    with database.engine.connect() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", ("2026-03-01", "2026-03-01", 1, 1, "[1]"))
        return "\n".join(str(row[-1]) for row in rows)


def test_siblings_are_found_by_the_index_on_both_axes(large: Asking) -> None:
    if not large.book.database.is_sqlite:
        pytest.skip("PostgreSQL plans by statistics, which a book this small does not need")
    large("{ registry { departments { positions { code } } } }")
    assert "ix_position_version_department" in plan(large.book.database, large.statements[-1])


def test_how_common_a_word_is_is_read_once_for_each_revision(large: Asking) -> None:
    document = '{ registry { duties(search: "甪直", first: 20) { edges { node { text } } } } }'
    assert large(document)["registry"]["duties"]["edges"] == []
    once = large.cost(document)
    large.apply(date(2026, 2, 2), [{"addDuty": {"position": "P0001", "text": "巡视甪直线路。"}}])
    assert [edge["node"]["text"] for edge in large(document)["registry"]["duties"]["edges"]] == ["巡视甪直线路。"]
    assert any("search_token" in statement for statement in large.statements)
    large(document)
    assert not any("search_token" in statement for statement in large.statements)
    assert large.cost(document) > once
