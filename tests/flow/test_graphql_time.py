"""One time context for all levels, ids that carry it, history on both axes, and what differs between two times."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dutybook.db import compare
from dutybook.errors import DutybookError
from dutybook.graphql import ids
from tests.backends import Backend
from tests.flow.graphql_book import Asking, asked, fill

NODE = "query ($id: ID!) { node(id: $id) { id ... on Position { title department { code id } } } }"


@pytest.fixture(scope="module")
def ask(backend: Backend) -> Iterator[Asking]:
    with backend.database(fill) as url, asked(url) as asking:
        yield asking


def position(ask: Asking, time: str, fields: str = "id key title department { id code }") -> Any:
    return ask(f'{{ registry{time} {{ position(code: "P0002") {{ {fields} }} }} }}')["registry"]["position"]


def code(ask: Asking, document: str, **variables: Any) -> tuple[str, str]:
    """Code and sentence of the only error."""
    [error] = ask.result(document, **variables).errors or []
    assert isinstance(error.original_error, DutybookError), error
    return error.original_error.code, error.original_error.message.en


def test_the_registry_says_which_day_and_revision_it_used(ask: Asking) -> None:
    found = ask("{ registry { asOf revision coveredFrom } }")["registry"]
    assert found == {"asOf": "2026-03-01", "revision": 2, "coveredFrom": "2025-01-01"}


def test_the_time_holds_on_all_levels(ask: Asking) -> None:
    assert position(ask, '(asOf: "2025-06-01")')["department"]["code"] == "D001"
    assert position(ask, "(knownAt: 1)")["department"]["code"] == "D001"
    assert position(ask, "")["department"]["code"] == "D004"


def test_two_times_in_one_document_do_not_mix(ask: Asking) -> None:
    part = '{ position(code: "P0002") { department { code } } }'
    found = ask(f'{{ old: registry(asOf: "2025-06-01") {part} new: registry {part} }}')
    assert [found[name]["position"]["department"]["code"] for name in ("old", "new")] == ["D001", "D004"]


def test_revision_zero_is_the_empty_book(ask: Asking) -> None:
    document = "{ registry(knownAt: 0) { coveredFrom departments { code } positions { totalCount } } }"
    assert ask(document)["registry"] == {"coveredFrom": None, "departments": [], "positions": {"totalCount": 0}}


@pytest.mark.parametrize("time", ['(asOf: "2025-06-01")', "(knownAt: 1)", '(asOf: "2025-06-01", knownAt: 2)'])
def test_an_id_carries_an_explicit_time_and_answers_in_it(ask: Asking, time: str) -> None:
    found = position(ask, time)
    assert found["id"] != found["key"] == position(ask, "")["id"]
    assert ask(NODE, id=found["id"])["node"] == {name: found[name] for name in ("id", "title", "department")}


def test_the_registry_itself_is_a_node(ask: Asking) -> None:
    registry = ask("{ registry(knownAt: 1) { id } }")["registry"]
    document = "query ($id: ID!) { node(id: $id) { id ... on Registry { revision } } }"
    assert ask(document, id=registry["id"])["node"] == {**registry, "revision": 1}


@pytest.mark.parametrize("revision", [-1, 3, 2147483647])
def test_a_revision_that_is_not_there_is_a_clear_error(ask: Asking, revision: int) -> None:
    told, sentence = code(ask, "query ($r: Int) { registry(knownAt: $r) { revision } }", r=revision)
    assert (told, str(revision) in sentence, "0 to 2" in sentence) == ("BAD_USER_INPUT", True, True)


@pytest.mark.parametrize("day", ["2026-02-30", "yesterday", "", "2026/01/01"])
def test_a_day_that_is_none_is_told_with_the_form_that_is_wanted(ask: Asking, day: str) -> None:
    [error] = ask.result("query ($d: Date) { registry(asOf: $d) { asOf } }", d=day).errors or []
    assert day in error.message
    assert "2026-03-01" in error.message


@pytest.mark.parametrize(
    "text", ["", "x", "RHV0eQ==", "职责", "RHV0eTox OA==", ids.write("Position", 1, None, None, 2)]
)
def test_a_malformed_id_is_a_clear_error(ask: Asking, text: str) -> None:
    assert code(ask, NODE, id=text)[0] == "BAD_USER_INPUT"


def test_an_id_of_an_unknown_type_is_a_clear_error(ask: Asking) -> None:
    assert "Nonsense" in code(ask, NODE, id=ids.write("Nonsense", 1, None, None))[1]


@given(
    st.lists(st.integers(1, 10**17), min_size=1, max_size=5),
    st.dates() | st.none(),
    st.integers(0, 10**6) | st.none(),
)
def test_ids_are_read_as_they_were_written(keys: list[int], as_of: Any, known_at: Any) -> None:
    read = ids.parse(ids.write_all("Duty", keys, as_of, known_at))
    assert (tuple(read.plain), list(read.behind)) == (("Duty", keys[0], as_of, known_at), keys[1:])


def test_history_tells_all_versions_newest_first(ask: Asking) -> None:
    fields = "history { totalCount edges { node { validFrom validTo sinceRevision untilRevision } } }"
    found = position(ask, "", fields)["history"]
    told = [tuple(edge["node"].values()) for edge in found["edges"]]
    assert told[-1] == ("2025-01-01", None, 1, 2)
    assert {row[2:] for row in told[:-1]} == {(2, None)}
    assert found["totalCount"] == len(told) == 3


def test_history_goes_no_further_than_what_was_known(ask: Asking) -> None:
    fields = "history { edges { node { untilRevision attributes { name value } } } }"
    [edge] = position(ask, "(knownAt: 1)", fields)["history"]["edges"]
    assert edge["node"]["untilRevision"] is None
    assert {"name": "department", "value": "D001"} in edge["node"]["attributes"]


def test_history_pages_without_gaps(ask: Asking) -> None:
    whole = position(ask, "", "history { edges { cursor node { validFrom } } }")["history"]["edges"]
    after, pieces = "", []
    for _ in whole:
        page = position(ask, "", f"history(first: 1{after}) {{ edges {{ cursor node {{ validFrom }} }} }}")["history"]
        pieces += page["edges"]
        after = f', after: "{pieces[-1]["cursor"]}"'
    assert pieces == whole


def test_a_version_leads_to_the_record_as_it_was(ask: Asking) -> None:
    fields = "history(first: 3) { edges { node { node { ... on Position { department { code } } } } } }"
    edges = position(ask, "", fields)["history"]["edges"]
    assert [edge["node"]["node"]["department"]["code"] for edge in edges] == ["D004", "D001", "D001"]


COMPARE = """query ($d: String) { registry(asOf: "2025-06-01") { compare(asOf: "2026-03-01", department: $d) {
    added { ... on Duty { text } } removed { ... on Duty { text } } changed { attributes { name before after } }
    moved { before { id } after { ... on Position { code department { code } } } attributes { name before after } } } } }"""


def test_compare_tells_added_removed_changed_and_moved_apart(ask: Asking) -> None:
    found = ask(COMPARE)["registry"]["compare"]
    assert found["removed"] == [{"text": "负责检修计划的编制和执行。"}]
    assert sorted(duty["text"] for duty in found["added"]) == ["负责检修计划的执行。", "负责检修计划的编制。"]
    assert {"name": "title", "before": "主任", "after": "主任（兼）"} in [
        a for e in found["changed"] for a in e["attributes"]
    ]
    [moved] = found["moved"]
    assert moved["after"] == {"code": "P0002", "department": {"code": "D004"}}
    assert {"name": "department", "before": "D001", "after": "D004"} in moved["attributes"]


def test_compare_within_a_department_sees_what_came_to_it(ask: Asking) -> None:
    found = ask(COMPARE, d="D004")["registry"]["compare"]
    assert (len(found["added"]), found["removed"], found["changed"], found["moved"]) == (1, [], [], [])


@pytest.mark.parametrize("department", [None, "D004", "D001"])
@pytest.mark.parametrize("times", [("knownAt: 1", "knownAt: 2"), ('asOf: "2025-06-01"', 'asOf: "2026-03-01"')])
def test_compare_finds_the_same_where_there_are_too_many_changes_to_look_at_each(
    ask: Asking, monkeypatch: pytest.MonkeyPatch, department: str | None, times: tuple[str, str]
) -> None:
    document = COMPARE.replace('asOf: "2025-06-01"', times[0]).replace('asOf: "2026-03-01"', times[1])
    found = ask(document, d=department)
    assert any(found["registry"]["compare"].values())
    monkeypatch.setattr(compare, "FEW", 0)
    assert ask(document, d=department) == found


def test_a_time_compared_with_itself_differs_in_nothing(ask: Asking) -> None:
    found = ask(
        "{ registry { compare { added { id } removed { id } changed { after { id } } moved { after { id } } } } }"
    )
    assert found["registry"]["compare"] == {"added": [], "removed": [], "changed": [], "moved": []}
