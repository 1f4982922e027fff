"""Whose personal values are shown: those of people who are assigned where one may read them, and one's own."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import httpx
import pytest

from dutybook.access.actor import ANONYMOUS, OPERATOR, Actor, Grant
from dutybook.services.accounts import create_token, create_user
from tests.backends import Backend
from tests.flow.clerk import committed
from tests.flow.graphql_book import READER, Asking, asked, fill
from tests.plugins.served import served

MOVED = date(2026, 2, 1)
EVERYBODY = "{ registry { employees { edges { node { number name contact { email } enteredOn } } } } }"


def grown(url: str) -> None:
    """E0002 was transferred within 调度所's division to 经理工作部 in February 2026; E0004 has no post."""
    fill(url)
    with asked(url) as ask, committed(ask.book) as clerk:
        clerk.apply({"openEmployee": {"number": "E0004", "name": "李四", "enteredOn": "1999-09-09"}})
        held = clerk.id("assignment", 2)
        clerk.apply({"setAssignment": {"assignment": held, "position": "P0002", "reason": "工作需要"}}, on=MOVED)
        clerk.apply({"setEmployee": {"employee": "E0002", "name": "钱二二", "enteredOn": "1998-08-08"}}, on=MOVED)


@pytest.fixture(scope="module")
def ask(backend: Backend) -> Iterator[Asking]:
    with backend.database(grown) as url, asked(url) as asking:
        yield asking


def local(ask: Asking, role: str, code: str, number: str | None = None) -> Actor:
    """Who reads everything, and has a role in one department."""
    with ask.book.database.read() as session:
        table = ask.book.tables.identities["department"]
        key = session.execute(table.select().where(table.c.code == code)).one().key
    return Actor("local", (Grant("reader"), Grant(role, department=key)), account=1, employee_number=number)


def own(number: str) -> Actor:
    return Actor("somebody", (Grant("reader"),), account=1, employee_number=number)


def names(ask: Asking, actor: Actor, time: str = "") -> dict[str, str]:
    """The names that somebody is told, by number."""
    document = f"{{ registry{time} {{ employees {{ edges {{ node {{ number name }} }} }} }} }}"
    people = [edge["node"] for edge in ask(document, actor)["registry"]["employees"]["edges"]]
    return {one["number"]: one["name"] for one in people if one["name"]}


def test_a_name_is_shown_where_the_person_is_assigned_at_the_time_that_is_looked_at(ask: Asking) -> None:
    editor = local(ask, "editor", "D002")
    assert names(ask, editor) == {"E0001": "赵一", "E0003": "孙三"}
    assert names(ask, editor, '(asOf: "2026-01-15")') == {"E0001": "赵一", "E0002": "钱二", "E0003": "孙三"}
    assert names(ask, local(ask, "editor", "D004"), '(asOf: "2026-02-01")') == {"E0002": "钱二二"}
    assert names(ask, OPERATOR).keys() == {"E0001", "E0002", "E0003", "E0004"}


def test_everybody_reads_their_own_record_and_no_other(ask: Asking) -> None:
    document = '{ registry { employee(number: "E0002") { name enteredOn assignments { reason } } } }'
    found = {"name": "钱二二", "enteredOn": "1998-08-08", "assignments": [{"reason": "工作需要"}]}
    assert ask(document, own("E0002"))["registry"]["employee"] == found
    assert names(ask, own("E0002")) == {"E0002": "钱二二"}
    assert names(ask, own("E9999")) == {}


def test_a_number_that_two_organisations_have_given_is_nobodys(backend: Backend) -> None:
    with backend.database(grown) as url, asked(url) as ask:
        with committed(ask.book) as clerk:
            clerk.apply({"openOrganisation": {"code": "ZZ", "name": "另一公司"}})
            clerk.apply({"openEmployee": {"number": "E0002", "name": "钱贰", "organisation": "ZZ"}})
        assert names(ask, own("E0002")) == {}
        assert ask("{ viewer { employee { number } } }", own("E0002"))["viewer"] == {"employee": None}


def test_a_colleague_reads_names_and_contacts_and_not_when_somebody_came(ask: Asking) -> None:
    people = [
        edge["node"] for edge in ask(EVERYBODY, Actor("c", (Grant("colleague"),)))["registry"]["employees"]["edges"]
    ]
    assert [one["name"] for one in people] == ["赵一", "钱二二", "孙三", "李四"]
    assert people[0]["contact"] == {"email": "z@example.com"}
    assert {one["enteredOn"] for one in people} == {None}
    assert names(ask, local(ask, "colleague", "D001")) == {"E0001": "赵一"}


@pytest.mark.parametrize("role", ["colleague", "editor", "administrator"])
def test_nobody_without_a_name_is_told_a_name_whatever_the_role(ask: Asking, role: str) -> None:
    outsider = Actor(ANONYMOUS, (Grant(role),))
    assert names(ask, outsider) == {}
    assert ask('{ registry { search(text: "赵") { totalCount } } }', outsider)["registry"]["search"]["totalCount"] == 0


def found(ask: Asking, actor: Actor, text: str) -> list[Any]:
    """Whom a search and a filter by name find."""
    document = """query ($text: String!) { registry { search(text: $text, kinds: [EMPLOYEE]) { totalCount edges { node { id } } }
      employees(filter: { name: $text }) { totalCount edges { node { number } } } } }"""
    answer = ask(document, actor, text=text)["registry"]
    return [answer["search"]["totalCount"], answer["employees"]["totalCount"]]


def test_search_and_filter_find_only_the_names_that_are_shown(ask: Asking) -> None:
    editor = local(ask, "editor", "D002")
    assert [found(ask, editor, text) for text in ("孙", "钱", "李")] == [[1, 1], [0, 0], [0, 0]]
    assert [found(ask, own("E0002"), text) for text in ("孙", "钱")] == [[0, 0], [1, 1]]


CHANGED = "{ changeSets(first: 1) { edges { node { changes { summary attributes { name before after } } } } } }"


def test_changes_and_versions_do_not_even_name_the_fields_that_are_hidden(ask: Asking) -> None:
    def change(actor: Actor) -> dict[str, Any]:
        [edge] = ask(CHANGED, actor)["changeSets"]["edges"]
        told: dict[str, Any] = edge["node"]["changes"][0]
        return told

    assert change(READER) == {"summary": "Change Employee E0002", "attributes": []}
    assert change(Actor("c", (Grant("colleague"),)))["summary"] == "Change Employee E0002: Name"
    assert change(OPERATOR)["summary"] == "Change Employee E0002: Entry day, Name"
    assert [one["after"] for one in change(own("E0002"))["attributes"]] == ["1998-08-08", "钱二二"]
    history = '{ registry { employee(number: "E0002") { history { edges { node { attributes { name } } } } } } }'
    versions = ask(history, READER)["registry"]["employee"]["history"]["edges"]
    assert [edge["node"]["attributes"] for edge in versions] == [[]] * len(versions)


def test_what_differs_in_hidden_fields_only_does_not_differ(ask: Asking) -> None:
    document = '{ registry(asOf: "2026-01-31") { compare(asOf: "2026-02-01") { changed { before { id } } } } }'
    changed = {
        name: ask(document, actor)["registry"]["compare"]["changed"] for name, actor in (("r", READER), ("o", OPERATOR))
    }
    assert (len(changed["r"]), len(changed["o"])) == (0, 1)


def test_reading_within_a_scope_takes_as_many_statements_for_many_as_for_few(ask: Asking) -> None:
    editor = local(ask, "editor", "D002", "E0004")
    document = (
        "{ registry { employees(first: %d) { edges { node { name contact { email } assignments { reason } } } } } }"
    )
    assert ask.cost(document % 2, editor) == ask.cost(document % 50, editor) == ask.cost(document % 50, OPERATOR) + 1


VIEWER = """{ viewer { employee { number name contact { email } assignments { kind position { code } } } }
  registry { employees { edges { node { name } } } } }"""


def test_over_http_a_user_reads_the_own_record_and_nobody_elses(backend: Backend) -> None:
    with backend.database(grown) as url, asked(url) as ask, served(ask.book) as server:
        with ask.book.database.write() as session:
            for name, number in (("zhao", "E0001"), ("guest", None)):
                create_user(session, ask.book, OPERATOR, name, ["reader"], employee_number=number)
            tokens = [create_token(session, ask.book, OPERATOR, name) for name in ("zhao", "guest")]
        answers = [
            httpx.post(
                f"{server.url}/graphql", json={"query": VIEWER}, headers={"Authorization": f"Bearer {token}"}
            ).json()
            for token in tokens
        ]
    zhao, guest = (answer["data"] for answer in answers)
    posts = [{"kind": "PRIMARY", "position": {"code": "P0001"}}, {"kind": "CONCURRENT", "position": {"code": "P0003"}}]
    mine = {"number": "E0001", "name": "赵一", "contact": {"email": "z@example.com"}, "assignments": posts}
    assert zhao["viewer"]["employee"] == mine
    assert [edge["node"]["name"] for edge in zhao["registry"]["employees"]["edges"]] == ["赵一", None, None, None]
    assert guest["viewer"]["employee"] is None
    assert {edge["node"]["name"] for edge in guest["registry"]["employees"]["edges"]} == {None}
