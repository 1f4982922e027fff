"""What people say of departments, positions and duties does what they mean, and keeps the lineage."""

from datetime import date

from sqlalchemy import select

from tests.flow.clerk import Clerk

MARCH = date(2025, 3, 1)


def edges(clerk: Clerk, edge: str) -> list[tuple[str, str]]:
    table = clerk.book.tables["lineage"]
    query = select(table.c.kind, table.c.other_kind).where(table.c.edge == edge)
    return [(kind, other) for kind, other in clerk.session.execute(query.order_by(table.c.id))]


def test_merged_departments_hand_everything_to_their_successor(clerk: Clerk) -> None:
    clerk.apply({"mergeDepartments": {"departments": ["D001", "D002"], "successor": {"name": "综合部"}}}, on=MARCH)
    successor = clerk.key("department", "D004")
    assert clerk.named("department", MARCH, parent=None) == ["综合部"]
    assert clerk.named("position", MARCH, department=successor) == ["主任", "文秘"]
    assert clerk.named("department", MARCH, parent=successor) == ["运行班"]
    assert edges(clerk, "MERGED_INTO") == [("department", "department")] * 2


def test_a_split_department_gives_each_part_what_it_names(clerk: Clerk) -> None:
    into = [{"name": "行政部", "positions": ["P0001"]}, {"name": "文秘部", "positions": ["P0002"]}]
    clerk.apply({"splitDepartment": {"department": "D001", "into": into}}, on=MARCH)
    parts = [clerk.key("department", code) for code in ("D004", "D005")]
    assert [clerk.named("position", MARCH, department=part) for part in parts] == [["主任"], ["文秘"]]
    assert edges(clerk, "SPLIT_FROM") == [("department", "department")] * 2


def test_merged_positions_hand_over_duties_people_and_reports(clerk: Clerk) -> None:
    clerk.apply({"mergePositions": {"positions": ["P0001"], "into": "P0002"}}, on=MARCH)
    target = clerk.key("position", "P0002")
    assert clerk.duties("P0002", MARCH) == ["负责收发文件", "全面负责办公室工作", "审核公文", "完成领导交办的其他工作"]
    assert {row["position"] for row in clerk.in_force("assignment", MARCH)} == {target}
    assert clerk.named("position", MARCH, reports_to=target) == ["班长"]


def test_a_split_duty_stands_in_the_place_of_the_whole(clerk: Clerk) -> None:
    clerk.apply({"splitDuty": {"duty": clerk.id("duty", 3), "into": ["审核来文", "审核发文"]}}, on=MARCH)
    assert clerk.duties("P0001", MARCH) == ["全面负责办公室工作", "审核来文", "审核发文", "完成领导交办的其他工作"]
    assert edges(clerk, "SPLIT_FROM") == [("duty", "duty")] * 2


def test_merged_duties_stand_in_the_place_of_the_first(clerk: Clerk) -> None:
    both = [clerk.id("duty", 2), clerk.id("duty", 3)]
    clerk.apply({"mergeDuties": {"duties": both, "text": "全面负责办公室工作和公文"}}, on=MARCH)
    assert clerk.duties("P0001", MARCH) == ["全面负责办公室工作和公文", "完成领导交办的其他工作"]
    assert edges(clerk, "MERGED_INTO") == [("duty", "duty")] * 2


def test_a_moved_duty_keeps_its_identity(clerk: Clerk) -> None:
    clerk.apply({"moveDuty": {"duty": clerk.id("duty", 3), "position": "P0002"}}, on=MARCH)
    assert clerk.duties("P0002", MARCH) == ["负责收发文件", "审核公文"]
    assert edges(clerk, "MOVED_FROM") == [("duty", "position")]


def test_a_new_order_gives_new_ranks_to_as_few_duties_as_possible(clerk: Clerk) -> None:
    wanted = [clerk.id("duty", at) for at in (4, 2, 3)]
    clerk.apply({"reorderDuties": {"position": "P0001", "duties": wanted}}, on=MARCH)
    assert clerk.duties("P0001", MARCH) == ["完成领导交办的其他工作", "全面负责办公室工作", "审核公文"]
    change = clerk.book.tables["change"]
    newest = select(change.c.changeset).order_by(change.c.changeset.desc()).limit(1).scalar_subquery()
    assert len(clerk.session.execute(select(change).where(change.c.changeset == newest)).all()) == 1


def test_a_detached_follower_has_copies_of_the_standard_duties(clerk: Clerk) -> None:
    clerk.apply({"detachPosition": {"position": "P0003"}}, on=MARCH)
    assert clerk.duties("P0003", MARCH) == ["主持班前会", "检查安全工器具"]
    assert edges(clerk, "COPIED_FROM") == [("duty", "duty")] * 2


def test_a_december_retitle_survives_a_january_regrade(clerk: Clerk) -> None:
    clerk.apply({"setPosition": {"position": "P0002", "title": "秘书", "from": "2025-12-01"}})
    clerk.apply({"setPosition": {"position": "P0002", "grade": "9", "from": "2025-02-01"}})
    (row,) = (row for row in clerk.in_force("position", date(2025, 12, 1)) if row["code"] == "P0002")
    assert (row["title"], row["grade"]) == ("秘书", "9")
