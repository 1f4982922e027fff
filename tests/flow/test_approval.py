"""Approval: who signs, in which order, and what a return or a rejection does."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from dutybook.access.actor import OPERATOR, Actor, Grant
from dutybook.errors import BadInput, Forbidden
from dutybook.services import changesets
from dutybook.services.approval import Decision, Opinion, approve, record_decision, reject, send_back
from dutybook.services.book import Book
from dutybook.services.refusals import WrongState
from dutybook.services.revert import revert
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
    with pytest.raises(Forbidden, match="waits for user bob"):
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


def signatures(clerk: Clerk, number: int) -> list[tuple[int, str, str, str, bool]]:
    """What was signed: step, place, by whom, how, and whether it counts."""
    table = clerk.book.tables["signature"]
    columns = (table.c.step, table.c.signer, table.c.signed_by, table.c.verdict, table.c.counts)
    rows = clerk.session.execute(select(*columns).where(table.c.changeset == number).order_by(table.c.id))
    return [(row[0], row[1], row[2], row[3], row[4]) for row in rows]


def test_signatures_that_a_return_voids_stay_on_record(clerk: Clerk) -> None:
    number = submitted(clerk)
    sign(clerk, ALICE, number)
    sign(clerk, BOB, number)
    send_back(clerk.session, clerk.book, ALICE, number, Opinion("请补充依据"), 0)
    assert signatures(clerk, number) == [
        (0, "user:alice", "alice", "APPROVED", False),
        (0, "user:bob", "bob", "APPROVED", False),
        (1, "role:approver", "alice", "RETURNED", False),
    ]


def test_a_return_to_a_middle_step_keeps_the_signatures_before_it(clerk: Clerk) -> None:
    number = clerk.draft(REGRADE, route=(("user:alice",), ("user:bob",), ("role:approver",)))
    changesets.submit(clerk.session, clerk.book, OPERATOR, number)
    sign(clerk, ALICE, number)
    sign(clerk, BOB, number)
    send_back(clerk.session, clerk.book, ALICE, number, Opinion(), 1)
    assert [counts for *_, counts in signatures(clerk, number)] == [True, False, False]
    assert [sign(clerk, actor, number) for actor in (BOB, ALICE)] == [("SUBMITTED", 2), ("APPROVED", 2)]


@pytest.mark.parametrize("step", [0, 1, -1])
def test_a_set_goes_back_to_earlier_steps_only(clerk: Clerk, step: int) -> None:
    with pytest.raises(BadInput, match="goes back to its author only"):
        send_back(clerk.session, clerk.book, ALICE, submitted(clerk), Opinion(), step)


def test_a_decision_taken_elsewhere_is_recorded_by_its_minutes(clerk: Clerk) -> None:
    number = clerk.draft(REGRADE)
    changesets.submit(clerk.session, clerk.book, OPERATOR, number)
    approve(clerk.session, clerk.book, OPERATOR, number, Opinion("同意", "党委会纪要〔2025〕3号"))
    table = clerk.book.tables["signature"]
    assert clerk.session.scalars(select(table.c.evidence)).all() == ["党委会纪要〔2025〕3号"]


def test_two_places_of_one_role_want_two_signatures(clerk: Clerk) -> None:
    number = clerk.draft(REGRADE, route=(("role:approver", "role:approver"),))
    changesets.submit(clerk.session, clerk.book, OPERATOR, number)
    assert sign(clerk, ALICE, number)[0] == "SUBMITTED"
    with pytest.raises(Forbidden, match="alice is not among them"):
        sign(clerk, ALICE, number)
    assert sign(clerk, BOB, number)[0] == "APPROVED"


def test_a_signer_by_role_signs_only_for_their_own_departments(clerk: Clerk) -> None:
    here, there = (
        Actor(name, (Grant("approver", department=clerk.key("department", code)),))
        for name, code in (("here", "D001"), ("there", "D002"))
    )
    number = clerk.draft(REGRADE)
    changesets.submit(clerk.session, clerk.book, OPERATOR, number)
    with pytest.raises(Forbidden, match="does not reach this position"):
        sign(clerk, there, number)
    assert sign(clerk, here, number) == ("APPROVED", 0)


def test_a_signer_by_name_signs_for_any_department(clerk: Clerk) -> None:
    there = Actor("there", (Grant("approver", department=clerk.key("department", "D002")),))
    number = clerk.draft(REGRADE, route=(("user:there",),))
    changesets.submit(clerk.session, clerk.book, OPERATOR, number)
    assert sign(clerk, there, number) == ("APPROVED", 0)


def test_a_set_is_withdrawn_by_its_author_or_a_publisher_alone(clerk: Clerk) -> None:
    other, publisher = Actor("other", (Grant("editor"),)), Actor("paul", (Grant("publisher"),))
    first, second = submitted(clerk), submitted(clerk)
    with pytest.raises(Forbidden, match="Only its author eve or a publisher may withdraw"):
        changesets.withdraw(clerk.session, clerk.book, other, first)
    with pytest.raises(Forbidden, match="sees no proposals"):  # as by a token that carries less
        changesets.withdraw(clerk.session, clerk.book, replace(EDITOR, grants=(Grant("reader"),)), first)
    changesets.withdraw(clerk.session, clerk.book, EDITOR, first)
    changesets.withdraw(clerk.session, clerk.book, publisher, second)
    assert [state(clerk, number)[0] for number in (first, second)] == ["WITHDRAWN", "WITHDRAWN"]


def test_only_what_is_submitted_can_be_signed(clerk: Clerk) -> None:
    number = clerk.draft(REGRADE)
    for act in (approve, reject):
        with pytest.raises(WrongState, match="is DRAFT; this needs SUBMITTED"):
            act(clerk.session, clerk.book, ALICE, number, Opinion())


def test_a_draft_is_published_unsigned_only_by_who_may_apply(clerk: Clerk) -> None:
    with pytest.raises(WrongState, match="is SUBMITTED; this needs APPROVED"):
        changesets.publish(clerk.session, clerk.book, OPERATOR, submitted(clerk))
    assert changesets.publish(clerk.session, clerk.book, OPERATOR, clerk.draft(REGRADE)).revision == 2


def test_an_opinion_that_could_not_be_kept_is_refused(clerk: Clerk) -> None:
    with pytest.raises(BadInput, match=r"opinion: .* control character U\+0000"):
        approve(clerk.session, clerk.book, ALICE, submitted(clerk), Opinion("同\x00意"))


Act = Callable[[Session, Book, Actor, int], object]
ACTS: tuple[Act, ...] = (
    lambda session, book, actor, number: changesets.add_changes(session, book, actor, number, [REGRADE]),
    lambda session, book, actor, number: changesets.remove_change(session, book, actor, number, 0),
    lambda session, book, actor, number: changesets.rest_on(session, book, actor, number, 1),
    changesets.submit,
    lambda session, book, actor, number: changesets.rebase(session, book, actor, number, "THEIRS", ()),
    changesets.withdraw,
    changesets.publish,
    lambda session, book, actor, _: revert(session, book, actor, 1),
)


def test_whoever_has_a_department_does_nothing_to_the_set_of_another_one(clerk: Clerk) -> None:
    there = Actor("there", (Grant("publisher", department=clerk.key("department", "D002")),))
    number = clerk.draft(REGRADE, by=EDITOR)
    for act in ACTS:
        with pytest.raises(Forbidden, match="does not reach this"):
            act(clerk.session, clerk.book, there, number)


def test_whoever_sees_no_proposals_is_told_of_one_what_is_told_of_none(clerk: Clerk) -> None:
    reader, number = Actor("reader", (Grant("reader"),)), clerk.draft(REGRADE, by=EDITOR)
    signing: tuple[Act, ...] = tuple(partial(_signed, it) for it in (approve, reject, partial(send_back, to_step=None)))
    for act in (*ACTS, *signing, _decided):
        for named in (number, number + 1):
            with pytest.raises(Forbidden):
                act(clerk.session, clerk.book, reader, named)


def _signed(act: Callable[..., object], session: Session, book: Book, actor: Actor, number: int) -> None:
    act(session, book, actor, number, Opinion())


def _decided(session: Session, book: Book, actor: Actor, number: int) -> None:
    record_decision(session, book, actor, number, Decision("APPROVED", "纪要", "党委会", book.clock.today()))


@pytest.mark.parametrize("code", ["D002", "D003"])
def test_an_editor_changes_only_their_own_departments(clerk: Clerk, code: str) -> None:
    editor = Actor("ed", (Grant("editor", department=clerk.key("department", "D001")),))
    assert clerk.draft(REGRADE, by=editor)
    with pytest.raises(Forbidden, match="does not reach this department"):
        clerk.draft({"setDepartment": {"department": code, "name": "改名"}}, by=editor)
