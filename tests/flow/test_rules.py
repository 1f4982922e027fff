"""Rules hold for the final state of a whole set, on every day it touches, and name who breaks them."""

from datetime import date

import pytest

from dutybook.services.refusals import RefusedByRules
from dutybook.services.say import Saying
from tests.flow.clerk import NEW_YEAR, Clerk

MARCH, JUNE, DECEMBER = (date(2025, month, 1) for month in (3, 6, 12))
APRIL_30, MAY_1 = date(2025, 4, 30), date(2025, 5, 1)


def codes(clerk: Clerk, *sayings: Saying, on: date = MARCH) -> list[str]:
    """What the rules object to."""
    refusal = clerk.refused(*sayings, on=on)
    assert isinstance(refusal, RefusedByRules)
    return [objection.code for objection in refusal.objections]


@pytest.mark.parametrize(
    "opening",
    [
        {"openPosition": {"title": "司机", "department": "D001", "from": date(2024, 12, 31)}},
        {"openPosition": {"title": "司机", "department": "D009", "from": date(2025, 2, 1)}},
        {"openPosition": {"title": "司机", "department": "D009", "from": MARCH, "to": date(2025, 7, 1)}},
        {"openPosition": {"title": "司机", "department": "D009", "from": MARCH}},
    ],
)
def test_a_child_lies_within_its_parent_on_every_day(clerk: Clerk, opening: Saying) -> None:
    clerk.apply({"openDepartment": {"name": "工地", "code": "D009", "from": MARCH, "to": JUNE}})
    assert codes(clerk, opening) == ["OUTSIDE_PARENT"]


def test_a_child_may_fill_its_parent_to_the_last_day(clerk: Clerk) -> None:
    clerk.apply(
        {"openDepartment": {"name": "工地", "code": "D009", "from": MARCH, "to": JUNE}},
        {"openPosition": {"title": "司机", "department": "D009", "from": MARCH, "to": JUNE}},
    )
    assert clerk.title("P0004", MARCH) == "司机"


def test_a_closing_taken_back_leaves_no_gap_for_a_child(clerk: Clerk) -> None:
    closing = {"closePosition": {"position": "P0002", "withDependents": True}}
    clerk.revert(clerk.apply(closing, on=JUNE))
    assert clerk.apply({"openPosition": {"title": "司机", "department": "D001", "reportsTo": "P0002"}}, on=MAY_1)


def test_the_order_of_changes_within_a_set_does_not_matter(clerk: Clerk) -> None:
    clerk.apply(
        {"openDepartment": {"name": "工地", "code": "D009", "from": JUNE}},
        {"openPosition": {"title": "司机", "department": "D009", "from": MARCH}},
        {"setPosition": {"position": "P0004", "department": "D001", "from": MARCH, "to": JUNE}},
    )
    assert [clerk.of("position", "P0004", day) is not None for day in (MARCH, JUNE)] == [True, True]


def test_departments_form_no_cycle(clerk: Clerk) -> None:
    assert codes(clerk, {"moveDepartment": {"department": "D002", "parent": "D003"}}) == ["CYCLE"]
    assert codes(clerk, {"setDepartment": {"department": "D002", "parent": "D002"}}) == ["CYCLE"]


def test_a_cycle_on_a_single_day_in_the_past_is_found(clerk: Clerk) -> None:
    clerk.apply({"setDepartment": {"department": "D003", "parent": "D001"}}, on=MAY_1)
    bent = {"setDepartment": {"department": "D002", "parent": "D003"}}
    assert codes(clerk, bent, on=APRIL_30) == ["CYCLE"]
    assert clerk.apply(bent, on=MAY_1)


def test_nobody_reports_to_themselves_by_any_chain(clerk: Clerk) -> None:
    assert codes(clerk, {"setPosition": {"position": "P0001", "reportsTo": "P0002"}}) == ["CYCLE"]
    assert codes(clerk, {"setPosition": {"position": "P0001", "deputyOf": "P0001"}}) == ["CYCLE"]


def test_an_employee_has_one_primary_assignment_on_any_day(clerk: Clerk) -> None:
    clerk.apply({"endAssignment": {"assignment": clerk.id("assignment", 0)}}, on=MAY_1)
    early, adjacent = (
        {"appoint": {"employee": "E0001", "position": "P0003", "from": day}} for day in (APRIL_30, MAY_1)
    )
    assert codes(clerk, early) == ["TWO_PRIMARY"]
    clerk.apply({"appoint": {"employee": "E0001", "position": "P0003", "kind": "CONCURRENT", "from": APRIL_30}})
    clerk.apply(adjacent)
    assert len(clerk.in_force("assignment", MAY_1)) == 3


def test_a_second_primary_assignment_on_the_last_day_alone_is_found(clerk: Clerk) -> None:
    clerk.apply({"endAssignment": {"assignment": clerk.id("assignment", 0)}}, on=MAY_1)
    clerk.apply({"appoint": {"employee": "E0001", "position": "P0003"}}, on=MAY_1)
    longer = {"rescind": {"subject": clerk.id("assignment", 0), "from": MAY_1, "attributes": ["closing"]}}
    assert codes(clerk, longer) == ["TWO_PRIMARY"]


def test_departments_of_another_organisation_are_refused(clerk: Clerk) -> None:
    clerk.apply(
        {"openOrganisation": {"name": "邻县供电公司", "code": "O02"}},
        {"openDepartment": {"name": "外单位", "code": "X001", "organisation": "O02"}},
    )
    theirs = clerk.id("department", "X001")
    assert codes(clerk, {"movePosition": {"position": "P0001", "department": theirs}}) == ["OTHER_ORGANISATION"]
    assert codes(clerk, {"moveDepartment": {"department": "D003", "parent": theirs}}) == ["OTHER_ORGANISATION"]


def test_a_duty_is_in_exactly_one_list(clerk: Clerk) -> None:
    assert codes(clerk, {"addDuty": {"text": "无主职责"}}) == ["ASTRAY"]
    assert codes(clerk, {"addDuty": {"text": "两处", "position": "P0001", "standard": "S001"}}) == ["ASTRAY"]
    assert codes(clerk, {"setDuty": {"duty": clerk.id("duty", 0), "position": "P0001"}}) == ["ASTRAY"]


def test_a_closing_with_dependents_is_refused_by_name(clerk: Clerk) -> None:
    said = clerk.refused({"closePosition": {"position": "P0001"}}, on=JUNE).message.zh
    for name in ("P0002 文秘", "P0003 班长", "全面负责办公室工作", "审核公文", "任职"):
        assert name in said


def test_a_closing_that_says_so_takes_its_dependents_along(clerk: Clerk) -> None:
    clerk.apply({"closePosition": {"position": "P0001", "withDependents": True}}, on=JUNE)
    assert [clerk.duties("P0001", day) != [] for day in (MAY_1, JUNE)] == [True, False]
    assert [len(clerk.in_force("assignment", day)) for day in (MAY_1, JUNE)] == [2, 1]
    assert [row["reports_to"] for row in clerk.in_force("position", JUNE)] == [None, None]


def test_a_department_closed_with_all_it_holds_leaves_nothing_behind(clerk: Clerk) -> None:
    clerk.apply({"closeDepartment": {"department": "D002", "withDependents": True}}, on=JUNE)
    assert clerk.named("department", JUNE) == ["办公室"]
    assert clerk.named("position", JUNE) == ["主任", "文秘"]


def test_dependents_that_would_only_begin_later_are_taken_back(clerk: Clerk) -> None:
    clerk.apply({"addDuty": {"position": "P0002", "text": "以后的职责", "from": DECEMBER}})
    clerk.apply({"closePosition": {"position": "P0002", "withDependents": True}}, on=JUNE)
    assert "以后的职责" not in clerk.named("duty", DECEMBER)


def test_dependents_that_leave_in_time_are_let_go(clerk: Clerk) -> None:
    clerk.apply({"setAssignment": {"assignment": clerk.id("assignment", 1), "position": "P0001"}}, on=JUNE)
    clerk.apply({"closePosition": {"position": "P0002", "withDependents": True}}, on=DECEMBER)
    assert len(clerk.in_force("assignment", DECEMBER)) == 2


def test_only_references_on_days_after_a_closing_are_cleared(clerk: Clerk) -> None:
    clerk.apply({"openPosition": {"title": "司机", "department": "D001", "reportsTo": "P0002", "from": DECEMBER}})
    clerk.apply({"closePosition": {"position": "P0002", "withDependents": True}}, on=JUNE)
    driver = clerk.of("position", "P0004", DECEMBER)
    assert driver
    assert driver["reports_to"] is None


def test_every_broken_rule_is_told_at_once(clerk: Clerk) -> None:
    sayings: list[Saying] = [
        {"setPosition": {"position": "P0001", "reportsTo": "P0002"}},
        {"appoint": {"employee": "E0001", "position": "P0003"}},
        {"addDuty": {"text": "无主职责"}},
    ]
    assert set(codes(clerk, *sayings)) == {"CYCLE", "TWO_PRIMARY", "ASTRAY"}


def test_a_code_is_taken_for_ever(clerk: Clerk) -> None:
    clerk.apply({"openPosition": {"title": "司机", "department": "D001", "code": "P0009"}})
    clerk.apply({"rescind": {"subject": clerk.id("position", 3), "from": NEW_YEAR}})
    again = {"openPosition": {"title": "司机", "department": "D001", "code": "P0009"}}
    assert codes(clerk, again) == ["CODE_TAKEN"]
    assert "P0009 is taken, and codes are never reused" in clerk.refused(again).message.en


def test_the_next_free_code_follows_the_highest_ever_given(clerk: Clerk) -> None:
    clerk.apply({"openPosition": {"title": "司机", "department": "D001", "code": "P0009"}})
    clerk.apply({"rescind": {"subject": clerk.id("position", 3), "from": NEW_YEAR}})
    clerk.apply(*[{"openPosition": {"title": title, "department": "D001"}} for title in ("司机", "门卫")])
    assert [clerk.title(code) for code in ("P0010", "P0011")] == ["司机", "门卫"]


def test_codes_made_by_hand_do_not_hide_the_numbers(clerk: Clerk) -> None:
    clerk.apply(*[{"openDepartment": {"name": "甲", "code": f"D-YX-{number:04d}"}} for number in range(101)])
    clerk.apply({"openDepartment": {"name": "乙"}})
    assert clerk.of("department", "D004")


def test_the_same_code_in_two_organisations_is_two_codes(clerk: Clerk) -> None:
    clerk.apply({"openOrganisation": {"name": "邻县供电公司", "code": "O02"}})
    assert clerk.apply({"openDepartment": {"name": "办公室", "code": "D001", "organisation": "O02"}})


def test_two_openings_with_one_code_in_one_set_are_refused(clerk: Clerk) -> None:
    opening = {"openDepartment": {"name": "财务部", "code": "D009"}}
    assert codes(clerk, opening, opening) == ["CODE_TAKEN"]


def test_what_no_longer_applies_is_refused_by_name(clerk: Clerk) -> None:
    draft = clerk.draft({"closePosition": {"position": "P0003", "from": DECEMBER}}, base=1)
    clerk.apply({"rescind": {"subject": clerk.id("position", 2), "from": NEW_YEAR}})
    with pytest.raises(Exception, match="P0003") as refusal:
        clerk.publish(draft)
    assert getattr(refusal.value, "code", "") in {"CONFLICT", "RULE_BROKEN"}
