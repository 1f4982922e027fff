"""Staff tables are read as people see them, whatever form they come in, and what is wrong is told by its place."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import pytest

from dutybook.catalogue.staff_rows import BadRow, Person, read_rows, staff_of
from dutybook.catalogue.staff_table import read_sheets
from dutybook.errors import BadInput, Message
from tests.core.workbooks import Cell, packed, sheet, workbook

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
    "an open quote": ('工号,姓名\n1,"甲'.encode(), "not whole CSV"),
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
