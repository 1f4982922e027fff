"""A staff table is reconciled with the book: it proposes what differs, once, and says why people come and go."""

import io
from datetime import date
from typing import Any

import pytest
from sqlalchemy import delete, event, insert

from dutybook.access.actor import Actor, Grant
from dutybook.book.times import FOREVER
from dutybook.db.personal import ERASED
from dutybook.demo.generate import generate, write
from dutybook.errors import BadInput, Forbidden
from dutybook.services.import_staff import BadRows, import_staff
from tests.core.workbooks import workbook
from tests.flow.clerk import NEW_YEAR, Clerk
from tests.flow.staff_desk import DAY, LATER, StaffDesk, cells_of, table

NEWCOMER = """
工号 | 姓名 | 用工性质 | 状态 | 入职日期 | 部门 | 岗位 | 任职方式 | 任职起 | 占比 | 事由 | 文号
E0007 | 丙三 | 合同制 | 在职 | 2025-07-01 | 办公室 | 文秘 | 主岗 | 2025-07-01 | 80 | 招聘 | 人〔2025〕7号
E0007 |  |  |  |  | 生产部/运行班 | P0003 | 兼岗 | 2026-01-01 | 20 |  |
E0001 | 甲一 |  | 在职 |  |  |  |  |  |  |  |
"""
TRANSFER = """
工号 | 岗位 | 任职方式 | 任职起 | 事由 | 文号
E0001 | P0002 | 主岗 | 2026-02-01 | 轮岗 | 人〔2026〕1号
"""


@pytest.fixture
def desk(clerk: Clerk) -> StaffDesk:
    return StaffDesk(clerk)


def test_the_book_says_what_the_table_says(desk: StaffDesk) -> None:
    done = desk.put(NEWCOMER)
    assert done.done == {
        ("document", "new"): 1,
        ("employee", "new"): 1,
        ("employee", "changed"): 1,
        ("assignment", "appointed"): 2,
    }
    person = desk.person("E0007")
    assert (person["name"], person["employment_type"], person["entered_on"]) == ("丙三", "合同制", "2025-07-01")
    assert desk.held("E0007") == [
        ("P0002", "PRIMARY", date(2025, 7, 1), FOREVER),
        ("P0003", "CONCURRENT", date(2026, 1, 1), FOREVER),
    ]
    assert ("招聘", "人〔2025〕7号") in desk.why("E0007", DAY)
    assert desk.held("E0001") == [("P0001", "PRIMARY", NEW_YEAR, FOREVER)]


def test_the_same_table_proposes_nothing_again_in_whatever_form_and_order(desk: StaffDesk) -> None:
    desk.put(NEWCOMER)
    header, *rows = cells_of(NEWCOMER)
    turned = [header[::-1], *(row[::-1] for row in rows[::-1])]
    csv = "\n".join(",".join(row) for row in turned).encode("gb18030")
    for form in (NEWCOMER, csv, workbook({"名册": [["职工名册"], *turned]})):
        assert (desk.proposal(form, on=LATER), desk.bad(form)) == ([], [])


def test_a_transfer_ends_one_position_when_the_other_begins_with_reason_and_document(desk: StaffDesk) -> None:
    assert desk.put(TRANSFER).done == {("document", "new"): 1, ("assignment", "transferred"): 1}
    assert desk.held("E0001", date(2026, 1, 31)) == [("P0001", "PRIMARY", NEW_YEAR, date(2026, 2, 1))]
    assert desk.held("E0001", date(2026, 2, 1)) == [("P0002", "PRIMARY", date(2026, 2, 1), FOREVER)]
    assert desk.why("E0001", date(2026, 1, 31)) == desk.why("E0001", DAY) == [("轮岗", "人〔2026〕1号")]
    assert desk.why("E0001", date(2026, 1, 30)) == [(None, None)]
    assert desk.proposal(TRANSFER, on=LATER) == []


def test_a_document_that_the_book_knows_is_referred_to(desk: StaffDesk) -> None:
    desk.clerk.apply({"openDocument": {"title": "任职通知", "number": "人[2026]1号"}})
    desk.put(TRANSFER)
    assert len(desk.clerk.rows("document")) == 1
    assert desk.why("E0001", DAY) == [("轮岗", "人[2026]1号")]


LEAVING = "工号 | 状态 | 离职日期 | 事由 | 文号\nE0001 | 退休 | 2026-02-15 | 到龄 | 人〔2026〕2号"


def test_who_leaves_holds_nothing_from_that_day_on(desk: StaffDesk) -> None:
    assert desk.put(LEAVING).done == {("document", "new"): 1, ("employee", "left"): 1, ("assignment", "ended"): 1}
    last, day = date(2026, 2, 14), date(2026, 2, 15)
    assert (len(desk.held("E0001", last)), desk.held("E0001", day)) == (1, [])
    assert desk.why("E0001", last) == [("到龄", "人〔2026〕2号")]
    before, after = desk.person("E0001", last), desk.person("E0001", day)
    assert (before["status"], after["status"], after["status_reason"]) == (None, "退休", "到龄")
    assert desk.proposal(LEAVING, on=LATER) == []


def test_who_comes_back_is_the_same_person_and_said_to_be_back(desk: StaffDesk) -> None:
    desk.put(LEAVING)
    assert desk.bad("工号 | 岗位\nE0001 | P0001", on=LATER) == [("2", "岗位", "P0001")]
    back = (
        "工号 | 状态 | 入职日期 | 离职日期 | 岗位 | 任职起\nE0001 | 在职 | 2026-05-01 | 2026-02-15 | P0001 | 2026-05-01"
    )
    desk.put(back, on=LATER)
    assert desk.person("E0001", LATER)["status"] == "在职"
    assert desk.held("E0001", LATER) == [("P0001", "PRIMARY", date(2026, 5, 1), FOREVER)]
    assert desk.proposal(back, on=LATER) == []


def test_what_a_person_s_rows_no_longer_name_ends_and_other_people_are_left_alone(desk: StaffDesk) -> None:
    desk.put(NEWCOMER)
    assert desk.put("工号 | 岗位 | 任职方式\nE0007 | P0002 | 主岗").done == {("assignment", "ended"): 1}
    assert [held[:2] for held in desk.held("E0007")] == [("P0002", "PRIMARY")]
    assert desk.put("工号 | 岗位\nE0007 | -", on=LATER).done == {("assignment", "ended"): 1}
    assert desk.held("E0007", LATER) == []
    assert len(desk.held("E0002", LATER)) == 1


def test_acting_seconded_and_suspended_are_kept_apart(desk: StaffDesk) -> None:
    rows = "工号 | 岗位 | 任职方式 | 停职\nE0001 | P0001 | 主岗 | 是\nE0001 | P0003 | 借调 | 否\nE0001 | P0002 | 代理 |"
    assert desk.put(rows).done == {("assignment", "suspended"): 1, ("assignment", "appointed"): 2}
    assert [held[:2] for held in desk.held("E0001")] == [
        ("P0001", "PRIMARY"),
        ("P0002", "ACTING"),
        ("P0003", "SECONDED"),
    ]
    assert desk.put(rows.replace("是", "否"), on=LATER).done == {("assignment", "resumed"): 1}


def test_a_beginning_that_turns_out_another_is_corrected_as_far_as_the_position_reaches(desk: StaffDesk) -> None:
    rows = "工号 | 姓名 | 岗位 | 任职起\nE0009 | 丁四 | P0003 | {}"
    desk.put(rows.format("2026-02-01"))
    desk.put(rows.format("2026-01-15"))
    assert desk.held("E0009") == [("P0003", "PRIMARY", date(2026, 1, 15), FOREVER)]
    done = desk.put(rows.format("2019-07-01"))
    assert desk.held("E0009", NEW_YEAR) == [("P0003", "PRIMARY", NEW_YEAR, FOREVER)]
    assert "从岗位入册之日记起" in done.notes[0].zh
    assert desk.proposal(rows.format("2019-07-01"), on=LATER) == []


BAD: dict[str, tuple[str, tuple[str, str, str]]] = {
    "an unknown department": ("工号 | 部门 | 岗位\nE0001 | 销售部 | 主任", ("2", "部门", "销售部")),
    "an unknown position": ("工号 | 部门 | 岗位\nE0001 | 办公室 | 总监", ("2", "岗位", "总监")),
    "an ambiguous position": ("工号 | 岗位\nE0001 | 专责", ("2", "岗位", "专责")),
    "a position of another department": ("工号 | 部门 | 岗位\nE0001 | 生产部 | 文秘", ("2", "岗位", "文秘")),
    "an end before the beginning": (
        "工号 | 岗位 | from | to\nE0001 | P0001 | 2026-02-02 | 2026-02-01",
        ("2", "to", "2026-02-01"),
    ),
    "a newcomer without a name": ("工号 | 岗位\nE0099 | P0001", ("2", "工号", "E0099")),
    "who has left and is here": ("工号 | 状态 | 离职日期\nE0001 | 在职 | 2026-02-01", ("2", "状态", "在职")),
    "a row without a number": ("工号 | 姓名\n | 丁四", ("2", "工号", "")),
    "another organisation": ("工号 | 单位\nE0001 | 别家公司", ("2", "单位", "别家公司")),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_row_is_told_by_its_place(desk: StaffDesk, case: str) -> None:
    rows, told = BAD[case]
    desk.clerk.apply(*({"openPosition": {"title": "专责", "department": code}} for code in ("D001", "D002")))
    assert desk.bad(rows, organisation="青溪县供电公司") == [told]


def test_all_that_is_wrong_with_a_person_is_told_at_once(desk: StaffDesk) -> None:
    rows = "工号 | 姓名 | 部门 | 岗位 | 占比\nE0007 | 丙三 | 销售部 | 主任 | 0\nE0099 |  | 办公室 | 总监 |\nE0001 | 甲一 | 办公室 | 主任 |"
    assert desk.bad(rows) == [
        ("2", "占比", "0"),
        ("2", "部门", "销售部"),
        ("3", "工号", "E0099"),
        ("3", "岗位", "总监"),
    ]


def test_good_rows_go_in_only_if_asked_and_of_a_person_all_or_none(desk: StaffDesk) -> None:
    rows = "工号 | 姓名 | 岗位 | 任职方式\nE0007 | 丙三 | P0003 | 主岗\nE0008 | 丁四 | P0003 | 主岗\nE0008 |  | 无此岗 | 兼岗"
    before = desk.clerk.counts()
    with pytest.raises(BadRows) as refusal:
        desk.put(rows)
    assert [one.path for one in refusal.value.bad] == [("staff.csv", "4", "岗位")]
    assert desk.clerk.counts() == before
    assert desk.put(rows, skip_bad=True).bad == refusal.value.bad
    assert (len(desk.held("E0007")), desk.clerk.of("employee", "E0008", DAY)) == (1, None)


def test_people_whom_the_table_leaves_out_are_told_if_asked(desk: StaffDesk) -> None:
    [note] = desk.put("工号 | 姓名\nE0001 | 甲一", complete=True).notes
    assert "1 名职工不在文件中，未作改动：E0002" in note.zh


def test_a_person_is_known_by_the_id_of_the_system_before_the_number(desk: StaffDesk) -> None:
    desk.put("工号 | 姓名 | 外部编号\nE0001 | 甲一 | 77", system="hr")
    desk.put("工号 | 姓名 | 外部编号\nE0001 | 甲一 | oa-1", system="oa")
    assert desk.person("E0001")["external_ids"] == {"hr": "77", "oa": "oa-1"}
    desk.put("外部编号 | 短号\n77 | 8001", system="hr")
    assert desk.person("E0001")["short_number"] == "8001"
    assert desk.bad("工号 | 外部编号\nE0002 | 77", system="hr") == [("2", "外部编号", "77")]
    assert desk.bad("工号 | 姓名 | 外部编号\nN1 | 甲 | 8\nN2 | 乙 | 8", system="hr") == [("3", "外部编号", "8")]
    rows = "工号 | 姓名 | 外部编号 | 岗位 | 任职方式\nN1 | 丙 | 9 | P0003 | 主岗\n | | 9 | P0002 | 兼岗"
    desk.put(rows, system="hr")
    assert len(desk.held("N1")) == 2


def test_a_number_that_lost_its_zeros_is_known_by_the_name_or_told(desk: StaffDesk) -> None:
    desk.put("工号 | 姓名\n0070 | 丙三\n0071 | 丁四")
    done = desk.put("工号 | 姓名 | 短号\n70 | 丙三 | 8001\nE0001 | 甲一 |", complete=True)
    absent, known = done.notes
    assert ("前导零" in known.zh, "0071" in absent.zh, "0070" in absent.zh) == (True, True, False)
    assert desk.person("0070")["short_number"] == "8001"
    assert desk.bad("工号 | 姓名\n71 | 丁五") == [("2", "工号", "71")]
    assert desk.bad("工号 | 姓名\n70 | 丙三\n0070 | 丙三") == [("3", "工号", "0070")]
    assert desk.proposal("工号 | 姓名\n71 | 丁五\n0071 | 丁四") == [("new", "71 丁五")]


def test_an_erased_person_is_not_imported_again(desk: StaffDesk) -> None:
    secrets, key = desk.clerk.book.tables["personal_key"], desk.clerk.key("employee", "E0001")
    desk.clerk.session.execute(delete(secrets).where(secrets.c.key == key))
    desk.clerk.session.execute(insert(secrets).values(kind="employee", key=key, secret=ERASED))
    assert desk.bad("工号 | 姓名\nE0001 | 甲一") == [("2", "工号", "E0001")]


def test_only_who_keeps_the_whole_book_imports_people(desk: StaffDesk) -> None:
    within = Actor("editor", (Grant("editor", department=desk.clerk.key("department", "D001")),))
    with pytest.raises(Forbidden):
        import_staff(desk.clerk.session, desk.clerk.book, within, table("工号 | 姓名\nE0001 | 甲一"))


def test_an_organisation_that_is_none_is_told(desk: StaffDesk) -> None:
    with pytest.raises(BadInput, match="单位"):
        desk.put("工号 | 姓名\nE0001 | 甲一", organisation="别家公司")
    assert desk.bad("工号 | 姓名 | 单位\nE0001 | 甲一 | 别家公司") == [("2", "单位", "别家公司")]


TWO = """
单位名称 | 工号 | 姓名 | 部门 | 岗位 | 任职方式 | 文号
青溪县供电公司 | E0007 | 丙三 | 办公室 | 文秘 | 主岗 | 人〔2026〕1号
O002 | E0007 | 甲七 | 办公室 | 文秘 | 主岗 | 人〔2026〕1号
O002 | E0008 | 乙八 | 办公室 | 文秘 | 主岗 |
 | E0008 | | 办公室 | P0901 | 兼岗 |
"""


def test_one_table_is_about_several_organisations_each_with_numbers_of_its_own(desk: StaffDesk) -> None:
    desk.clerk.apply(
        {"openOrganisation": {"code": "O002", "name": "红石县供电公司"}},
        {"openDepartment": {"organisation": "O002", "code": "D901", "name": "办公室"}},
        {"openPosition": {"department": "D901", "code": "P0900", "title": "文秘"}},
        {"openPosition": {"department": "D901", "code": "P0901", "title": "司机"}},
    )
    assert ("new", "O002/E0007 甲七") in desk.proposal(TWO)
    assert desk.put(TWO).done == {("document", "new"): 1, ("employee", "new"): 3, ("assignment", "appointed"): 4}
    assert {row["code"] for row in desk.clerk.in_force("employee", DAY)} >= {"E0007", "E0008"}
    assert desk.put(TWO, on=LATER).changeset is None
    wrong = "单位 | 工号 | 姓名\n青溪供电公司 | E0001 | 甲一\nO002 | E0008 | 乙八\n | E0002 | 乙二\nO01 | E0002 | 乙二\n- | E9 | 丁"
    assert desk.bad(wrong) == [("2", "单位", "青溪供电公司"), ("6", "单位", "-")]
    assert desk.bad(wrong, organisation="O002")[:2] == [("2", "单位", "青溪供电公司"), ("5", "单位", "O01")]


def statements(desk: StaffDesk, count: int) -> int:
    """How many statements it takes to import so many people and publish them."""
    said: list[str] = []
    rows = [
        {"工号": f"N{count}-{n}", "姓名": f"职工{n}", "邮箱": "x", "岗位": "P0003", "事由": "招聘"}
        for n in range(count)
    ]
    connection = desk.clerk.session.connection()

    def note(*given: Any) -> None:
        said.append(given[2])

    event.listen(connection, "before_cursor_execute", note)
    desk.put(rows)
    assert desk.proposal(rows) == []
    event.remove(connection, "before_cursor_execute", note)
    return len(said)


def test_many_people_take_no_more_statements_than_a_few(desk: StaffDesk) -> None:
    desk.put([{"工号": "N", "姓名": "先来", "岗位": "P0003"}])
    assert statements(desk, 5) == statements(desk, 150)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_ten_thousand_people_are_proposed_once(desk: StaffDesk) -> None:
    out = io.StringIO()
    write(generate(10, 100, 0, 10_000, 1), out, ".csv")
    lines = out.getvalue().splitlines()
    posts = sorted({(cells[9], cells[10]) for cells in (line.split(",") for line in lines[1:])})
    codes = {name: f"D1{at:02}" for at, name in enumerate(sorted({name for name, _ in posts}))}
    homes = [{"openDepartment": {"name": name, "code": code}} for name, code in codes.items()]
    desk.clerk.apply(*homes, *({"openPosition": {"title": title, "department": codes[name]}} for name, title in posts))
    data = "\n".join(lines).encode()
    assert desk.put(data).done == {("employee", "new"): 10_000, ("assignment", "appointed"): 10_000}
    again = desk.put(data, on=LATER)
    assert (again.changeset, again.agreeing) == (None, {"employee": 10_000, "assignment": 10_000})
