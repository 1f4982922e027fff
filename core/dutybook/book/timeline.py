"""One identity's life in valid time: spans of existence, and within each a step function per field."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, Self

from dutybook.book.kinds import Value, Values
from dutybook.book.times import FOREVER, days_told
from dutybook.errors import Message, Refused

OPENING = "@opening"
CLOSING = "@closing"
SPANS = {OPENING: Message("设立", "the opening"), CLOSING: Message("终止", "the end")}
ALL = "*"

Steps = Mapping[date, Value]


class NotInForce(Refused):
    """Something is done to an identity on a day on which it does not exist."""

    code = "NOT_IN_FORCE"


class Overlap(Refused):
    """An identity is opened for days on which it already exists."""

    code = "OVERLAP"


class InvertedInterval(Refused):
    """An interval ends on or before the day it begins."""

    code = "INVERTED_INTERVAL"

    def __init__(self, start: date, end: date) -> None:
        days = days_told(start, end)
        zh = f"区间「{days.zh}」是倒置的：截止日必须晚于起始日。"
        super().__init__(zh, f"The interval '{days.en}' is inverted: it must end after it begins.", path=["to"])


class EndsAsItBegins(InvertedInterval):
    """An existence is to end on its first day, so that there would have been none."""

    def __init__(self, day: date) -> None:
        zh = f"{day} 是其有效期的第一天，不能在当日终止；请另选更晚的日期，从未成立的请用 rescind 撤销。"
        en = f"{day} is its first day, on which it cannot end; choose a later one, or rescind what never was."
        Refused.__init__(self, zh, en, path=["from"])


class NothingToRescind(Refused):
    """Nothing begins or ends on the day that a rescission names."""

    code = "NOTHING_TO_RESCIND"

    def __init__(self, day: date, names: Iterable[str]) -> None:
        told = [SPANS.get(name, Message(name, name)) for name in names]
        zh, en = "、".join(it.zh for it in told), ", ".join(it.en for it in told)
        zh = f"{day} 没有可撤销的内容{zh and f'（{zh}）'}；请查看历史，选择变更发生的那一天。"
        en = f"Nothing{en and f' of {en}'} begins on {day}; look at the history for the day it changed."
        super().__init__(zh, en, path=["from"])


class Segment(NamedTuple):
    """One row of a version table: what held on [start, end); `touched` names the fields set on `start`."""

    start: date
    end: date
    touched: str
    values: Values


@dataclass(frozen=True, slots=True)
class Span:
    """One existence [start, end); every field has a step on `start`."""

    start: date
    end: date
    steps: Mapping[str, Steps]

    def value(self, name: str, day: date) -> Value:
        """What field `name` holds on a day of this span."""
        steps = self.steps.get(name, {})
        if len(steps) < 2:  # most fields are never set again
            return next(iter(steps.values()), None)
        return steps[max(when for when in steps if when <= day)]

    def values(self, day: date) -> dict[str, Value]:
        """What all fields hold on a day of this span."""
        return {
            name: next(iter(steps.values())) if len(steps) == 1 else self.value(name, day)
            for name, steps in self.steps.items()
        }

    def next_step(self, name: str, day: date) -> date:
        """The first day after `day` on which the field was set anew, or the end of the span."""
        return min((when for when in self.steps.get(name, {}) if when > day), default=self.end)

    def segments(self) -> Iterator[Segment]:
        """The rows that say the same."""
        if all(len(steps) == 1 for steps in self.steps.values()):
            yield Segment(self.start, self.end, ALL, {name: steps[self.start] for name, steps in self.steps.items()})
            return
        days = sorted({day for steps in self.steps.values() for day in steps})
        values: dict[str, Value] = {}
        for day, end in zip(days, [*days[1:], self.end], strict=True):
            touched = {name: steps[day] for name, steps in self.steps.items() if day in steps}
            values = {**values, **touched}
            yield Segment(day, end, ALL if day == self.start else ",".join(sorted(touched)), values)

    def replace(self, name: str, steps: Steps) -> "Span":
        """The same span with other steps of one field."""
        return Span(self.start, self.end, {**self.steps, name: steps})

    def put(self, name: str, value: Value, start: date, end: date) -> "Span":
        """The field holds `value` on [start, end); from `end` on what held there before."""
        # An opening is published without its nulls, so the field may have no step yet.
        known = self.steps.get(name) or {self.start: None}
        steps = {day: old for day, old in known.items() if not start <= day < end}
        if end < self.end:
            steps.setdefault(end, self.value(name, end))
        return self.replace(name, {**steps, start: value})

    def cut(self, end: date) -> "Span":
        """The same span, ended on `end`."""
        steps = {name: {d: v for d, v in steps.items() if d < end} for name, steps in self.steps.items()}
        return Span(self.start, end, steps)

    def without(self, day: date, names: Iterable[str]) -> "Span":
        """The same span without the steps of these fields on that day; their predecessors run on."""
        steps = {**self.steps, **{n: {d: v for d, v in self.steps[n].items() if d != day} for n in names}}
        return Span(self.start, self.end, steps)


@dataclass(frozen=True, slots=True)
class Timeline:
    """All spans of one identity, in order; each operation gives the timeline after it."""

    spans: tuple[Span, ...] = ()

    @classmethod
    def of(cls, segments: Iterable[Segment]) -> Self:
        """The timeline that rows of a version table, ordered by day, stand for; where some are left out it begins anew."""
        spans: list[Span] = []
        for row in segments:
            if row.touched == ALL or not spans or spans[-1].end != row.start:
                spans.append(Span(row.start, row.end, {name: {row.start: v} for name, v in row.values.items()}))
                continue
            steps = dict(spans[-1].steps)
            for name in row.touched.split(","):
                steps[name] = {**steps.get(name, {}), row.start: row.values[name]}
            spans[-1] = Span(spans[-1].start, row.end, steps)
        return cls(tuple(spans))

    def segments(self) -> list[Segment]:
        """The rows of a version table that say this."""
        return [segment for span in self.spans for segment in span.segments()]

    def span_on(self, day: date) -> Span | None:
        """The existence that holds on a day, if any."""
        return next((span for span in self.spans if span.start <= day < span.end), None)

    def value(self, name: str, day: date) -> Value:
        """What a field holds on a day; None where nothing exists."""
        span = self.span_on(day)
        return span.value(name, day) if span else None

    def _absent(self, day: date) -> NotInForce:
        lives = [days_told(span.start, span.end) for span in self.spans]
        zh, en = "；".join(one.zh for one in lives) or "无", "; ".join(one.en for one in lives) or "never"
        zh = f"{day} 不在有效期内（有效期：{zh}）；请选择有效期内的日期。"
        return NotInForce(zh, f"It is not in force on {day} (in force: {en}); choose a day within.", path=["from"])

    def _required(self, day: date) -> Span:
        if (span := self.span_on(day)) is None:
            raise self._absent(day)
        return span

    def _swap(self, old: Span, *new: Span) -> "Timeline":
        at = self.spans.index(old)
        return Timeline((*self.spans[:at], *new, *self.spans[at + 1 :]))

    def open(self, values: Values, start: date, end: date | None = None) -> "Timeline":
        """A new existence with these values, for ever or until `end`."""
        if (until := end or FOREVER) <= start:
            raise InvertedInterval(start, until)
        new = Span(start, until, {name: {start: value} for name, value in values.items()})
        clash = next((s for s in self.spans if s.start < new.end and new.start < s.end), None)
        if clash:
            days = days_told(clash.start, clash.end)
            zh = f"{start} 起的有效期与已有的（{days.zh}）重叠；请改用变更（set）或另选日期。"
            en = f"Opening on {start} overlaps what is there ({days.en}); use set, or another day."
            raise Overlap(zh, en, path=["from"])
        return Timeline(tuple(sorted((*self.spans, new), key=lambda span: span.start)))

    def set(self, values: Values, start: date, end: date | None = None) -> "Timeline":
        """The named fields hold these values on [start, end); without an end, until their next own step."""
        if end is not None and end <= start:
            raise InvertedInterval(start, end)
        span = new = self._required(start)
        if end is not None and end > span.end:
            raise self._absent(span.end)
        for name, value in values.items():
            new = new.put(name, value, start, span.next_step(name, start) if end is None else end)
        return self._swap(span, new)

    def close(self, day: date) -> "Timeline":
        """The existence that holds on the day before `day` ends on it."""
        span = next((s for s in self.spans if s.start < day <= s.end), None) or self._required(day)
        if span.start == day:
            raise EndsAsItBegins(day)
        return self._swap(span, span.cut(day))

    def rescind(self, day: date, names: Iterable[str] = ()) -> "Timeline":
        """What began (or, with CLOSING, ended) on the day was never true; the predecessor runs on."""
        names = tuple(names) or self.begins(day)
        if OPENING in names:
            return self._without_opening(day)
        if CLOSING in names:
            return self._without_closing(day)
        span = self.span_on(day)
        if not names or span is None or any(day not in span.steps.get(n, {}) or day == span.start for n in names):
            raise NothingToRescind(day, names)
        return self._swap(span, span.without(day, names))

    def begins(self, day: date) -> tuple[str, ...]:
        """What of this life changed on a day, as a rescission names it."""
        if any(span.start == day for span in self.spans):
            return (OPENING,)
        if any(span.end == day for span in self.spans):
            return (CLOSING,)
        span = self.span_on(day)
        return tuple(name for name, steps in span.steps.items() if day in steps) if span else ()

    def _without_opening(self, day: date) -> "Timeline":
        span = next((s for s in self.spans if s.start == day), None)
        if span is None:
            raise NothingToRescind(day, [OPENING])
        return self._swap(span)

    def _without_closing(self, day: date) -> "Timeline":
        span = next((s for s in self.spans if s.end == day and day != FOREVER), None)
        if span is None:
            raise NothingToRescind(day, [CLOSING])
        end = min((s.start for s in self.spans if s.start >= day), default=FOREVER)
        return self._swap(span, Span(span.start, end, span.steps))
