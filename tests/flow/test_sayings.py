"""What people say becomes the state they mean, and what came from what is kept."""

from datetime import date

import pytest

from dutybook.access.actor import OPERATOR
from dutybook.book.ids import GlobalId
from dutybook.errors import BadInput
from dutybook.services.changesets import add_changes
from dutybook.services.say import Saying
from tests.flow.clerk import NEW_YEAR, Clerk

MARCH, JUNE, DECEMBER = (date(2025, month, 1) for month in (3, 6, 12))


def edges(clerk: Clerk) -> list[tuple[str, str, str]]:
    """Lineage by names: what happened, to whom, from or into what."""
    names = {
        (kind.name, row["key"]): str(next(row[name] for name in ("name", "title", "text") if row.get(name)))
        for kind in clerk.book.kinds
        for row in clerk.rows(kind.name)
        if {"name", "title", "text"} & row.keys()
    }
    return sorted(
        (edge, names[kind, key], names[other_kind, other]) for edge, kind, key, other_kind, other in clerk.lineage()
    )


def row(clerk: Clerk, kind: str, code: str, day: date) -> dict[str, object]:
    found = clerk.of(kind, code, day)
    assert found
    return found


def test_a_department_moves_with_everything_below_it(clerk: Clerk) -> None:
    clerk.apply({"moveDepartment": {"department": "D003", "parent": "D001"}}, on=MARCH)
    parents = [row(clerk, "department", "D003", day)["parent"] for day in (NEW_YEAR, MARCH)]
    assert parents == [clerk.key("department", "D002"), clerk.key("department", "D001")]
    assert row(clerk, "position", "P0003", MARCH)["department"] == clerk.key("department", "D003")
    assert edges(clerk) == [("MOVED_FROM", "运行班", "生产部")]


def test_a_department_moves_to_the_top(clerk: Clerk) -> None:
    clerk.apply({"moveDepartment": {"department": "D003", "before": "D001"}}, on=MARCH)
    assert clerk.named("department", MARCH, parent=None) == ["运行班", "办公室", "生产部"]


def test_departments_merge_into_a_new_one_that_takes_all_they_held(clerk: Clerk) -> None:
    clerk.apply({"mergeDepartments": {"departments": ["D001", "D002"], "successor": {"name": "综合部"}}}, on=MARCH)
    assert clerk.named("department", MARCH) == ["运行班", "综合部"]
    new = clerk.key("department", "D004")
    assert clerk.named("position", MARCH, department=new) == ["主任", "文秘"]
    assert clerk.named("department", MARCH, parent=new) == ["运行班"]
    assert edges(clerk) == [("MERGED_INTO", "办公室", "综合部"), ("MERGED_INTO", "生产部", "综合部")]


def test_a_department_merges_into_another(clerk: Clerk) -> None:
    clerk.apply({"mergeDepartments": {"departments": ["D002"], "into": "D001"}}, on=MARCH)
    assert clerk.named("department", MARCH) == ["办公室", "运行班"]
    assert row(clerk, "department", "D003", MARCH)["parent"] == clerk.key("department", "D001")


def test_a_department_that_takes_over_its_parent_takes_its_place(clerk: Clerk) -> None:
    clerk.apply({"moveDepartment": {"department": "D002", "parent": "D001"}}, on=MARCH)
    clerk.apply({"mergeDepartments": {"departments": ["D001", "D002"], "into": "D003"}}, on=JUNE)
    assert clerk.named("department", JUNE, parent=None) == ["运行班"]
    assert len(clerk.named("position", JUNE, department=clerk.key("department", "D003"))) == 3


def test_a_department_splits_into_parts_that_name_what_they_take(clerk: Clerk) -> None:
    parts = [{"name": "秘书科", "positions": ["P0002"]}, {"name": "行政科", "positions": ["P0001"]}]
    clerk.apply({"splitDepartment": {"department": "D001", "into": parts}}, on=MARCH)
    assert clerk.named("position", MARCH, department=clerk.key("department", "D004")) == ["文秘"]
    assert clerk.named("position", MARCH, department=clerk.key("department", "D005")) == ["主任"]
    assert "办公室" not in clerk.named("department", MARCH)
    assert edges(clerk) == [("SPLIT_FROM", "秘书科", "办公室"), ("SPLIT_FROM", "行政科", "办公室")]


def test_a_department_may_go_on_after_a_split(clerk: Clerk) -> None:
    parts = [{"name": "秘书科", "parent": "D001", "positions": ["P0002"]}]
    clerk.apply({"splitDepartment": {"department": "D001", "into": parts, "keep": True}}, on=MARCH)
    assert clerk.named("department", MARCH, parent=clerk.key("department", "D001")) == ["秘书科"]


def test_a_split_that_leaves_something_behind_is_refused_by_name(clerk: Clerk) -> None:
    parts = [{"name": "秘书科", "positions": ["P0002"]}]
    refusal = clerk.refused({"splitDepartment": {"department": "D001", "into": parts}}, on=MARCH)
    assert "P0001 主任" in refusal.message.zh


def test_a_part_takes_only_what_the_split_one_holds(clerk: Clerk) -> None:
    parts = [{"name": "秘书科", "positions": ["P0003"]}]
    refusal = clerk.refused({"splitDepartment": {"department": "D001", "into": parts}}, on=MARCH)
    assert "positions may only list what the split one holds" in refusal.message.en


def test_a_position_moves_with_duties_and_people(clerk: Clerk) -> None:
    clerk.apply({"movePosition": {"position": "P0002", "department": "D002"}}, on=MARCH)
    assert row(clerk, "position", "P0002", MARCH)["department"] == clerk.key("department", "D002")
    assert clerk.duties("P0002", MARCH) == ["负责收发文件"]
    assert edges(clerk) == [("MOVED_FROM", "文秘", "办公室")]


def test_positions_merge_with_duties_people_and_those_who_report_to_them(clerk: Clerk) -> None:
    clerk.apply({"mergePositions": {"positions": ["P0001"], "into": "P0002"}}, on=MARCH)
    assert clerk.duties("P0002", MARCH) == ["负责收发文件", "全面负责办公室工作", "审核公文", "完成领导交办的其他工作"]
    assert len(clerk.in_force("assignment", MARCH)) == 2
    assert {each["position"] for each in clerk.in_force("assignment", MARCH)} == {clerk.key("position", "P0002")}
    assert [row(clerk, "position", code, MARCH)["reports_to"] for code in ("P0002", "P0003")] == [
        None,
        clerk.key("position", "P0002"),
    ]
    assert ("MERGED_INTO", "主任", "文秘") in edges(clerk)


def test_positions_merge_into_a_new_one(clerk: Clerk) -> None:
    new = {"title": "行政主管", "department": "D001"}
    clerk.apply({"mergePositions": {"positions": ["P0001", "P0002"], "successor": new}}, on=MARCH)
    assert clerk.named("position", MARCH, department=clerk.key("department", "D001")) == ["行政主管"]
    assert len(clerk.duties("P0004", MARCH)) == 4


def test_a_merge_takes_along_what_would_only_come_later(clerk: Clerk) -> None:
    clerk.apply({"addDuty": {"position": "P0001", "text": "以后的职责", "from": DECEMBER}})
    clerk.apply({"setDuty": {"duty": clerk.id("duty", 5), "position": "P0001", "from": JUNE, "to": DECEMBER}})
    clerk.apply({"mergePositions": {"positions": ["P0001"], "into": "P0003"}}, on=MARCH)
    assert "以后的职责" in clerk.duties("P0003", DECEMBER)
    assert [clerk.duties("P0002", day) for day in (MARCH, JUNE, DECEMBER)] == [["负责收发文件"], [], ["负责收发文件"]]
    assert "负责收发文件" in clerk.duties("P0003", JUNE)


def test_a_position_splits_into_parts_that_name_duties_and_people(clerk: Clerk) -> None:
    duty, person = clerk.id("duty", 5), clerk.id("assignment", 1)
    parts = [{"title": "收文", "duties": [duty], "assignments": [person]}, {"title": "发文"}]
    clerk.apply({"splitPosition": {"position": "P0002", "into": parts}}, on=MARCH)
    assert clerk.named("position", MARCH, department=clerk.key("department", "D001")) == ["主任", "收文", "发文"]
    assert clerk.duties("P0004", MARCH) == ["负责收发文件"]
    assert clerk.in_force("assignment", MARCH)[1]["position"] == clerk.key("position", "P0004")
    assert edges(clerk) == [
        ("MOVED_FROM", "负责收发文件", "文秘"),
        ("SPLIT_FROM", "发文", "文秘"),
        ("SPLIT_FROM", "收文", "文秘"),
    ]


def test_a_follower_goes_its_own_way_with_copies_ahead_of_its_own_duties(clerk: Clerk) -> None:
    clerk.apply({"addDuty": {"position": "P0003", "text": "填写运行日志"}})
    clerk.apply({"setPosition": {"position": "P0003", "exceptions": [clerk.id("duty", 1)]}})
    clerk.apply({"detachPosition": {"position": "P0003"}}, on=MARCH)
    assert clerk.duties("P0003", MARCH) == ["主持班前会", "填写运行日志"]
    assert (row(clerk, "position", "P0003", MARCH)["standard"], edges(clerk)) == (
        None,
        [("COPIED_FROM", "主持班前会", "主持班前会")],
    )
    assert clerk.duties("P0003", NEW_YEAR) == ["填写运行日志"]


def test_a_detached_follower_keeps_the_beginning_and_the_end_of_what_it_followed(clerk: Clerk) -> None:
    clerk.apply({"addDuty": {"standard": "S001", "text": "以后的职责", "from": JUNE}})
    clerk.apply({"withdrawDuty": {"duty": clerk.id("duty", 0), "from": JUNE}})
    clerk.apply({"detachPosition": {"position": "P0003"}}, on=MARCH)
    assert clerk.duties("P0003", MARCH) == ["主持班前会", "检查安全工器具"]
    assert clerk.duties("P0003", JUNE) == ["检查安全工器具", "以后的职责"]


def test_a_duty_splits_in_its_place(clerk: Clerk) -> None:
    clerk.apply({"splitDuty": {"duty": clerk.id("duty", 3), "into": ["审核发文", "审核来文"]}}, on=MARCH)
    assert clerk.duties("P0001", MARCH) == ["全面负责办公室工作", "审核发文", "审核来文", "完成领导交办的其他工作"]
    assert edges(clerk) == [("SPLIT_FROM", "审核发文", "审核公文"), ("SPLIT_FROM", "审核来文", "审核公文")]


def test_the_parts_of_a_duty_end_when_it_would_have_ended(clerk: Clerk) -> None:
    clerk.apply({"withdrawDuty": {"duty": clerk.id("duty", 3), "from": DECEMBER}})
    clerk.apply({"splitDuty": {"duty": clerk.id("duty", 3), "into": ["审核发文", "审核来文"]}}, on=MARCH)
    assert clerk.duties("P0001", DECEMBER) == ["全面负责办公室工作", "完成领导交办的其他工作"]


def test_duties_merge_in_the_place_of_the_first(clerk: Clerk) -> None:
    both = [clerk.id("duty", 2), clerk.id("duty", 4)]
    clerk.apply({"mergeDuties": {"duties": both, "text": "负责全面及其他工作"}}, on=MARCH)
    assert clerk.duties("P0001", MARCH) == ["负责全面及其他工作", "审核公文"]
    assert {edge[0] for edge in edges(clerk)} == {"MERGED_INTO"}


@pytest.mark.parametrize(
    ("saying", "reason"),
    [
        ({"splitDuty": {"duty": "", "into": ["只有一条"]}}, "at least two texts"),
        ({"mergeDuties": {"duties": ["", ""], "text": "同一条"}}, "at least two duties"),
    ],
)
def test_splits_and_merges_need_two(clerk: Clerk, saying: Saying, reason: str) -> None:
    [(name, words)] = saying.items()
    duty = clerk.id("duty", 2)
    named = {"duty": duty} if "duty" in words else {"duties": [duty, duty]}
    assert reason in clerk.refused({name: {**words, **named}}).message.en


def test_a_duty_moves_to_another_list_and_remembers_where_it_was(clerk: Clerk) -> None:
    clerk.apply(
        {"moveDuty": {"duty": clerk.id("duty", 3), "position": "P0002", "before": clerk.id("duty", 5)}}, on=MARCH
    )
    assert clerk.duties("P0002", MARCH) == ["审核公文", "负责收发文件"]
    assert edges(clerk) == [("MOVED_FROM", "审核公文", "主任")]


def test_a_duty_moves_to_a_standard_and_back(clerk: Clerk) -> None:
    clerk.apply({"moveDuty": {"duty": clerk.id("duty", 3), "standard": "S001"}}, on=MARCH)
    assert clerk.named("duty", MARCH, position=None) == ["主持班前会", "检查安全工器具", "审核公文"]
    clerk.apply({"moveDuty": {"duty": clerk.id("duty", 3), "position": "P0001"}}, on=JUNE)
    assert clerk.duties("P0001", JUNE)[-1] == "审核公文"
    assert edges(clerk) == [("MOVED_FROM", "审核公文", "主任"), ("MOVED_FROM", "审核公文", "班组长")]


def test_reordering_changes_as_few_ranks_as_possible(clerk: Clerk) -> None:
    first, second, third = (clerk.id("duty", at) for at in (2, 3, 4))
    added = clerk.draft({"reorderDuties": {"position": "P0001", "duties": [third, first, second], "from": MARCH}})
    assert len(clerk.changes(added)) == 1
    clerk.publish(added)
    assert clerk.duties("P0001", MARCH) == ["完成领导交办的其他工作", "全面负责办公室工作", "审核公文"]
    assert clerk.duties("P0001", NEW_YEAR) == ["全面负责办公室工作", "审核公文", "完成领导交办的其他工作"]


def test_an_order_lists_what_is_in_force_on_its_day(clerk: Clerk) -> None:
    clerk.apply({"addDuty": {"position": "P0001", "text": "以后的职责", "from": DECEMBER}})
    clerk.apply(
        {"reorderDuties": {"position": "P0001", "duties": [clerk.id("duty", at) for at in (4, 3, 2)]}}, on=MARCH
    )
    assert clerk.duties("P0001", MARCH) == ["完成领导交办的其他工作", "审核公文", "全面负责办公室工作"]


def test_appending_many_duties_keeps_ranks_short(clerk: Clerk) -> None:
    clerk.apply(*[{"addDuty": {"position": "P0002", "text": f"负责第{number}项"}} for number in range(500)])
    ranks = [each["rank"] for each in clerk.in_force("duty") if each["position"] == clerk.key("position", "P0002")]
    assert len(ranks) == 501
    assert max(map(len, ranks)) == 3
    assert clerk.duties("P0002")[-1] == "负责第499项"


def test_newcomers_stand_where_they_are_put(clerk: Clerk) -> None:
    clerk.apply({"addDuty": {"position": "P0001", "text": "甲", "before": clerk.id("duty", 2)}})
    clerk.apply({"addDuty": {"position": "P0001", "text": "乙", "after": clerk.id("duty", 2)}})
    assert clerk.duties("P0001")[:3] == ["甲", "全面负责办公室工作", "乙"]


def test_people_are_appointed_transferred_suspended_and_let_go(clerk: Clerk) -> None:
    clerk.apply({"openEmployee": {"number": "E0003", "name": "丙三"}})
    clerk.apply({"appoint": {"employee": "E0003", "position": "P0003", "kind": "ACTING", "share": 50}}, on=MARCH)
    new = clerk.id("assignment", 2)
    clerk.apply({"setAssignment": {"assignment": new, "suspended": True}}, on=JUNE)
    clerk.apply({"endAssignment": {"assignment": new}}, on=DECEMBER)
    days = (NEW_YEAR, MARCH, JUNE, DECEMBER)
    held = [[each for each in clerk.in_force("assignment", day) if each["kind"] == "ACTING"] for day in days]
    lives = [[(each["share"], each["suspended"]) for each in some] for some in held]
    assert lives == [[], [(50, False)], [(50, True)], []]


def test_events_tell_what_was_done(clerk: Clerk) -> None:
    before = clerk.head.sequence
    clerk.apply(
        {"movePosition": {"position": "P0002", "department": "D002"}},
        {"setAssignment": {"assignment": clerk.id("assignment", 0), "suspended": True}},
    )
    clerk.apply({"mergeDepartments": {"departments": ["D001"], "into": "D002"}}, on=MARCH)
    told = [name for name in clerk.events(before) if not name.startswith("changeset")]
    assert told == ["position.moved", "assignment.suspended", "position.moved", "department.merged"]


def test_one_set_may_open_and_later_change_what_had_no_value(clerk: Clerk) -> None:
    clerk.apply(
        {"openPosition": {"title": "司机", "department": "D001"}},
        {"setPosition": {"position": "P0004", "grade": "9", "reportsTo": "P0001", "from": MARCH}},
    )
    assert [row(clerk, "position", "P0004", day)["grade"] for day in (NEW_YEAR, MARCH)] == [None, "9"]


def test_a_draft_is_added_to_in_several_steps(clerk: Clerk) -> None:
    draft = clerk.draft({"openPosition": {"title": "司机", "department": "D001"}})
    for more in (
        {"setPosition": {"position": "P0004", "grade": "9", "from": MARCH}},
        {"addDuty": {"position": "P0004", "text": "驾驶"}},
    ):
        add_changes(clerk.session, clerk.book, OPERATOR, draft, [more])
    clerk.publish(draft)
    assert clerk.duties("P0004", MARCH) == ["驾驶"]


def test_records_of_several_organisations_need_to_be_told_apart(clerk: Clerk) -> None:
    clerk.apply({"openOrganisation": {"name": "邻县供电公司", "code": "O02"}})
    with pytest.raises(BadInput, match="Name the organisation"):
        clerk.draft({"openDepartment": {"name": "财务部"}})


def test_a_department_that_the_same_set_put_below_itself_is_closed_once(clerk: Clerk) -> None:
    clerk.apply(
        {"moveDepartment": {"department": "D002", "parent": "D003"}},
        {"closeDepartment": {"department": "D002", "withDependents": True}},
        on=MARCH,
    )
    assert clerk.named("department", MARCH) == ["办公室"]


def test_what_ended_is_reopened_as_it_was_with_all_that_ended_with_it(clerk: Clerk) -> None:
    was = {kind: clerk.in_force(kind) for kind in ("department", "position", "duty")}
    clerk.apply({"withdrawDuty": {"duty": clerk.id("duty", 2)}}, on=date(2025, 2, 1))
    clerk.apply({"closeDepartment": {"department": "D001", "withDependents": True}}, on=MARCH)
    assert clerk.named("position", MARCH) == ["班长"]
    subject = {"subject": clerk.id("department", "D001"), "withDependents": True}
    clerk.apply({"reopen": subject}, {"setPosition": {"position": "P0003", "reportsTo": "P0001"}}, on=JUNE)
    now = {kind: clerk.in_force(kind, JUNE) for kind in was}
    for kind, left_out in (("department", 0), ("position", 0), ("duty", 1)):
        kept = [{**row, "valid_from": None} for row in was[kind]]
        found = [{**row, "valid_from": None} for row in now[kind]]
        assert all(row in kept for row in found)
        assert len(found) == len(kept) - left_out
    assert clerk.in_force("assignment", JUNE) == []


def test_an_employee_comes_back_under_the_old_number_and_for_a_time(clerk: Clerk) -> None:
    clerk.apply({"endAssignment": {"assignment": clerk.id("assignment", 0)}}, on=MARCH)
    clerk.apply({"closeEmployee": {"employee": "E0001"}}, on=MARCH)
    taken = clerk.refused({"openEmployee": {"number": "E0001", "name": "甲一"}}, on=JUNE)
    assert "or reopen what ended" in taken.message.en
    back = {"subject": clerk.id("employee", "E0001"), "to": DECEMBER.isoformat()}
    clerk.apply({"reopen": back}, on=JUNE)
    days = {day: clerk.of("employee", "E0001", day) for day in (date(2025, 2, 28), MARCH, JUNE, DECEMBER)}
    assert [bool(found) for found in days.values()] == [True, False, True, False]
    assert [found["name"] for found in days.values() if found] == [days[JUNE]["name"]] * 2  # type: ignore[index]


def test_only_what_has_ended_is_reopened(clerk: Clerk) -> None:
    subject = {"subject": clerk.id("position", "P0001")}
    assert "nothing to reopen" in clerk.refused({"reopen": subject}, on=JUNE).message.en
    assert "not by its code" in clerk.refused({"reopen": {"subject": "P0001"}}, on=JUNE).message.en
    assert (
        "No kind is called" in clerk.refused({"reopen": {"subject": str(GlobalId("ChangeSet", 1))}}, on=JUNE).message.en
    )


def test_why_an_assignment_ends_is_kept_with_its_last_day(clerk: Clerk) -> None:
    clerk.apply({"openDocument": {"number": "人〔2025〕9号", "title": "任免通知"}})
    [paper] = [row["key"] for row in clerk.in_force("document")]
    said = {"assignment": clerk.id("assignment", 0), "reason": "轮岗", "document": str(GlobalId("Document", paper))}
    clerk.apply({"endAssignment": said}, on=date(2025, 7, 1))
    held = {day: clerk.in_force("assignment", day) for day in (date(2025, 6, 29), date(2025, 6, 30), date(2025, 7, 1))}
    before, last, after = (
        [row for row in rows if row["position"] == clerk.key("position", "P0001")] for rows in held.values()
    )
    assert [(row["reason"], row["document"]) for row in before] == [(None, None)]
    assert [(len(row["reason"]), row["document"]) for row in last] == [(64, paper)]  # the reason is personal: a digest
    assert after == []
