"""Over GraphQL: alike positions are suggested, the suggestion becomes a draft, and its followers are shown page by page."""

from collections.abc import Iterator
from typing import Any

import pytest

from dutybook.access.actor import Actor, Grant
from tests.backends import Backend
from tests.flow.graphql_book import EDITOR, READER, SECOND, Asking, asked, fill

LAST = "完成领导交办的其他工作。"
SUGGESTIONS = """query($filter: PositionFilter) { registry { standardSuggestions(filter: $filter) { totalCount edges { node { id title
  score sameCount nearCount dutyCount evidence existing { code } exact: change near: change(mergeNear: true)
  duties { text proposed catchAll exactCount occurrences { likeness exact position { code } } }
  positions { position { code } local { text } leftOut { text } } } } } } }"""
OPEN = 'mutation { openChangeSet(input: { title: "标准岗位" }) { changeSet { id } } }'
ADD = """mutation($set: ID!, $changes: [ChangeInput!]!) { addChanges(input: { changeSet: $set, changes: $changes }) {
  userErrors { message } changeSet { id } } }"""
STANDARDS = """{ registry { standardPositions(title: "班") { totalCount edges { node { code } } }
  standardPosition(code: "S001") { title followerCount sections { name } followers { code leftOut { text } } } } }"""
FOLLOWERS = """query($set: ID!, $first: Int, $after: String) { changeSet(id: $set) { followers(first: $first, after: $after) {
  totalCount hiddenCount reachedCount departments { department { code } followers reached } pageInfo { hasNextPage endCursor }
  edges { node { code standardCode keepsTexts reached before { text origin } after { text origin } leftOut { text } } } } } }"""


def guards(start: int, size: int) -> list[dict[str, dict[str, Any]]]:
    """Positions in two departments that say nearly the same."""
    said: list[dict[str, dict[str, Any]]] = []
    for number in range(start, start + size):
        code = f"G{number:03}"
        report = "填报安全报表。" if number % 2 else "按时填报安全报表。"
        said.append({"openPosition": {"code": code, "title": "安全员", "department": f"D00{3 + number % 2}"}})
        said += [{"addDuty": {"position": code, "text": text}} for text in ("组织安全检查。", report, LAST)]
    return said


@pytest.fixture
def ask(backend: Backend) -> Iterator[Asking]:
    with backend.database(fill) as url, asked(url) as asking:
        asking.apply(SECOND, guards(0, 3))
        yield asking


def suggestion(ask: Asking, **wanted: Any) -> Any:
    found = ask(SUGGESTIONS, filter=wanted)["registry"]["standardSuggestions"]
    [edge] = found["edges"]
    return edge["node"]


def drafted(ask: Asking, *changes: Any) -> str:
    number: str = ask(OPEN)["openChangeSet"]["changeSet"]["id"]
    told = ask(ADD, set=number, changes=list(changes))["addChanges"]
    assert told["userErrors"] == []
    return number


def test_a_suggestion_tells_its_evidence_and_becomes_a_draft_that_shows_who_is_affected(ask: Asking) -> None:
    found = suggestion(ask, title="安全")
    assert (found["title"], found["score"], found["sameCount"], found["nearCount"], found["dutyCount"]) == (
        "安全员",
        97,
        5,
        1,
        6,
    )
    assert found["evidence"].startswith("3 positions with 6 duties")
    again = ask("query($i: ID!) { node(id: $i) { id ... on StandardSuggestion { evidence } } }", i=found["id"])["node"]
    assert again == {"id": found["id"], "evidence": found["evidence"]}
    assert [(it["text"], it["proposed"], it["exactCount"]) for it in found["duties"]] == [
        ("组织安全检查。", True, 3),
        ("按时填报安全报表。", True, 2),
        (LAST, True, 3),
    ]
    assert len(found["exact"]["makeStandard"]["duties"]) == 2
    changes = ask(FOLLOWERS, set=drafted(ask, found["exact"]))["changeSet"]["followers"]
    assert [(it["node"]["code"], it["node"]["keepsTexts"]) for it in changes["edges"]] == [
        ("G000", True),
        ("G002", True),
        ("G001", True),
    ]
    merged = ask(FOLLOWERS, set=drafted(ask, found["near"]))["changeSet"]["followers"]
    assert [it["node"]["keepsTexts"] for it in merged["edges"]] == [True, True, False]
    assert {duty["origin"] for it in merged["edges"] for duty in it["node"]["after"]} == {"STANDARD"}


def test_named_positions_are_compared_whatever_they_are_called(ask: Asking) -> None:
    one = "query($positions: [ID!]!) { registry { suggestStandard(positions: $positions) { score positions { leftOut { text } } } } }"
    codes = "{ registry { positions { edges { node { id code } } } } }"
    known = {it["node"]["code"]: it["node"]["id"] for it in ask(codes)["registry"]["positions"]["edges"]}
    found = ask(one, positions=[known["G000"], known["P0001"]])["registry"]["suggestStandard"]
    assert (found["score"], [it["leftOut"] for it in found["positions"]]) == (0, [[], []])
    for positions, reason in (
        ([known["G000"]], "2 to 500"),
        ([known["G000"], known["P0004"]], "P0004 follows a standard"),
    ):
        assert reason in str(ask.result(one, positions=positions).errors)


def test_followers_come_in_pages_and_those_out_of_sight_are_only_counted(ask: Asking) -> None:
    ask.apply(SECOND, [{"followStandard": {"standard": "S001", "positions": ["G000", "G001", "G002"]}}])
    number = drafted(ask, {"addDuty": {"standard": "S001", "text": "检查安全工器具。"}})
    whole = ask(FOLLOWERS, set=number)["changeSet"]["followers"]
    assert (whole["totalCount"], whole["hiddenCount"], whole["reachedCount"]) == (5, 0, 5)
    assert [(it["department"]["code"], it["followers"]) for it in whole["departments"]] == [("D003", 4), ("D004", 1)]
    codes = list[str]()
    after = None
    while len(codes) < 5:
        page = ask(FOLLOWERS, set=number, first=2, after=after)["changeSet"]["followers"]
        codes += [it["node"]["code"] for it in page["edges"]]
        after = page["pageInfo"]["endCursor"]
    assert (codes, page["pageInfo"]["hasNextPage"]) == ([it["node"]["code"] for it in whole["edges"]], False)
    with ask.book.database.read() as session:
        table = ask.book.tables.identities["department"]
        department = session.query(table.c.key).filter(table.c.code == "D003").scalar()
    clerk = Actor("clerk", (Grant("editor", department=department),))
    seen = ask(FOLLOWERS, clerk, set=number)["changeSet"]["followers"]
    assert (seen["totalCount"], seen["hiddenCount"], len(seen["departments"])) == (4, 1, 1)
    assert ask("query($set: ID!) { changeSet(id: $set) { id } }", READER, set=number)["changeSet"] is None
    preview = "query($set: ID!) { changeSet(id: $set) { preview { followers { totalCount } } } }"
    assert ask(preview, EDITOR, set=number)["changeSet"]["preview"]["followers"]["totalCount"] == 5


def test_standards_are_found_with_their_followers_and_what_those_leave_out(ask: Asking) -> None:
    found = ask(STANDARDS)["registry"]
    assert (found["standardPositions"]["totalCount"], found["standardPosition"]["followerCount"]) == (1, 2)
    left_out = {it["code"]: it["leftOut"] for it in found["standardPosition"]["followers"]}
    assert left_out == {"P0004": [], "P0005": [{"text": "组织班前会。"}]}


def test_suggestions_take_the_same_number_of_statements_however_many_positions_are_alike(ask: Asking) -> None:
    few = ask.cost(SUGGESTIONS)
    ask.apply(SECOND, guards(3, 40))
    assert ask.cost(SUGGESTIONS) == few <= 6
    assert len(suggestion(ask)["positions"]) == 43
