"""The demo company has the shape of a real one, in words of its own."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dutybook.book.involvement import involvement
from dutybook.demo.company import Company, company, read_company, read_yaml
from dutybook.demo.history import history
from dutybook.demo.people import EMPLOYEES, SEED, people, staff
from dutybook.errors import BadInput

SEED_TEXTS = Path(__file__).parents[2].parent / "shared" / "seeds"


def duties() -> list[str]:
    return [text for _, position in company().positions() for text in position.duties]


def letters(text: str) -> str:
    return re.sub(r"\W", "", text)


def own_sentences() -> Iterator[str]:
    yield from (text for text in duties() if involvement(text) != "CATCH_ALL")
    yield from (section.text for _, position in company().positions() for section in position.sections)
    yield from said_texts(step.changes for step in history()[2:])


def said_texts(value: Any) -> Iterator[str]:
    if isinstance(value, str) and len(value) >= 10:
        yield value
    elif isinstance(value, dict):
        yield from said_texts(value.values())
    elif not isinstance(value, str) and hasattr(value, "__iter__"):
        for part in value:
            yield from said_texts(part)


def plain_company() -> Any:
    data: dict[str, Any] = read_yaml("company.yaml")
    return data


def test_the_company_has_3_categories_16_departments_and_92_positions() -> None:
    assert company().categories == ("机关类", "生产类", "经营服务类")
    assert len(company().departments) == 16
    assert len(list(company().positions())) == 92


def test_every_position_has_4_to_9_duties_of_its_own() -> None:
    assert all(4 <= len(position.duties) <= 9 for _, position in company().positions())
    assert len(duties()) >= 450
    lists = [position.duties for _, position in company().positions()]
    assert len(set(lists)) == 92


def test_codes_are_unique_and_names_are_unique_where_they_stand() -> None:
    departments = company().departments
    codes = [d.code for d in departments] + [p.code for _, p in company().positions()]
    assert len(set(codes)) == len(codes)
    assert len({d.name for d in departments}) == 16
    assert all(len({p.title for p in d.positions}) == len(d.positions) for d in departments)


def test_the_same_titles_occur_in_several_departments_and_some_are_printed_with_their_deputy() -> None:
    titles = Counter(position.title for _, position in company().positions())
    assert min(titles["主任"], titles["副主任"]) >= 5
    assert titles["办公室工作员"] >= 2
    assert sum("（副" in title for title in titles) >= 5


def test_superiors_come_first_so_that_the_book_can_be_opened_in_file_order() -> None:
    seen: set[str | None] = {None}
    for department in company().departments:
        assert department.parent in seen
        seen.add(department.code)
        for position in department.positions:
            assert {position.reports_to, position.deputy_of} <= seen
            seen.add(position.code)


def test_departments_hang_together_in_a_tree_of_four_kinds() -> None:
    departments = company().departments
    assert {d.kind for d in departments} == {"职能部室", "二级单位", "站所", "班组"}
    assert sum(d.parent is not None for d in departments) >= 3


def test_at_least_20_positions_have_sections_beside_their_duties() -> None:
    assert sum(bool(position.sections) for _, position in company().positions()) >= 20


def test_duties_open_with_every_kind_of_involvement() -> None:
    kinds = Counter(involvement(text) for text in duties())
    assert all(kinds[name] >= 30 for name in ("ACCOUNTABLE", "RESPONSIBLE", "SUPERVISE", "ASSIST", "PARTICIPATE"))
    assert 50 <= kinds["CATCH_ALL"] <= 80


def test_line_loss_is_claimed_in_several_departments_with_different_involvement() -> None:
    claims = [(d.code, involvement(t)) for d, p in company().positions() for t in p.duties if "线损" in t]
    assert len(claims) >= 10
    assert len({code for code, _ in claims}) >= 6
    assert len({kind for _, kind in claims}) >= 5


def test_no_sentence_is_long_or_said_more_than_twice() -> None:
    sentences = Counter(text for text in duties() if involvement(text) != "CATCH_ALL")
    assert max(sentences.values()) <= 2
    assert max(map(len, sentences)) <= 80


@pytest.mark.skipif(not SEED_TEXTS.is_dir(), reason="the seed text is not beside this checkout")
def test_nothing_is_copied_from_the_seed_text() -> None:
    seed = "".join(path.read_text("utf-8") for path in SEED_TEXTS.glob("*.txt"))
    sentences = {letters(part) for part in re.split(r"[。；;\n]", seed)}
    runs = letters(seed)
    for own in map(letters, own_sentences()):
        assert own not in sentences
        assert not [own[at : at + 14] for at in range(len(own) - 13) if own[at : at + 14] in runs]


def test_300_people_leave_at_least_15_seats_vacant_and_none_overfilled() -> None:
    taken = Counter(a.position for a in staff().assignments if a.kind == "PRIMARY")
    vacancies = {position.code: position.headcount - taken[position.code] for _, position in company().positions()}
    assert len(staff().employees) == EMPLOYEES == taken.total()
    assert min(vacancies.values()) >= 0
    assert sum(vacancies.values()) >= 15


def test_every_department_but_one_is_led_and_that_one_has_an_acting_head() -> None:
    led = {(a.position, a.kind) for a in staff().assignments}
    unled = [d.head.code for d in company().departments if (d.head.code, "PRIMARY") not in led]
    assert len(unled) == 1
    assert (unled[0], "ACTING") in led


def test_people_hold_every_kind_of_assignment_and_never_more_than_their_whole_time() -> None:
    assignments = staff().assignments
    assert {a.kind for a in assignments} == {"PRIMARY", "CONCURRENT", "ACTING", "SECONDED"}
    assert sum(a.suspended for a in assignments) >= 3
    shares = Counter[str]()
    for a in assignments:
        shares[a.employee] += a.share if a.kind in {"PRIMARY", "CONCURRENT"} else 0
    assert set(shares.values()) == {100}


def test_people_are_the_same_every_time_and_reachable_nowhere() -> None:
    assert people(company(), EMPLOYEES, SEED) == staff()
    assert people(company(), EMPLOYEES, SEED + 1) != staff()
    assert all(e.email.endswith(".invalid") and e.office_phone.startswith("0000-") for e in staff().employees)
    assert [e.number for e in staff().employees] == [f"E{n:04}" for n in range(1, EMPLOYEES + 1)]


def test_a_company_file_that_names_nobody_is_refused_with_the_place() -> None:
    data = plain_company()
    data["departments"][0]["positions"][1]["reports_to"] = "董事长"
    with pytest.raises(BadInput, match="综合办公室/副主任提到“综合办公室/董事长”"):
        read_company(data)


def test_a_company_file_with_a_misspelt_field_is_refused_with_the_known_ones() -> None:
    data = plain_company()
    data["departments"][0]["positions"][0]["headcuont"] = 2
    with pytest.raises(BadInput, match=r"headcuont.*headcount"):
        read_company(data)


def test_a_company_can_be_read_from_edited_plain_data() -> None:
    data = plain_company()
    data["departments"] = data["departments"][:1]
    first = replace(company(), departments=company().departments[:1])
    assert isinstance(read_company(data), Company)
    assert read_company(data) == first
