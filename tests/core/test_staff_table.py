"""Staff tables are read as people see them, whatever form they come in, and what is wrong is told by its place."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import pytest

from dutybook.catalogue.staff_rows import BadRow, Person, read_rows, staff_of
from dutybook.catalogue.staff_table import OLE, read_sheets
from dutybook.errors import BadInput, Message
from tests.core.workbooks import Cell, packed, placed, sheet, workbook

HEADER = ["工号", "姓名", "入职日期", "部门", "岗位", "占比"]
ROW = ["0012", "甲一", "2026/3/1", "办公室", "主任", "50%"]


def csv(*rows: list[str]) -> bytes:
    return "\n".join(",".join(row) for row in rows).encode()


class Staff(NamedTuple):
    people: Sequence[Person]
    bad: Sequence[BadRow]
    notes: Sequence[Message]


def read(data: bytes, system: str | None = None, **ignored: str) -> Staff:
    """A table of one organisation."""
    rows = read_rows("s", read_sheets("s", data), ignored, system)
    staff = staff_of(rows.rows, rows.bad)
    return Staff(staff.people, [*rows.bad, *staff.bad], rows.notes)


def said(staff: Staff) -> list[dict[str, Any]]:
    return [dict(row.said) for person in staff.people for row in person.rows]


SAID = {
    "number": "0012",
    "name": "甲一",
    "entered_on": "2026-03-01",
    "department": "办公室",
    "position": "主任",
    "share": 50,
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_of_any_encoding_says_the_same(encoding: str) -> None:
    assert said(read(csv(HEADER, ROW).decode().encode(encoding))) == [SAID]


def test_a_workbook_says_the_same_in_cells_of_other_types_and_on_several_sheets() -> None:
    cells: list[Cell] = ["0012", "甲一", date(2026, 3, 1), "办公室", "主任", 0.5]
    titled: list[list[Cell]] = [["职工花名册", None], [], [*HEADER], cells]
    found = read(
        workbook(
            {"岗位": [["部门", "岗位"], ["办公室", "主任"]], "甲": titled, "乙": [[*HEADER], [1024.0, *cells[1:5], 1]]}
        )
    )
    assert said(found) == [SAID, {**SAID, "number": "1024", "share": 100}]
    assert [person.rows[0].number for person in found.people] == [4, 2]
    [note] = found.notes
    assert "工作表「岗位」没有含工号的表头" in note.zh


@pytest.mark.parametrize("header", ["员工编号（必填）", "Employee No", "NUMBER", "工 号*"])
def test_columns_go_by_many_names_in_any_order(header: str) -> None:
    assert said(read(csv(["姓名", header], ["甲一", "1"]))) == [{"number": "1", "name": "甲一"}]


@pytest.mark.parametrize(
    "day", ["2026-03-01", "2026/3/1", "2026.3.1", "2026.3", "20260301", "2026年3月1日", "２０２６年３月"]
)
def test_days_are_written_in_many_ways(day: str) -> None:
    assert said(read(csv(["工号", "入职日期"], ["1", day]))) == [{"number": "1", "entered_on": "2026-03-01"}]


PRINTED: list[list[str | float | None]] = [
    ["职工花名册", None, None, None, None, None, None],
    ["工号", "姓名", "任职情况", None, None, None, "办公电话"],
    [None, None, "部门编号", "部门名称", "岗位", "任职方式", None],
    ["工号", "姓名", "部门编号", "部门名称", "岗位", "任职方式", "办公电话"],
    [10001.0, "张　三", "D01", "办公室", "主任", "主岗", "０１０-８００１"],
    [],
    [None, None, None, "办公室", "文秘", "兼岗", None],
    ["合计", 1, None, None, None, None, None],
]


def test_a_printed_list_is_read_with_its_merged_cells_second_header_sums_and_spaces() -> None:
    found = read(placed(PRINTED, "A1:G1", "A2:A3", "B2:B3", "C2:F2", "G2:G3", "A5:A7", "B5:B7", "C5:C6"))
    [person] = found.people
    assert (person.number, person.values) == ("10001", {"name": "张三", "office_phone": "010-8001"})
    held = [(row.number, row.said.get("department"), row.said["position"]) for row in person.tenures]
    assert held == [(5, "D01", "主任"), (7, "办公室", "文秘")]


WRITTEN = {
    "semicolons and a mark": "\ufeff工号;姓名;备注\n0012;甲一;a,b\n".encode(),
    "a line that says so": "sep=|\n工号/number|姓名 Name\n0012|甲一\n".encode(),
    "digits that are shielded": '工号,姓名\n="0012",甲一\n'.encode("gbk"),
    "an apostrophe": "工号,姓名\n'0012,甲一\n".encode("gbk"),
    "marks that nobody sees": "工号\t姓名\n\u202d００１２\u202c \t甲　一\u200b\n".encode("utf-16"),
    "two rows of header": "工号,基本信息,\n,姓名,备注\n0012,甲一,\n0012,甲一,\n\n".encode(),
}


@pytest.mark.parametrize("form", WRITTEN)
def test_csv_is_written_in_many_ways(form: str) -> None:
    assert said(read(WRITTEN[form])) == [{"number": "0012", "name": "甲一"}]


UNSURE: dict[str, tuple[bytes, str]] = {
    "a number that lost digits": (placed([["工号"], [12345678901234567]]), "last digits were lost"),
    "a phone that lost digits": (csv(["工号", "电话"], ["1", "1.38E+10"]), "last digits were lost"),
    "a formula that failed": (placed([["工号", "岗位"], ["1", "#N/A"]]), "a formula failed"),
    "October or January": (placed([["工号", "入职日期"], ["1", 2026.1]]), "January or October"),
    "a year of two digits": (csv(["工号", "入职日期"], ["1", "26/3/1"]), "write it like 2026-03-01"),
}


@pytest.mark.parametrize("case", UNSURE)
def test_what_may_be_something_else_is_not_guessed(case: str) -> None:
    data, why = UNSURE[case]
    [bad] = read(data).bad
    assert (bad.row, why in bad.message(quoting=True).en) == (2, True)


def test_an_end_that_is_not_in_sight_is_none_and_an_hour_does_not_matter() -> None:
    rows = [["1", "x", "2026-03-01 08:30:00", "至今"], ["2", "x", "2026 年 3 月 1 日", "长期"]]
    days = [(row["from"], row["to"]) for row in said(read(csv(["工号", "岗位", "任职起", "任职止"], *rows)))]
    assert days == [("2026-03-01", None)] * 2


def test_a_last_day_is_the_day_before_an_end() -> None:
    by_end = read(csv(["工号", "岗位", "任职止"], ["1", "主任", "2026-04-01"])).people[0].rows[0]
    by_last = read(csv(["工号", "岗位", "任职末日"], ["1", "主任", "2026-03-31"])).people[0].rows[0]
    assert by_end.day("to") == by_last.day("last") == date(2026, 4, 1)
    [bad] = read(csv(["工号", "岗位", "任职末日"], ["1", "主任", "9999-12-31"])).bad
    assert "leave the cell empty" in bad.message(quoting=True).en


def test_an_empty_cell_says_nothing_and_a_dash_clears() -> None:
    assert said(read(csv(["工号", "短号", "邮箱"], ["1", "", "-"]))) == [{"number": "1", "email": None}]


def test_every_bad_cell_is_told_with_sheet_row_column_value_and_the_way_out() -> None:
    rows = [["1", "甲", "2026-02-30", "x", "y", "50"], ["2", "乙", "", "x", "y", "101"], ["", "丙", "", "", "", ""]]
    found = read(csv(HEADER, *rows, ["4", "丁", "", "", "", ""]))
    assert [(one.path, one.value) for one in found.bad] == [
        (("s", "2", "入职日期"), "2026-02-30"),
        (("s", "3", "占比"), "101"),
        (("s", "4", "工号"), ""),
    ]
    message = found.bad[0].message(quoting=True)
    assert "第 2 行「入职日期」的值「2026-02-30」" in message.zh
    assert "write it like 2026-03-01" in message.en
    assert "2026-02-30" not in found.bad[0].message(quoting=False).zh
    assert [person.number for person in found.people] == ["4"]


CONTRADICTORY = {
    "another name": (["1", "甲", "", "", "", ""], ["1", "乙", "", "", "", ""], "姓名"),
    "a second primary": (["1", "甲", "", "x", "y", ""], ["1", "", "", "x", "z", ""], "岗位"),
}


@pytest.mark.parametrize("case", CONTRADICTORY)
def test_rows_of_one_number_that_contradict_each_other_leave_the_person_out(case: str) -> None:
    *rows, column = CONTRADICTORY[case]
    found = read(csv(HEADER, *[list(row) for row in rows]))
    assert ([one.path for one in found.bad], found.people) == ([("s", "3", column)], [])


def test_unknown_and_ignored_columns_are_told() -> None:
    found = read(csv(["工号", "姓名", "星座"], ["1", "甲", "天秤"]), name="hr")
    assert said(found) == [{"number": "1"}]
    assert ["星座" in note.zh or "以系统 hr 为准" in note.zh for note in found.notes] == [True, True]


BAD = {
    "no header": (csv(["甲", "乙"], ["1", "2"]), "no header row"),
    "no number": (csv(["姓名", "部门"], ["甲", "x"]), "lacks the column number"),
    "a column twice": (csv(["工号", "姓名", "name"], ["1", "甲", "甲"]), "are one column"),
    "an open quote": ('工号,姓名\n1,"甲'.encode(), "not whole CSV from row 2"),
    "nothing": (b"\n", "is empty"),
    "a locked workbook": (OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
    "a web page": (b"<html><table><tr><td>1", "a web page or XML"),
    "broken zip": (b"PK\x03\x04 and nothing more", "cannot be read as a spreadsheet"),
    "another zip": (packed({})[:-60] + b"\0" * 60, "cannot be read as a spreadsheet"),
    "an image": (b"\x89PNG\r\n\x1a\n\0\0", "PNG"),
    "a bomb": (packed({"a": sheet("<row><c><v>1</v></c></row>" + " " * 60_000_000)}), "unpack to"),
    "a sheet that claims to be huge": (
        packed({"a": sheet('<row><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')}),
        "more memory or time",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_table_is_refused_before_it_does_harm(case: str) -> None:
    data, told = BAD[case]
    with pytest.raises(BadInput) as refusal:
        read(data)
    assert told in refusal.value.message.en
