"""What a change set does to the followers of standard positions, on the days that it touches."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from dutybook.book.changes import Change
from dutybook.book.kinds import Value
from dutybook.book.timeline import Timeline
from dutybook.catalogue.likeness import plain
from dutybook.db import standards as reads
from dutybook.db.head import head
from dutybook.db.in_force import Scope
from dutybook.db.names import in_batches
from dutybook.db.versions import Versions
from dutybook.errors import DutybookError
from dutybook.services.book import Book

SHOWN = ("text", "rank", "involvement", "tags", "documents", "classification")
"""What of a standard's duty its followers show."""


class Seen(NamedTuple):
    """A duty as a position shows it."""

    key: int
    text: str
    of_standard: bool


class Spot(NamedTuple):
    """A follower, where and what it is called, on the first day on which the set changes what it shows, if on any."""

    key: int
    title: str
    department: int
    standard: int
    day: date
    is_reached: bool
    left_out: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """What one follower shows on a day before and after the set; `left_out` is what its exceptions keep from it.

    `code` and `standard` are the codes of both.
    """

    spot: Spot
    code: str
    standard: str
    before: Sequence[Seen]
    after: Sequence[Seen]
    left_out: Sequence[Seen]

    @property
    def keeps_texts(self) -> bool:
        """Whether it goes on saying the same, in whatever order and from whichever list."""
        return Counter(plain(duty.text) for duty in self.before) == Counter(plain(duty.text) for duty in self.after)


@dataclass(frozen=True, slots=True)
class Affected:
    """The followers that a set affects: those that may be seen, and how many more there are."""

    spots: Sequence[Spot]
    hidden: int


NOBODY = Affected((), 0)


class Outlook:
    """The lives of records as a revision knows them, and as they would be with the changes of a set."""

    def __init__(self, session: Session, book: Book, changeset: Row[tuple[object, ...]]) -> None:
        self.session, self.book, self.number = session, book, changeset.id
        published = changeset.revision
        self.known_at = head(session, book.tables).revision if published is None else published - 1
        self.changes: dict[tuple[str, int], list[Change]] = {}
        self._lines: dict[tuple[str, int], tuple[Timeline, Timeline]] = {}

    def hear(self, query: Select[Any]) -> list[Change]:
        """Learns of some changes of the set, and gives those of records that nothing was known of before."""
        new: dict[tuple[str, int], list[Change]] = defaultdict(list)
        for body in self.session.scalars(query):
            change = Change.parse(orjson.loads(body))
            if change.start and (change.kind, change.key) not in self.changes:
                new[change.kind, change.key].append(change)
        self.changes |= new
        for kind in {kind for kind, _ in new}:
            self.know(kind, {key for name, key in new if name == kind})
        return [change for changes in new.values() for change in changes]

    def know(self, kind: str, keys: Iterable[int]) -> None:
        """Reads the lives of some records."""
        unknown = {key for key in keys if (kind, key) not in self._lines}
        for key, line in Versions(self.session, self.book.tables, kind).timelines(unknown, self.known_at).items():
            self._lines[kind, key] = line, self._changed(line, self.changes.get((kind, key), ()))

    def _changed(self, line: Timeline, changes: Sequence[Change]) -> Timeline:
        for change in changes:
            try:
                line = change.apply(line)
            except DutybookError:  # what cannot be published is told by the preview's objections
                continue
        return line

    def lines(self, kind: str, key: int) -> tuple[Timeline, Timeline]:
        """A record's life before and after."""
        return self._lines[kind, key]

    def codes(self, kind: str, keys: Iterable[int]) -> dict[int, str]:
        """The codes of records, also of those that the set opens."""
        table = self.book.tables.identities[kind]
        known = in_batches(self.session, select(table.c.key, table.c.code), table.c.key, keys)
        opened = ((key, change) for (name, key), some in self.changes.items() if name == kind for change in some)
        return {key: change.code for key, change in opened if change.code} | {key: str(code) for key, code in known}

    def keys(self, kind: str) -> list[int]:
        """The records of a kind that are known."""
        return [key for name, key in self._lines if name == kind]

    def know_all(self, kind: str, name: str, owners: Collection[int]) -> set[int]:
        """Reads the lives of all that ever refer to some owners, by one statement, and gives their keys."""
        wanted = reads.ever(self.book.tables, kind, name, owners, self.known_at)
        found = Versions(self.session, self.book.tables, kind).found(wanted, self.known_at)
        for key, line in found.items():
            self._lines[kind, key] = line, self._changed(line, self.changes.get((kind, key), ()))
        return set(found)


@dataclass
class _Touch:
    """What a set touches: the days for each standard and each position, and the duties whose showing changes on them."""

    standards: dict[int, set[date]] = field(default_factory=lambda: defaultdict(set))
    positions: dict[int, set[date]] = field(default_factory=lambda: defaultdict(set))
    duties: dict[int, set[date]] = field(default_factory=lambda: defaultdict(set))


def affected(outlook: Outlook, scope: Scope) -> Affected:
    """The followers of all standards that a set touches, by department; a scope hides but does not forget."""
    touched = _touched(outlook)
    if not touched.standards and not touched.positions:
        return NOBODY
    outlook.know_all("duty", "standard", touched.standards)
    followers = outlook.know_all("position", "standard", touched.standards) | touched.positions.keys()
    lists = _Lists(outlook, touched)
    spots = [spot for key in sorted(followers) if (spot := _spot(outlook, touched, lists, key))]
    seen = [spot for spot in spots if scope.departments is None or spot.department in scope.departments]
    return Affected(tuple(sorted(seen, key=lambda spot: (spot.department, spot.key))), len(spots) - len(seen))


def _touched(outlook: Outlook) -> _Touch:
    touched = _Touch()
    for change in outlook.hear(reads.changes_of_standards(outlook.book.tables, outlook.number)):
        lines = outlook.lines(change.kind, change.key)
        if change.kind == "standard_position" and change.start:
            touched.standards[change.key].add(change.start)
        elif change.kind == "position":
            touched.positions[change.key] |= _differing(*lines, ("standard", "exceptions"))
        else:
            touched.duties[change.key] |= (days := _differing(*lines, ("standard", *SHOWN)))
            for day, standard in _followed(lines, days):
                touched.standards[standard].add(day)
    for key, days in touched.positions.items():
        for _, standard in _followed(outlook.lines("position", key), days):
            touched.standards[standard] |= set()
    return touched


def _followed(lines: Sequence[Timeline], days: Iterable[date]) -> Iterator[tuple[date, int]]:
    """The standards that a record refers to on some days, before and after."""
    for day in days:
        for line in lines:
            if isinstance(standard := line.value("standard", day), int):
                yield day, standard


def _differing(before: Timeline, after: Timeline, names: Sequence[str]) -> set[date]:
    """The days from which two lives differ in some fields, each a day on which something begins or ends in one of them."""
    spans = [span for line in (before, after) for span in line.spans]
    days = {
        day
        for span in spans
        for day in (span.start, span.end, *(d for name in names for d in span.steps.get(name, {})))
    }
    return {day for day in days if [before.value(n, day) for n in names] != [after.value(n, day) for n in names]}


class _Lists:
    """The duties of standards on days, before and after; each list is put together once."""

    def __init__(self, outlook: Outlook, touched: _Touch) -> None:
        self._outlook, self._touched = outlook, touched
        self._duties = [(key, outlook.lines("duty", key)) for key in outlook.keys("duty")]
        self._known: dict[tuple[int, date, int], list[tuple[int, tuple[Value, ...]]]] = {}
        self._changing: dict[tuple[int, date], frozenset[int]] = {}

    def shown(self, position: int, day: date, side: int) -> list[tuple[int, tuple[Value, ...]]]:
        """What a position shows of its standard."""
        line = self._outlook.lines("position", position)[side]
        standard = line.value("standard", day)
        if not isinstance(standard, int):
            return []
        left_out = line.value("exceptions", day)
        whole = self._of(standard, day, side)
        return [one for one in whole if one[0] not in left_out] if isinstance(left_out, list) else whole

    def _of(self, standard: int, day: date, side: int) -> list[tuple[int, tuple[Value, ...]]]:
        if (standard, day, side) not in self._known:
            lines = [(key, both[side]) for key, both in self._duties if both[side].value("standard", day) == standard]
            found = [(key, tuple(line.value(name, day) for name in SHOWN)) for key, line in lines]
            self._known[standard, day, side] = sorted(found, key=lambda one: (str(one[1][1] or ""), one[0]))
        return self._known[standard, day, side]

    def kept_away(self, position: int, day: date) -> tuple[int, ...]:
        """The duties that the set changes on a day, and that the position does without before and after."""
        found = []
        for side, line in enumerate(self._outlook.lines("position", position)):
            left_out, standard = line.value("exceptions", day), line.value("standard", day)
            if not isinstance(left_out, list) or not isinstance(standard, int):
                return ()
            of_it = {key for key, _ in self._of(standard, day, side)}
            found.append(
                {key for key in left_out if key in of_it and day in self._touched.duties.get(int(str(key)), ())}
            )
        return tuple(sorted(int(str(key)) for key in found[0] | found[1]))


def _spot(outlook: Outlook, touched: _Touch, lists: _Lists, key: int) -> Spot | None:
    """Where a position follows a touched standard on a touched day: the first on which that changes anything, if any."""
    lines = outlook.lines("position", key)
    standards = {value for line in lines for span in line.spans for value in span.steps.get("standard", {}).values()}
    days = {day for value in standards if isinstance(value, int) for day in touched.standards.get(value, ())}
    found: Spot | None = None
    for day in sorted(days | touched.positions.get(key, set())):
        followed = [line.value("standard", day) for line in lines]
        if not any(isinstance(value, int) and value in touched.standards for value in followed):
            continue
        line = lines[1] if lines[1].span_on(day) else lines[0]
        standard = next(int(str(value)) for value in reversed(followed) if value is not None)
        is_reached = lists.shown(key, day, 0) != lists.shown(key, day, 1)
        if is_reached or found is None:
            title, department = str(line.value("title", day)), int(str(line.value("department", day)))
            found = Spot(key, title, department, standard, day, is_reached, lists.kept_away(key, day))
        if is_reached:
            return found
    return found


def effects(outlook: Outlook, spots: Sequence[Spot]) -> list[Effect]:
    """What some followers show before and after, their own duties included."""
    if not spots:
        return []
    book, keys = outlook.book, [spot.key for spot in spots]
    outlook.hear(reads.changes_of_lists(book.tables, outlook.number, keys, sqlite=book.database.is_sqlite))
    outlook.know_all("duty", "position", keys)
    codes = outlook.codes("position", keys)
    standards = outlook.codes("standard_position", {spot.standard for spot in spots})
    own = _own(outlook, set(keys))
    return [
        Effect(spot, codes[spot.key], standards[spot.standard], *_sides(outlook, spot, own[spot.key])) for spot in spots
    ]


def _own(outlook: Outlook, positions: set[int]) -> dict[int, list[int]]:
    """The duties that ever are in the positions' own lists."""
    found: dict[int, list[int]] = {position: [] for position in positions}
    for key in outlook.keys("duty"):
        spans = [span for line in outlook.lines("duty", key) for span in line.spans]
        for value in {value for span in spans for value in span.steps.get("position", {}).values()}:
            if isinstance(value, int) and value in found:
                found[value].append(key)
    return found


def _sides(outlook: Outlook, spot: Spot, own: Sequence[int]) -> Iterator[list[Seen]]:
    """Before, after, and what is kept away."""
    for side in (0, 1):
        line = outlook.lines("position", spot.key)[side]
        left_out = line.value("exceptions", spot.day) or []
        standard = line.value("standard", spot.day)
        theirs = _in_order(outlook, "standard", standard, spot.day, side) if standard is not None else []
        kept = [key for key in theirs if not isinstance(left_out, list) or key not in left_out]
        ours = _in_order(outlook, "position", spot.key, spot.day, side, own)
        yield [_seen(outlook, key, spot.day, side) for key in (*kept, *ours)]
    yield [
        _seen(outlook, key, spot.day, 1 if outlook.lines("duty", key)[1].span_on(spot.day) else 0)
        for key in spot.left_out
    ]


def _in_order(
    outlook: Outlook, name: str, owner: Value, day: date, side: int, keys: Sequence[int] | None = None
) -> list[int]:
    lines = {key: outlook.lines("duty", key)[side] for key in (outlook.keys("duty") if keys is None else keys)}
    found = [key for key, line in lines.items() if line.value(name, day) == owner]
    return sorted(found, key=lambda key: (str(lines[key].value("rank", day) or ""), key))


def _seen(outlook: Outlook, key: int, day: date, side: int) -> Seen:
    line = outlook.lines("duty", key)[side]
    return Seen(key, str(line.value("text", day)), line.value("standard", day) is not None)
