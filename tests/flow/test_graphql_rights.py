"""What an actor may not see answers like what is not there; personal values are for those who may read them."""

from collections.abc import Iterator

import pytest

from dutybook.access.actor import OPERATOR, Actor, Grant
from dutybook.access.identity import anonymous
from dutybook.errors import Forbidden
from tests.backends import Backend
from tests.flow.graphql_book import EDITOR, READER, Asking, asked, fill


@pytest.fixture(scope="module")
def ask(backend: Backend) -> Iterator[Asking]:
    with backend.database(fill) as url, asked(url) as asking:
        yield asking


@pytest.fixture(scope="module")
def local(ask: Asking) -> Actor:
    """Who may edit 生产技术部 and what is below it."""
    table = ask.book.tables.identities["department"]
    with ask.book.database.read() as session:
        key = session.execute(table.select().where(table.c.code == "D002")).one().key
    return Actor("local", (Grant("editor", department=key),))


def test_names_and_contacts_are_null_without_the_right(ask: Asking) -> None:
    document = '{ registry { employee(number: "E0001") { number name contact { officePhone } } } }'
    assert ask(document, READER)["registry"]["employee"] == {"number": "E0001", "name": None, "contact": None}
    assert ask(document, EDITOR)["registry"]["employee"]["name"] == "赵一"


def test_an_erased_value_is_null(backend: Backend) -> None:
    with backend.database(fill) as url, asked(url) as ask:
        vault = ask.book.tables["personal_value"]
        with ask.book.database.write() as session:
            session.execute(vault.delete().where(vault.c.field == "name"))
        found = ask('{ registry { employee(number: "E0001") { name contact { email } } } }')["registry"]["employee"]
        assert found == {"name": None, "contact": {"email": "z@example.com"}}


def test_names_cannot_be_searched_or_filtered_by_without_the_right(ask: Asking) -> None:
    assert ask('{ registry { search(text: "赵") { totalCount } } }', READER)["registry"]["search"]["totalCount"] == 0
    filtered = '{ registry { employees(filter: { name: "赵" }) { totalCount } } }'
    [error] = ask.result(filtered, READER).errors or []
    assert isinstance(error.original_error, Forbidden)
    assert ask(filtered, EDITOR)["registry"]["employees"]["totalCount"] == 1


def test_history_and_changes_do_not_show_personal_values_without_the_right(ask: Asking) -> None:
    document = """{ registry { employee(number: "E0001") { history { edges { node { attributes { name value } } } } } }
        changeSets { edges { node { changes { attributes { name before after } } } } } }"""
    assert "赵一" in str(ask(document, EDITOR))
    assert "赵一" not in str(ask(document, READER))


def test_a_scope_shows_its_subtree_and_nothing_else(ask: Asking, local: Actor) -> None:
    document = "{ registry { departments(rootsOnly: true) { code ordinal } positions { edges { node { code } } } } }"
    found = ask(document, local)["registry"]
    assert found["departments"] == [{"code": "D002", "ordinal": 1}]
    assert [edge["node"]["code"] for edge in found["positions"]["edges"]] == ["P0003", "P0004", "P0005"]


def test_what_a_scope_hides_answers_like_what_is_not_there(ask: Asking, local: Actor) -> None:
    document = """{ registry { position(code: "P0001") { id } department(code: "D001") { id }
        duties(search: "主持") { totalCount } search(text: "主任") { totalCount } } }"""
    found = ask(document, local)["registry"]
    assert (found["position"], found["department"]) == (None, None)
    assert (found["duties"]["totalCount"], found["search"]["totalCount"]) == (0, 0)


def test_a_hidden_node_is_null_by_its_id_too(ask: Asking, local: Actor) -> None:
    key = ask('{ registry { position(code: "P0001") { id } } }')["registry"]["position"]["id"]
    assert ask("query ($id: ID!) { node(id: $id) { id } }", local, id=key) == {"node": None}


def test_the_changes_of_hidden_departments_are_left_out(ask: Asking, local: Actor) -> None:
    document = "{ changeSets { edges { node { changes { summary } } } } }"
    seen, all_of_them = (str(ask(document, actor)) for actor in (local, OPERATOR))
    assert ("P0003" in seen, "P0001" in seen, "P0001" in all_of_them) == (True, False, True)


def test_compare_tells_nothing_of_hidden_departments(ask: Asking, local: Actor) -> None:
    document = (
        '{ registry(asOf: "2025-06-01") { compare(asOf: "2026-03-01") { moved { after { id } } added { id } } } }'
    )
    found = ask(document, local)["registry"]["compare"]
    assert (found["moved"], len(found["added"])) == ([], 2)


def test_readers_see_published_change_sets_and_not_who_published(ask: Asking) -> None:
    document = "{ changeSets { edges { node { state revision { publishedBy } } } } }"
    found = [edge["node"] for edge in ask(document, READER)["changeSets"]["edges"]]
    assert {change["state"] for change in found} == {"PUBLISHED"}
    assert {change["revision"]["publishedBy"] for change in found} == {None}


def test_the_viewer_is_who_asks(ask: Asking) -> None:
    document = "{ viewer { name roles permissions employee { number } } }"
    nobody, somebody = anonymous("reader"), Actor("zhao", (Grant("reader"),), account=1, employee_number="E0001")
    assert nobody is not None
    assert ask(document, nobody) == {"viewer": None}
    assert ask(document, somebody)["viewer"]["employee"] == {"number": "E0001"}
