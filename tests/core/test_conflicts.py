"""A conflict is the same field on overlapping days, changed since the base; all else merges."""

from collections.abc import Iterator
from datetime import date
from functools import reduce
from itertools import permutations

import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from dutybook.book.changes import CLOSE, OPEN, RESCIND, SET, Change
from dutybook.book.conflicts import Conflict, conflicts, insisted
from dutybook.book.kinds import Value
from dutybook.book.timeline import Timeline
from dutybook.book.times import FOREVER
from tests.core.timelines import DAYS, FIELDS, days, edited, ends, texts, timelines, values

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
    assert collisions(mine, theirs) == [("validTo", "9999-12-31", "2025-03-01", None)]
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
    assert collisions(change(CLOSE, JUNE), change(CLOSE, MARCH)) == [
        ("validTo", "9999-12-31", "2025-03-01", "2025-06-01")
    ]
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
    assert collisions(mine, change(CLOSE, MARCH), base) == [("validTo", "2025-06-01", "2025-03-01", None)]
    assert collisions(mine, mine, base) == [("validTo", "2025-06-01", "9999-12-31", None)]


def test_a_rescinded_step_collides_with_a_new_value_on_its_days_only() -> None:
    base = change(SET, SEPTEMBER, title="副主任").apply(change(SET, MARCH, title="主任").apply(BASE))
    mine = change(RESCIND, MARCH, names=("title",))
    assert collisions(mine, change(SET, JUNE, title="科长"), base) == [("title", "主任", "科长", None)]
    assert found(mine, change(SET, SEPTEMBER, title="科长"), base) == []
    assert found(mine, change(SET, MARCH, grade="10"), base) == []


def test_a_rescinded_step_collides_with_what_leaves_nothing_to_rescind_or_would_outlast_it() -> None:
    base = change(SET, MARCH, title="主任").apply(BASE)
    mine = change(RESCIND, MARCH, names=("title",))
    assert collisions(mine, mine, base) == [("title", "主任", "文秘", None)]
    assert collisions(mine, change(SET, JANUARY, JUNE, title="主任"), base) == [("title", "主任", "主任", None)]
    assert collisions(mine, change(SET, JUNE, title="主任"), base) == [("title", "主任", "主任", None)]
    assert collisions(mine, change(CLOSE, MARCH), base) == [("validTo", "9999-12-31", "2025-03-01", None)]


def test_an_opening_never_collides() -> None:
    assert list(conflicts(change(OPEN, MARCH, title="主任"), Timeline(), BASE)) == []


def test_a_set_without_an_end_collides_with_what_others_said_again_since_it_would_stop_there() -> None:
    assert collisions(change(SET, MARCH, title="主任"), change(SET, JUNE, title="文秘")) == [
        ("title", "文秘", "文秘", "主任")
    ]
    assert found(change(SET, JUNE, title="主任"), change(SET, JUNE, title="文秘")) == []
    assert found(change(SET, MARCH, SEPTEMBER, title="主任"), change(SET, JUNE, title="文秘")) == []


def test_what_others_took_back_altogether_collides() -> None:
    theirs = change(RESCIND, JANUARY, names=("@opening",))
    assert collisions(change(SET, MARCH, title="主任"), theirs) == [("validTo", "9999-12-31", None, None)]
    assert collisions(change(CLOSE, MARCH), theirs) == [("validTo", "9999-12-31", None, "2025-03-01")]


def settled(base: Timeline, head: Timeline, won: str, *ours: Change) -> list[Change]:
    return [said for some in insisted(ours, base, head, {won}) for said in some]


def test_a_change_that_says_it_already_is_insisted_on_as_it_is() -> None:
    mine, head = change(SET, MARCH, title="主任", grade="10"), change(SET, MARCH, title="科长").apply(BASE)
    assert settled(BASE, head, "title", mine) == [mine]


def test_only_the_field_that_would_stop_too_early_is_given_an_end() -> None:
    base = change(SET, SEPTEMBER, title="副主任").apply(BASE)
    head = change(SET, JUNE, title="科长").apply(base)
    assert settled(base, head, "title", change(SET, MARCH, title="主任", grade="10")) == [
        change(SET, MARCH, grade="10"),
        change(SET, MARCH, SEPTEMBER, title="主任"),
    ]


def test_what_is_insisted_on_leaves_later_days_of_the_same_set_alone() -> None:
    mine = [change(SET, JUNE, title="主任"), change(SET, MARCH, title="代主任")]
    said = settled(BASE, change(SET, SEPTEMBER, title="科长").apply(BASE), "title", *mine)
    assert said == [change(SET, JUNE, FOREVER, title="主任"), mine[1]]


def test_a_rescinded_step_is_insisted_on_as_the_value_that_was_to_run_on() -> None:
    base = change(SET, MARCH, title="主任").apply(BASE)
    mine = change(RESCIND, MARCH, names=("title",))
    head = change(SET, JUNE, title="科长").apply(base)
    assert settled(base, head, "title", mine) == [change(SET, MARCH, FOREVER, title="文秘")]


@pytest.mark.parametrize(
    ("mine", "end"),
    [
        (change(SET, SEPTEMBER, title="主任"), DECEMBER),
        (change(SET, MARCH, SEPTEMBER, title="主任"), DECEMBER),
        (change(CLOSE, SEPTEMBER), SEPTEMBER),
        (change(CLOSE, MARCH), MARCH),
        (change(RESCIND, DECEMBER, names=("@closing",)), FOREVER),
    ],
)
def test_an_end_that_others_brought_forward_is_taken_back_where_that_is_insisted_on(mine: Change, end: date) -> None:
    base = change(CLOSE, DECEMBER).apply(BASE)
    head = change(CLOSE, JUNE).apply(base)
    line = reduce(lambda timeline, said: said.apply(timeline), settled(base, head, "validTo", mine), head)
    assert [span.end for span in line.spans] == [end]
    assert mine.verb != SET or line.value("title", mine.start or MARCH) == "主任"


@given(timelines, days, texts)
def test_nothing_collides_with_an_unchanged_head(timeline: Timeline, day: date, title: str | None) -> None:
    for verb in (SET, CLOSE, RESCIND):
        assert list(conflicts(change(verb, day, title=title), timeline, timeline)) == []


@given(timelines, timelines, days, texts)
def test_a_conflict_names_what_the_book_says_on_a_day_of_the_set(
    base: Timeline, head: Timeline, day: date, title: str | None
) -> None:
    for conflict in conflicts(change(SET, day, title=title), base, head):
        if conflict.attribute == "title":
            assert conflict.mine == title != conflict.theirs
            told = [(base.value("title", when), head.value("title", when)) for when in DAYS if when >= day]
            assert (conflict.base, conflict.theirs) in told
            assert conflict.theirs != conflict.base or steps(base, "title") != steps(head, "title")


def steps(timeline: Timeline, name: str) -> list[date]:
    return [day for span in timeline.spans for day in span.steps[name]]


changes = st.one_of(
    st.builds(lambda given, start, end: Change(SET, "position", 1, start, end, values=given), values, days, ends),
    st.builds(lambda day: change(CLOSE, day), days),
    st.builds(
        lambda day, names: change(RESCIND, day, names=names),
        days,
        st.sampled_from([("title",), ("@closing",), ("@opening",)]),
    ),
)


def applying(timeline: Timeline, made: list[Change]) -> list[Change]:
    """Those changes that a timeline does not refuse."""
    return [each for each in made if edited(timeline, [each.apply]) != timeline]


def applying_in_turn(timeline: Timeline, made: list[Change]) -> list[Change]:
    """Those changes that a timeline does not refuse after the ones before."""
    for number, each in enumerate(made):
        if applying(timeline, [each]):
            return [each, *applying_in_turn(each.apply(timeline), made[number + 1 :])]
    return []


def held(*timelines: Timeline) -> Iterator[tuple[Value, ...]]:
    """What each timeline says of every field on every day on which the record exists in all of them."""
    for day in (day for day in DAYS if all(line.span_on(day) for line in timelines)):
        yield from (tuple(line.value(name, day) for line in timelines) for name in FIELDS)


def living(*timelines: Timeline) -> Iterator[tuple[bool, ...]]:
    """Whether the record exists in each timeline, on every day."""
    return (tuple(line.span_on(day) is not None for line in timelines) for day in DAYS)


@given(timelines, st.lists(changes, min_size=10, max_size=10))
def test_edits_that_do_not_collide_merge_and_none_is_lost(base: Timeline, made: list[Change]) -> None:
    for theirs, mine in permutations(applying(base, made), 2):
        head, alone = theirs.apply(base), mine.apply(base)
        if not list(conflicts(mine, base, head)):
            note(f"{theirs} then {mine}")
            merged = mine.apply(head)
            # What runs on instead of what is rescinded is whatever others made of the days around it.
            for was, they, me, now in living(base, head, alone, merged) if mine.names != ("@closing",) else ():
                assert now == (me if me != was else they)
            for value, other, own, one in held(base, head, alone, merged) if mine.verb != RESCIND else ():
                assert one == (own if own != value else other)


@given(timelines, st.lists(changes, max_size=3), st.lists(changes, max_size=3))
def test_what_is_insisted_on_holds_on_all_days_that_it_was_proposed_for(
    base: Timeline, others: list[Change], ours: list[Change]
) -> None:
    ours = applying_in_turn(base, ours)
    head, alone = (edited(base, [each.apply for each in some]) for some in (others, ours))
    won = {conflict.attribute for each in ours for conflict in conflicts(each, base, head)}
    said = [each for some in insisted(ours, base, head, won) for each in some]
    result = edited(head, [each.apply for each in said])
    note(f"{won}: {said}")
    for value, other, own, one in held(base, head, alone, result):
        assert one == own if own != value else one in {own, other}
