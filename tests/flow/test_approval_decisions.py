"""What was decided elsewhere is recorded by its minutes, for all the places of a step that are open."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from dutybook.access.actor import Actor, Grant
from dutybook.errors import BadInput, Forbidden
from dutybook.services import changesets
from dutybook.services.approval import Decision, Opinion, approve, record_decision
from tests.flow.clerk import Clerk

EDITOR, ALICE, BOB = (
    Actor(name, (Grant(role),)) for name, role in (("eve", "editor"), ("alice", "approver"), ("bob", "approver"))
)
PUBLISHER = Actor("paul", (Grant("publisher"),))
MINUTES = "党委会〔2025〕3号纪要"


def submitted(clerk: Clerk) -> int:
    """A set that waits for alice and bob, then for anybody who may approve it."""
    route = (("user:alice", "user:bob"), ("role:approver",))
    number = clerk.draft({"setPosition": {"position": "P0002", "grade": "9"}}, by=EDITOR, route=route)
    changesets.submit(clerk.session, clerk.book, EDITOR, number)
    return number


def decided(
    verdict: str = "APPROVED", *, evidence: str = MINUTES, body: str = "公司党委会", **more: object
) -> Decision:
    return Decision(verdict, evidence, body, date(2025, 3, 1), **more)  # type: ignore[arg-type]


def record(clerk: Clerk, actor: Actor, number: int, decision: Decision) -> tuple[str, int]:
    record_decision(clerk.session, clerk.book, actor, number, decision)
    row = clerk.set(number)
    return row.state, row.current_step


def signed(clerk: Clerk, number: int) -> list[tuple[int, str, str, str | None]]:
    table = clerk.book.tables["signature"]
    rows = clerk.session.execute(select(table).where(table.c.changeset == number).order_by(table.c.id))
    return [
        (row.step, row.signer, row.signed_by, row.body and f"{row.body} {row.decided_on} {row.evidence}")
        for row in rows
    ]


def test_a_body_decides_for_all_who_have_not_signed_yet(clerk: Clerk) -> None:
    number = submitted(clerk)
    approve(clerk.session, clerk.book, BOB, number, Opinion())
    assert record(clerk, PUBLISHER, number, decided()) == ("SUBMITTED", 1)
    assert record(clerk, ALICE, number, decided(body="总经理办公会")) == ("APPROVED", 1)
    assert signed(clerk, number) == [
        (0, "user:bob", "bob", None),
        (0, "user:alice", "paul", f"公司党委会 2025-03-01 {MINUTES}"),
        (1, "role:approver", "alice", f"总经理办公会 2025-03-01 {MINUTES}"),
    ]


def test_it_may_also_be_returned_or_rejected_there(clerk: Clerk) -> None:
    first, second, third = (submitted(clerk) for _ in range(3))
    assert record(clerk, ALICE, first, decided("RETURNED")) == ("DRAFT", 0)
    assert record(clerk, PUBLISHER, second, decided("REJECTED")) == ("REJECTED", 0)
    record(clerk, PUBLISHER, third, decided())
    assert record(clerk, PUBLISHER, third, decided("RETURNED", to_step=0)) == ("SUBMITTED", 0)
    assert len(signed(clerk, first)) == len(signed(clerk, second)) == 1


def test_it_is_for_signers_of_the_step_and_those_who_may_publish_the_set(clerk: Clerk) -> None:
    number = submitted(clerk)
    elsewhere = Actor("else", (Grant("publisher", department=clerk.key("department", "D002")),))
    for actor in (EDITOR, elsewhere, Actor("cid", (Grant("approver"),))):
        with pytest.raises(Forbidden):
            record(clerk, actor, number, decided())


def test_minutes_body_and_a_day_that_has_come_are_required(clerk: Clerk) -> None:
    number, tomorrow = submitted(clerk), clerk.book.clock.today() + timedelta(1)
    for wrong, place in (
        (decided(evidence=" "), "evidence"),
        (decided(body=""), "body"),
        (Decision("APPROVED", MINUTES, "党委会", tomorrow), "decidedOn"),
        (decided("RETURNED", to_step=0), "toStep"),
    ):
        with pytest.raises(BadInput) as refusal:
            record(clerk, PUBLISHER, number, wrong)
        assert refusal.value.path == (place,)
    assert "goes back to its author only" in str(refusal.value)  # where there is no earlier step to name
