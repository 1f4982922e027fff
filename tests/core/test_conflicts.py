"""A conflict is the same field on overlapping days, changed since the base; all else merges."""

from datetime import date

import pytest
from hypothesis import given

from dutybook.book.changes import CLOSE, OPEN, RESCIND, SET, Change
from dutybook.book.conflicts import Conflict, conflicts
from dutybook.book.kinds import Value
from dutybook.book.timeline import Timeline
from tests.core.timelines import days, texts, timelines

JANUARY, MARCH, JUNE, SEPTEMBER, DECEMBER = (date(2025, month, 1) for month in (1, 3, 6, 9, 12))
BASE = Timeline().open({"title": "文秘", "grade": "9"}, JANUARY)


def change(verb: str, day: date, end: date | None = None, *, names: tuple[str, ...] = (), **values: Value) -> Change:
    return Change(verb, "position", 1, day, end, values=values, names=names)


def found(mine: Change, theirs: Change, base: Timeline = BASE) -> list[Conflict]:
    return list(conflicts(mine, base, theirs.apply(base)))


def collisions(mine: Change, theirs: Change, base: Timeline = BASE) -> list[tuple[str, Value, Value, Value]]:
    return [(c.attribute, c.base, c.theirs, c.mine) for c in found(mine, theirs, base)]


def test_two_values_for_one_field_collide_and_both_are_named() -> None:
    mine, theirs = change(SET, MARCH, title="主任"), change(SET, MARCH, title="科长")
    assert found(mine, theirs) == [Conflict("position", 1, MARCH, "title", "文秘", "科长", "主任")]


def test_different_fields_merge() -> None:
    assert found(change(SET, MARCH, title="主任"), change(SET, MARCH, grade="10")) == []


def test_equal_values_do_not_collide() -> None:
    assert found(change(SET, MARCH, title="主任"), change(SET, MARCH, title="主任")) == []


def test_only_the_fields_that_differ_collide() -> None:
    mine, theirs = change(SET, MARCH, title="主任", grade="10"), change(SET, MARCH, title="科长", grade="10")
    assert collisions(mine, theirs) == [("title", "文秘", "科长", "主任")]


@pytest.mark.parametrize(
    ("mine", "theirs", "collide"),
    [
        ((MARCH, JUNE), (JUNE, SEPTEMBER), False),
        ((JUNE, SEPTEMBER), (MARCH, JUNE), False),
        ((MARCH, SEPTEMBER), (JUNE, DECEMBER), True),
        ((MARCH, DECEMBER), (JUNE, SEPTEMBER), True),
        ((JUNE, None), (MARCH, JUNE), False),
        ((JUNE, None), (MARCH, None), True),
        ((MARCH, None), (JUNE, None), True),
    ],
)
def test_sets_collide_only_where_their_days_overlap(
    mine: tuple[date, date | None], theirs: tuple[date, date | None], collide: bool
) -> None:
    assert bool(found(change(SET, *mine, title="主任"), change(SET, *theirs, title="科长"))) is collide


def test_days_that_a_later_step_of_the_same_field_takes_over_do_not_collide() -> None:
    base = change(SET, JUNE, title="副主任").apply(BASE)
    assert found(change(SET, MARCH, title="主任"), change(SET, SEPTEMBER, title="科长"), base) == []


def test_a_set_collides_with_an_end_before_it() -> None:
    mine, theirs = change(SET, JUNE, title="主任"), change(CLOSE, MARCH)
    assert collisions(mine, theirs) == [("validTo", "9999-12-31", None, None)]
    assert found(change(SET, MARCH, title="主任"), change(CLOSE, JUNE)) == []


def test_a_set_for_a_time_collides_with_an_end_within_that_time() -> None:
    assert collisions(change(SET, MARCH, SEPTEMBER, title="主任"), change(CLOSE, JUNE)) == [
        ("validTo", "9999-12-31", "2025-06-01", None)
    ]
    assert found(change(SET, MARCH, JUNE, title="主任"), change(CLOSE, JUNE)) == []


def test_a_set_merges_with_an_end_that_others_took_back() -> None:
    base = change(CLOSE, JUNE).apply(BASE)
    assert found(change(SET, MARCH, title="主任"), change(RESCIND, JUNE, names=("@closing",)), base) == []


def test_an_end_collides_with_a_set_behind_it_that_it_would_wipe_out() -> None:
    assert collisions(change(CLOSE, JUNE), change(SET, SEPTEMBER, title="科长")) == [("title", "文秘", "科长", None)]
    assert found(change(CLOSE, JUNE), change(SET, MARCH, title="科长")) == []


def test_two_ends_collide_unless_they_are_the_same_day() -> None:
    assert collisions(change(CLOSE, JUNE), change(CLOSE, MARCH)) == [("validTo", "9999-12-31", None, "2025-06-01")]
    assert collisions(change(CLOSE, MARCH), change(CLOSE, JUNE)) == [
        ("validTo", "9999-12-31", "2025-06-01", "2025-03-01")
    ]
    assert found(change(CLOSE, JUNE), change(CLOSE, JUNE)) == []


def test_a_rescinded_opening_collides_with_whatever_others_made_of_the_record() -> None:
    mine = change(RESCIND, JANUARY, names=("@opening",))
    assert collisions(mine, change(SET, JUNE, grade="10")) == [("grade", "9", "10", None)]
    assert collisions(mine, change(CLOSE, JUNE)) == [("validTo", "9999-12-31", "2025-06-01", None)]


def test_a_rescinded_opening_merges_with_a_change_of_another_existence() -> None:
    base = change(OPEN, SEPTEMBER, title="秘书", grade="9").apply(change(CLOSE, JUNE).apply(BASE))
    mine = change(RESCIND, JANUARY, names=("@opening",))
    assert found(mine, change(SET, DECEMBER, title="科长"), base) == []


def test_a_rescinded_end_collides_with_an_end_that_others_moved() -> None:
    base = change(CLOSE, JUNE).apply(BASE)
    mine = change(RESCIND, JUNE, names=("@closing",))
    assert [c[0] for c in collisions(mine, change(CLOSE, MARCH), base)] == []
    assert [c[0] for c in collisions(mine, change(RESCIND, JUNE, names=("@closing",)), base)] == ["validTo"]


def test_a_rescinded_step_collides_with_a_new_value_on_its_days_only() -> None:
    base = change(SET, SEPTEMBER, title="副主任").apply(change(SET, MARCH, title="主任").apply(BASE))
    mine = change(RESCIND, MARCH, names=("title",))
    assert collisions(mine, change(SET, JUNE, title="科长"), base) == [("title", "主任", "科长", None)]
    assert found(mine, change(SET, SEPTEMBER, title="科长"), base) == []
    assert found(mine, change(SET, MARCH, grade="10"), base) == []


def test_an_opening_never_collides() -> None:
    assert list(conflicts(change(OPEN, MARCH, title="主任"), Timeline(), BASE)) == []


@given(timelines, days, texts)
def test_nothing_collides_with_an_unchanged_head(timeline: Timeline, day: date, title: str | None) -> None:
    for verb in (SET, CLOSE, RESCIND):
        assert list(conflicts(change(verb, day, title=title), timeline, timeline)) == []


@given(timelines, timelines, days, texts)
def test_a_conflict_names_what_the_book_says_on_a_day_of_the_set(
    base: Timeline, head: Timeline, day: date, title: str | None
) -> None:
    for conflict in conflicts(change(SET, day, title=title), base, head):
        assert conflict.mine == title or conflict.attribute == "validTo"
        assert conflict.theirs not in (conflict.base, title) or conflict.attribute == "validTo"
