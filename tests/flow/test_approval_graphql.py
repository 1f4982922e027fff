"""Approval over HTTP: what HR sees beforehand, who signs and for whom, what is said on the way; and what it costs."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from dutybook.access.actor import OPERATOR, Actor, Grant
from dutybook.book.ids import GlobalId
from dutybook.services import accounts, changesets
from dutybook.services.book import Book
from dutybook.services.changesets import Proposal
from dutybook.services.comments import Remark, comment
from dutybook.services.delegation import Delegated, delegate_signing
from dutybook.services.references import key_of
from tests.backends import Backend
from tests.flow.clerk import founded, opened
from tests.flow.graphql_book import APPROVER, EDITOR, Asking, asked, fill
from tests.plugins.served import Served, served

IN_TEAM = {"setPosition": {"position": "P0003", "grade": "9"}}
IN_OFFICE = {"setPosition": {"position": "P0002", "grade": "9"}}
ROUTES = [
    {
        "openApprovalRoute": {
            "name": "生产部",
            "department": "D002",
            "steps": [
                {"name": "部门", "signers": ["role:approver@D002"]},
                {"name": "公司", "signers": ["role:administrator"]},
            ],
        }
    },
    {
        "openApprovalRoute": {
            "name": "岗位",
            "kinds": ["position"],
            "steps": [{"name": "人事", "signers": ["user:approver"]}],
        }
    },
]
STEPS = "steps { ordinal name routes signers signed { by onBehalfOf signer approved body decidedOn evidence document { id } } }"
CHOICES = "choices { name kind records route { name } changes { ordinal } }"
PAGE = "totalCount edges { cursor node { id author text kind attribute resolvedBy change { ordinal } replies { author text } } }"


@pytest.fixture
def online(backend: Backend) -> Iterator[Served]:
    with backend.database(founded) as url, opened(url) as book, served(book, anonymous_role="reader") as server:
        yield server


def do(server: Served, field: str, role: str, kind: str, fields: str, **given: Any) -> Any:
    """One mutation over HTTP, without errors that it tells."""
    document = f"mutation ($i: {kind}!) {{ {field}(input: $i) {{ {fields} userErrors {{ code message path }} }} }}"
    payload = server.ask(document, role, i=given)[field]
    assert payload["userErrors"] == []
    return payload


def drafted(server: Served, *changes: Any) -> str:
    of_set = "changeSet { id }"
    made = do(server, "openChangeSet", "editor", "OpenChangeSetInput", of_set, title="调整", effectiveOn="2025-06-01")
    number = str(made["changeSet"]["id"])
    do(server, "addChanges", "editor", "AddChangesInput", of_set, changeSet=number, changes=list(changes))
    return number


def seen(server: Served, role: str, number: str, fields: str) -> Any:
    return server.ask(f"query ($id: ID!) {{ changeSet(id: $id) {{ {fields} }} }}", role, id=number)["changeSet"]


def test_a_set_goes_its_way_over_http(online: Served) -> None:
    applied = {"title": "流程", "changes": ROUTES, "effectiveOn": "2025-01-01"}
    do(online, "applyChanges", "administrator", "ApplyChangesInput", "changeSet { id }", **applied)
    number = drafted(online, IN_TEAM, IN_OFFICE)
    preview = seen(online, "editor", number, f"routePreview {{ {STEPS} {CHOICES} }} steps {{ ordinal }}")
    assert [(step["name"], step["signers"]) for step in preview["routePreview"]["steps"]] == [
        ("部门", ["role:approver@O01/D002"]),
        ("公司 / 人事", ["role:administrator", "user:approver"]),
    ]
    assert [(it["route"]["name"], it["changes"]) for it in preview["routePreview"]["choices"]] == [
        ("生产部", [{"ordinal": 0}]),
        ("岗位", [{"ordinal": 1}]),
    ]
    do(online, "submitChangeSet", "editor", "ChangeSetInput", "changeSet { id }", changeSet=number)
    stored = seen(online, "editor", number, f"{STEPS} routePreview {{ steps {{ ordinal }} }} routeC{CHOICES[1:]}")
    assert (stored["steps"], stored["routeChoices"]) == (
        preview["routePreview"]["steps"],
        preview["routePreview"]["choices"],
    )
    assert stored["routePreview"] is None
    waiting = "query ($mine: Boolean!) { changeSets(filter: {waitingForMe: $mine, states: [SUBMITTED]}) { edges { node { id } } } }"
    for role, mine in (("administrator", True), ("approver", True), ("editor", False)):
        found = [
            [edge["node"]["id"] for edge in online.ask(waiting, role, mine=asked)["changeSets"]["edges"]]
            for asked in (mine, not mine)
        ]
        assert found == [[number], []], role
    _comment(online, number)
    _sign(online, number)


def _comment(server: Served, number: str) -> None:
    fields = "comment { id change { ordinal } } changeSet { openComments }"
    said = {"changeSet": number, "text": "岗级偏高", "ordinal": 1, "attribute": "grade"}
    made = do(server, "commentOnChangeSet", "approver", "CommentInput", fields, **said)
    assert made["changeSet"]["openComments"] == 1
    assert made["comment"]["change"] == {"ordinal": 1}
    replied = {"changeSet": number, "text": "按新标准", "replyTo": made["comment"]["id"]}
    do(server, "commentOnChangeSet", "editor", "CommentInput", fields, **replied)
    found = seen(server, "publisher", number, f"openComments comments(first: 1) {{ {PAGE} }}")
    [edge] = found["comments"]["edges"]
    assert (edge["node"]["author"], edge["node"]["attribute"], edge["node"]["resolvedBy"]) == (
        "approver",
        "grade",
        None,
    )
    assert edge["node"]["replies"] == [{"author": "editor", "text": "按新标准"}]
    settled = {"comment": made["comment"]["id"]}
    done = do(server, "resolveComment", "editor", "ResolveCommentInput", fields, **settled)
    assert done["changeSet"]["openComments"] == 0


def _sign(server: Served, number: str) -> None:
    """The first step is decided elsewhere; of the second, the publisher signs for the approver."""
    decision = {"verdict": "APPROVED", "body": "党委会", "decidedOn": "2025-05-01", "evidence": "3 号纪要"}
    state = f"changeSet {{ state currentStep {STEPS} }}"
    recorded = do(server, "recordDecision", "publisher", "RecordDecisionInput", state, changeSet=number, **decision)
    assert (recorded["changeSet"]["state"], recorded["changeSet"]["currentStep"]) == ("SUBMITTED", 1)
    [minutes] = recorded["changeSet"]["steps"][0]["signed"]
    assert (minutes["by"], minutes["body"], minutes["decidedOn"]) == ("publisher", "党委会", "2025-05-01")
    today = server.ask("{ registry { asOf } }", "reader")["registry"]["asOf"]
    days = {"from": today, "to": f"{int(today[:4]) + 1}{today[4:8]}01"}
    given = {"delegate": "publisher", **days, "reason": "出差"}
    delegation = "delegation { id principal delegate isInForce from department { code } }"
    made = do(server, "delegateSigning", "approver", "DelegateSigningInput", delegation, **given)
    assert (made["delegation"]["principal"], made["delegation"]["isInForce"]) == ("approver", True)
    do(server, "approveChangeSet", "publisher", "SignInput", "changeSet { id }", changeSet=number)
    done = do(server, "approveChangeSet", "administrator", "SignInput", state, changeSet=number)
    assert done["changeSet"]["state"] == "APPROVED"
    signed = done["changeSet"]["steps"][1]["signed"]
    assert [(it["by"], it["onBehalfOf"]) for it in signed] == [("publisher", "approver"), ("administrator", None)]
    ended = {"delegation": made["delegation"]["id"]}
    do(server, "revokeDelegation", "approver", "RevokeDelegationInput", "delegation { revokedAt }", **ended)
    listed = server.ask(
        "{ delegations { totalCount edges { node { revokedAt } } } viewer { delegations { id } } }", "administrator"
    )
    assert (listed["delegations"]["totalCount"], listed["viewer"]["delegations"]) == (1, [])
    do(server, "publishChangeSet", "publisher", "ChangeSetInput", "changeSet { id }", changeSet=number)
    private = f"{STEPS} routeChoices {{ name }} openComments comments {{ totalCount edges {{ cursor }} }}"
    assert seen(server, "reader", number, private) == {
        "steps": [],
        "routeChoices": [],
        "openComments": 0,
        "comments": {"totalCount": 0, "edges": []},
    }


WORKED_ON = f"""{{ changeSets {{ edges {{ node {{ {STEPS} routeC{CHOICES[1:]} openComments comments {{ {PAGE} }} }} }} }}
    registry {{ approvalRoutes {{ edges {{ node {{
        name organisation {{ code }} department {{ code }} kinds steps {{ signers }} }} }} }} }} }}"""
DELEGATED = "{ viewer { delegations { principal department { code } } } delegations { edges { node { delegate department { code } } } } }"


def test_answers_take_the_same_number_of_statements_however_much_is_said(backend: Backend) -> None:
    with backend.database(fill) as url, asked(url) as ask:
        grow(ask, 1)
        small = [ask.cost(document) for document in (WORKED_ON, DELEGATED)]
        grow(ask, 3)
        assert [ask.cost(document) for document in (WORKED_ON, DELEGATED)] == small
        assert small[0] <= 14
        assert small[1] <= 5


def grow(ask: Asking, size: int) -> None:
    """Routes, sets that go by them, with comments, and delegations."""
    steps = [{"signers": ["role:approver"]}]
    opening = {"openApprovalRoute": {"name": "调度", "department": "D003", "organisation": "GS", "steps": steps}}
    ask.apply(ask.book.clock.today(), [opening] * size)
    with ask.book.database.write() as session:
        for at in range(size):
            _delegate(session, ask.book, f"p{size}-{at}", f"d{size}-{at}")
            _work_on(session, ask.book, {"setPosition": {"position": f"P000{5 - at}", "grade": str(at)}})


def _delegate(session: Session, book: Book, principal: str, other: str) -> None:
    for name in (principal, other):
        accounts.create_user(session, book, OPERATOR, name, ["approver"])
    today, department = book.clock.today(), key_of(session, book, "department", "D003")
    delegated = Delegated(principal, other, today, today + timedelta(9), "休假", department)
    delegate_signing(session, book, OPERATOR, delegated)


def _work_on(session: Session, book: Book, change: Any) -> None:
    number = changesets.open_changeset(session, book, EDITOR, Proposal("调整"))
    changesets.add_changes(session, book, EDITOR, number, [change])
    changesets.submit(session, book, EDITOR, number)
    for ordinal in (None, 0):
        comment(session, book, APPROVER, number, Remark("请核", ordinal))


COMMENTS = """query ($id: ID!) { changeSet(id: $id) { openComments comments(first: 1) { totalCount pageInfo { hasNextPage }
    edges { node { text change { ordinal } } } } } }"""


def test_a_comment_follows_its_change_and_is_hidden_with_it(backend: Backend) -> None:
    with backend.database(fill) as url, asked(url) as ask:
        with ask.book.database.write() as session:
            grades = ({"setPosition": {"position": code, "grade": "9"}} for code in ("P0001", "P0003"))
            number = changesets.open_changeset(session, ask.book, EDITOR, Proposal("调整"))
            changesets.add_changes(session, ask.book, EDITOR, number, list(grades))
            comment(session, ask.book, APPROVER, number, Remark("岗级", 1))
            comment(session, ask.book, APPROVER, number, Remark("总体"))
            elsewhere = key_of(session, ask.book, "department", "D004")
        ask.apply(ask.book.clock.today(), [{"setPosition": {"position": "P0001", "grade": "7"}}])
        assert comments(ask, APPROVER, number) == (2, 2, "岗级", {"ordinal": 1})
        with ask.book.database.write() as session:
            changesets.rebase(session, ask.book, EDITOR, number, "THEIRS", [])
        assert comments(ask, APPROVER, number) == (2, 2, "岗级", {"ordinal": 0})
        assert comments(ask, Actor("local", (Grant("editor", department=elsewhere),)), number) == (1, 1, "总体", None)
        with ask.book.database.write() as session:
            changesets.remove_change(session, ask.book, EDITOR, number, 0)
        assert comments(ask, APPROVER, number) == (2, 2, "岗级", None)


def comments(ask: Asking, actor: Actor, number: int) -> tuple[int, int, str, Any]:
    """How many somebody sees, how many of them are open, and the first with the change that it is about."""
    found = ask(COMMENTS, actor, id=str(GlobalId("ChangeSet", number)))["changeSet"]
    page = found["comments"]
    assert page["pageInfo"]["hasNextPage"] == (page["totalCount"] > 1)
    node = page["edges"][0]["node"]
    return page["totalCount"], found["openComments"], node["text"], node["change"]
