"""The registry answers what stands in the book, in official order, whatever the way to an object."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.backends import Backend
from tests.flow.graphql_book import Asking, asked, fill


@pytest.fixture(scope="module")
def ask(backend: Backend) -> Iterator[Asking]:
    with backend.database(fill) as url, asked(url) as asking:
        yield asking


def position(ask: Asking, code: str, fields: str) -> Any:
    return ask(f'{{ registry {{ position(code: "{code}") {{ {fields} }} }} }}')["registry"]["position"]


def codes(objects: list[dict[str, Any]]) -> list[str]:
    return [each["code"] for each in objects]


def test_departments_come_in_the_order_of_the_tree_with_ordinals_among_siblings(ask: Asking) -> None:
    found = ask("{ registry { departments { code ordinal } } }")["registry"]["departments"]
    assert [(d["code"], d["ordinal"]) for d in found] == [("D001", 1), ("D002", 2), ("D003", 1), ("D004", 3)]


def test_departments_can_be_narrowed_to_roots_categories_and_organisations(ask: Asking) -> None:
    document = """{ registry { roots: departments(rootsOnly: true) { code } other: departments(organisation: "XX") { code }
        base: departments(category: "基层类", organisation: "GS") { code } } }"""
    found = ask(document)["registry"]
    assert {name: codes(some) for name, some in found.items()} == {
        "roots": ["D001", "D002", "D004"],
        "other": [],
        "base": ["D003"],
    }


def test_a_department_knows_its_relations(ask: Asking) -> None:
    fields = """ordinal parent { code } ancestors { code } children { code } organisation { code }
        headPosition { code } positions(includeDescendants: true) { code } headcount incumbentCount vacancy"""
    found = ask(f'{{ registry {{ department(code: "D003") {{ {fields} }} }} }}')["registry"]["department"]
    assert (found["ordinal"], found["parent"]["code"], codes(found["ancestors"])) == (1, "D002", ["D002"])
    assert (found["headPosition"]["code"], codes(found["positions"])) == ("P0004", ["P0004", "P0005"])
    assert (found["headcount"], found["incumbentCount"], found["vacancy"]) == (4, 2, 2)


def test_the_positions_of_a_subtree_follow_the_tree(ask: Asking) -> None:
    document = '{ registry { department(code: "D002") { positions(includeDescendants: true) { code ordinal } } } }'
    found = ask(document)["registry"]["department"]["positions"]
    assert [(p["code"], p["ordinal"]) for p in found] == [("P0003", 1), ("P0004", 1), ("P0005", 2)]


def test_a_position_knows_its_relations(ask: Asking) -> None:
    fields = (
        "ordinal department { code } reportsTo { code } directReports { code } substitutes { code } deputyOf { code }"
    )
    found = position(ask, "P0005", fields)
    assert (found["ordinal"], found["department"]["code"], found["reportsTo"]["code"]) == (2, "D003", "P0004")
    assert (codes(found["substitutes"]), found["directReports"], found["deputyOf"]) == (["P0003", "P0004"], [], None)


def test_a_follower_shows_the_standards_duties_first_but_for_its_exceptions(ask: Asking) -> None:
    found = position(ask, "P0005", "dutyCount duties { ordinal origin text position { code } }")
    told = [(d["ordinal"], d["origin"], d["position"]["code"]) for d in found["duties"]]
    assert told == [(1, "STANDARD", "P0005"), (2, "OWN", "P0005"), (3, "OWN", "P0005")]
    assert found["dutyCount"] == 3
    assert len(position(ask, "P0004", "duties { text }")["duties"]) == 2


def test_a_standards_duty_has_one_id_for_each_follower_and_one_key(ask: Asking) -> None:
    first, second = (position(ask, code, "duties { id key }")["duties"][0] for code in ("P0004", "P0005"))
    assert (first["id"] == second["id"], first["key"] == second["key"]) == (False, True)
    answer = ask("query ($id: ID!) { node(id: $id) { ... on Duty { ordinal position { code } } } }", id=second["id"])
    assert answer["node"] == {"ordinal": 1, "position": {"code": "P0005"}}


def test_the_involvement_is_read_from_the_text_unless_it_was_overridden(ask: Asking) -> None:
    read = position(ask, "P0001", "duties { involvement tags }")["duties"]
    assert [(d["involvement"], d["tags"]) for d in read] == [("ACCOUNTABLE", ["核心"]), ("CATCH_ALL", [])]
    assert position(ask, "P0005", "duties { involvement }")["duties"][2]["involvement"] == "ASSIST"


def test_a_split_duty_tells_where_it_came_from(ask: Asking) -> None:
    fields = "duties { source { document firstLine lastLine } lineage { kind revision otherKey other { id } } }"
    [duty, _] = position(ask, "P0003", fields)["duties"]
    [edge] = duty["lineage"]
    assert (edge["kind"], edge["revision"], edge["other"]) == ("SPLIT_FROM", 2, None)
    assert duty["source"] == {"document": "a.txt", "firstLine": 7, "lastLine": None}


def test_assignments_list_primary_ones_first_and_can_be_narrowed(ask: Asking) -> None:
    document = """{ registry { employee(number: "E0001") { assignments { kind share position { code } }
        other: assignments(kinds: [CONCURRENT]) { share suspended } } } }"""
    found = ask(document)["registry"]["employee"]
    assert [a["kind"] for a in found["assignments"]] == ["PRIMARY", "CONCURRENT"]
    assert found["other"] == [{"share": 30.0, "suspended": False}]


def test_who_is_suspended_still_holds_the_seat(ask: Asking) -> None:
    found = position(ask, "P0005", "headcount incumbentCount vacancy assignments { suspended }")
    assert (found["headcount"], found["incumbentCount"], found["vacancy"]) == (3, 2, 1)
    assert sorted(a["suspended"] for a in found["assignments"]) == [False, True]


def test_what_is_not_there_is_null(ask: Asking) -> None:
    document = '{ registry { department(code: "D999") { id } position(code: "P0001", organisation: "XX") { id } } }'
    assert ask(document)["registry"] == {"department": None, "position": None}
