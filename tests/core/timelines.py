"""Timelines as editing leaves them: any sequence of changes that a timeline does not refuse."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta

from hypothesis import strategies as st

from dutybook.book.timeline import CLOSING, OPENING, Span, Timeline
from dutybook.errors import Refused

FIRST = date(2025, 1, 1)
DAYS = [FIRST + timedelta(days=number) for number in range(12)]
AFTER = DAYS[-1] + timedelta(1)
FIELDS = ("title", "grade")

days = st.sampled_from(DAYS)
ends = st.none() | days
texts = st.sampled_from(["主任", "科长", None])
values = st.dictionaries(st.sampled_from(FIELDS), texts, min_size=1)

Edit = Callable[[Timeline], Timeline]
edits: st.SearchStrategy[Edit] = st.one_of(
    st.builds(
        lambda title, grade, start, end: lambda t: t.open({"title": title, "grade": grade}, start, end),
        texts,
        texts,
        days,
        ends,
    ),
    st.builds(lambda given, start, end: lambda t: t.set(given, start, end), values, days, ends),
    st.builds(lambda day: lambda t: t.close(day), days),
    st.builds(
        lambda day, names: lambda t: t.rescind(day, names),
        days,
        st.sampled_from([(), (OPENING,), (CLOSING,), ("title",)]),
    ),
)


def edited(timeline: Timeline, made: list[Edit]) -> Timeline:
    """The timeline after all edits that it does not refuse."""
    for edit in made:
        with suppress(Refused):
            timeline = edit(timeline)
    return timeline


def begun(title: str, start: date, end: date | None, made: list[Edit]) -> Timeline:
    return edited(Timeline().open({"title": title, "grade": None}, start, end), made)


timelines = st.builds(begun, st.just("文秘"), days, st.none() | st.just(AFTER), st.lists(edits, max_size=8))


def in_force(wanted: Callable[[Span, date], bool] = lambda *_: True) -> st.SearchStrategy[tuple[Timeline, Span, date]]:
    """A timeline, one of its spans and a wanted day of that: chosen, since days drawn blindly mostly miss."""

    def choices(timeline: Timeline) -> list[tuple[Timeline, Span, date]]:
        found = ((span, day) for span in timeline.spans for day in DAYS if span.start <= day < span.end)
        return [(timeline, span, day) for span, day in found if wanted(span, day)]

    return timelines.map(choices).filter(bool).flatmap(st.sampled_from)
