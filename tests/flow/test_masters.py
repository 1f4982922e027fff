"""What another system is the master of changes by its file alone; everybody else is told where to change it."""

from dataclasses import replace
from typing import Any

import pytest

from dutybook.book.masters import Masters
from dutybook.services.masters import Mastered
from tests.flow.clerk import Clerk
from tests.flow.staff_desk import DAY, StaffDesk

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
"""What may be said does not depend on the database."""

SETTING = {"hr": ["employee.name", "employee.email", "assignment"]}


@pytest.fixture
def mastered(clerk: Clerk) -> Clerk:
    clerk.book = replace(clerk.book, masters=Masters.of(SETTING))
    return clerk


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "a name that is set": ({"setEmployee": {"employee": "E0001", "name": "改名"}}, "employee.name"),
    "a name that is cleared of its mail": ({"setEmployee": {"employee": "E0001", "email": None}}, "employee.email"),
    "a newcomer with a name": ({"openEmployee": {"number": "E9", "name": "新人"}}, "employee.name"),
    "an appointment": ({"appoint": {"employee": "E0001", "position": "P0003"}}, "assignment"),
    "an assignment that changes": ({"setAssignment": {"assignment": "0", "share": 50}}, "assignment.share"),
    "an assignment that ends": ({"endAssignment": {"assignment": "0", "from": "2026-01-01"}}, "assignment"),
    "an assignment that never was": ({"rescind": {"subject": "0"}}, "assignment"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_saying_what_is_mastered_is_refused_by_name(mastered: Clerk, case: str) -> None:
    saying, name = REFUSED[case]
    [(word, given)] = saying.items()
    first = mastered.id("assignment", 0)
    refusal = mastered.refused({word: {key: first if value == "0" else value for key, value in given.items()}})
    assert isinstance(refusal, Mastered)
    assert f"'{name}' is mastered by hr" in refusal.message.en
    assert refusal.path[:3] == ("changes", "0", word)


def test_what_is_not_mastered_and_what_follows_from_something_else_may_be_said(mastered: Clerk) -> None:
    mastered.apply({"setEmployee": {"employee": "E0001", "officePhone": "1"}})
    mastered.apply({"mergePositions": {"positions": ["P0001", "P0002"], "into": "P0001"}}, on=DAY)
    assert {row["position"] for row in mastered.in_force("assignment", DAY)} == {mastered.key("position", "P0001")}


def test_the_file_of_the_master_changes_it_and_a_publisher_may_take_that_back(mastered: Clerk) -> None:
    desk = StaffDesk(mastered)
    desk.put("工号 | 姓名 | 岗位 | 任职起\nE0001 | 甲一一 | P0003 | 2026-02-01", system="hr")
    assert (desk.person("E0001")["name"], desk.held("E0001")[0][0]) == ("甲一一", "P0003")
    mastered.revert(mastered.head.revision)
    assert (desk.person("E0001")["name"], desk.held("E0001")[0][0]) == ("甲一", "P0001")


@pytest.mark.parametrize("system", [None, "oa"])
def test_a_file_of_another_system_has_these_columns_ignored_and_told(mastered: Clerk, system: str | None) -> None:
    desk = StaffDesk(mastered)
    done = desk.put("工号 | 姓名 | 短号 | 岗位\nE0001 | 甲一一 | 8001 | P0003", system=system)
    assert [note.zh[:4] for note in done.notes] == ["列「姓名", "列「岗位"]
    person = desk.person("E0001")
    assert (person["name"], person["short_number"], desk.held("E0001")[0][0]) == ("甲一", "8001", "P0001")


def test_who_leaves_by_another_file_keeps_the_assignments_that_are_mastered(mastered: Clerk) -> None:
    desk = StaffDesk(mastered)
    desk.put("工号 | 状态 | 离职日期\nE0001 | 离职 | 2026-02-01", system="oa")
    assert (desk.person("E0001")["status"], len(desk.held("E0001"))) == ("离职", 1)
