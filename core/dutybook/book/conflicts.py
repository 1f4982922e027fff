"""Conflicts: the same field of the same identity on overlapping days, changed since the base."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from dutybook.book.changes import CLOSE, RESCIND, SET, Change
from dutybook.book.kinds import Value
from dutybook.book.timeline import CLOSING, OPENING, Timeline
from dutybook.book.times import FOREVER

EXISTENCE = "validTo"


@dataclass(frozen=True, slots=True)
class Conflict:
    """`mine` was proposed over `base`, but since then the book says `theirs`."""

    kind: str
    key: int
    attribute: str
    base: Value
    theirs: Value
    mine: Value


def conflicts(change: Change, base: Timeline, head: Timeline) -> Iterator[Conflict]:
    """What this change, proposed over `base`, collides with in `head`."""
    if change.start is None or base == head:
        return
    if change.verb == SET:
        yield from _set(change, change.start, base, head)
    elif change.verb == CLOSE:
        yield from _existence(change, change.start, base, head, change.start.isoformat())
    elif change.verb == RESCIND:
        yield from _rescind(change, change.start, base, head)


def _existence(change: Change, day: date, base: Timeline, head: Timeline, mine: Value) -> Iterator[Conflict]:
    before, after = _end(base, day), _end(head, day)
    if after not in (before, mine):
        yield Conflict(change.kind, change.key, EXISTENCE, before, after, mine)


def _end(timeline: Timeline, day: date) -> str | None:
    """The end of the existence that reaches up to a day; None where there is none."""
    span = next((s for s in timeline.spans if s.start <= day <= s.end), None)
    return span.end.isoformat() if span else None


def _set(change: Change, start: date, base: Timeline, head: Timeline) -> Iterator[Conflict]:
    if base.span_on(start) and not head.span_on(start):
        yield Conflict(change.kind, change.key, EXISTENCE, _end(base, start), _end(head, start), None)
        return
    for name, mine in change.values.items():
        end = change.end or max(_next(base, name, start), _next(head, name, start))
        yield from _field(change, name, mine, _days(name, start, end, base, head), base, head)


def _next(timeline: Timeline, name: str, day: date) -> date:
    span = timeline.span_on(day)
    return span.next_step(name, day) if span else day


def _days(name: str, start: date, end: date, *timelines: Timeline) -> list[date]:
    """The days in [start, end) on which a field may differ between timelines."""
    spans = [span for line in timelines for span in line.spans]
    steps = {day for span in spans for day in (*span.steps.get(name, {}), span.end)}
    return [start, *sorted(day for day in steps if start < day < end and day != FOREVER)]


def _field(
    change: Change, name: str, mine: Value, days: list[date], base: Timeline, head: Timeline
) -> Iterator[Conflict]:
    for day in days:
        before, after = base.value(name, day), head.value(name, day)
        if after not in (before, mine):
            yield Conflict(change.kind, change.key, name, before, after, mine)
            return


def _rescind(change: Change, start: date, base: Timeline, head: Timeline) -> Iterator[Conflict]:
    if OPENING in change.names or not change.names:
        name, theirs = _first_difference(base, head, start)
        yield Conflict(change.kind, change.key, name, base.value(name, start), theirs, None)
    elif CLOSING in change.names:
        yield from _existence(change, start, base, head, None)
    else:
        for name in change.names:
            days = _days(name, start, _next(base, name, start), base, head)
            yield from _field(change, name, None, days, base, head)


def _first_difference(base: Timeline, head: Timeline, start: date) -> tuple[str, Value]:
    span = head.span_on(start)
    for name in span.steps if span else ():
        for day in _days(name, start, FOREVER, base, head):
            if base.value(name, day) != head.value(name, day):
                return name, head.value(name, day)
    return EXISTENCE, _end(head, start)
