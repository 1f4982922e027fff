"""Lives that a staff table changes: they begin, end and hold other values, as pure operations on timelines."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from dutybook.book.kinds import Value
from dutybook.book.timeline import Span, Timeline
from dutybook.book.times import FOREVER

ONE_DAY = timedelta(days=1)


def live_span(line: Timeline, day: date) -> Span | None:
    """The existence on a day, else the next one."""
    return next((span for span in line.spans if span.end > day), None)


def within(span: Span, day: date) -> date:
    """The day of a span that is nearest to a day."""
    return min(max(span.start, day), span.end - ONE_DAY)


def begun(line: Timeline, span: Span, start: date) -> Timeline:
    """The same life with a span that begins on another day; what held on its first day holds from there."""
    steps = {name: _begun(span, name, start) for name in span.steps}
    return _swapped(line, span, Span(start, span.end, steps))


def _begun(span: Span, name: str, start: date) -> dict[date, Value]:
    later = {day: value for day, value in span.steps[name].items() if day > max(start, span.start)}
    return {start: span.value(name, max(start, span.start)), **later}


def ended(line: Timeline, span: Span, end: date) -> Timeline:
    """The same life with a span that ends on another day; one that would end before it begins never was."""
    if end <= span.start:
        return Timeline(tuple(one for one in line.spans if one is not span))
    return _swapped(line, span, span.cut(end) if end < span.end else Span(span.start, end, span.steps))


def _swapped(line: Timeline, old: Span, new: Span) -> Timeline:
    return Timeline(tuple(new if one is old else one for one in line.spans))


def holding(line: Timeline, day: date, values: Mapping[str, Value]) -> Timeline:
    """The same life where these values hold from a day on; those that hold already need no step."""
    span = line.span_on(day)
    differing = {name: value for name, value in values.items() if span and span.value(name, day) != value}
    return line.set(differing, day) if differing else line


def since(span: Span, name: str, day: date) -> date:
    """From which day on a field of a span has held what it holds on a day."""
    value, start = span.value(name, day), day
    for when in sorted({span.start, *span.steps.get(name, {})}, reverse=True):
        if when <= day:
            if span.value(name, when) != value:
                break
            start = when
    return start


def primary_days(line: Timeline) -> Iterator[tuple[date, date]]:
    """The days on which an assignment is primary."""
    for segment in line.segments():
        if segment.values.get("kind") == "PRIMARY":
            yield segment.start, segment.end


def lasting(line: Timeline, start: date, end: date | None, values: Mapping[str, Value]) -> Timeline:
    """A life with one more existence."""
    return line.open(values, start, None if end in {None, FOREVER} else end)
