"""The rows of one person that name positions, against the assignments that the book knows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from dutybook.book.changes import Change
from dutybook.book.kinds import Value
from dutybook.book.nouns import ASSIGNMENT
from dutybook.book.timeline import Span, Timeline
from dutybook.book.times import FOREVER, eve
from dutybook.catalogue.reconcile_acts import CHANGED, WITHDRAWN, Act
from dutybook.catalogue.staff_book import Seat, Worker
from dutybook.catalogue.staff_lives import ONE_DAY, begun, ended, holding, live_span, primary_days, since, within
from dutybook.catalogue.staff_rows import BadRow, Person, Row
from dutybook.catalogue.staff_walk import Walk, Wrong

APPOINTED, ENDED, TRANSFERRED, SUSPENDED, RESUMED = "appointed", "ended", "transferred", "suspended", "resumed"
OPENED_WITH: dict[str, Value] = {"kind": "PRIMARY", "share": 100, "suspended": False}
"""What a new assignment has where the table is silent."""

WHY = ("reason", "document")


@dataclass(slots=True, eq=False)
class Life:
    """One assignment on its way from what the book says to what it will say; `row` names it in the table."""

    key: int
    old: Timeline
    new: Timeline
    row: Row | None = None
    successor: "Life | None" = None


@dataclass(frozen=True, slots=True)
class Tenure:
    """A row that names a position: from when until when at most, as the book can hold it."""

    row: Row
    seat: Seat
    start: date
    end: date | None
    values: dict[str, Value]

    @property
    def says_end(self) -> bool:
        """Whether the row itself tells an end, if only that there is none."""
        return "to" in self.row.said or "last" in self.row.said

    @property
    def says_start(self) -> bool:
        """Whether the row tells a beginning."""
        return self.row.day("from") is not None


class Tenures:
    """All assignments of one person; `lives` are as they will be."""

    def __init__(self, walk: Walk, person: Person, worker: Worker | None, key: int, leaves_on: date | None) -> None:
        self.walk, self.day, self.person, self.key, self.leaves_on = walk, walk.day, person, key, leaves_on
        self.lives = [Life(one.key, one.line, one.line) for one in (worker.held if worker else ())]
        told = [tenure for row in person.tenures if (tenure := self._tenure(row))]
        told = [
            tenure for tenure in sorted(told, key=lambda one: one.start) if not self._is_found(tenure, exactly=True)
        ]
        for tenure in told:
            if not self._is_found(tenure, exactly=False):
                self._open(tenure)
        if person.tells_positions:
            self._end_others()
        if leaves_on and ASSIGNMENT.name not in walk.closed:
            self._leave(leaves_on)
        self._refuse_two_primaries()

    @property
    def starts(self) -> Iterator[date]:
        """The days on which something begins that the book does not know to begin then."""
        for life in self.lives:
            known = {span.start for span in life.old.spans}
            yield from (span.start for span in life.new.spans if span.start not in known)

    def _tenure(self, row: Row) -> Tenure | None:
        """The row as the book can hold it. What somebody held who has left need not be known any more."""
        seat = self.walk.book.places.seat(row)
        gone = self.leaves_on is not None and self.leaves_on <= self.day
        if isinstance(seat, BadRow):
            if gone:
                return None
            raise Wrong(seat)
        said, end = row.day("from"), row.day("to") or row.day("last")
        if said is None and end and end <= self.day and not self._ever_on(seat):
            zh, en = "已结束的任职须写明任职起", "an assignment that has ended needs the day on which it began"
            raise Wrong(row.bad("from" if "from" in row.headers else "position", zh, en))
        start, until = max(said or self.day, seat.start), min(end or FOREVER, self.leaves_on or FOREVER)
        self.walk.clamped += said is not None and said < seat.start
        if start >= seat.end and not gone:
            last = eve(seat.end)
            zh, en = (
                f"该岗位的末日是 {last}；请改写其他岗位",
                f"the last day of this position is {last}; name another one",
            )
            raise Wrong(row.bad("position", zh, en))
        return Tenure(row, seat, start, None if until == FOREVER else until, self._values(row))

    def _values(self, row: Row) -> dict[str, Value]:
        """What the row says of the assignment itself; why somebody leaves is said of the person."""
        names = ("kind", "share", "suspended", *(() if self.leaves_on else WHY))
        return {name: row.said[name] for name in names if name in row.said and (name != "kind" or row.said[name])}

    def _ever_on(self, seat: Seat) -> bool:
        return any(_last(span, "position") == seat.key for life in self.lives for span in life.old.spans)

    def _is_found(self, tenure: Tenure, *, exactly: bool) -> bool:
        """Whether the tenure is one that the book knows, which then says what the row says."""
        found = self._match(tenure, exactly=exactly)
        if found:
            life, span = found
            life.row, life.new = tenure.row, self._adjusted(life, span, tenure)
        return found is not None

    def _open(self, tenure: Tenure) -> None:
        end = min(tenure.end or FOREVER, tenure.seat.end)
        if tenure.start >= end:
            return
        key = next(self.walk.keys)
        given = {name: value for name, value in tenure.values.items() if value is not None}
        fields = dict.fromkeys(ASSIGNMENT.by_name) | OPENED_WITH | {"employee": self.key, "position": tenure.seat.key}
        values = fields | self.walk.sealed(ASSIGNMENT, key, given, tenure.start)
        line = Timeline().open(values, tenure.start, None if end == FOREVER else end)
        self.lives.append(Life(key, Timeline(), line, tenure.row))

    def _match(self, tenure: Tenure, *, exactly: bool) -> tuple[Life, Span] | None:
        """What the book knows of a tenure: of the same kind, or of another one where the row tells no new beginning."""
        found = [(life, span) for life in self.lives if life.row is None for span in life.new.spans]
        found = [(life, span) for life, span in found if self._is(span, tenure)]
        if exactly:
            fitting = [(life, span) for life, span in found if tenure.values.get("kind") in {None, self._kind(span)}]
        else:
            fitting = [(life, span) for life, span in found if not self._begins_anew(span, tenure)]
        return min(fitting, key=lambda one: (abs((one[1].start - tenure.start).days), one[0].key), default=None)

    def _is(self, span: Span, tenure: Tenure) -> bool:
        """Whether an existence is on the position on days that the row is about."""
        if span.value("position", within(span, self.day)) != tenure.seat.key:
            return False
        if tenure.end is None or tenure.end > self.day:
            return span.end > self.day
        return (
            (span.start < tenure.end and tenure.start < span.end)
            if tenure.says_start
            else span.start < tenure.end <= span.end
        )

    def _kind(self, span: Span) -> Value:
        return span.value("kind", within(span, self.day))

    def _begins_anew(self, span: Span, tenure: Tenure) -> bool:
        return tenure.says_start and tenure.start != since(span, "position", within(span, self.day))

    def _adjusted(self, life: Life, span: Span, tenure: Tenure) -> Timeline:
        """What the row says of an assignment: its days, then its values on the effective day; why it ends, on the last."""
        line = life.new
        moved_here = since(span, "position", within(span, self.day)) != span.start
        told = (tenure.says_start or span.start > self.day) and not moved_here
        start = tenure.start if told else span.start
        end = min(tenure.end or FOREVER, tenure.seat.end) if tenure.says_end else span.end
        if start >= end or any(one.start < end and start < one.end for one in line.spans if one is not span):
            start, end = span.start, span.end
        if start != span.start:
            line = begun(line, span, start)
            span = next(one for one in line.spans if one.start == start)
        if end != span.end:
            line = ended(line, span, end)
            span = next(one for one in line.spans if one.start == start)
        values = self.walk.sealed(ASSIGNMENT, life.key, tenure.values, start)
        why = {name: values.pop(name) for name in WHY if name in values and tenure.says_end and span.end != FOREVER}
        return holding(holding(line, within(span, self.day), values), span.end - ONE_DAY, why)

    def _end_others(self) -> None:
        """What the book says besides: what is in force ends, and nothing primary of before reaches into what is told."""
        told = [days for life in self.lives if life.row for days in primary_days(life.new)]
        for life in (life for life in self.lives if life.row is None):
            for span in life.new.spans:
                if span.start <= self.day < span.end:
                    life.successor, day = self._successor(span)
                    if day < span.end:
                        self._end(life, span, day, life.successor.row if life.successor else self._nowhere())
                elif span.end <= self.day and self._kind(span) == "PRIMARY":
                    reached = [start for start, end in told if start < span.end <= end]
                    life.new = ended(life.new, span, min(reached)) if reached else life.new

    def _successor(self, span: Span) -> tuple[Life | None, date]:
        """What comes instead of an assignment, and the day on which it does; the effective day where nothing does."""
        for life in (life for life in self.lives if life.row):
            one = live_span(life.new, self.day)
            if one is None:
                continue
            same_seat = one.value("position", one.start) == span.value("position", self.day)
            if (same_seat and one.start > span.start) or self._kind(span) == "PRIMARY" == self._kind(one):
                return life, one.start
        return None, self.day

    def _nowhere(self) -> Row | None:
        """The row that says that the person has no position, if one does."""
        return next((row for row in self.person.rows if "position" in row.said and row.said["position"] is None), None)

    def _end(self, life: Life, span: Span, day: date, why: Row | None) -> None:
        """Ends an assignment; why is kept with its last day."""
        life.new = ended(life.new, span, day)
        said = {name: why.said[name] for name in WHY if why and why.said.get(name)}
        if said and life.new.span_on(day - ONE_DAY):
            values = self.walk.sealed(ASSIGNMENT, life.key, said, day - ONE_DAY)
            life.new = holding(life.new, day - ONE_DAY, values)

    def _leave(self, day: date) -> None:
        why = next((row for row in self.person.rows if any(name in row.said for name in WHY)), None)
        for life in self.lives:
            for span in life.new.spans:
                if span.end > day:
                    self._end(life, span, day, why)

    def _refuse_two_primaries(self) -> None:
        held = [(start, end, life) for life in self.lives for start, end in primary_days(life.new)]
        for (_, end, one), (start, _, other) in pairwise(sorted(held, key=lambda each: each[:2])):
            if start < end and one is not other:
                self._refuse(one, other, start)

    def _refuse(self, one: Life, other: Life, day: date) -> None:
        named, beside = (other, one) if other.row else (one, other)
        row = named.row or self.person.rows[0]
        shown = self._shown(beside.new, day)
        zh = f"自 {day} 起与主岗 {shown} 同时有两个主岗；请写明前者的止日，或改为兼岗"
        en = f"from {day} on it is a second primary position beside {shown}; say when that one ends, or make this one concurrent"
        raise Wrong(row.bad("position", zh, en))

    def acts(self) -> Iterator[Act]:
        """What becomes of the assignments; one that takes the place of others is told together with them."""
        for life in (life for life in self.lives if life.successor is None):
            before = [one for one in self.lives if one.successor is life]
            changes = [change for one in (*before, life) for change in self._changes(one)]
            if not changes:
                self.walk.agreeing["assignment"] += life.row is not None and bool(life.new.spans)
                continue
            left = next((one for one in before if one.old != one.new), None)
            what = TRANSFERRED if left and not life.old.spans else self._done(left or life)
            old, new = self._shown((left or life).old, self.day), self._shown(life.new, self.day)
            yield Act(what, "assignment", "", tuple(changes), old or None, new or None)

    def _changes(self, life: Life) -> Sequence[Change]:
        return self.walk.differing("assignment", life.key, None, life.old, life.new)

    def _done(self, life: Life) -> str:
        old, new = life.old, life.new
        if not old.spans:
            return APPOINTED
        if len(new.spans) < len(old.spans):
            return WITHDRAWN
        if new.spans[-1].end < old.spans[-1].end:
            return ENDED
        was, now = (bool(line.value("suspended", self.day)) for line in (old, new))
        return CHANGED if was == now else SUSPENDED if now else RESUMED

    def _shown(self, line: Timeline, day: date) -> str:
        span = live_span(line, day) or (line.spans[-1] if line.spans else None)
        if span is None:
            return ""
        at, places = within(span, day), self.walk.book.places
        key = span.value("position", at)
        seat = places.by_key.get(key) if isinstance(key, int) else None
        end = "" if span.end == FOREVER else span.end
        return f"{places.shown(seat) if seat else f'#{key}'} {span.value('kind', at)} {span.start}–{end}"


def _last(span: Span, name: str) -> Value:
    return span.value(name, span.end - ONE_DAY)
