"""Changes: the verbs that a published document is made of, and their effect on a timeline."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import cast

from dutybook.book.kinds import Value, Values
from dutybook.book.timeline import CLOSING, OPENING, Span, Timeline
from dutybook.book.times import FOREVER

OPEN, SET, CLOSE, RESCIND, LINK, UNLINK = "open", "set", "close", "rescind", "link", "unlink"
INVERSE_EDGE = {LINK: UNLINK, UNLINK: LINK}


@dataclass(frozen=True, slots=True)
class Edge:
    """A step of lineage from the changed identity to another one."""

    kind: str
    other_kind: str
    other: int


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one identity. `said` is the word people used (move, merge …); changes said together share `group`."""

    verb: str
    kind: str
    key: int
    start: date | None = None
    end: date | None = None
    values: Values = field(default_factory=dict)
    names: tuple[str, ...] = ()
    code: str | None = None
    organisation: int | None = None
    edge: Edge | None = None
    said: str | None = None
    group: int = 0

    def document(self) -> dict[str, Value]:
        """The change as it enters the canonical document of a revision; absent parts are left out."""
        parts: dict[str, Value] = {
            "verb": self.verb,
            "kind": self.kind,
            "key": self.key,
            "group": self.group,
            "from": self.start.isoformat() if self.start else None,
            "to": self.end.isoformat() if self.end else None,
            "values": {k: v for k, v in self.values.items() if v is not None or self.verb != OPEN} or None,
            "names": list(self.names) or None,
            "code": self.code,
            "organisation": self.organisation,
            "edge": [self.edge.kind, self.edge.other_kind, self.edge.other] if self.edge else None,
            "said": self.said,
        }
        return {name: part for name, part in parts.items() if part is not None}

    @classmethod
    def parse(cls, document: Mapping[str, Value]) -> "Change":
        """The change that `document()` gave."""
        get = document.get
        edge = cast("list[str] | None", get("edge"))
        return cls(
            verb=str(document["verb"]),
            kind=str(document["kind"]),
            key=cast(int, document["key"]),
            start=_day(get("from")),
            end=_day(get("to")),
            values=cast(Values, get("values") or {}),
            names=tuple(cast("list[str]", get("names") or ())),
            code=cast("str | None", get("code")),
            organisation=cast("int | None", get("organisation")),
            edge=Edge(edge[0], edge[1], int(edge[2])) if edge else None,
            said=cast("str | None", get("said")),
            group=cast(int, get("group") or 0),
        )

    def apply(self, timeline: Timeline) -> Timeline:
        """The timeline after this change."""
        match self.verb, self.start:
            case "open", date() as day:
                return timeline.open(self.values, day, self.end)
            case "set", date() as day:
                return timeline.set(self.values, day, self.end)
            case "close", date() as day:
                return timeline.close(day)
            case "rescind", date() as day:
                return timeline.rescind(day, self.names)
            case _:
                return timeline

    @property
    def act(self) -> tuple[object, ...]:
        """What was said together shares it; a reversal says each record by itself."""
        return (self.group,) if self.group else (self.kind, self.key)

    def grouped(self, group: int, said: str | None = None) -> "Change":
        """The same change as a part of what was said together."""
        return replace(self, group=group, said=said or self.said)


def _day(text: Value) -> date | None:
    return date.fromisoformat(str(text)) if text else None


def difference(kind: str, key: int, old: Timeline, new: Timeline) -> Iterator[Change]:
    """The changes that turn `old` into exactly `new`, steps included: the heart of a revert."""
    olds, news = ({span.start: span for span in line.spans} for line in (old, new))
    for start in olds.keys() - news.keys():
        yield Change(RESCIND, kind, key, start, names=(OPENING,))
    kept = sorted(olds.keys() & news.keys(), reverse=True)
    for start in kept:
        yield from _ends(kind, key, olds[start], news[start], [s for s in kept if s > start])
    for start in kept:
        yield from _steps(kind, key, olds[start], news[start])
    for start in sorted(news.keys() - olds.keys()):
        span = news[start]
        first = {name: span.value(name, start) for name in span.steps}
        yield Change(OPEN, kind, key, start, None if span.end == FOREVER else span.end, values=first)
        yield from _steps(kind, key, Span(start, span.end, {n: {start: v} for n, v in first.items()}), span)


def _ends(kind: str, key: int, old: Span, new: Span, later: list[date]) -> Iterator[Change]:
    reach = old.end
    if new.end > old.end:
        yield Change(RESCIND, kind, key, old.end, names=(CLOSING,))
        reach = min(later, default=FOREVER)
    if new.end < reach:
        yield Change(CLOSE, kind, key, new.end)


def _steps(kind: str, key: int, old: Span, new: Span) -> Iterator[Change]:
    gone: dict[date, list[str]] = defaultdict(list)
    come: dict[date, dict[str, Value]] = defaultdict(dict)
    for name in sorted(new.steps.keys() | old.steps.keys()):
        before, after = old.steps.get(name, {}), new.steps.get(name, {})
        for day in before.keys() - after.keys():
            if day < new.end and day != new.start:
                gone[day].append(name)
        for day, value in after.items():
            if day not in before or before[day] != value:
                come[day][name] = value
    for day in sorted(gone):
        yield Change(RESCIND, kind, key, day, names=tuple(gone[day]))
    for day in sorted(come):
        yield Change(SET, kind, key, day, values=come[day])
