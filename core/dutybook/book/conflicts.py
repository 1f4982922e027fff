"""Conflicts: the same field of the same identity on overlapping days, changed since the base."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import reduce

from dutybook.book.changes import CLOSE, RESCIND, SET, Change, difference
from dutybook.book.kinds import Value
from dutybook.book.timeline import CLOSING, OPENING, Span, Timeline
from dutybook.errors import Refused

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


def _existence(before: Span | None, head: Timeline, mine: Value = None) -> Iterator[Collision]:
    """An existence that others ended on another day, or took back."""
    after = head.span_on(before.start) if before else None
    was, now = (span.end.isoformat() if span else None for span in (before, after))
    if now != was and (now is None or now != mine):
        yield EXISTENCE, was, now, mine


def _reaching(timeline: Timeline, day: date) -> Span | None:
    """The existence that reaches up to a day."""
    return next((span for span in timeline.spans if span.start < day <= span.end), None)


def _set(change: Change, start: date, base: Timeline, head: Timeline) -> Iterator[Collision]:
    before, after = base.span_on(start), head.span_on(start)
    if before and (after is None or after.end < min(change.end or start, before.end)):
        yield from _existence(before, head)
    elif before and after:
        for name, mine in change.values.items():
            yield from _overlap(name, mine, start, change.end, before, after)


def _overlap(name: str, mine: Value, start: date, end: date | None, before: Span, after: Span) -> Iterator[Collision]:
    """The first day of a set on which others set the same field to another value.

    A set without an end holds until the next step: whatever a step holds, others change those days by making or
    rescinding it.
    """
    until = end or max(before.next_step(name, start), after.next_step(name, start))
    days = _days(name, start, min(until, before.end, after.end), before, after)
    moved = set() if end else _moved(name, before, after) - {start}
    yield from _changed(name, days, before, after, moved, [mine])


def _moved(name: str, before: Span, after: Span) -> set[date]:
    """The days of the steps that others made or rescinded."""
    return set(before.steps.get(name, {}).keys() ^ after.steps.get(name, {}).keys())


def _days(name: str, start: date, end: date, *spans: Span) -> list[date]:
    """The days in [start, end) on which a field may begin to differ between spans."""
    steps = {day for span in spans for day in span.steps.get(name, {})}
    return [start, *sorted(day for day in steps if start < day < end)]


def _changed(
    name: str,
    days: Iterable[date],
    before: Span,
    after: Span,
    moved: Collection[date] = (),
    agreeing: Sequence[Value] = (),
) -> Iterator[Collision]:
    """The first of the days on which others made something of a field that is not meant now."""
    for day in days:
        was, now = before.value(name, day), after.value(name, day)
        if (now != was or day in moved) and now not in agreeing:
            yield name, was, now, next(iter(agreeing), None)
            return


def _close(_: Change, day: date, base: Timeline, head: Timeline) -> Iterator[Collision]:
    """An end that others moved, or values that they set for days on which there would be nothing any more."""
    before = _reaching(base, day)
    yield from _existence(before, head, day.isoformat())
    if before and (after := head.span_on(before.start)):
        for name, steps in after.steps.items():
            yield from _changed(name, sorted(when for when in steps if day <= when < before.end), before, after)


def _rescind(change: Change, start: date, base: Timeline, head: Timeline) -> Iterator[Collision]:
    if CLOSING in change.names:
        yield from _existence(_reaching(base, start), head)
        return
    before, after = base.span_on(start), head.span_on(start)
    whole = OPENING in change.names
    if whole or after is None:
        yield from _existence(before, head)
    if before and after:
        for name in after.steps if whole else change.names:
            end = min(before.end if whole else before.next_step(name, start), after.end)
            days = _days(name, start, end, before, after)
            yield from _changed(name, days, before, after, _moved(name, before, after))


def insisted(
    changes: Iterable[Change], base: Timeline, head: Timeline, won: Collection[str]
) -> Iterator[Sequence[Change]]:
    """For each change of one record, what makes the attributes that it `won` hold over `head` on the days it meant.

    Those days can be told only over `base`, with the changes before it.
    """
    for change in changes:
        held = list(_held(change, change.start, base, head, won)) if change.start else [change]
        base, head = _after(base, change), reduce(_after, held, head)
        yield held


def _after(timeline: Timeline, change: Change) -> Timeline:
    """The timeline after a change; as it is where it refuses it, which publishing will tell."""
    try:
        return change.apply(timeline)
    except Refused:
        return timeline


def _held(change: Change, start: date, base: Timeline, head: Timeline, won: Collection[str]) -> Iterator[Change]:
    if EXISTENCE in won and _after(head, change) is head:
        restored = list(_ended_as_in(base, head, change, start))
        yield from restored
        head = reduce(_after, restored, head)
    ends = _ends(change, start, base, head, won)
    values = {name: value for name, value in change.values.items() if name not in ends}
    names = tuple(name for name in change.names if name not in ends)
    if values or names or not ends:
        yield replace(change, values=values, names=names)
    alone = _after(base, change)
    for end in sorted(set(ends.values())):
        meant = {name: alone.value(name, start) for name, until in ends.items() if until == end}
        yield replace(change, verb=SET, end=end, values=meant, names=())


def _ended_as_in(base: Timeline, head: Timeline, change: Change, start: date) -> Iterator[Change]:
    """What gives an existence the end again that it had, unless others began another one before that day."""
    reaches = change.verb == CLOSE or CLOSING in change.names
    before = _reaching(base, start) if reaches else base.span_on(start)
    after = head.span_on(before.start) if before else None
    if before and after and not any(before.start < span.start < before.end for span in head.spans):
        now, then = (Timeline((Span(before.start, end, {}),)) for end in (after.end, before.end))
        yield from (each.grouped(change.group) for each in difference(change.kind, change.key, now, then))


def _ends(change: Change, start: date, base: Timeline, head: Timeline, won: Collection[str]) -> dict[str, date]:
    """Up to which day a field was meant to hold, where the change has to say so to be understood over `head`."""
    before, after = base.span_on(start), head.span_on(start)
    if change.end or not (before and after):
        return {}
    names = [name for name in (*change.values, *change.names) if name in won]
    ends = {name: min(before.next_step(name, start), after.end) for name in names}
    # What a rescinded step would let run on may be others' by now, and the step itself may have gone.
    return {name: end for name, end in ends.items() if change.verb == RESCIND or end != after.next_step(name, start)}
