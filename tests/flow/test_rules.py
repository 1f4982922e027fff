"""Rules hold for the final state of a change set on every day it touches; nothing of a refused one stays."""

from datetime import date

import pytest

from dutybook.errors import DutybookError
from dutybook.services.refusals import RefusedByRules
from dutybook.services.say import Saying
from tests.flow.clerk import Clerk

JUNE, JULY = "2025-06-01", "2025-07-01"

BROKEN: dict[str, tuple[str, list[Saying]]] = {
    "a department above itself": ("CYCLE", [{"moveDepartment": {"department": "D002", "parent": "D003"}}]),
    "a superior who reports to their own report": (
        "CYCLE",
        [{"setPosition": {"position": "P0001", "reportsTo": "P0002"}}],
    ),
    "a closed department with positions": (
        "OUTSIDE_PARENT",
        [{"closeDepartment": {"department": "D001", "from": JUNE}}],
    ),
    "a closed position with people": ("OUTSIDE_PARENT", [{"closePosition": {"position": "P0002", "from": JUNE}}]),
    "a position before its department": (
        "OUTSIDE_PARENT",
        [{"openDepartment": {"name": "新", "from": JULY}}, {"openPosition": {"title": "员", "department": "D004"}}],
    ),
    "a second primary assignment": ("TWO_PRIMARY", [{"appoint": {"employee": "E0001", "position": "P0002"}}]),
    "a code used twice": ("CODE_TAKEN", [{"openPosition": {"code": "P0002", "title": "员", "department": "D001"}}]),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_set_that_breaks_a_rule_is_refused_by_name(clerk: Clerk, name: str) -> None:
    code, sayings = BROKEN[name]
    with pytest.raises(RefusedByRules) as refusal:
        clerk.apply(*sayings)
    assert {objection.code for objection in refusal.value.objections} == {code}
    assert all(objection.message.zh and objection.message.en for objection in refusal.value.objections)


WRONG: dict[str, tuple[str, list[Saying]]] = {
    "an inverted interval": (
        "INVERTED_INTERVAL",
        [{"setPosition": {"position": "P0001", "grade": "1", "from": JULY, "to": JUNE}}],
    ),
    "a day that is none": (
        "BAD_USER_INPUT",
        [{"setPosition": {"position": "P0001", "grade": "1", "from": "2026-02-30"}}],
    ),
    "a day before the beginning": (
        "NOT_IN_FORCE",
        [{"setPosition": {"position": "P0001", "grade": "1", "from": "2020-01-01"}}],
    ),
    "an unknown code": ("NOT_FOUND", [{"setPosition": {"position": "P9999", "grade": "1"}}]),
    "an unknown field": ("BAD_USER_INPUT", [{"setPosition": {"position": "P0001", "colour": "红"}}]),
    "an unknown act": ("BAD_USER_INPUT", [{"promote": {"employee": "E0001"}}]),
    "a control character": ("BAD_USER_INPUT", [{"addDuty": {"position": "P0001", "text": "负责\x07工作"}}]),
    "a negative headcount": ("BAD_USER_INPUT", [{"setPosition": {"position": "P0001", "headcount": -1}}]),
    "nothing to change": ("BAD_USER_INPUT", [{"setPosition": {"position": "P0001"}}]),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_understood_is_told_with_its_place(clerk: Clerk, name: str) -> None:
    code, sayings = WRONG[name]
    with pytest.raises(DutybookError) as refusal:
        clerk.draft(*sayings)
    assert refusal.value.code == code
    assert refusal.value.message.zh != refusal.value.message.en


def test_adjacent_primary_assignments_are_allowed(clerk: Clerk) -> None:
    clerk.apply({"endAssignment": {"assignment": clerk.id("assignment", 0), "from": JUNE}})
    clerk.apply({"appoint": {"employee": "E0001", "position": "P0002", "from": JUNE}})
    assert len(clerk.in_force("assignment", date(2025, 6, 1))) == 2


def test_a_close_takes_its_dependents_along_where_it_is_told_to(clerk: Clerk) -> None:
    clerk.apply({"closeDepartment": {"department": "D001", "withDependents": True}}, on=date(2025, 6, 1))
    assert clerk.named("position", date(2025, 6, 1)) == ["班长"]
    assert sorted(clerk.named("position", date(2025, 5, 31))) == ["主任", "文秘", "班长"]


def test_codes_are_never_used_again(clerk: Clerk) -> None:
    clerk.apply({"openPosition": {"title": "临时", "department": "D001"}})
    clerk.revert(clerk.head.revision)
    clerk.apply({"openPosition": {"title": "另一个", "department": "D001"}})
    assert [row["code"] for row in clerk.in_force("position") if row["title"] == "另一个"] == ["P0005"]
