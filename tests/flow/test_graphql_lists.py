"""Lists in pages with cursors that survive inserts, filters, and finding by text."""

import base64
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from dutybook.errors import DutybookError
from dutybook.graphql import finding
from tests.backends import Backend
from tests.flow.graphql_book import Asking, asked, fill


@pytest.fixture(scope="module")
def ask(backend: Backend) -> Iterator[Asking]:
    with backend.database(fill) as url, asked(url) as asking:
        yield asking


def codes(ask: Asking, arguments: str = "") -> list[str]:
    found = ask(f"{{ registry {{ positions{arguments} {{ edges {{ node {{ code }} }} }} }} }}")["registry"]["positions"]
    return [edge["node"]["code"] for edge in found["edges"]]


def duties(ask: Asking, arguments: str) -> list[str]:
    found = ask(f"{{ registry {{ duties{arguments} {{ edges {{ node {{ text }} }} }} }} }}")["registry"]["duties"]
    return [edge["node"]["text"] for edge in found["edges"]]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ('department: "D002"', ["P0003"]),
        ('department: "D002", includeDescendants: true', ["P0003", "P0004", "P0005"]),
        ('title: "主任"', ["P0001", "P0002"]),
        ("vacant: true", ["P0002", "P0003", "P0004", "P0005"]),
        ('vacant: false, organisation: "GS"', ["P0001"]),
        ('grade: "11"', ["P0003"]),
        ('organisation: "XX"', []),
        ('department: "D999"', []),
    ],
)
def test_positions_can_be_filtered(ask: Asking, chosen: str, expected: list[str]) -> None:
    assert codes(ask, f"(filter: {{ {chosen} }})") == expected


@pytest.mark.parametrize("order", ["CODE", "TITLE"])
def test_pages_make_up_the_whole_list_in_every_order(ask: Asking, order: str) -> None:
    whole, after, pieces = codes(ask, f"(orderBy: {order})"), "", []
    while True:
        document = f"""{{ registry {{ positions(orderBy: {order}, first: 2{after}) {{
            totalCount pageInfo {{ hasNextPage hasPreviousPage endCursor }} edges {{ node {{ code }} }} }} }} }}"""
        page = ask(document)["registry"]["positions"]
        pieces += [edge["node"]["code"] for edge in page["edges"]]
        after = f', after: "{page["pageInfo"]["endCursor"]}"'
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert pieces == whole
    assert page["totalCount"] == len(whole) == 5


def test_a_cursor_survives_an_insert_before_it(backend: Backend) -> None:
    with backend.database(fill) as url, asked(url) as ask:
        document = "{ registry { positions(orderBy: TITLE, first: 2) { pageInfo { endCursor } } } }"
        cursor = ask(document)["registry"]["positions"]["pageInfo"]["endCursor"]
        rest = codes(ask, f'(orderBy: TITLE, after: "{cursor}")')
        ask.apply(date(2026, 1, 1), [{"openPosition": {"title": "AAA", "department": "D001"}}])
        assert codes(ask, f'(orderBy: TITLE, after: "{cursor}")') == rest


@pytest.mark.parametrize("arguments", ["first: -1", "first: 201", 'after: "x"', 'after: "WzFd"', 'after: "职"'])
def test_a_page_that_cannot_be_is_a_clear_error(ask: Asking, arguments: str) -> None:
    assert code_of(ask, arguments) == "BAD_USER_INPUT"


def code_of(ask: Asking, arguments: str) -> str:
    """The code of the one error that a page of positions is refused with."""
    [error] = ask.result(f"{{ registry {{ positions({arguments}) {{ totalCount }} }} }}").errors or []
    assert isinstance(error.original_error, DutybookError)
    return error.original_error.code


@pytest.mark.parametrize("values", ['["a\\u0000",1]', '["a",9223372036854775808]'])
def test_no_cursor_reaches_the_database_with_what_it_cannot_compare(ask: Asking, values: str) -> None:
    cursor = base64.urlsafe_b64encode(values.encode()).decode()
    assert code_of(ask, f'orderBy: TITLE, after: "{cursor}"') == "BAD_USER_INPUT"


def test_nothing_holds_a_text_that_is_longer_than_any(ask: Asking) -> None:
    document = """query ($text: String!) { registry { positions(filter: { title: $text }) { totalCount }
      standardPositions(title: $text) { totalCount } documents(filter: { text: $text, issuer: $text }) { totalCount }
      employees(filter: { name: $text }) { totalCount } search(text: $text) { totalCount } } }"""
    found = ask(document, text="检" * 60_000)["registry"]
    assert [it["totalCount"] for it in found.values()] == [0] * 5


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-02-30T00:00:00Z"])
def test_a_moment_that_cannot_be_is_a_clear_error(ask: Asking, moment: str) -> None:
    [error] = ask.result(f'{{ revisionAt(time: "{moment}") {{ number }} }}').errors or []
    assert "Write it like" in error.message


def test_an_empty_page_tells_only_how_many_there_are(ask: Asking) -> None:
    document = "{ registry { positions(first: 0) { edges { cursor } pageInfo { hasNextPage endCursor } totalCount } } }"
    info = {"hasNextPage": True, "endCursor": None}
    assert ask(document)["registry"]["positions"] == {"edges": [], "pageInfo": info, "totalCount": 5}


def test_duties_are_found_by_any_substring_and_ranked(ask: Asking) -> None:
    assert duties(ask, '(search: "检修")') == ["负责检修计划的编制。", "负责检修计划的执行。", "参加检修计划的讨论。"]
    assert duties(ask, '(search: "100%_")') == ["监督 100%_合格率。"]
    assert duties(ask, '(search: "100__")') == []


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        ("involvement: [CATCH_ALL]", ["完成领导交办的其他工作。"]),
        ('position: "P0003"', ["负责检修计划的编制。", "负责检修计划的执行。"]),
        ('department: "D001"', ["主持部门全面工作。", "完成领导交办的其他工作。"]),
        ('position: "P0005"', ["全面负责班组的安全生产。", "监督 100%_合格率。", "参加检修计划的讨论。"]),
        ('position: "P0005", involvement: [ASSIST]', ["参加检修计划的讨论。"]),
    ],
)
def test_duties_can_be_filtered(ask: Asking, chosen: str, expected: list[str]) -> None:
    assert duties(ask, f"(filter: {{ {chosen} }})") == expected


@pytest.mark.parametrize("search", ["", 'search: "检修", '])
@pytest.mark.parametrize("few", [0, 50])
def test_duties_of_a_department_and_all_below_are_those_of_its_positions(
    ask: Asking, monkeypatch: pytest.MonkeyPatch, search: str, few: int
) -> None:
    monkeypatch.setattr(finding, "FEW", few)
    below = ask('{ registry { department(code: "D002") { positions(includeDescendants: true) { duties { text } } } } }')
    texts = [duty["text"] for of in below["registry"]["department"]["positions"] for duty in of["duties"]]
    wanted = {text for text in texts if not search or "检修" in text}
    assert len(wanted) >= 2
    assert set(duties(ask, f'({search}filter: {{ department: "D002", includeDescendants: true }})')) == wanted


@pytest.mark.parametrize("search", ["", 'search: "检修", ', 'search: "的", '])
def test_pages_of_duties_make_up_the_whole_list(ask: Asking, search: str) -> None:
    whole, after, pieces = duties(ask, f"({search} first: 200)"), "", []
    for _ in range(len(whole)):
        document = f"""{{ registry {{ duties({search}first: 1{after}) {{
            totalCount pageInfo {{ endCursor }} edges {{ node {{ text }} }} }} }} }}"""
        page = ask(document)["registry"]["duties"]
        pieces += [edge["node"]["text"] for edge in page["edges"]]
        after = f', after: "{page["pageInfo"]["endCursor"]}"'
    assert (pieces, page["totalCount"]) == (whole, len(whole))


def test_a_standards_duty_is_listed_once_at_its_first_follower(ask: Asking) -> None:
    document = '{ registry { duties(search: "班") { edges { node { text origin ordinal position { code } } } } } }'
    found = [edge["node"] for edge in ask(document)["registry"]["duties"]["edges"]]
    assert [(duty["origin"], duty["ordinal"], duty["position"]["code"]) for duty in found] == [
        ("STANDARD", 1, "P0004"),
        ("STANDARD", 2, "P0004"),
    ]


def hits(ask: Asking, arguments: str) -> list[Any]:
    document = f"""{{ registry {{ search({arguments}) {{ totalCount pageInfo {{ endCursor }}
        edges {{ node {{ field offset length matchedBy node {{ __typename }} }} }} }} }} }}"""
    found = ask(document)["registry"]["search"]
    return [found["totalCount"], found["pageInfo"]["endCursor"], [edge["node"] for edge in found["edges"]]]


def test_search_finds_departments_positions_people_and_duties_in_one_list(ask: Asking) -> None:
    total, _, found = hits(ask, 'text: "检修"')
    assert [hit["node"]["__typename"] for hit in found] == ["Position", "Duty", "Duty", "Duty"]
    assert (total, found[1]["field"], found[1]["offset"], found[1]["length"]) == (4, "text", 2, 2)
    assert [hit["node"]["__typename"] for hit in hits(ask, 'text: "钱"')[2]] == ["Employee"]


def test_search_goes_on_where_a_page_ended(ask: Asking) -> None:
    whole = hits(ask, 'text: "检修"')[2]
    _, cursor, first = hits(ask, 'text: "检修", first: 2')
    assert first + hits(ask, f'text: "检修", first: 2, after: "{cursor}"')[2] == whole


def test_search_can_be_narrowed_to_kinds(ask: Asking) -> None:
    assert [hit["node"]["__typename"] for hit in hits(ask, 'text: "检修", kinds: [POSITION]')[2]] == ["Position"]
