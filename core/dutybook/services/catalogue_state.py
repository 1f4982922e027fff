"""The book as reconciliation asks for it: one organisation on one day, read in a few statements."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import groupby
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from dutybook.book.changes import CLOSE, RESCIND, SET, Change
from dutybook.book.kinds import Kinds, Value
from dutybook.book.timeline import ALL, OPENING
from dutybook.book.times import FOREVER, STILL_KNOWN, Time
from dutybook.catalogue.likeness import plain
from dutybook.catalogue.reconcile_acts import PARENT
from dutybook.catalogue.reconcile_book import Known
from dutybook.catalogue.roster import FIELDS
from dutybook.db import roster
from dutybook.db.codec import RowCodec
from dutybook.db.engine import KEYS
from dutybook.db.in_force import EVERYTHING, Scope
from dutybook.db.reads import Reading, codes, sent
from dutybook.db.versions import Versions
from dutybook.errors import BadInput
from dutybook.services.book import Book

HEAD = STILL_KNOWN - 1


@dataclass(frozen=True)
class BookState:
    """One organisation at the head of the book on one day; the `State` that reconciliation works with."""

    session: Session
    book: Book
    day: date
    name: str
    organisation: Known | None
    last_rank: str | None
    scope: Scope = EVERYTHING

    @property
    def kinds(self) -> Kinds:
        """The kinds of the book."""
        return self.book.kinds

    @property
    def _reading(self) -> Reading:
        return Reading(self.book.database, Time(self.day, HEAD), self.scope)

    @cached_property
    def departments(self) -> Sequence[Known]:
        """Those in force, siblings in official order."""
        return self._live("department")

    @cached_property
    def positions(self) -> Sequence[Known]:
        """Those in force, siblings in official order."""
        return self._live("position")

    @cached_property
    def former_departments(self) -> Sequence[Known]:
        """Those that are not in force, with what was last known of them."""
        return self._former("department")

    @cached_property
    def former_positions(self) -> Sequence[Known]:
        """Those that are not in force, with what was last known of them."""
        return self._former("position")

    def _live(self, kind: str) -> Sequence[Known]:
        if self.organisation is None:
            return ()
        rows = self.session.execute(roster.records(self._reading, kind, self.organisation.key)).all()
        ending = [row.key for row in rows if row.valid_to != FOREVER]
        lines = Versions(self.session, self.book.tables, kind).timelines(ending, HEAD)
        ends = {key: span.end for key, line in lines.items() if (span := line.span_on(self.day))}
        until = {key: end for key, end in ends.items() if end != FOREVER}
        known = Reader(self.kinds, kind)
        return [known(row, until=until.get(row.key)) for row in rows]

    def _former(self, kind: str) -> Sequence[Known]:
        if self.organisation is None:
            return ()
        return self.former_of(kind, roster.former_records(self._reading, kind, self.organisation.key))

    def former_of(self, kind: str, query: Select[Any]) -> list[Known]:
        """One record for all versions of each key, with the day on which it exists again; the last known come first."""
        known, found = Reader(self.kinds, kind), []
        for _, versions in groupby(self.session.execute(query), key=lambda row: row.key):
            rows = list(versions)
            last = rows[0]
            coming = [row.valid_from for row in rows if row.until_revision == STILL_KNOWN and row.valid_from > self.day]
            age = -last.until_revision, -last.valid_to.toordinal(), last.rank or "", last.key
            found.append((age, known(last, former=True, until=min(coming, default=None))))
        return [record for _, record in sorted(found, key=itemgetter(0))]

    def duties(self, positions: Collection[int]) -> Mapping[int, Sequence[Known]]:
        """The lists of some positions in force; duties of a standard that one follows come first."""
        found: dict[int, list[Known]] = defaultdict(list)
        self._add_followed(found, positions)
        known = Reader(self.kinds, "duty")
        for row in self.session.execute(roster.lists(self._reading, "position", positions)):
            found[row.position].append(known(row))
        return found

    def _add_followed(self, found: dict[int, list[Known]], positions: Collection[int]) -> None:
        followers = {key: self._followers[key] for key in positions if key in self._followers}
        if not followers:
            return
        standards = {standard for standard, _ in followers.values()}
        known, held = Reader(self.kinds, "duty"), defaultdict[int, list[Known]](list)
        for row in self.session.execute(roster.lists(self._reading, "standard", standards)):
            held[row.standard].append(known(row, followed=True))
        for key, (standard, exceptions) in followers.items():
            found[key] += [duty for duty in held[standard] if duty.key not in exceptions]

    @cached_property
    def _followers(self) -> Mapping[int, tuple[int, Collection[int]]]:
        """The standard that positions follow, and which of its duties each leaves out."""
        rows = self._reading.source("position")
        query = select(rows).where(rows.c.standard.is_not(None))
        return {
            row.key: (row.standard, orjson.loads(row.exceptions) if row.exceptions else ())
            for row in self.session.execute(query)
        }

    def former_duties(self, positions: Collection[int]) -> Mapping[int, Sequence[Known]]:
        """The duties that some positions once had, with what was last known of them."""
        found: dict[int, list[Known]] = defaultdict(list)
        for known in self.former_of("duty", roster.former_lists(self._reading, positions)):
            if known.parent is not None:
                found[known.parent].append(known)
        return found

    def texts(self) -> Iterable[str]:
        """The texts of all duties in force."""
        if self.organisation is None:
            return ()
        query = roster.texts(self._reading, self.organisation.key)
        return self.session.execute(query.execution_options(yield_per=2_000)).scalars()

    def ends(self, kind: str, keys: Collection[int]) -> Mapping[int, Sequence[Change]]:
        """A record that began on this very day never was; any other one closes."""
        lines = Versions(self.session, self.book.tables, kind).timelines(keys, HEAD)
        spans = {key: line.span_on(self.day) for key, line in lines.items()}
        return {key: [self._end(kind, key, span.start == self.day)] for key, span in spans.items() if span}

    def _end(self, kind: str, key: int, never_was: bool) -> Change:
        return Change(RESCIND if never_was else CLOSE, kind, key, self.day, names=(OPENING,) if never_was else ())

    def dependents(self, kind: str, keys: Collection[int]) -> Iterator[Change]:
        """What would begin later in a record that ends never does; what only refers to it loses the reference.

        Where it cannot do without, as an assignment cannot, the rules will name it.
        """
        for child, field in self.kinds.referring_to(kind):
            within = field.name in child.parents
            if field.required and not within:
                continue
            for row in self.session.execute(roster.referring(self._reading, child.name, field.name, keys)):
                if not within and not (child.name == kind and row.key in keys):
                    yield Change(SET, child.name, row.key, max(self.day, row.valid_from), values={field.name: None})
                elif within and row.valid_from > self.day and row.touched == ALL:
                    yield Change(RESCIND, child.name, row.key, row.valid_from, names=(OPENING,))

    def holders(self, positions: Collection[int]) -> Mapping[int, Sequence[str]]:
        """The numbers of those who are assigned to positions on the day or later."""
        rows = self.session.execute(roster.referring(self._reading, "assignment", "position", positions)).all()
        database, people = self.book.database, {row.employee for row in rows}
        given = {KEYS: sent(database, people)}
        numbers = {row.key: row.code for row in self.session.execute(codes(database, "employee"), given)}
        found: dict[int, dict[str, None]] = defaultdict(dict)
        for row in rows:
            found[row.position][numbers[row.employee]] = None
        return {position: list(some) for position, some in found.items()}


class Reader:
    """Rows of one kind as known records."""

    def __init__(self, kinds: Kinds, kind: str) -> None:
        self.fields, self.parent = FIELDS[kind], PARENT.get(kind)
        self.coded = kinds[kind].coded is not None
        self.decoders = {name: decode for name, decode in RowCodec(kinds[kind]).decoders.items() if name in self.fields}

    def __call__(
        self, row: Row[Any], *, former: bool = False, until: date | None = None, followed: bool = False
    ) -> Known:
        """The record that a row tells of."""
        values = {name: getattr(row, name) for name in self.fields}
        for name, decode in self.decoders.items():
            if values[name] is not None:
                values[name] = decode(values[name])
        parent = getattr(row, self.parent) if self.parent else None
        code = row.code if self.coded else None
        return Known(row.key, parent, row.rank, values, code, former, until, followed)


def state_of(session: Session, book: Book, name: str, day: date) -> BookState:
    """The organisation that has a name or a code; one that the book does not know yet will be opened by that name."""
    reading = Reading(book.database, Time(day, HEAD), EVERYTHING)
    live = session.execute(roster.organisations(reading)).all()
    if found := next((row for row in live if _is_called(name, row.code, row.name)), None):
        return BookState(session, book, day, found.name, Reader(book.kinds, "organisation")(found), live[-1].rank)
    nobody = BookState(session, book, day, name, None, live[-1].rank if live else None)
    former = nobody.former_of("organisation", roster.former_records(reading, "organisation", 0))
    if once := next((one for one in former if _is_called(name, one.code, one.values["name"])), None):
        return replace(nobody, name=str(once.values["name"]), organisation=once)
    if LOOKS_LIKE_CODE.fullmatch(name):
        raise unknown_organisation(name, live)
    return nobody


def _is_called(name: str, code: str | None, full: Value) -> bool:
    return name == code or plain(name) == plain(str(full))


LOOKS_LIKE_CODE = re.compile(r"[A-Za-z]{1,4}-?\d{1,9}")


def existing_state(session: Session, book: Book, name: str | None, day: date, scope: Scope) -> BookState:
    """The organisation that has a name or a code, as a scope may see it; without a name the book's only one."""
    rows = session.execute(roster.organisations(Reading(book.database, Time(day, HEAD), EVERYTHING))).all()
    found = [row for row in rows if name is None or _is_called(name, row.code, row.name)]
    if len(found) != 1:
        raise unknown_organisation(name, rows)
    return BookState(session, book, day, found[0].name, Reader(book.kinds, "organisation")(found[0]), None, scope)


def unknown_organisation(name: str | None, known: Sequence[Row[Any]]) -> BadInput:
    """A name that is none, or no name where there is a choice."""
    listed = "; ".join(f"{row.code} {row.name}" for row in known[:20])
    zh = f"没有编号或名称为「{name}」的单位" if name else "未指明单位"
    en = f"No organisation has the code or name '{name}'" if name else "No organisation is named"
    zh_way, en_way = "请用 --organisation 给出编号或全称", "give a code or the full name by --organisation"
    zh, en = f"{zh}，已有：{listed or '无'}。{zh_way}。", f"{en}; known are: {listed or 'none'}; {en_way}."
    return BadInput(zh, en, path=["organisation"])
