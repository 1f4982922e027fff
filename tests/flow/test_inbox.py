"""What waits for somebody is what they could sign now: told of all sets at once, by as many statements as of one."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from dutybook.access.actor import OPERATOR, Actor
from dutybook.access.identity import actor_named
from dutybook.errors import Forbidden
from dutybook.services import accounts, changesets
from dutybook.services.approval import Opinion, approve
from dutybook.services.delegation import Delegated, delegate_signing
from dutybook.services.inbox import waiting_for
from dutybook.services.signing import capacity, waiting
from tests.flow.clerk import Clerk

USERS = {
    "ann": ["approver"],
    "dan": ["approver@D001"],
    "kit": ["approver@D002", "editor"],
    "eve": ["editor"],
    "bob": ["editor"],
    "pub": ["publisher"],
    "rob": ["reader"],
    "top": ["administrator"],
}
ROUTES = (
    [["role:approver"]],
    [["role:approver", "role:approver"]],
    [["role:approver@D001"]],
    [["role:approver@D003"], ["role:approver"]],
    [["user:dan", "role:approver@O01"]],
    [["user:bob"]],
)
SAYINGS = (
    {"setPosition": {"position": "P0002", "grade": "9"}},
    {"setPosition": {"position": "P0003", "grade": "9"}},
    {"movePosition": {"position": "P0002", "department": "D003"}},
    {"openDepartment": {"name": "检修班", "parent": "D002"}},
    {"openEmployee": {"number": "E0009", "name": "丙三"}},
)


@pytest.fixture
def desks(clerk: Clerk) -> Clerk:
    """A company with users, some of whom sign for others."""
    for name, roles in USERS.items():
        accounts.create_user(clerk.session, clerk.book, OPERATOR, name, roles)
    today = clerk.book.clock.today()
    for principal, other, department in (("ann", "bob", None), ("ann", "kit", "D001"), ("dan", "eve", "D001")):
        key = department and clerk.key("department", department)
        days = (today, today + timedelta(7))
        it = Delegated(principal, other, *days, "出差", key)  # type: ignore[arg-type]
        delegate_signing(clerk.session, clerk.book, OPERATOR, it)
    return clerk


def user(clerk: Clerk, name: str) -> Actor:
    return actor_named(clerk.session, clerk.book.tables, name)


def submitted(clerk: Clerk) -> list[int]:
    """A set of every saying by every route, some signed for the first time."""
    made: list[int] = []
    for route in ROUTES:
        for saying in SAYINGS:
            author = user(clerk, ("eve", "kit", "top")[len(made) % 3]) if saying is SAYINGS[0] else OPERATOR
            made.append(clerk.draft(saying, by=author, route=route))
            changesets.submit(clerk.session, clerk.book, OPERATOR, made[-1])
    for number in made[5:20]:
        if signs(clerk, "ann", number):
            approve(clerk.session, clerk.book, user(clerk, "ann"), number, Opinion())
    return made


def signs(clerk: Clerk, name: str, number: int) -> bool:
    try:
        capacity(clerk.session, clerk.book, user(clerk, name), waiting(clerk.session, clerk.book, clerk.set(number)))
    except Forbidden:
        return False
    return True


def test_what_waits_for_somebody_is_what_they_could_sign(desks: Clerk) -> None:
    handed = [number for number in submitted(desks) if desks.set(number).state == "SUBMITTED"]
    for name in USERS:
        found = waiting_for(desks.session, desks.book, user(desks, name))
        assert sorted(found) == [number for number in handed if signs(desks, name, number)], name
    some = {name: len(waiting_for(desks.session, desks.book, user(desks, name))) for name in USERS}
    assert some["rob"] == some["pub"] == 0
    assert all(0 < some[name] < len(handed) for name in ("ann", "dan", "kit", "eve", "bob"))


def test_the_list_costs_the_same_however_many_sets_wait(desks: Clerk) -> None:
    submitted(desks)
    few = [statements(desks, name) for name in ("ann", "kit", "eve")]
    submitted(desks)
    assert [statements(desks, name) for name in ("ann", "kit", "eve")] == few
    assert max(few) <= 20


def statements(clerk: Clerk, name: str) -> int:
    actor, said = user(clerk, name), list[str]()
    connection = clerk.session.connection()

    def count(_: object, __: object, statement: str, *___: object) -> None:
        said.append(statement)

    event.listen(connection, "before_cursor_execute", count)
    waiting_for(clerk.session, clerk.book, actor)
    event.remove(connection, "before_cursor_execute", count)
    return len(said)
