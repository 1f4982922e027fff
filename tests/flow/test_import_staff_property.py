"""Whatever two tables say one after the other: the book says what the last one says, and neither proposes anything again."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from dutybook.book.times import FOREVER
from dutybook.services.book import Book
from tests.flow.clerk import undone
from tests.flow.staff_desk import StaffDesk

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
"""What is looked for here is the same on both databases."""

FIRST, SECOND = date(2025, 6, 1), date(2026, 3, 1)
KINDS = {"主岗": "PRIMARY", "兼岗": "CONCURRENT", "代理": "ACTING", "借调": "SECONDED"}
SEATS = ("P0001", "P0002", "P0003")
DAYS = [date(2025, 2, 1), date(2025, 4, 1), FIRST, date(2025, 9, 1), date(2026, 1, 1), SECOND, date(2027, 1, 1)]
Row = Mapping[str, Any]


def optional(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.just(""), values)


@st.composite
def people(draw: st.DrawFn) -> list[Row]:
    """All rows of some people, in any order; dates of one row do not contradict each other."""
    rows: list[Row] = []
    for number in draw(st.lists(st.sampled_from(["E0001", "E0002", "N1", "N2"]), min_size=1, unique=True)):
        rows += draw(person(number))
    return draw(st.permutations(rows))


@st.composite
def person(draw: st.DrawFn, number: str) -> list[Row]:
    """One person: fields in the first row, a position in each, at most one of them primary; who leaves holds none."""
    fields = {
        "姓名": f"职工{number}",
        "短号": draw(st.sampled_from(["", "8001", "8002", "-"])),
        "用工性质": draw(st.sampled_from(["", "合同制", "派遣"])),
    }
    if draw(st.integers(0, 5)) == 0:
        leaving = {
            "状态": "离职",
            "离职日期": draw(optional(st.sampled_from(DAYS))),
            "事由": draw(st.sampled_from(["", "辞职"])),
        }
        return [{"工号": number, **fields, **leaving}]
    places = draw(st.lists(st.tuples(st.sampled_from(SEATS), st.sampled_from([*KINDS][1:])), max_size=2, unique=True))
    places += [(seat, "主岗") for seat in draw(st.lists(st.sampled_from(SEATS), max_size=1))]
    rows = [{"工号": number, **draw(tenure(seat, kind))} for seat, kind in places]
    return [{"工号": number, "状态": "在职", **fields, **(rows[0] if rows else {})}, *rows[1:]]


@st.composite
def tenure(draw: st.DrawFn, seat: str, kind: str) -> Row:
    start = draw(optional(st.sampled_from(DAYS)))
    later = [day for day in DAYS if start and day > start]
    return {
        "岗位": seat,
        "任职方式": kind,
        "任职起": start,
        "任职止": draw(optional(st.sampled_from(later))) if later else "",
        "占比": draw(optional(st.integers(2, 100))),
        "停职": draw(st.sampled_from(["", "是", "否"])),
        "事由": draw(st.sampled_from(["", "轮岗"])),
        "文号": draw(st.sampled_from(["", "人〔2026〕1号", "人〔2026〕2号"])),
    }


@settings(max_examples=25, derandomize=True, deadline=None, phases=[Phase.generate])
@given(first=people(), second=people())
def test_the_book_says_what_the_last_table_says(company: Book, first: list[Row], second: list[Row]) -> None:
    with undone(company) as clerk:
        desk = StaffDesk(clerk)
        for rows, day in ((first, FIRST), (second, SECOND)):
            done = desk.put(rows, on=day, skip_bad=True)
            assert desk.proposal(rows, on=day, skip_bad=True) == []
            assert desk.proposal(rows[::-1], on=day, skip_bad=True) == []
            spoilt = {rows[one.row - 2]["工号"] for one in done.bad}
            told = defaultdict(list)
            for row in rows:
                told[row["工号"]].append(row)
            for number in told.keys() - spoilt:
                agrees(desk, number, told[number], day)


def agrees(desk: StaffDesk, number: str, rows: list[Row], day: date) -> None:
    """The book says of a person what the rows say."""
    person, said = (
        desk.person(number, max(day, date(2025, 6, 1))),
        {name: row[name] for row in rows for name in row if row[name]},
    )
    assert person["name"] == said["姓名"]
    assert "短号" not in said or person["short_number"] == (None if said["短号"] == "-" else said["短号"])
    assert "用工性质" not in said or person["employment_type"] == said["用工性质"]
    held = {(seat, kind): (start, end) for seat, kind, start, end in desk.held(number, day)}
    if said.get("状态") == "离职":
        assert held == {} or (said.get("离职日期") and said["离职日期"] > day)
        return
    named = [row for row in rows if row.get("岗位")]
    current = [row for row in named if (row["任职起"] or day) <= day < (row["任职止"] or FOREVER)]
    coming = [row for row in named if (row["任职起"] or day) > day]
    staying = {(seat, kind) for (seat, kind), (_, end) in held.items() if _gives_way(seat, kind, end, coming)}
    told = {(row["岗位"], KINDS[row["任职方式"]]) for row in current}
    assert not named or (told <= held.keys() and held.keys() - told <= staying)
    for row in current:
        start, end = held[row["岗位"], KINDS[row["任职方式"]]]
        assert (start, end) == (row["任职起"] or start, row["任职止"] or end)


def _gives_way(seat: str, kind: str, end: date, coming: list[Row]) -> bool:
    """Whether something lasts until what the rows say comes instead of it."""
    primary = kind == "PRIMARY"
    return any(
        end == row["任职起"] and (row["岗位"] == seat or (primary and row["任职方式"] == "主岗")) for row in coming
    )
