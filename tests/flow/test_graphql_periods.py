"""Periods over GraphQL: what is read of them, what is done to them, and what becomes of objections."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from dutybook.book.months import NotAMonth
from tests.backends import Backend
from tests.flow.closing_plugin import OVERRIDABLE, ROUNDED, UNSIGNED, Late, with_plugin
from tests.flow.graphql_book import EDITOR, PUBLISHER, READER, Asking, asked, fill

RESULT = "{ period { id month state } userErrors { code path message plugin } clientMutationId }"
OPEN = f"mutation($month: String!) {{ it: openPeriod(input: {{month: $month, clientMutationId: $month}}) {RESULT} }}"
CLOSE = f"""mutation($month: String!, $acknowledge: [String!], $override: [OverrideInput!]) {{
    it: closePeriod(input: {{month: $month, acknowledge: $acknowledge, override: $override}}) {RESULT} }}"""
REOPEN = f'mutation($month: String!) {{ it: reopenPeriod(input: {{month: $month, reason: "漏记"}}) {RESULT} }}'


@pytest.fixture
def asking(backend: Backend) -> Iterator[Asking]:
    with backend.database(fill) as url, asked(url) as asking:
        yield asking


def did(asking: Asking, document: str, month: str, **more: Any) -> Any:
    """What came of a mutation that works."""
    answer = asking(document, month=month, **more)["it"]
    assert answer["userErrors"] == []
    return answer


def open_and_closed(asking: Asking, opened: int, closed: int) -> None:
    """The first months of 2025."""
    months = [f"2025-{month:02}" for month in range(1, 13)]
    for month in months[:opened]:
        did(asking, OPEN, month)
    for month in months[:closed]:
        did(asking, CLOSE, month)


def test_a_month_opens_closes_and_reopens(asking: Asking) -> None:
    opened = did(asking, OPEN, "2025-01")
    assert (opened["period"]["state"], opened["clientMutationId"]) == ("OPEN", "2025-01")
    assert did(asking, CLOSE, "2025-01")["period"]["state"] == "CLOSED"
    found = asking(
        '{ period(month: "2025-01") { start end closingRevision { number } openedBy closedBy acts { act by reason } } }'
    )["period"]
    assert found == {
        "start": "2025-01-01",
        "end": "2025-02-01",
        "closingRevision": {"number": 2},
        "openedBy": "operator",
        "closedBy": "operator",
        "acts": [{"act": act, "by": "operator", "reason": None} for act in ("OPENED", "CLOSED")],
    }
    assert did(asking, REOPEN, "2025-01")["period"]["state"] == "OPEN"
    found = asking('{ period(month: "2025-01") { closingRevision { number } closedAt acts { reason } } }')["period"]
    assert (found["closingRevision"], found["closedAt"], found["acts"][-1]) == (None, None, {"reason": "漏记"})


def test_what_was_said_of_a_period_is_for_those_who_may_read_of_everybody(asking: Asking) -> None:
    month = f"{asking.book.clock.today():%Y-%m}"
    did(asking, OPEN, month)
    assert asking(CLOSE, month=month)["it"]["userErrors"] != []
    did(asking, CLOSE, month, acknowledge=["core:PERIOD_NOT_OVER"])
    did(asking, REOPEN, month)
    said = "query($m: String!) { period(month: $m) { acts { act reason verdicts { objection message } } } }"
    told, untold = (asking(said, actor, m=month)["period"]["acts"] for actor in (EDITOR, READER))
    assert [(act["reason"], len(act["verdicts"])) for act in told] == [(None, 0), (None, 1), (None, 1), ("漏记", 0)]
    assert untold == [{"act": act["act"], "reason": None, "verdicts": []} for act in told]


def test_a_period_is_a_node_and_unknown_months_are_null(asking: Asking) -> None:
    made = did(asking, OPEN, "2025-01")["period"]
    assert asking("query($id: ID!) { node(id: $id) { id ... on Period { month } } }", id=made["id"])["node"] == {
        "id": made["id"],
        "month": "2025-01",
    }
    assert asking('{ period(month: "2025-02") { month } }') == {"period": None}
    wrong = asking.result('{ period(month: "2025-2") { month } }')
    assert [type(error.original_error) for error in wrong.errors or ()] == [NotAMonth]


def test_periods_are_listed_newest_first_by_pages(asking: Asking) -> None:
    open_and_closed(asking, 3, 0)
    ask = """query($after: String) { periods(first: 2, after: $after) {
        totalCount pageInfo { hasNextPage endCursor } edges { node { month } } } }"""
    page = asking(ask)["periods"]
    assert [edge["node"]["month"] for edge in page["edges"]] == ["2025-03", "2025-02"]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (3, True)
    page = asking(ask, after=page["pageInfo"]["endCursor"])["periods"]
    assert [edge["node"]["month"] for edge in page["edges"]] == ["2025-01"]


CORRECTED = """{ period(month: "2025-01") { corrections { totalCount edges { node {
    month kind day changes carriedTo absorbedAt plugin text subjectKey revision { number }
    subject { id ... on Position { code title } } } } } } }"""


def test_a_correction_names_the_change_that_caused_it(asking: Asking) -> None:
    open_and_closed(asking, 2, 1)
    asking.apply(date(2025, 1, 10), [{"setPosition": {"position": "P0001", "title": "主任（代）"}}])
    corrections = asking(CORRECTED)["period"]["corrections"]
    [it] = [edge["node"] for edge in corrections["edges"]]
    assert (corrections["totalCount"], it["month"], it["kind"], it["day"]) == (1, "2025-01", "position", "2025-01-10")
    assert (it["carriedTo"], it["revision"], it["changes"], it["absorbedAt"]) == ("2025-02", {"number": 3}, 1, None)
    assert (it["subject"]["code"], it["subject"]["title"]) == ("P0001", "主任"), "the record as the closing knew it"
    key = asking('{ registry { position(code: "P0001") { key } } }')["registry"]["position"]["key"]
    assert (it["subjectKey"], it["plugin"], it["text"]) == (key, None, None)
    carried = asking('{ period(month: "2025-02") { carried { edges { node { month kind } } } } }')["period"]["carried"]
    assert [edge["node"] for edge in carried["edges"]] == [{"month": "2025-01", "kind": "position"}]


def test_what_was_not_there_at_the_closing_is_shown_as_it_is_known_now(asking: Asking) -> None:
    open_and_closed(asking, 1, 1)
    late = {"openPosition": {"code": "P0009", "title": "补录", "department": "D001"}}
    asking.apply(date(2025, 1, 20), [late])
    [edge] = asking(CORRECTED)["period"]["corrections"]["edges"]
    assert (edge["node"]["subject"]["code"], edge["node"]["carriedTo"]) == ("P0009", None)
    did(asking, REOPEN, "2025-01")
    [edge] = asking(CORRECTED)["period"]["corrections"]["edges"]
    assert edge["node"]["absorbedAt"] is not None


def test_objections_are_foretold_and_refuse_until_they_are_decided_about(asking: Asking) -> None:
    late = Late([OVERRIDABLE, ROUNDED])
    it = replace(asking, book=with_plugin(asking.book, late))
    did(it, OPEN, "2025-01")
    ask = '{ period(month: "2025-01") { objections { plugin code severity overridableBy message } } }'
    told = [(o["plugin"], o["code"], o["severity"]) for o in it(ask)["period"]["objections"]]
    assert told == [("late", "UNSIGNED", "BLOCK"), ("late", "ROUNDED", "WARN")]
    refused = it(CLOSE, month="2025-01", acknowledge=["late:ROUNDED"])["it"]
    assert [(error["plugin"], error["code"]) for error in refused["userErrors"]] == [("late", "UNSIGNED")]
    assert refused["period"] is None
    override = [{"objection": "late:UNSIGNED", "reason": "已线下签字"}]
    did(it, CLOSE, "2025-01", acknowledge=["late:ROUNDED"], override=override)
    acts = it('{ period(month: "2025-01") { acts { act verdicts { objection message overridden } } } }')["period"]
    unsigned = {"objection": "late:UNSIGNED", "message": "appraisals are unsigned"}
    assert acts["acts"][1:] == [
        {"act": "REFUSED", "verdicts": [{**unsigned, "overridden": None}]},
        {
            "act": "CLOSED",
            "verdicts": [
                {**unsigned, "overridden": "已线下签字"},
                {"objection": "late:ROUNDED", "message": "fen were rounded", "overridden": None},
            ],
        },
    ]


def test_wrong_states_are_data_with_the_way_out(asking: Asking) -> None:
    [error] = asking(CLOSE, month="2025-01")["it"]["userErrors"]
    assert (error["code"], error["path"]) == ("WRONG_PERIOD", ["month"])
    assert "dutybook period open 2025-01" in error["message"]
    [error] = asking(OPEN, month="一月")["it"]["userErrors"]
    assert (error["code"], error["path"]) == ("BAD_USER_INPUT", ["month"])


@pytest.mark.parametrize("document", [OPEN, CLOSE, REOPEN])
def test_periods_are_managed_by_publishers_only(asking: Asking, document: str) -> None:
    for actor in (READER, EDITOR):
        [error] = asking(document, actor, month="2025-01")["it"]["userErrors"]
        assert error["code"] == "FORBIDDEN"
    assert [e["code"] for e in asking(document, PUBLISHER, month="2025-01")["it"]["userErrors"]] != ["FORBIDDEN"]


def test_readers_see_periods_but_no_names(asking: Asking) -> None:
    open_and_closed(asking, 1, 1)
    document = '{ period(month: "2025-01") { state openedBy closedBy acts { by act } } }'
    assert asking(document, READER)["period"] == {
        "state": "CLOSED",
        "openedBy": None,
        "closedBy": None,
        "acts": [{"by": None, "act": "OPENED"}, {"by": None, "act": "CLOSED"}],
    }
    assert asking.result('{ period(month: "2025-01") { objections { code } } }', READER).errors


def test_the_number_of_statements_does_not_grow_with_periods_and_corrections(asking: Asking) -> None:
    document = """{ periods { edges { node { state closingRevision { number } acts { act }
        carried { totalCount edges { node { kind revision { number } } } }
        corrections { totalCount edges { node { kind revision { number } } } } } } } }"""
    open_and_closed(asking, 2, 1)
    asking.apply(date(2025, 1, 10), [{"setPosition": {"position": "P0001", "title": "主任（代）"}}])
    few = asking.cost(document)
    for month in range(3, 8):
        did(asking, OPEN, f"2025-{month:02}")
    for month in range(2, 6):
        did(asking, CLOSE, f"2025-{month:02}")
        asking.apply(date(2025, 1, month), [{"setPosition": {"position": "P0002", "title": f"副主任{month}"}}])
    assert asking.cost(document) == few


def test_one_plugin_that_objects_does_not_hide_another_month(asking: Asking) -> None:
    it = replace(asking, book=with_plugin(asking.book, Late([UNSIGNED])))
    open_and_closed(it, 2, 0)
    found = it("{ periods { edges { node { month objections { code } } } } }")["periods"]["edges"]
    assert [[o["code"] for o in edge["node"]["objections"]] for edge in found] == [["WRONG_PERIOD"], ["UNSIGNED"]]
