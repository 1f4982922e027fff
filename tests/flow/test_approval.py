"""Approval: who signs, in which order, and what a return or a rejection does."""

import pytest
from sqlalchemy import select

from dutybook.access.actor import Actor, Grant
from dutybook.errors import Forbidden
from dutybook.services import changesets
from dutybook.services.approval import Opinion, approve, reject, send_back
from dutybook.services.refusals import WrongState
from tests.flow.clerk import Clerk

ALICE, BOB, EDITOR = (
    Actor(name, (Grant(role),)) for name, role in (("alice", "approver"), ("bob", "approver"), ("eve", "editor"))
)
REGRADE = {"setPosition": {"position": "P0002", "grade": "9"}}
ROUTE = (("user:alice", "user:bob"), ("role:approver",))


def submitted(clerk: Clerk) -> int:
    number = clerk.draft(REGRADE, by=EDITOR, route=ROUTE)
    changesets.submit(clerk.session, clerk.book, EDITOR, number)
    return number


def state(clerk: Clerk, number: int) -> tuple[str, int]:
    table = clerk.book.tables["changeset"]
    row = clerk.session.execute(select(table).where(table.c.id == number)).one()
    return row.state, row.current_step


def sign(clerk: Clerk, actor: Actor, number: int) -> tuple[str, int]:
    approve(clerk.session, clerk.book, actor, number, Opinion("同意"))
    return state(clerk, number)


def test_all_signers_of_a_step_must_sign_before_the_next(clerk: Clerk) -> None:
    number = submitted(clerk)
    assert [sign(clerk, actor, number) for actor in (ALICE, BOB, ALICE)] == [
        ("SUBMITTED", 0),
        ("SUBMITTED", 1),
        ("APPROVED", 1),
    ]
    assert clerk.publish(number) == clerk.head.revision


def test_nobody_signs_twice_or_for_another(clerk: Clerk) -> None:
    number = submitted(clerk)
    sign(clerk, ALICE, number)
    with pytest.raises(Forbidden, match="user:bob"):
        sign(clerk, ALICE, number)


def test_a_return_voids_the_signatures_from_there_on(clerk: Clerk) -> None:
    number = submitted(clerk)
    sign(clerk, ALICE, number)
    sign(clerk, BOB, number)
    send_back(clerk.session, clerk.book, ALICE, number, Opinion("请补充依据"), 0)
    assert state(clerk, number) == ("SUBMITTED", 0)
    assert sign(clerk, ALICE, number) == ("SUBMITTED", 0)


def test_a_set_returned_to_its_author_is_a_draft_again(clerk: Clerk) -> None:
    number = submitted(clerk)
    send_back(clerk.session, clerk.book, BOB, number, Opinion("请重拟"), None)
    assert state(clerk, number) == ("DRAFT", 0)


def test_a_rejected_set_can_never_be_published(clerk: Clerk) -> None:
    number = submitted(clerk)
    reject(clerk.session, clerk.book, BOB, number, Opinion(evidence="党委会纪要第3期"))
    with pytest.raises(WrongState, match="REJECTED"):
        clerk.publish(number)


def test_an_editor_can_neither_sign_nor_publish(clerk: Clerk) -> None:
    number = submitted(clerk)
    with pytest.raises(Forbidden):
        sign(clerk, EDITOR, number)
    with pytest.raises(Forbidden):
        changesets.publish(clerk.session, clerk.book, EDITOR, number)


def test_a_rebase_that_alters_an_approved_set_sends_it_back_to_the_signers(clerk: Clerk) -> None:
    number = submitted(clerk)
    for actor in (ALICE, BOB, ALICE):
        sign(clerk, actor, number)
    clerk.apply({"setPosition": {"position": "P0002", "grade": "7"}})
    changesets.rebase(clerk.session, clerk.book, EDITOR, number, "MINE", [])
    assert state(clerk, number) == ("SUBMITTED", 0)
