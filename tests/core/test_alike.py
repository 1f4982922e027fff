"""Alike positions are found by what they say, and the suggestion tells what speaks for it."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dutybook.book.involvement import involvement
from dutybook.catalogue.alike import Holder, Item, Suggestion, suggestion, suggestions, title_key
from dutybook.catalogue.likeness import plain
from dutybook.catalogue.read import read_file

LAST = "完成领导交办的其他工作。"
LISTS = [
    ("安全员", ["组织安全检查;", "填报安全报表;", LAST]),
    ("安全员(兼)", ["组织安全检查。", "按时填报安全报表;", LAST]),
    ("安全员", ["组织安全检查;", "填报安全报表;", "管理工器具;", LAST]),
    ("安全员", ["编写新闻稿件;", LAST]),
]


def holders(lists: Sequence[tuple[str, Sequence[str]]]) -> list[Holder]:
    """Positions with keys 0, 1, … whose duties have keys 0, 1, … in each hundred."""
    return [
        Holder(key, title, [item(100 * key + at, text) for at, text in enumerate(texts)])
        for key, (title, texts) in enumerate(lists)
    ]


def item(key: int, text: str) -> Item:
    return Item(key, text, plain(text), plain(text), involvement(text) == "CATCH_ALL")


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("安全员(兼)", "安全员"),
        ("运行一班班长", "运行二班班长"),
        ("3号站值班员", "12 号站值班员"),
        ("安全员（兼）", "安全员"),
    ],
)
def test_titles_are_alike_but_for_brackets_and_the_numbers_of_teams(title: str, other: str) -> None:
    assert title_key(title) == title_key(other)


@pytest.mark.parametrize(("title", "other"), [("主任", "副主任"), ("第一书记", "书记"), ("(兼)", "(代)")])
def test_titles_that_mean_another_post_are_not_alike(title: str, other: str) -> None:
    assert title_key(title) != title_key(other)


def test_alike_positions_are_one_suggestion_with_what_is_shared_and_how_far() -> None:
    [found] = suggestions(holders(LISTS))
    assert (found.title, found.positions) == ("安全员", [0, 1, 2])
    assert [(one.model.text, one.is_proposed, [it.percent for it in one.occurrences]) for one in found.duties] == [
        ("组织安全检查;", True, [100, 100, 100]),
        ("填报安全报表;", True, [100, 85, 100]),
        (LAST, False, [100, 100, 100]),
    ]
    assert (found.same, found.near, found.total, found.least, found.score) == (5, 1, 7, 85, 83)


def test_what_names_any_other_work_is_the_standards_only_where_nothing_stands_behind_it() -> None:
    assert [one.model.text for one in suggestion(holders(LISTS[:2])).proposed][-1] == LAST
    assert [one.is_proposed for one in suggestion(holders([LISTS[0], LISTS[3]])).duties] == [False]


texts = st.sampled_from(["甲项工作负责到底", "乙项工作负责到底", "丙项检查按时完成", "主持会议", LAST])


@given(st.lists(st.tuples(st.sampled_from(["安全员", "班长"]), st.lists(texts, max_size=5)), max_size=6))
def test_a_duty_is_in_at_most_one_place_and_a_position_in_at_most_one_group(lists: list[tuple[str, list[str]]]) -> None:
    made = holders(lists)
    found: list[Suggestion] = [*suggestions(made), *([suggestion(made)] if made else [])]
    groups = [position for one in found[:-1] for position in one.positions]
    assert len(groups) == len(set(groups))
    for one in found:
        duties = [it.duty for shared in one.duties for it in shared.occurrences]
        assert len(duties) == len(set(duties))
        assert all(it.duty // 100 == it.position for shared in one.duties for it in shared.occurrences)
        assert 0 <= one.score <= 100
        assert one.same + one.near <= one.total


def test_of_the_real_roster_the_office_clerks_the_deputy_engineers_and_the_operators_are_alike(shared: Path) -> None:
    [file] = (shared / "seeds").glob("000_*.txt")
    positions = [
        (position.title, [duty.text for duty in position.duties])
        for category in read_file(file).catalogues[0].categories
        for department in category.departments
        for position in department.positions
    ]
    found = sorted(suggestions(holders(positions)), key=lambda one: -one.score)
    assert [(one.title, len(one.positions), one.score, one.same, one.near, one.total) for one in found] == [
        ("办公室工作员", 3, 94, 8, 4, 12),
        ("副主任工程师", 2, 92, 2, 8, 10),
        ("运行值班员", 2, 57, 4, 2, 10),
    ]
