"""A life in valid time: what is set holds until it is set anew, and what was never true leaves no trace."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dutybook.book.timeline import (
    CLOSING,
    OPENING,
    InvertedInterval,
    NothingToRescind,
    NotInForce,
    Overlap,
    Span,
    Timeline,
)
from dutybook.book.times import FOREVER
from tests.core.timelines import AFTER, DAYS, FIELDS, in_force, timelines

JANUARY, MARCH, JUNE, DECEMBER = (date(2025, month, 1) for month in (1, 3, 6, 12))
CLERK = Timeline().open({"title": "文秘", "grade": "9"}, JANUARY)


def held(timeline: Timeline, name: str = "title") -> list[object]:
    return [timeline.value(name, day) for day in DAYS]


@given(timelines)
def test_rows_say_all_of_a_timeline(timeline: Timeline) -> None:
    assert Timeline.of(timeline.segments()) == timeline


@given(timelines)
def test_rows_neither_overlap_nor_leave_gaps_within_a_span(timeline: Timeline) -> None:
    for span in timeline.spans:
        rows = list(span.segments())
        assert [rows[0].start, *(row.end for row in rows)] == [*(row.start for row in rows), span.end]


@given(in_force())
def test_what_is_set_is_read_from_that_day_until_the_next_own_step(place: tuple[Timeline, Span, date]) -> None:
    timeline, span, day = place
    until = span.next_step("title", day)
    after = timeline.set({"title": "新"}, day)
    assert held(after) == ["新" if day <= d < until else timeline.value("title", d) for d in DAYS]


@given(in_force(), st.data())
def test_a_bounded_set_restores_what_was(place: tuple[Timeline, Span, date], data: st.DataObject) -> None:
    timeline, span, start = place
    end = data.draw(st.sampled_from([day for day in (*DAYS, AFTER) if start < day <= span.end]))
    after = timeline.set({"title": "新"}, start, end)
    assert held(after) == ["新" if start <= d < end else timeline.value("title", d) for d in DAYS]


@given(in_force())
def test_setting_one_field_leaves_the_others_alone(place: tuple[Timeline, Span, date]) -> None:
    timeline, _, day = place
    assert held(timeline.set({"title": "新"}, day), "grade") == held(timeline, "grade")


@given(in_force(lambda span, day: span.start < day and day not in span.steps["title"]))
def test_a_rescinded_set_lets_its_predecessor_run_on(place: tuple[Timeline, Span, date]) -> None:
    timeline, _, day = place
    assert timeline.set({"title": "新"}, day).rescind(day, ["title"]) == timeline


@given(in_force(lambda span, day: span.start < day))
def test_a_rescinded_closing_restores_what_it_cut_off_but_for_later_steps(place: tuple[Timeline, Span, date]) -> None:
    timeline, _, day = place
    again = timeline.close(day).rescind(day, ["@closing"])
    assert held(again)[: DAYS.index(day)] == held(timeline)[: DAYS.index(day)]
    assert again.span_on(day)


@given(in_force(lambda span, day: span.start < day))
def test_nothing_holds_after_a_closing_but_other_existences(place: tuple[Timeline, Span, date]) -> None:
    timeline, span, day = place
    after = timeline.close(day)
    assert held(after) == [None if day <= d < span.end else timeline.value("title", d) for d in DAYS]


@given(timelines)
def test_every_field_holds_something_on_every_day_of_a_span(timeline: Timeline) -> None:
    assert all(span.start in span.steps[name] for span in timeline.spans for name in FIELDS)


def test_a_december_retitle_survives_a_january_regrade() -> None:
    line = CLERK.set({"title": "主任"}, DECEMBER).set({"grade": "10"}, MARCH)
    assert (line.value("title", DECEMBER), line.value("grade", DECEMBER)) == ("主任", "10")
    assert (line.value("title", JUNE), line.value("grade", JUNE)) == ("文秘", "10")


def test_an_earlier_set_of_the_same_field_ends_where_the_later_one_begins() -> None:
    line = CLERK.set({"title": "主任"}, DECEMBER).set({"title": "副主任"}, MARCH)
    assert [line.value("title", day) for day in (JANUARY, MARCH, JUNE, DECEMBER)] == [
        "文秘",
        "副主任",
        "副主任",
        "主任",
    ]


def test_a_field_unknown_when_a_record_began_is_null_until_it_is_set() -> None:
    line = Timeline().open({"title": "文秘"}, JANUARY).set({"grade": "9"}, MARCH)
    assert [line.value("grade", day) for day in (JANUARY, MARCH)] == [None, "9"]
    assert [row.values.get("grade") for row in line.segments()] == [None, "9"]


def test_a_record_may_begin_again_after_it_ended() -> None:
    line = CLERK.close(MARCH).open({"title": "秘书", "grade": None}, JUNE)
    assert [line.value("title", day) for day in (JANUARY, MARCH, JUNE)] == ["文秘", None, "秘书"]


def test_a_rescinded_opening_leaves_nothing() -> None:
    assert CLERK.set({"title": "主任"}, JUNE).rescind(JANUARY) == Timeline()


def test_what_began_on_a_day_is_found_without_naming_it() -> None:
    assert CLERK.set({"title": "主任", "grade": "10"}, JUNE).rescind(JUNE) == CLERK
    assert CLERK.close(JUNE).rescind(JUNE) == CLERK


@pytest.mark.parametrize("end", [JANUARY, MARCH])
def test_an_interval_that_ends_before_it_begins_is_refused(end: date) -> None:
    with pytest.raises(InvertedInterval, match=f"2025-03-01 to {end}"):
        CLERK.set({"title": "主任"}, MARCH, end)
    with pytest.raises(InvertedInterval):
        Timeline().open({"title": "主任"}, MARCH, end)


def test_nothing_begins_on_the_last_of_all_days() -> None:
    with pytest.raises(InvertedInterval):
        Timeline().open({"title": "主任"}, FOREVER)


def test_an_opening_on_days_that_exist_already_is_refused() -> None:
    with pytest.raises(Overlap, match=r"overlaps what is there \(from 2025-01-01\)"):
        CLERK.open({"title": "主任"}, MARCH)
    assert CLERK.close(MARCH).open({"title": "主任"}, MARCH, JUNE).open({"title": "主任"}, JUNE)


def test_a_day_outside_every_span_is_refused_with_the_days_there_are() -> None:
    short = CLERK.close(JUNE)
    for start, end in ((JUNE, None), (MARCH, DECEMBER)):
        with pytest.raises(
            NotInForce, match=r"有效期：2025-01-01 至 2025-05-31.*in force: 2025-01-01 through 2025-05-31"
        ):
            short.set({"title": "主任"}, start, end)
    with pytest.raises(NotInForce):
        short.close(DECEMBER)


def test_a_record_cannot_end_on_the_day_it_begins() -> None:
    with pytest.raises(InvertedInterval):
        CLERK.close(JANUARY)


@pytest.mark.parametrize("names", [(), ("title",), (OPENING,), (CLOSING,)])
def test_a_rescission_of_nothing_says_what_there_is_none_of(names: tuple[str, ...]) -> None:
    told = {(): "", ("title",): "title", (OPENING,): "the opening", (CLOSING,): "the end"}
    with pytest.raises(NothingToRescind, match=f"Nothing.*{told[names]} begins on 2025-03-01"):
        CLERK.rescind(MARCH, names)


def test_the_first_values_of_a_record_cannot_be_rescinded_one_by_one() -> None:
    with pytest.raises(NothingToRescind):
        CLERK.rescind(JANUARY, ["title"])


def test_a_set_for_all_time_ends_with_the_record() -> None:
    line = CLERK.close(JUNE).set({"title": "主任"}, MARCH)
    assert (line.value("title", JUNE - timedelta(1)), line.value("title", JUNE)) == ("主任", None)
