"""Synthetic companies have exactly the size asked for and are the same for the same seed."""

import io
import json
import tracemalloc
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dutybook.demo.generate import Synthetic, generate, write
from dutybook.errors import BadInput


def written(company: Synthetic, suffix: str) -> str:
    out = io.StringIO()
    write(company, out, suffix)
    return out.getvalue()


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 90), st.integers(1, 200), st.integers(0, 900), st.integers(0, 300), st.integers())
def test_every_size_is_exact(departments: int, positions: int, duties: int, employees: int, seed: int) -> None:
    company = generate(departments, positions, duties, employees, seed)
    made = list(company.departments())
    assert len(made) == departments
    assert sum(len(d.positions) for d in made) == positions
    assert sum(len(p.duties) for d in made for p in d.positions) == duties
    assert len(list(company.staff())) == employees


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    for suffix in (".txt", ".json"):
        assert written(generate(30, 100, 500, 200, 7), suffix) == written(generate(30, 100, 500, 200, 7), suffix)
        assert written(generate(30, 100, 500, 200, 7), suffix) != written(generate(30, 100, 500, 200, 8), suffix)


def test_names_and_titles_do_not_repeat_where_they_would_be_confused() -> None:
    company = generate(700, 14_000, 14_000, 0, 1)
    departments = list(company.departments())
    assert len({d.name for d in departments}) == 700
    assert all(len({p.title for p in d.positions}) == len(d.positions) for d in departments)


def test_titles_do_not_run_out_in_a_large_department() -> None:
    (department,) = generate(1, 400, 0, 0, 1).departments()
    assert len({position.title for position in department.positions}) == 400


def test_people_of_one_department_have_different_names_and_fit_its_seats() -> None:
    company = generate(5, 10, 0, 1_000, 3)
    homes = {p.code: d.code for d in company.departments() for p in d.positions}
    staff = list(company.staff())
    assert len({(homes[a.position], e.name) for e, a in staff}) == 1_000
    taken = Counter(a.position for _, a in staff)
    assert all(taken[p.code] <= p.headcount for d in company.departments() for p in d.positions)


def test_the_duties_of_a_post_differ_from_each_other() -> None:
    for department in generate(20, 200, 2_000, 0, 5).departments():
        assert all(len(set(position.duties)) == len(position.duties) for position in department.positions)


def test_the_tree_has_all_kinds_and_every_parent_stands_before_its_children() -> None:
    seen: set[str | None] = {None}
    departments = list(generate(400, 400, 0, 0, 1).departments())
    for department in departments:
        assert department.parent in seen
        seen.add(department.code)
    assert {d.kind for d in departments} == {"职能部室", "二级单位", "站所", "班组"}


def test_reporting_lines_lead_to_the_head_and_from_there_upwards() -> None:
    departments = {d.code: d for d in generate(60, 180, 0, 0, 1).departments()}
    for department in departments.values():
        above = departments[department.parent].head.code if department.parent else None
        assert department.head.reports_to == above
        assert {p.reports_to for p in department.positions[1:]} == {department.head.code}


def test_the_printed_catalogue_names_each_chapter_once_and_numbers_its_lists() -> None:
    lines = written(generate(60, 120, 600, 0, 2), ".txt").splitlines()
    assert [line for line in lines if line.endswith("类")] == ["一、机关类", "二、生产类", "三、经营服务类"]
    assert sum(line.endswith("岗位职责") for line in lines) == 120
    assert lines[6].startswith("（一）")
    assert sum(line[0].isdigit() for line in lines if line) == 600


def test_json_lines_tell_every_record_by_its_kind() -> None:
    records = [json.loads(line) for line in written(generate(4, 8, 16, 12, 2), ".json").splitlines()]
    assert Counter(r["record"] for r in records) == {
        "organisation": 1,
        "department": 4,
        "employee": 12,
        "assignment": 12,
    }


@pytest.mark.parametrize(("sizes", "named"), [((-1, 0, 0, 0), "departments"), ((1, 0, 5, 0), "positions")])
def test_sizes_that_cannot_be_are_refused(sizes: tuple[int, int, int, int], named: str) -> None:
    with pytest.raises(BadInput, match=named):
        generate(*sizes, seed=1)


def test_a_large_company_is_written_without_being_held() -> None:
    company = generate(400, 10_000, 20_000, 10_000, 1)
    tracemalloc.start()
    made = sum(1 for _ in company.departments()) + sum(1 for _ in company.staff())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert made == 10_400
    assert peak < 5_000_000
