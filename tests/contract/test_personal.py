"""What is personal leaves by no exit: a walk through the whole schema, as those who may not read it and as one who may."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
)
from structlog.testing import capture_logs

from dutybook.access.actor import ANONYMOUS, Actor, Grant
from dutybook.book.ids import GlobalId
from dutybook.http.params import Params
from dutybook.http.ports import Call
from dutybook.testing.answers import actor_of
from tests.contract.canary_book import (
    BEYOND,
    CONFLICTING,
    FREE,
    NUMBER,
    PROPOSED,
    SIGNER,
    canaries,
    ids,
    key_of,
)
from tests.contract.canary_house import House
from tests.contract.schema_walk import Walk

pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
"""A refusal in the middle of a large document leaves the rest of it unanswered."""

HOUSE = Path(__file__).parents[2]
CONTACT, PERSONAL, EVERYBODY = "contact.read", "personal.read", "personal.read for the whole book"

POLICY = {
    **{("employee", name): CONTACT for name in ("name", "office_phone", "short_number", "email", "room")},
    **{("employee", name): PERSONAL for name in ("entered_on", "left_on", "external_ids", "status_reason")},
    ("assignment", "reason"): PERSONAL,
    ("kept_shift", "keeper"): EVERYBODY,
}
"""Who reads each personal field: where the person is assigned, but for those that are about nobody whom the book knows."""

UNSEEN = {
    *("ApprovalRoute", "ApprovalRouteEdge", "RouteChoice", "RouteStep", "Delegation", "DelegationEdge", "CommentReply"),
    *("StandardSuggestion", "StandardSuggestionEdge", "SuggestedDuty", "SuggestedFollower", "SuggestedOccurrence"),
    *("PeriodCorrection", "PeriodCorrectionEdge", "PeriodVerdict", "Impact", "ResponsibilityFinding", "Job", "Scan"),
    *("CostDutyWeight", "CostDutyWeightEdge", "CostOfDuty", "CostPart", "CostPlan", "CostShare", "CostShareEdge"),
}
"""Types of which the book of this test holds nothing: they are asked for, and hold no reference to a personal value."""

VAULT = {
    "core/dutybook/db/bookkeeping.py": "makes the tables",
    "core/dutybook/db/erasing.py": "finds what is to be erased",
    "core/dutybook/db/personal.py": "the one policy",
    "core/dutybook/db/search_index.py": "writes beside a name how it is sought",
    "core/dutybook/db/staff.py": "tells which digests have a clear value already, without it",
    "core/dutybook/services/drafts.py": "puts clear values away",
    "core/dutybook/services/erasing.py": "destroys them",
    "core/dutybook/services/seals.py": "puts many away",
    "core/dutybook/services/plugins.py": "erases those of a plugin that is forgotten",
}

OUTSIDERS = ("anonymous", "anonymous editor", "reader", "editor elsewhere")
WALKERS = ("anonymous", "editor elsewhere")


def outsider(house: House, name: str) -> Actor:
    """Somebody who may read nothing personal of the person: by role, by place, or because nobody knows who it is."""
    elsewhere = key_of(house.book, "department", "D002")
    return {
        "anonymous": Actor(ANONYMOUS, (Grant("reader"),)),
        "anonymous editor": Actor(ANONYMOUS, (Grant("editor"),)),
        "reader": actor_of("reader"),
        "editor elsewhere": Actor("local", (Grant("reader"), Grant("editor", department=elsewhere)), account=1),
    }[name]


def test_nobody_meets_a_field_for_which_nothing_was_said(house: House) -> None:
    walk = Walk(house.schema, house.given)
    list(walk.documents())
    kinds = [house.schema.type_map[name] for name in walk.types]
    fields = {f"{kind.name}.{name}" for kind in kinds if isinstance(kind, GraphQLObjectType) for name in kind.fields}
    assert fields - walk.asked == walk.lacking == {"Query.job"}


@pytest.mark.parametrize("name", WALKERS)
def test_an_outsider_is_told_nothing_by_any_field(house: House, name: str) -> None:
    with capture_logs() as logs:
        told = {document: house.found_in(answer) for document, answer in house.walk(outsider(house, name)).items()}
    assert {document[:200]: found for document, found in told.items() if found} == {}
    assert house.found_in(logs) == []


def test_what_is_said_of_change_sets_is_for_those_who_work_on_them(house: House) -> None:
    for text in (FREE, BEYOND, SIGNER):
        assert text not in str(house.walk(outsider(house, "anonymous")))
        assert text in str(house.walk(actor_of("administrator")))


def test_an_administrator_is_told_all_of_it_and_no_digest(house: House) -> None:
    answers = house.walk(actor_of("administrator"))
    assert "Internal error" not in str(answers)
    assert set(house.found_in(list(answers.values()))) == set(house.secrets)
    seen = set(re.findall(r"'__typename': '(\w+)'", str(answers)))
    assert Walk(house.schema, house.given).types - seen <= UNSEEN


def test_a_colleague_is_told_names_and_contacts_and_nothing_else(house: House) -> None:
    documents = Walk(house.schema, house.given).documents()
    about = [document for name, document, _ in documents if name in {"Employee", "Assignment", "Version", "Change"}]
    found = set(house.found_in([house.ask(document, actor_of("colleague")) for document in about]))
    contacts = {name for (_, name), who in POLICY.items() if who == CONTACT}
    published = {text for text in canaries(house.book, contacts) if text[-1] not in PROPOSED}
    assert found == published & set(house.secrets)


def asked_by_text(house: House) -> Iterator[str]:
    """Every list that takes a text, by each of the texts that it takes; %s stands for it."""
    for parent in ("Query", "Registry"):
        kind = house.schema.type_map[parent]
        assert isinstance(kind, GraphQLObjectType)
        for name, field in kind.fields.items():
            for argument, text in _texts_of(field):
                others = {key: value for key, value in house.given.get((parent, name), {}).items() if key != argument}
                said = ", ".join([f"{argument}: {text}", *(f"{key}: {value}" for key, value in others.items())])
                inner = f"{name}({said}) {_looked_at(get_named_type(field.type))}"
                yield f"{{ {inner} }}" if parent == "Query" else f"{{ registry {{ {inner} }} }}"


def _texts_of(field: GraphQLField) -> Iterator[tuple[str, str]]:
    for name, argument in field.args.items():
        kind = get_named_type(argument.type)
        if isinstance(kind, GraphQLInputObjectType):
            yield from ((name, f'{{ {key}: "%s" }}') for key, it in kind.fields.items() if _is_text(it.type))
        elif _is_text(argument.type):
            yield name, '"%s"'


def _is_text(kind: Any) -> bool:
    return get_named_type(kind).name in {"String", "ID"} and not isinstance(get_nullable_type(kind), GraphQLList)


def _looked_at(kind: Any) -> str:
    """What could tell a match from none."""
    if is_leaf_type(kind):
        return ""
    counts = "totalCount pageInfo { hasNextPage endCursor } edges { cursor }" if "pageInfo" in kind.fields else ""
    return f"{{ __typename {counts} }}"


@pytest.mark.parametrize("name", OUTSIDERS)
def test_asking_by_what_is_personal_answers_like_asking_by_what_nobody_has(house: House, name: str) -> None:
    actor = outsider(house, name)
    for document in asked_by_text(house):
        for text in ("金丝雀", house.secrets[0], house.secrets[-1], house.digests[0][:40]):
            nobody = "无" * len(text)
            answer, theirs = (orjson.dumps(house.ask(document % one, actor)).decode() for one in (text, nobody))
            assert answer.replace(text, nobody) == theirs, document % text


def test_a_name_is_found_by_those_who_may_read_it(house: House) -> None:
    found = {
        document: house.ask(document % "金丝雀emp", actor_of("administrator"))
        for document in asked_by_text(house)
        if "employees(filter: { name" in document or "search(" in document
    }
    assert len(found) >= 2
    assert any('"totalCount":1' in orjson.dumps(answer).decode() for answer in found.values())


def test_the_feed_tells_of_people_without_what_is_personal(house: House) -> None:
    for name in OUTSIDERS:
        told = asyncio.run(followed(house, outsider(house, name)))
        assert len(told) > 5
        assert house.found_in(told) == []
    assert house.found_in(asyncio.run(followed(house, actor_of("administrator"))))


async def followed(house: House, actor: Actor) -> list[Any]:
    """The feed from its beginning, each subject by all its leaves."""
    walk = Walk(house.schema, house.given)
    document = f"subscription {{ changes(after: 0, first: 40) {{ {walk.selection('ChangeEvent')} }} }}"

    async def renew() -> Actor:
        return actor

    params, engine = Params(document, {}, None), house.asking.engine
    operation = await engine.read(params, actor, streams=True)
    call = Call(actor, "test", "en", renew=renew)
    return [answer.payload async for answer in engine.stream(operation, params, call)]


REFUSED = [
    'setEmployee: {{ employee: "{number}", name: "{long}" }}',
    'setEmployee: {{ employee: "{number}", enteredOn: "1999-99-99" }}',
    'openEmployee: {{ number: "{number}", name: "某人" }}',
    'appoint: {{ employee: "{number}", position: "P0003" }}',
    'endAssignment: {{ assignment: "{assignment}", from: "1900-01-01" }}',
    'rescind: {{ subject: "{employee}", from: "2026-01-02", attributes: ["name"] }}',
]


@pytest.mark.parametrize("said", REFUSED)
def test_what_is_refused_names_people_by_number(house: House, said: str) -> None:
    words = {"number": NUMBER, "long": "很" * 101, "employee": ids(house.book, "employee")[-1]}
    text = said.format(**words, assignment=ids(house.book, "assignment")[0])
    change = f'mutation {{ applyChanges(input: {{ title: "错", changes: [{{ {text} }}] }}) {{ userErrors {{ message path code }} }} }}'
    number = GlobalId("ChangeSet", CONFLICTING)
    publish = (
        f'mutation {{ publishChangeSet(input: {{ changeSet: "{number}" }}) {{ userErrors {{ message path code }} }} }}'
    )
    with capture_logs() as logs:
        answers = [house.ask(document, actor_of("administrator")) for document in (change, publish)]
    assert all("code'" in str(answer) for answer in answers)
    assert house.found_in([answers, logs]) == []


def test_each_personal_field_has_a_policy_that_somebody_wrote_down(house: House) -> None:
    kinds = [kind for kind in house.book.book.kinds if kind.personal]
    said = {
        (kind.name, name): CONTACT if name in kind.contacts else PERSONAL if kind.person else EVERYBODY
        for kind in kinds
        for name in kind.personal
    }
    assert said == POLICY


def test_clear_values_leave_the_vault_by_one_door() -> None:
    paths = [path for root in ("core", "plugins", "examples") for path in (HOUSE / root).rglob("*.py")]
    texts = {str(path.relative_to(HOUSE)): path.read_text("utf-8") for path in paths if "versions" not in path.parts}
    named = {path for path, text in texts.items() if '"personal_value"' in text or "'personal_value'" in text}
    assert named == set(VAULT)
