"""What plugins contribute to the schema is answered like the core's own: in time, in scope, in batches, guarded."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import strawberry

from dutybook.access.actor import Actor, Grant
from dutybook.api import GraphQLContribution, Position, column, field, mutation, named
from dutybook.graphql.gifts import schema_with
from dutybook.lifecycle.loading import PluginsRefused, kinds_with, load_plugins
from dutybook.services.outcomes import Key
from tests.backends import Backend
from tests.flow.graphql_book import EDITOR, READER, Asking, fill
from tests.plugins.lab import contributing, found, lab

NOTE = 'mutation($text: String!) { noteDown(position: "P0001", text: $text) { note { text } userErrors { code path plugin } } }'
ROOMS: list[dict[str, dict[str, Any]]] = [
    {
        "openLabRoom": {
            "name": "化学室",
            "department": "D001",
            "area": "32.5",
            "openedOn": "2020-01-02",
            "keepers": ["P0001", "P0003"],
            "equipment": {"秤": 2},
            "keyholder": "赵一",
        }
    },
    {"openLabRoom": {"name": "物理室", "department": "D003", "annexOf": "L0001"}},
]


@pytest.fixture(scope="module")
def ask(backend: Backend) -> Iterator[Asking]:
    with backend.database(fill) as url, lab(url) as asking:
        asking.apply(date(2026, 2, 1), ROOMS)
        asking.apply(date(2026, 2, 15), [{"setLabRoom": {"labRoom": "L0001", "name": "综合室"}}])
        for text in ("甲", "乙"):
            asking(NOTE, text=text)
        yield asking


def department(ask: Asking, code: str) -> int:
    with ask.book.database.read() as session:
        table = ask.book.tables.identities["department"]
        key: int = session.execute(table.select().where(table.c.code == code)).one().key
    return key


def test_a_kind_of_a_plugin_is_a_type_with_all_its_fields(ask: Asking) -> None:
    room = ask(
        '{ registry { labRoom(code: "L0001") { code name area openedOn equipment keyholder department { code } '
        "keepers { code } labRooms { name } annexOf { code } } } }"
    )["registry"]["labRoom"]
    assert room == {
        "code": "L0001",
        "name": "综合室",
        "area": "32.50",
        "openedOn": "2020-01-02",
        "equipment": {"秤": 2},
        "keyholder": "赵一",
        "department": {"code": "D001"},
        "keepers": [{"code": "P0001"}, {"code": "P0003"}],
        "labRooms": [{"name": "物理室"}],
        "annexOf": None,
    }


def test_a_kind_of_a_plugin_has_both_time_axes_and_a_history(ask: Asking) -> None:
    document = """{
        then: registry(asOf: "2026-02-10") { labRooms { edges { node { name } } } }
        unknown: registry(knownAt: 2) { labRooms { totalCount } }
        registry { labRoom(code: "L0001") { history { edges { node { validFrom attributes { name value } } } } } }
    }"""
    answer = ask(document)
    assert [edge["node"]["name"] for edge in answer["then"]["labRooms"]["edges"]] == ["化学室", "物理室"]
    assert answer["unknown"]["labRooms"]["totalCount"] == 0
    newest = answer["registry"]["labRoom"]["history"]["edges"][0]["node"]
    assert {"name": "name", "value": "综合室"} in newest["attributes"]


def test_what_a_record_refers_to_leads_back_to_it(ask: Asking) -> None:
    found = ask('{ registry { department(code: "D003") { labRooms { name } } } }')
    assert found["registry"]["department"]["labRooms"] == [{"name": "物理室"}]


def test_a_record_of_a_plugin_is_a_node_and_takes_part_in_comparisons(ask: Asking) -> None:
    key = ask('{ registry { labRoom(code: "L0001") { id } } }')["registry"]["labRoom"]["id"]
    assert ask("query($id: ID!) { node(id: $id) { ... on LabRoom { name } } }", id=key)["node"] == {"name": "综合室"}
    diff = ask('{ registry(asOf: "2026-02-10") { compare(asOf: "2026-02-20") { changed { after { __typename } } } } }')
    assert diff["registry"]["compare"]["changed"] == [{"after": {"__typename": "LabRoom"}}]


def test_personal_fields_of_a_plugin_are_hidden_like_the_cores(ask: Asking) -> None:
    document = (
        '{ registry { labRoom(code: "L0001") { name keyholder history { edges { node { attributes { name } } } } } } }'
    )
    room = ask(document, READER)["registry"]["labRoom"]
    names = {attribute["name"] for edge in room["history"]["edges"] for attribute in edge["node"]["attributes"]}
    assert (room["keyholder"], "keyholder" in names, "name" in names) == (None, False, True)


def test_records_of_a_plugin_keep_to_the_scope(ask: Asking) -> None:
    one = Actor("one", (Grant("reader", department=department(ask, "D003")),))
    found = ask("{ registry { labRooms { edges { node { name annexOf { name } } } } } }", one)
    assert found["registry"]["labRooms"]["edges"] == [{"node": {"name": "物理室", "annexOf": None}}]


def test_contributed_fields_are_answered_in_batches(ask: Asking) -> None:
    one = ask.cost('{ registry { position(code: "P0001") { labNotes { text } } } }')
    many = ask.cost("{ registry { positions { edges { node { labNotes { text } } } } } }")
    assert (one, many) == (3, 3)


def test_a_contributed_field_is_empty_for_who_lacks_its_permission(ask: Asking) -> None:
    document = '{ registry { position(code: "P0001") { title labNotes { text } newestNote { text } } } }'
    approver = Actor("approver", (Grant("approver"),))
    assert ask(document, READER)["registry"]["position"]["labNotes"] == [{"text": "乙"}, {"text": "甲"}]
    found = ask(document, approver)["registry"]["position"]
    assert (found["title"], found["labNotes"], found["newestNote"]) == ("主任（兼）", [], None)


def test_a_contributed_field_keeps_to_where_its_permission_was_granted(ask: Asking) -> None:
    mixed = Actor("mixed", (Grant("approver"), Grant("reader", department=department(ask, "D002"))))
    found = ask('{ registry { position(code: "P0001") { title labNotes { text } } } }', mixed)
    assert found["registry"]["position"] == {"title": "主任（兼）", "labNotes": []}


@pytest.mark.parametrize(("time", "axis"), [('asOf: "2026-02-20"', "asOf"), ("knownAt: 3", "knownAt")])
def test_a_field_that_knows_only_today_is_null_at_another_time_and_says_so(ask: Asking, time: str, axis: str) -> None:
    answer = ask.result(f'{{ registry({time}) {{ position(code: "P0001") {{ newestNote {{ text }} }} }} }}')
    assert answer.data == {"registry": {"position": {"newestNote": None}}}
    [error] = answer.errors or []
    assert (getattr(error.original_error, "code", None), axis in str(error)) == ("TIME_NOT_SUPPORTED", True)


def test_a_mutation_of_a_plugin_tells_expected_errors_and_stores_nothing(ask: Asking) -> None:
    answer = ask(NOTE, text="")["noteDown"]
    assert answer == {"note": None, "userErrors": [{"code": "BAD_USER_INPUT", "path": ["text"], "plugin": None}]}
    notes = ask('{ registry { position(code: "P0001") { labNotes { text } } } }')["registry"]["position"]["labNotes"]
    assert "" not in [note["text"] for note in notes]


def test_a_mutation_of_a_plugin_needs_its_permission(ask: Asking) -> None:
    answer = ask(NOTE, READER, text="丙")["noteDown"]
    assert answer["note"] is None
    assert answer["userErrors"][0]["code"] == "FORBIDDEN"


def test_a_mutation_of_a_plugin_may_write_its_own_tables_only(ask: Asking) -> None:
    answer = ask(NOTE, text="steal")["noteDown"]
    assert answer["userErrors"] == [{"code": "PLUGIN_FAILURE", "path": ["lab", "noteDown"], "plugin": "lab"}]


def test_the_viewer_and_the_plugins_are_told(ask: Asking) -> None:
    answer = ask(
        "{ viewer { permissions } plugins { name version state health panels { name path place } navigation { path } } }",
        EDITOR,
    )
    assert {"lab.read", "lab.write"} <= set(answer["viewer"]["permissions"])
    [told] = answer["plugins"]
    assert (told["name"], told["version"], told["state"]) == ("lab", "1.0", "ENABLED")
    assert told["panels"] == [{"name": "notes", "path": "/x/lab/panels/notes", "place": "position"}]
    assert told["navigation"] == [{"path": "/x/lab/page"}]


@named("别人的。", "Somebody else's.")
class Alien:
    text: str = column("内容。", "Its text.")


@named("没有错误的结果。", "A payload without errors.")
class LabSilent:
    text: str | None = column("内容。", "Its text.")


async def title(root: strawberry.Parent[Position]) -> str | None:
    return str(root.row.title)


unguarded = strawberry.field(title, name="unguarded", description="没有守卫。 Unguarded.")


@field("不可为空。", "Not nullable.", permission="lab.read")
async def certain(root: strawberry.Parent[Position]) -> str:
    return str(root.row.title)


@field("同名。", "Taken.", permission="lab.read", name="title")
async def other_title(root: strawberry.Parent[Position]) -> str | None:
    return str(root.row.title)


@field("权限未声明。", "Undeclared.", permission="lab.unknown")
async def undeclared(root: strawberry.Parent[Position]) -> str | None:
    return str(root.row.title)


@field("别人的类型。", "Of a type without the plugin's name.", permission="lab.read")
async def alien(root: strawberry.Parent[Position]) -> Alien | None:
    return Alien(text=root.row.title)


@mutation("没有错误。", "Without errors.", permission="lab.write")
async def silent() -> LabSilent:
    return LabSilent(text=None)


@pytest.mark.parametrize(
    ("contribution", "reason"),
    [
        (GraphQLContribution({"Position": [unguarded]}), "is not guarded"),
        (GraphQLContribution({"Position": [certain]}), "Position.certain cannot be null"),
        (GraphQLContribution({"Position": [other_title]}), "Position.title exists already"),
        (GraphQLContribution({"Position": [undeclared]}), "needs lab.unknown, which nobody declares"),
        (GraphQLContribution({"Position": [alien]}), "the type Alien must begin with Lab"),
        (GraphQLContribution({"Mutation": [silent]}), "LabSilent lacks userErrors"),
        (GraphQLContribution({"Salary": [alien]}), "no object type Salary"),
        (GraphQLContribution({"PositionFilter": [alien]}), "no object type PositionFilter"),
        ("nonsense", "contribute_graphql answered str"),
    ],
)
def test_what_does_not_fit_the_schema_keeps_the_server_from_starting(contribution: object, reason: str) -> None:
    plugins = load_plugins(["lab"], found=found(**contributing(contribution)))
    with pytest.raises(PluginsRefused) as refusal:
        schema_with(kinds_with(plugins), plugins)
    assert reason in refusal.value.message.en
    assert "lab" in refusal.value.path


def test_a_contributed_resolver_that_could_block_the_server_is_refused() -> None:
    def blocking(root: strawberry.Parent[Position]) -> str | None:
        return str(root.row.title)

    with pytest.raises(TypeError, match="blocking must be async"):
        field("会阻塞。", "It blocks.", permission="lab.read")(blocking)


def test_a_mutation_of_a_plugin_is_done_once_under_a_key(ask: Asking) -> None:
    repeated = replace(ask, idempotency=Key("one", "the same"))
    first, second = (repeated(NOTE, text="丁")["noteDown"]["note"] for _ in range(2))
    assert first == second
    notes = ask('{ registry { position(code: "P0001") { labNotes { text } } } }')["registry"]["position"]["labNotes"]
    assert [note["text"] for note in notes].count("丁") == 1
