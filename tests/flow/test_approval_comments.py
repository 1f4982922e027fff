"""Review comments: on a set or a change of it, found again after the set was rewritten, settled by those they concern."""

import pytest
from sqlalchemy import select

from dutybook.access.actor import OPERATOR, Actor, Grant
from dutybook.errors import DutybookError
from dutybook.services import changesets
from dutybook.services.comments import Remark, comment, resolve_comment
from tests.flow.clerk import Clerk

EVE, ALICE, BOB, REA = (
    Actor(name, (Grant(role),))
    for name, role in (("eve", "editor"), ("alice", "approver"), ("bob", "publisher"), ("rea", "reader"))
)


def draft(clerk: Clerk) -> int:
    changes = ({"setPosition": {"position": code, "grade": "9"}} for code in ("P0001", "P0002"))
    return clerk.draft(*changes, by=EVE)


def say(clerk: Clerk, number: int, text: str = "请核", by: Actor = ALICE, **about: int | str) -> int:
    return comment(clerk.session, clerk.book, by, number, Remark(text, **about))  # type: ignore[arg-type]


def refusal(
    clerk: Clerk, number: int, text: str = "请核", by: Actor = ALICE, **about: int | str
) -> tuple[str, tuple[str, ...]]:
    with pytest.raises(DutybookError) as refused:
        say(clerk, number, text, by, **about)
    return refused.value.code, refused.value.path


def test_a_comment_is_about_a_set_or_a_change_of_it_or_a_field_and_is_told_in_the_log(clerk: Clerk) -> None:
    number, before = draft(clerk), clerk.head.sequence
    top = say(clerk, number)
    say(clerk, number, ordinal=1, attribute="grade")
    say(clerk, number, "已改", by=EVE, thread=top)
    table = clerk.book.tables["review_comment"]
    rows = clerk.session.execute(select(table).where(table.c.changeset == number).order_by(table.c.id)).all()
    second = clerk.key("position", "P0002")
    assert [(row.author, row.kind, row.key, row.verb, row.attribute, row.thread) for row in rows] == [
        ("alice", None, None, None, None, None),
        ("alice", "position", second, "set", "grade", None),
        ("eve", None, None, None, None, top),
    ]
    assert clerk.events(before) == ["changeset.commented"] * 3


def test_what_cannot_be_commented_on_is_refused_with_its_place(clerk: Clerk) -> None:
    number, other = draft(clerk), draft(clerk)
    top, elsewhere = say(clerk, number), say(clerk, other)
    reply = say(clerk, number, thread=top)
    assert refusal(clerk, number, " ") == ("BAD_USER_INPUT", ("text",))
    assert refusal(clerk, number, "长" * 4001) == ("BAD_USER_INPUT", ("text",))
    assert refusal(clerk, number, ordinal=2) == ("NOT_FOUND", ("ordinal",))
    assert refusal(clerk, number, ordinal=0, attribute="title") == ("BAD_USER_INPUT", ("attribute",))
    assert refusal(clerk, number, attribute="grade") == ("BAD_USER_INPUT", ("attribute",))
    assert [refusal(clerk, number, thread=wrong)[1] for wrong in (reply, elsewhere, 9999)] == [("replyTo",)] * 3
    assert refusal(clerk, number, thread=top, ordinal=0) == ("BAD_USER_INPUT", ("replyTo",))
    assert refusal(clerk, number, by=REA) == ("FORBIDDEN", ())
    changesets.withdraw(clerk.session, clerk.book, EVE, number)
    assert refusal(clerk, number) == ("WRONG_STATE", ("changeSet",))


def test_a_hidden_change_cannot_be_commented_on(clerk: Clerk) -> None:
    local = Actor("local", (Grant("editor", department=clerk.key("department", "D002")),))
    number = draft(clerk)
    assert refusal(clerk, number, by=local, ordinal=0) == ("NOT_FOUND", ("ordinal",))
    assert refusal(clerk, number, by=local, thread=say(clerk, number, ordinal=0)) == ("NOT_FOUND", ("replyTo",))
    assert say(clerk, number, by=local, thread=say(clerk, number, by=local))


def test_a_comment_is_settled_once_by_who_made_it_or_drafts_the_set(clerk: Clerk) -> None:
    number, table = draft(clerk), clerk.book.tables["review_comment"]
    first, second = say(clerk, number), say(clerk, number)
    reply = say(clerk, number, by=BOB, thread=first)
    for by, which in ((BOB, first), (OPERATOR, first), (ALICE, reply), (REA, first)):
        with pytest.raises(DutybookError):
            resolve_comment(clerk.session, clerk.book, by, which)
    for by, which in ((ALICE, first), (EVE, first), (EVE, second)):
        resolve_comment(clerk.session, clerk.book, by, which)
    settled = clerk.session.scalars(
        select(table.c.resolved_by).where(table.c.thread.is_(None)).order_by(table.c.id)
    ).all()
    assert settled == ["alice", "eve"]
