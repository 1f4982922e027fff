"""Conflicts: the same field of the same identity on overlapping days, changed since the base."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from dutybook.book.changes import CLOSE, RESCIND, SET, Change
from dutybook.book.kinds import Value
from dutybook.book.timeline import CLOSING, OPENING, Timeline
from dutybook.book.times import FOREVER

EXISTENCE = "validTo"

Collision = tuple[str, Value, Value, Value]
"""An attribute, and what it was, is and is to be."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """`mine` was proposed over `base` from `start` on, but since then the book says `theirs`."""

    kind: str
    key: int
    start: date
    attribute: str
    base: Value
    theirs: Value
    mine: Value


def conflicts(change: Change, base: Timeline, head: Timeline) -> Iterator[Conflict]:
    """What this change, proposed over `base`, collides with in `head`."""
    if change.start is None or base == head:
        return
    collide = {SET: _set, CLOSE: _close, RESCIND: _rescind}.get(change.verb)
    for name, before, after, mine in collide(change, change.start, base, head) if collide else ():
        yield Conflict(change.kind, change.key, change.start, name, before, after, mine)


def _existence(day: date, base: Timeline, head: Timeline, mine: Value) -> Iterator[Collision]:
    before, after = _end(base, day), _end(head, day)
    if after not in (before, mine):
        yield EXISTENCE, before, after, mine


def _end(timeline: Timeline, day: date) -> str | None:
    """The end of the existence that reaches up to a day; None where there is none."""
    span = next((s for s in timeline.spans if s.start <= day <= s.end), None)
    return span.end.isoformat() if span else None


def _set(change: Change, start: date, base: Timeline, head: Timeline) -> Iterator[Collision]:
    before, after = base.span_on(start), head.span_on(start)
    if before and (after is None or after.end < min(change.end or start, before.end)):
        yield EXISTENCE, _end(base, start), _end(head, start), None
        return
    for name, mine in change.values.items():
        end = change.end or max(_next(base, name, start), _next(head, name, start))
        yield from _field(name, _days(name, start, end, base, head), base, head, (mine,))


def _next(timeline: Timeline, name: str, day: date) -> date:
    span = timeline.span_on(day)
    return span.next_step(name, day) if span else day


def _days(name: str, start: date, end: date, *timelines: Timeline) -> list[date]:
    """The days in [start, end) on which a field may differ between timelines."""
    spans = [span for line in timelines for span in line.spans]
    steps = {day for span in spans for day in (*span.steps.get(name, {}), span.end)}
    return [start, *sorted(day for day in steps if start < day < end and day != FOREVER)]


def _field(
    name: str, days: Iterable[date], base: Timeline, head: Timeline, agreeing: Collection[Value] = ()
) -> Iterator[Collision]:
    """The first day on which others made of a field what was neither there before nor is meant now."""
    for day in (day for day in days if base.span_on(day) and head.span_on(day)):
        before, after = base.value(name, day), head.value(name, day)
        if after != before and after not in agreeing:
            yield name, before, after, next(iter(agreeing), None)
            return


def _close(_: Change, day: date, base: Timeline, head: Timeline) -> Iterator[Collision]:
    """An end that others moved, or values that they set for days on which there would be nothing any more."""
    yield from _existence(day, base, head, day.isoformat())
    span = next((s for s in head.spans if s.start < day < s.end), None)
    for name, steps in span.steps.items() if span else ():
        yield from _field(name, sorted(when for when in steps if when >= day), base, head)


def _rescind(change: Change, start: date, base: Timeline, head: Timeline) -> Iterator[Collision]:
    if OPENING in change.names:
        yield from _within_span(start, base, head)
    elif CLOSING in change.names:
        yield from _existence(start, base, head, None)
    else:
        for name in change.names:
            yield from _field(name, _days(name, start, _next(base, name, start), base, head), base, head)


def _within_span(start: date, base: Timeline, head: Timeline) -> Iterator[Collision]:
    """Whatever others changed in the existence that begins on a day."""
    yield from _existence(start, base, head, None)
    span = head.span_on(start)
    for name in span.steps if span else ():
        yield from _field(name, _days(name, start, span.end if span else start, base, head), base, head)
