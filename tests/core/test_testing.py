"""The kit for tests of plugins: what it builds is published, what it asks is answered as by the server."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

import pytest
from pydantic import BaseModel

from dutybook.api import Event, Message, Objection, PluginMeta, PositionChange, hookimpl
from dutybook.errors import BadInput
from dutybook.testing.answers import QueryFailed
from dutybook.testing.assertions import assert_objections, assert_schema_delta
from dutybook.testing.book import MakeBook, TestBook

TITLES = "{ registry { positions { edges { node { title department { name } } } } } }"


class Mood(BaseModel):
    word: str = "no"


@dataclass
class Grim:
    """Objects to every change of a position, and remembers what it was told; `broken` makes it fail."""

    told: list[str] = field(default_factory=list)
    broken: bool = False

    @hookimpl
    def describe(self) -> PluginMeta:
        return PluginMeta("grim", Message("严", "Grim"), "1.0", subscribes=("position.*",), settings=Mood)

    @hookimpl
    def check_position(self, changes: Sequence[PositionChange]) -> Iterable[Objection]:
        return [Objection("NO", Message("不行", "no")) for change in changes if change.before]

    @hookimpl
    def on_events(self, events: Sequence[Event]) -> None:
        if self.broken:
            raise ValueError
        self.told += [event.type for event in events]


def test_what_is_built_is_in_force_and_asked_as_by_the_server(registry: MakeBook) -> None:
    book = registry()
    office = book.department("办公室")
    post = book.position("主任", office, headcount=2)
    book.duty("负责文件", post)
    book.appoint(book.employee("甲一"), post)
    book.apply({"setPosition": {"position": post, "title": "科长"}}, on=date(2025, 6, 1))
    [edge] = book.ask(TITLES)["registry"]["positions"]["edges"]
    assert edge["node"] == {"title": "科长", "department": {"name": "办公室"}}
    query = "query ($id: ID!) { node(id: $id) { ... on Position { incumbentCount duties { text } } } }"
    assert book.ask(query, variables={"id": post})["node"] == {"incumbentCount": 1, "duties": [{"text": "负责文件"}]}


def test_somebody_of_one_department_sees_no_other(registry: MakeBook) -> None:
    book = registry()
    here, there = book.department("办公室"), book.department("生产部")
    book.position("主任", here)
    book.position("班长", there)
    edges = book.ask(TITLES, as_="reader", within=here)["registry"]["positions"]["edges"]
    assert [edge["node"]["title"] for edge in edges] == ["主任"]
    with pytest.raises(BadInput, match="There is no role 'boss'"):
        book.ask(TITLES, as_="boss")


def test_errors_of_an_answer_are_told_by_their_codes(registry: MakeBook) -> None:
    with pytest.raises(QueryFailed, match="no revision 99") as failure:
        registry().ask("{ registry(knownAt: 99) { revision } }")
    assert failure.value.codes == ["BAD_USER_INPUT"]


def test_the_clock_stands_still_until_it_is_set(registry: MakeBook) -> None:
    book = registry()
    book.clock.moment = datetime(2026, 5, 6, 4, tzinfo=UTC)
    assert book.ask("{ registry { asOf } }")["registry"]["asOf"] == "2026-05-06"


def test_the_statements_of_an_answer_are_counted(registry: MakeBook) -> None:
    book = registry()
    office = book.department("办公室")
    for number in range(3):
        book.position(f"岗位{number}", office)
    book.ask(TITLES)
    book.assert_batches(4)
    with pytest.raises(AssertionError, match="1 expected"):
        book.assert_batches(1)


def test_objections_are_told_and_nothing_stays(registry: MakeBook) -> None:
    book = registry(plugins=[Grim()])
    post = book.position("主任", book.department("办公室"))
    change = {"setPosition": {"position": post, "grade": "9"}}
    assert_objections(book.refused(change), "grim:NO")
    assert_objections(book.preview(change).objections, "grim:NO")
    with pytest.raises(AssertionError, match="grim:NO"):
        assert_objections(book.refused(change), "grim:OTHER")
    with pytest.raises(AssertionError, match="nobody objected"):
        book.refused({"setDepartment": {"department": "D001", "quota": 3}})
    assert book.ask('{ registry { revision department(code: "D001") { quota } } }')["registry"] == {
        "revision": 3,
        "department": {"quota": None},
    }


def test_a_delivery_that_dies_is_made_again(registry: MakeBook) -> None:
    grim = Grim()
    book = registry(plugins=[grim])
    book.position("主任", book.department("办公室"))
    book.crash_after("effect")
    book.drain()
    book.drain()
    book.drain()
    assert grim.told == ["position.opened", "position.opened"]
    with pytest.raises(BadInput, match="not after 'lunch'"):
        book.crash_after("lunch")


def test_an_event_that_is_not_taken_is_no_silence(registry: MakeBook) -> None:
    book = registry(plugins=[Grim(broken=True)])
    book.position("主任", book.department("办公室"))
    with pytest.raises(AssertionError, match=r"grim could not take position \d+, event \d+: .*ValueError"):
        book.drain()


def test_settings_are_given_and_nothing_else_is_loaded(registry: MakeBook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUTYBOOK_PLUGINS", "toll")
    book = registry(plugins=[Grim()], settings={"grim": {"word": "never"}})
    assert [(it.name, it.settings) for it in book.book.plugins] == [("grim", Mood(word="never"))]
    assert_schema_delta(book, "grim", {})


def test_equal_books_are_copies_that_share_nothing(registry: MakeBook) -> None:
    grim = Grim()
    one, other = registry(plugins=[grim]), registry(plugins=[grim])
    one.department("办公室")
    assert [_names(book) for book in (one, other)] == [["办公室"], []]


def _names(book: TestBook) -> list[str]:
    return [it["name"] for it in book.ask("{ registry { departments { name } } }")["registry"]["departments"]]
