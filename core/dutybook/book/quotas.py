"""Quotas as arithmetic: seats and people as steps over time, and where a change set takes them further beyond."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import NamedTuple

OWN, SUBTREE = "OWN", "SUBTREE"
SEATS, PEOPLE = "SEATS", "PEOPLE"
"""What is measured: the approved seats of positions, and the people on them."""


class Tally(NamedTuple):
    """So many seats or people of one sort, in a department or, where not `own`, in those below it."""

    top: int
    own: bool
    leading: bool
    employment_type: str | None
    amount: int


class Sort(NamedTuple):
    """Whom a quota counts: those of its own positions or of the whole subtree, of all posts or the leading ones."""

    own: bool
    leading: bool
    employment_type: str | None

    def counts(self, tally: Tally) -> bool:
        """Whether it counts what a tally tells of."""
        if (self.own and not tally.own) or (self.leading and not tally.leading):
            return False
        return self.employment_type is None or self.employment_type == tally.employment_type

    def total(self, tallies: Iterable[Tally]) -> int:
        """How many of them it counts."""
        return sum(tally.amount for tally in tallies if self.counts(tally))


class Step(NamedTuple):
    """From a day on there are so many more or fewer of one sort."""

    measure: str
    day: date
    tally: Tally


class Limit(NamedTuple):
    """What one record allows on its days: a quota, or the plain total of a department."""

    kind: str
    key: int
    department: int
    reach: str
    employment_type: str | None
    leading: bool
    seats: int
    start: date
    end: date

    @property
    def measures(self) -> Sequence[str]:
        """Positions have no employment type, so a quota for one counts people alone."""
        return (SEATS, PEOPLE) if self.employment_type is None else (PEOPLE,)

    @property
    def sort(self) -> "Sort":
        """Whom it counts."""
        return Sort(self.reach == OWN, self.leading, self.employment_type)


@dataclass(frozen=True, slots=True)
class Excess:
    """From `day` on a limit is exceeded, by more than before."""

    limit: Limit
    measure: str
    day: date
    used: int


def worse(
    before: Iterable[Limit], steps_before: Sequence[Step], after: Iterable[Limit], steps_after: Sequence[Step]
) -> Iterator[Excess]:
    """Of each limit and measure the first day on which it is exceeded by more than it was."""
    was, becomes = _lines(before, steps_before), _lines(after, steps_after)
    for place, line in becomes.items():
        older = was.get(place, _Line())
        days = sorted({*line.days, *older.days})
        found = next((day for day in days if line.over(day) > older.over(day)), None)
        if found is not None and (excess := line.at(found)):
            yield excess


def exceeded(limits: Iterable[Limit], steps: Sequence[Step]) -> bool:
    """Whether any limit is, on any day."""
    return any(line.is_over for line in _lines(limits, steps).values())


class _Line:
    """One limit and one measure over time: from each day on, what is used of what."""

    def __init__(self) -> None:
        self.days: list[date] = []
        self._held: list[Excess | None] = []

    def add(self, day: date, held: Excess | None) -> None:
        """What holds from a day on; days come in order."""
        if self.days and self.days[-1] == day:
            self._held[-1] = held
        else:
            self.days.append(day)
            self._held.append(held)

    def at(self, day: date) -> Excess | None:
        place = bisect_right(self.days, day)
        return self._held[place - 1] if place else None

    def over(self, day: date) -> int:
        return _over(self.at(day))

    @property
    def is_over(self) -> bool:
        return any(_over(held) for held in self._held)


def _over(held: Excess | None) -> int:
    return max(0, held.used - held.limit.seats) if held else 0


def _lines(limits: Iterable[Limit], steps: Sequence[Step]) -> Mapping[tuple[str, int, str], _Line]:
    """The line of each record and measure; the days of one record do not overlap."""
    sums, lines = _Sums(steps), defaultdict[tuple[str, int, str], _Line](_Line)
    for limit in sorted(limits, key=lambda limit: limit.start):
        for measure in limit.measures:
            line = lines[limit.kind, limit.key, measure]
            for day, used in sums.within(limit, measure):
                line.add(day, Excess(limit, measure, day, used))
            line.add(limit.end, None)
    return lines


class _Sums:
    """How many there are of what a limit counts, from each day on."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps: dict[tuple[str, int], list[Step]] = defaultdict(list)
        for step in sorted(steps, key=lambda step: step.day):
            self._steps[step.measure, step.tally.top].append(step)

    def within(self, limit: Limit, measure: str) -> Iterator[tuple[date, int]]:
        """On the limit's first day, and wherever it changes while the limit holds."""
        sort = limit.sort
        steps = [step for step in self._steps[measure, limit.department] if sort.counts(step.tally)]
        days = [step.day for step in steps]
        totals = [0, *accumulate(step.tally.amount for step in steps)]
        for day in sorted({limit.start, *(day for day in days if limit.start < day < limit.end)}):
            yield day, totals[bisect_right(days, day)]
