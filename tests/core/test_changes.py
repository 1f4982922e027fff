"""Changes survive being written down, and lead from any timeline to any other."""

from datetime import date

import orjson
from hypothesis import given
from hypothesis import strategies as st

from dutybook.book.canonical import canonical
from dutybook.book.changes import CLOSE, LINK, OPEN, RESCIND, SET, Change, Edge, difference
from dutybook.book.timeline import Timeline
from tests.core.timelines import Edit, days, edited, edits, ends, timelines, values

changes = st.builds(
    Change,
    verb=st.sampled_from([OPEN, SET, CLOSE, RESCIND, LINK]),
    kind=st.sampled_from(["position", "duty"]),
    key=st.integers(1, 10**12),
    start=ends,
    end=ends,
    values=values,
    names=st.sampled_from([(), ("title",), ("@opening",)]),
    code=st.none() | st.just("P0001"),
    organisation=st.none() | st.integers(0, 9),
    edge=st.none() | st.builds(Edge, st.just("MERGED_INTO"), st.just("position"), st.integers(1, 99)),
    said=st.none() | st.just("merge"),
    group=st.integers(0, 9),
)


@given(changes)
def test_a_change_is_read_back_as_it_was_written_but_for_the_nulls_of_an_opening(change: Change) -> None:
    again = Change.parse(orjson.loads(canonical(change.document())))
    assert again.document() == change.document()
    if change.verb == SET:
        assert again == change


@given(timelines, timelines)
def test_the_difference_leads_from_any_timeline_to_any_other(old: Timeline, new: Timeline) -> None:
    line = old
    for change in difference("position", 1, old, new):
        line = change.apply(line)
    assert line == new


@given(timelines)
def test_equal_timelines_do_not_differ(timeline: Timeline) -> None:
    assert list(difference("position", 1, timeline, timeline)) == []


@given(timelines, st.lists(edits, max_size=3))
def test_an_edit_is_undone_by_the_difference_backwards(before: Timeline, made: list[Edit]) -> None:
    line = after = edited(before, made)
    for change in difference("position", 1, after, before):
        line = change.apply(line)
    assert line == before


@given(timelines, days)
def test_lineage_leaves_a_timeline_alone(timeline: Timeline, day: date) -> None:
    assert Change(LINK, "position", 1, edge=Edge("MERGED_INTO", "position", 2)).apply(timeline) == timeline


def test_the_nulls_of_a_set_are_written_and_those_of_an_opening_are_not() -> None:
    given = {"title": "主任", "grade": None}
    day = date(2025, 1, 1)
    assert Change(OPEN, "position", 1, day, values=given).document()["values"] == {"title": "主任"}
    assert Change(SET, "position", 1, day, values=given).document()["values"] == given
