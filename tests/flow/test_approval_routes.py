"""Routes of the book: which one a change set goes by, why, and what is refused as a route."""

from typing import Any

import orjson
import pytest
from sqlalchemy import event, select

from dutybook.access.actor import OPERATOR, Actor, Grant
from dutybook.errors import DutybookError, Forbidden
from dutybook.services import accounts, changesets
from dutybook.services.approval import Opinion, approve, send_back
from dutybook.services.routes import choose
from tests.flow.clerk import Clerk

EDITOR, ALICE = Actor("eve", (Grant("editor"),)), Actor("alice", (Grant("approver"),))
IN_OFFICE = {"setPosition": {"position": "P0002", "grade": "9"}}
IN_TEAM = {"setPosition": {"position": "P0003", "grade": "9"}}


def route(clerk: Clerk, name: str, *steps: Any, **where: Any) -> None:
    """Publishes a route whose steps are lists of signers."""
    clerk.apply({"openApprovalRoute": {"name": name, "steps": [{"signers": signers} for signers in steps], **where}})


def stored(clerk: Clerk, number: int) -> list[list[str]]:
    """The signers of a set's steps."""
    table = clerk.book.tables["approval_step"]
    ours = select(table.c.signers).where(table.c.changeset == number).order_by(table.c.ordinal)
    return [orjson.loads(signers) for signers in clerk.session.scalars(ours)]


def submitted(clerk: Clerk, *sayings: Any, by: Actor = EDITOR, said: Any = None) -> int:
    number = clerk.draft(*sayings, by=by, route=said)
    changesets.submit(clerk.session, clerk.book, by, number)
    return number


def signers(clerk: Clerk, *sayings: Any) -> list[list[str]]:
    return stored(clerk, submitted(clerk, *sayings))


def chose(clerk: Clerk, number: int) -> list[tuple[str | None, str, int]]:
    """Which routes a set chose, by what kind of records, and by how many of them."""
    table = clerk.book.tables["route_choice"]
    columns = (table.c.name, table.c.kind, table.c.records)
    rows = clerk.session.execute(select(*columns).where(table.c.changeset == number).order_by(table.c.route.desc()))
    return [(row[0], row[1], row[2]) for row in rows]


@pytest.fixture
def routes(clerk: Clerk) -> Clerk:
    """A company with a route for the enterprise, one for the department 生产部 and all below, one for positions of 办公室."""
    route(clerk, "全公司", ["role:administrator"], organisation="O01")
    route(clerk, "生产部", ["role:approver@D002"], ["role:administrator"], department="D002")
    route(clerk, "办公室岗位", ["role:approver@D001"], department="D001", kinds=["position"])
    return clerk


def test_a_set_goes_by_the_most_specific_route_of_each_thing_that_it_touches(routes: Clerk) -> None:
    assert signers(routes, IN_TEAM) == [["role:approver@O01/D002"], ["role:administrator"]]
    assert signers(routes, IN_OFFICE) == [["role:approver@O01/D001"]]
    assert signers(routes, {"addDuty": {"position": "P0002", "text": "打字"}}) == [["role:administrator"]]
    assert signers(routes, {"openEmployee": {"name": "丙三"}}) == [["role:administrator"]]


def test_several_routes_run_side_by_side_and_end_together_and_it_is_told_what_chose_them(routes: Clerk) -> None:
    number = submitted(routes, IN_TEAM, IN_OFFICE, {"setDuty": {"duty": routes.id("duty", 2), "text": "主持"}})
    assert stored(routes, number) == [
        ["role:approver@O01/D002"],
        ["role:administrator", "role:approver@O01/D001"],
    ]
    assert chose(routes, number) == [
        ("办公室岗位", "position", 1),
        ("生产部", "position", 1),
        ("全公司", "duty", 1),
    ]


def test_what_no_route_speaks_of_is_signed_by_an_approver(clerk: Clerk) -> None:
    route(clerk, "生产部", ["role:administrator"], department="D002")
    number = submitted(clerk, IN_TEAM, IN_OFFICE)
    assert stored(clerk, number) == [["role:approver", "role:administrator"]]
    assert chose(clerk, number) == [("生产部", "position", 1), (None, "position", 1)]


def test_a_move_asks_the_department_left_and_the_one_joined(routes: Clerk) -> None:
    moved = submitted(routes, {"movePosition": {"position": "P0002", "department": "D003"}})
    assert {name for name, *_ in chose(routes, moved)} == {"办公室岗位", "生产部"}
    below = submitted(routes, {"moveDepartment": {"department": "D003", "parent": "D001"}})
    assert {name for name, *_ in chose(routes, below)} == {"全公司", "生产部"}


def test_what_is_opened_or_taken_back_is_asked_for_where_it_stands(routes: Clerk) -> None:
    founded = [
        {"openDepartment": {"code": "D009", "name": "检修班", "parent": "D003"}},
        {"openPosition": {"title": "班员", "department": "D009"}},
    ]
    assert {name for name, *_ in chose(routes, submitted(routes, *founded))} == {"生产部"}
    gone = {"rescind": {"subject": routes.id("position", "P0003"), "attributes": ["opening"], "from": "2025-01-01"}}
    assert {name for name, *_ in chose(routes, submitted(routes, gone))} == {"生产部"}


def test_a_returned_draft_and_a_rebased_set_choose_again(routes: Clerk) -> None:
    number = submitted(routes, IN_OFFICE)
    send_back(routes.session, routes.book, OPERATOR, number, Opinion("再议"), None)
    changesets.add_changes(routes.session, routes.book, EDITOR, number, [IN_TEAM])
    changesets.submit(routes.session, routes.book, EDITOR, number)
    assert len(stored(routes, number)) == 2
    for _ in range(2):
        approve(routes.session, routes.book, Actor("ann", (Grant("administrator"),)), number, Opinion())
        if routes.set(number).current_step:
            break
    route(routes, "班组", ["role:approver@D003"], department="D003")
    routes.apply({"setPosition": {"position": "P0003", "grade": "7"}})
    changesets.rebase(routes.session, routes.book, EDITOR, number, "MINE", [])
    assert (routes.set(number).state, routes.set(number).current_step) == ("SUBMITTED", 0)
    assert "role:approver@O01/D003" in stored(routes, number)[0]


def test_a_route_that_was_said_stands_for_who_may_publish_the_set_or_where_the_book_has_none(routes: Clerk) -> None:
    said = (("user:alice",), ("role:approver",))
    assert stored(routes, submitted(routes, IN_TEAM, said=said)) == [["role:approver@O01/D002"], ["role:administrator"]]
    assert stored(routes, submitted(routes, IN_TEAM, by=OPERATOR, said=said)) == [["user:alice"], ["role:approver"]]
    closings = ({"closeApprovalRoute": {"approvalRoute": routes.id("approval_route", at)}} for at in range(3))
    routes.apply(*closings, on=routes.book.clock.today())
    assert stored(routes, submitted(routes, IN_TEAM, said=said)) == [["user:alice"], ["role:approver"]]


def test_a_scoped_role_is_signed_by_whose_grant_covers_the_place_whatever_the_set_touches(routes: Clerk) -> None:
    number = submitted(routes, IN_TEAM)
    above, beside, within = (
        Actor(name, (Grant("approver", department=routes.key("department", code)),))
        for name, code in (("above", "D002"), ("beside", "D001"), ("within", "D003"))
    )
    for actor in (beside, within):
        with pytest.raises(Forbidden, match=r"waits for approvers \(O01/D002\)"):
            approve(routes.session, routes.book, actor, number, Opinion())
    approve(routes.session, routes.book, above, number, Opinion())
    assert routes.set(number).current_step == 1


def test_a_department_takes_its_routes_along_when_it_ends_or_is_refused_by_their_name(routes: Clerk) -> None:
    moved = {"moveDepartment": {"department": "D003", "parent": "D001"}}
    day = routes.book.clock.today()
    routes.apply(moved, on=day)
    close: dict[str, dict[str, Any]] = {"closeDepartment": {"department": "D002"}}
    assert "审批流程 生产部" in str(routes.refused(close, on=day))
    routes.apply({"closeDepartment": {"department": "D002", "withDependents": True}}, on=day)
    assert [row["name"] for row in routes.in_force("approval_route", day)] == ["全公司", "办公室岗位"]


WRONG: dict[str, tuple[dict[str, Any], tuple[str, ...], str]] = {
    "a kind": ({"kinds": ["position", "robot"]}, ("kinds", "1"), "robot"),
    "no kind": ({"kinds": []}, ("kinds",), "empty list"),
    "a form": ({"steps": [{"signers": ["王主任"]}]}, ("steps", "0", "signers", "0"), "王主任"),
    "a role": ({"steps": [{"signers": ["role:boss"]}]}, ("steps", "0", "signers", "0"), "approver, administrator"),
    "a role that cannot sign": ({"steps": [{"signers": ["role:editor"]}]}, ("steps", "0", "signers", "0"), "editor"),
    "a user": (
        {"steps": [{"signers": ["role:approver"]}, {"signers": ["role:approver", "user:nobody"]}]},
        ("steps", "1", "signers", "1"),
        "nobody",
    ),
    "a place": ({"steps": [{"signers": ["role:approver@D777"]}]}, ("steps", "0", "signers", "0"), "D777"),
    "no signer": ({"steps": [{"name": "会签", "signers": []}]}, ("steps", "0", "signers"), "1 to 20 signers"),
    "no step": ({"steps": []}, ("steps",), "1 to 20 steps"),
    "another word": ({"steps": [{"signers": ["role:approver"], "order": 1}]}, ("steps", "0", "order"), "order"),
    "a department": ({"department": "D777"}, ("department",), "D777"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_route_that_no_set_could_go_by_is_refused_with_its_place(clerk: Clerk, what: str) -> None:
    given, path, named = WRONG[what]
    sound = {"name": "流程", "steps": [{"signers": ["role:approver"]}]}
    with pytest.raises(DutybookError) as refusal:
        clerk.draft({"openApprovalRoute": {**sound, **given}})
    assert refusal.value.path == ("changes", "0", "openApprovalRoute", *path)
    assert named in refusal.value.message.en


def test_users_and_departments_of_the_same_set_may_be_signers(clerk: Clerk) -> None:
    accounts.create_user(clerk.session, clerk.book, OPERATOR, "alice", ["approver"])
    opened = {"openDepartment": {"code": "D009", "name": "人事部"}}
    steps = [{"name": "人事", "signers": ["role:approver@D009", "user:alice"]}]
    clerk.apply(opened, {"openApprovalRoute": {"name": "全部", "steps": steps}})
    number = submitted(clerk, IN_OFFICE)
    assert stored(clerk, number) == [["role:approver@D009", "user:alice"]]
    approve(clerk.session, clerk.book, ALICE, number, Opinion())


def test_a_signer_named_by_a_route_has_to_be_able_to_sign(clerk: Clerk) -> None:
    accounts.create_user(clerk.session, clerk.book, OPERATOR, "alice", ["publisher"])
    with pytest.raises(DutybookError, match="'alice' may not sign") as refusal:
        route(clerk, "全部", ["role:approver", "user:alice"])
    assert refusal.value.path[-2:] == ("signers", "1")
    accounts.grant(clerk.session, clerk.book, OPERATOR, "alice", "approver@D001")
    route(clerk, "全部", ["role:approver", "user:alice"])
    accounts.disable(clerk.session, clerk.book, OPERATOR, "alice")
    with pytest.raises(DutybookError, match="'alice' is disabled"):
        route(clerk, "其他", ["user:alice"])


def test_choosing_takes_no_more_statements_for_many_records_than_for_few(routes: Clerk) -> None:
    few = routes.draft(IN_TEAM, IN_OFFICE, {"addDuty": {"position": "P0001", "text": "巡视"}})
    many = [{"addDuty": {"position": f"P000{at % 3 + 1}", "text": f"巡视{at}"}} for at in range(60)]
    large = routes.draft(IN_TEAM, IN_OFFICE, *many)
    assert statements(routes, few) == statements(routes, large) <= 12


def statements(clerk: Clerk, number: int) -> int:
    """How many statements it takes to choose the route of a set."""
    said: list[str] = []

    def count(*given: Any) -> None:
        said.append(given[2])

    connection = clerk.session.connection()
    event.listen(connection, "before_cursor_execute", count)
    choose(clerk.session, clerk.book, EDITOR, clerk.set(number))
    event.remove(connection, "before_cursor_execute", count)
    return len(said)
