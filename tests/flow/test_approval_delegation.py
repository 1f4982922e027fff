"""Who signs for whom: on the days of the delegation, within what it covers, and for nobody twice."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select

from dutybook.access.actor import OPERATOR, Actor, Grant
from dutybook.access.identity import actor_named
from dutybook.errors import DutybookError, Forbidden
from dutybook.services import accounts, changesets
from dutybook.services.approval import Opinion, approve
from dutybook.services.delegation import Delegated, delegate_signing, list_delegations, revoke_delegation
from tests.flow.clerk import Clerk

IN_OFFICE = {"setPosition": {"position": "P0002", "grade": "9"}}
IN_TEAM = {"setPosition": {"position": "P0003", "grade": "9"}}
USERS = {"ann": ["approver"], "bob": ["editor"], "cid": ["editor"], "dan": ["approver@D001"], "eve": ["editor"]}


@pytest.fixture
def office(clerk: Clerk) -> Clerk:
    """A company with users: ann approves everything, dan the office; bob, cid and eve approve nothing."""
    for name, roles in USERS.items():
        accounts.create_user(clerk.session, clerk.book, OPERATOR, name, roles)
    return clerk


def user(clerk: Clerk, name: str) -> Actor:
    return actor_named(clerk.session, clerk.book.tables, name)


def delegated(
    clerk: Clerk,
    principal: str,
    delegate: str,
    *,
    by: str | None = None,
    begin: int = 0,
    days: int = 7,
    at: str | None = None,
) -> int:
    """Delegates from `begin` days after today on, said by the principal unless told otherwise."""
    first, department = clerk.book.clock.today() + timedelta(begin), clerk.key("department", at) if at else None
    it = Delegated(principal, delegate, first, first + timedelta(days), "出差", department)
    actor = OPERATOR if by == "operator" else user(clerk, by or principal)
    return delegate_signing(clerk.session, clerk.book, actor, it)


def submitted(clerk: Clerk, *steps: list[str], says: Any = IN_TEAM, author: str = "eve") -> int:
    number = clerk.draft(says, by=user(clerk, author), route=steps)
    changesets.submit(clerk.session, clerk.book, user(clerk, author), number)
    return number


def sign(clerk: Clerk, name: str, number: int) -> str:
    approve(clerk.session, clerk.book, user(clerk, name), number, Opinion())
    return str(clerk.set(number).state)


def signed(clerk: Clerk, number: int) -> list[tuple[str, str, str | None]]:
    table = clerk.book.tables["signature"]
    rows = clerk.session.execute(select(table).where(table.c.changeset == number).order_by(table.c.id))
    return [(row.signer, row.signed_by, row.on_behalf_of) for row in rows]


def test_a_delegate_fills_the_places_of_the_principal_and_that_is_on_record(office: Clerk) -> None:
    delegated(office, "ann", "bob")
    number = submitted(office, ["user:ann"], ["role:approver"])
    assert [sign(office, "bob", number) for _ in range(2)] == ["SUBMITTED", "APPROVED"]
    assert signed(office, number) == [("user:ann", "bob", "ann"), ("role:approver", "bob", "ann")]


def test_whoever_may_sign_in_their_own_name_does(office: Clerk) -> None:
    delegated(office, "ann", "dan")
    number = submitted(office, ["role:approver"], says=IN_OFFICE)
    sign(office, "dan", number)
    assert signed(office, number) == [("role:approver", "dan", None)]


@pytest.mark.parametrize(("begin", "days", "holds"), [(-3, 3, False), (-3, 4, True), (0, 1, True), (1, 3, False)])
def test_it_holds_from_its_first_day_until_the_day_after_its_last(
    office: Clerk, begin: int, days: int, holds: bool
) -> None:
    table, number = office.book.tables["delegation"], delegated(office, "ann", "bob")
    first = office.book.clock.today() + timedelta(begin)
    values = {"from_day": first, "to_day": first + timedelta(days)}
    office.session.execute(table.update().where(table.c.id == number).values(values))
    assert may_sign(office, "bob", submitted(office, ["user:ann"])) == holds


def may_sign(clerk: Clerk, name: str, number: int) -> bool:
    savepoint = clerk.session.begin_nested()
    try:
        sign(clerk, name, number)
    except Forbidden:
        return False
    finally:
        savepoint.rollback()
    return True


def test_it_is_not_passed_on_and_gives_no_more_than_the_principal_has(office: Clerk) -> None:
    delegated(office, "ann", "dan")
    delegated(office, "dan", "bob")
    of_ann, in_team, in_office = (
        submitted(office, ["user:ann"]),
        submitted(office, ["role:approver"]),
        submitted(office, ["role:approver"], says=IN_OFFICE),
    )
    assert [may_sign(office, "bob", number) for number in (of_ann, in_team, in_office)] == [False, False, True]
    assert may_sign(office, "dan", of_ann)
    accounts.revoke(office.session, office.book, OPERATOR, "dan", "approver@D001")
    assert not may_sign(office, "bob", in_office)


def test_the_disabled_delegate_nothing_and_what_is_revoked_is_over(office: Clerk) -> None:
    first, second = delegated(office, "ann", "bob"), delegated(office, "ann", "cid", by="operator")
    number = submitted(office, ["user:ann"])
    revoke_delegation(office.session, office.book, user(office, "ann"), first)
    assert [may_sign(office, name, number) for name in ("bob", "cid")] == [False, True]
    accounts.disable(office.session, office.book, OPERATOR, "ann")
    assert not may_sign(office, "cid", number)
    revoke_delegation(office.session, office.book, OPERATOR, second)
    told = list_delegations(office.session, office.book, OPERATOR)
    assert [(row.delegate_name, row.revoked_by) for row in told] == [("cid", "operator"), ("bob", "ann")]


def test_one_for_a_department_is_for_sets_that_touch_nothing_else(office: Clerk) -> None:
    delegated(office, "ann", "bob", at="D002")
    within = submitted(office, ["user:ann"])
    beyond = submitted(office, ["user:ann"], says={"movePosition": {"position": "P0003", "department": "D001"}})
    assert [may_sign(office, "bob", number) for number in (within, beyond)] == [True, False]


def test_the_places_of_a_step_are_for_several_people_in_whatever_capacity(office: Clerk) -> None:
    delegated(office, "ann", "dan")
    number = submitted(office, ["user:ann", "user:dan", "role:approver"], says=IN_OFFICE)
    sign(office, "dan", number)
    assert not may_sign(office, "dan", number)
    sign(office, "ann", number)
    assert not may_sign(office, "ann", number)
    twice = submitted(office, ["role:approver@D001", "user:ann"], says=IN_OFFICE)
    sign(office, "ann", twice)
    assert signed(office, twice) == [("user:ann", "ann", None)]
    assert not may_sign(office, "ann", twice)
    third = submitted(office, ["user:ann", "role:approver"])
    delegated(office, "ann", "bob")
    sign(office, "bob", third)
    assert [may_sign(office, name, third) for name in ("ann", "bob", "dan")] == [False, False, False]


def test_an_author_signs_their_own_set_for_nobody_else(office: Clerk) -> None:
    delegated(office, "ann", "bob")
    assert not may_sign(office, "bob", submitted(office, ["user:ann"], author="bob"))
    assert may_sign(office, "bob", submitted(office, ["user:ann"], author="eve"))


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "oneself": ({"delegate": "ann"}, "Nobody delegates to themselves"),
    "nobody": ({"delegate": "zoe"}, "No user is called 'zoe'"),
    "somebody without the right": ({"principal": "bob", "delegate": "ann"}, "'bob' may not sign"),
    "for somebody else": ({"by": "bob"}, "Only 'ann' or an administrator"),
    "no day": ({"days": 0}, "lasts 1 to 366 days"),
    "too long": ({"days": 367}, "lasts 1 to 366 days"),
    "the past": ({"begin": -9, "days": 9}, "must reach today"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_would_come_to_nothing_is_refused(office: Clerk, what: str) -> None:
    given, reason = WRONG[what]
    with pytest.raises(DutybookError) as refusal:
        delegated(office, **{"principal": "ann", "delegate": "bob", **given})
    assert reason in refusal.value.message.en


def test_a_delegate_must_see_proposals_and_there_must_be_a_reason(office: Clerk) -> None:
    accounts.create_user(office.session, office.book, OPERATOR, "rea", ["reader"])
    with pytest.raises(DutybookError, match="sees no proposals"):
        delegated(office, "ann", "rea")
    it = Delegated("ann", "bob", date(2100, 1, 1), date(2100, 1, 2), " ")
    with pytest.raises(DutybookError, match="reason"):
        delegate_signing(office.session, office.book, OPERATOR, it)


def test_who_came_with_a_token_that_does_not_sign_delegates_nothing_and_learns_of_nobody(office: Clerk) -> None:
    ann = replace(user(office, "ann"), grants=(Grant("reader"),))
    today = office.book.clock.today()
    for delegate in ("bob", "nobody"):
        with pytest.raises(DutybookError, match="'ann' may not sign"):
            delegate_signing(
                office.session, office.book, ann, Delegated("ann", delegate, today, today + timedelta(7), "出差")
            )


def test_signing_for_one_of_many_takes_no_more_statements(office: Clerk) -> None:
    for at in range(12):
        accounts.create_user(office.session, office.book, OPERATOR, f"boss{at}", ["approver"])
        delegated(office, f"boss{at}", "cid")
    delegated(office, "ann", "cid")
    delegated(office, "ann", "bob")
    number = submitted(office, ["user:ann"])
    assert statements(office, "bob", number) == statements(office, "cid", number)


def statements(clerk: Clerk, name: str, number: int) -> int:
    """How many statements a signature takes; it is taken back."""
    said: list[str] = []
    actor, connection = user(clerk, name), clerk.session.connection()
    savepoint = clerk.session.begin_nested()

    def count(*given: Any) -> None:
        said.append(given[2])

    event.listen(connection, "before_cursor_execute", count)
    approve(clerk.session, clerk.book, actor, number, Opinion())
    event.remove(connection, "before_cursor_execute", count)
    savepoint.rollback()
    return len(said)
