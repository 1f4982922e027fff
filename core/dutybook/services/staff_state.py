"""The book as the import of a staff table asks for it: the people of the table, and all positions of one organisation."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import groupby
from operator import attrgetter
from typing import Any

import orjson
from sqlalchemy import Row
from sqlalchemy.orm import Session

from dutybook.book.numbers import folded_number
from dutybook.book.timeline import ALL, Timeline
from dutybook.book.times import STILL_KNOWN, Time
from dutybook.catalogue.staff_book import Held, Places, Seat, StaffBook, Unit, Worker
from dutybook.catalogue.staff_rows import Person
from dutybook.db import staff
from dutybook.db.in_force import EVERYTHING
from dutybook.db.reads import Reading
from dutybook.db.versions import Versions
from dutybook.services.book import Book
from dutybook.services.seals import Seals

HEAD = STILL_KNOWN - 1


def documents_known(session: Session, book: Book, day: date) -> dict[str, int]:
    """The documents in force on a day, by their folded numbers."""
    rows = session.execute(staff.documents(Reading(book.database, Time(day, HEAD), EVERYTHING))).all()
    return {folded_number(row.number): row.key for row in reversed(rows)}


@dataclass(frozen=True)
class StaffReader:
    """Reads one organisation at the head of the book on a day."""

    session: Session
    book: Book
    seals: Seals
    day: date
    organisation: int

    @property
    def _reading(self) -> Reading:
        return Reading(self.book.database, Time(self.day, HEAD), EVERYTHING)

    def book_of(self, people: Collection[Person], system: str | None) -> StaffBook:
        """What the book says of these people, by number and by their ids in a system, and of all positions."""
        external = self._by_external(system) if system and any(person.external for person in people) else {}
        wanted = {key for person in people if (key := external.get(person.external or "")) is not None}
        numbers = {person.number for person in people if person.number}
        codes: dict[int, str] = {}
        if numbers:
            by_number = self.session.execute(staff.employees(self._reading, self.organisation, numbers))
            codes = {row.key: row.code for row in by_number}
        padded = self._padded(numbers - set(codes.values()))
        codes |= padded.values()
        codes |= {
            row.key: row.code for row in self.session.execute(staff.codes_of(self._reading, wanted - codes.keys()))
        }
        workers = {worker.code: worker for worker in self._workers(codes, system)}
        found = {name: workers[codes[key]] for name, key in external.items() if key in codes}
        known = {number: workers[code] for number, (_, code) in padded.items()}
        return StaffBook(self.day, self.organisation, workers, found, numbers, known, self._places())

    def _padded(self, unknown: Collection[str]) -> Mapping[str, tuple[int, str]]:
        """Keys and numbers of those whom the table may mean by numbers that have lost the zeros before them."""
        bare = {number.lstrip("0"): number for number in unknown if number.isdecimal()}
        if not bare:
            return {}
        rows = self.session.execute(staff.padded(self._reading, self.organisation)).all()
        found = defaultdict[str, list[tuple[int, str]]](list)
        for row in rows:
            if number := bare.get(row.code.lstrip("0")):
                found[number].append((row.key, row.code))
        return {number: some[0] for number, some in found.items() if len(some) == 1}

    def _workers(self, codes: Mapping[int, str], system: str | None) -> Iterator[Worker]:
        self.seals.know("employee", codes.keys())
        external = self._external if system else {}
        lines = self._lines("employee", codes.keys())
        held = self._held(codes.keys())
        for key, code in codes.items():
            gone = self.seals.is_erased("employee", key)
            yield Worker(key, code, lines[key], held[key], external.get(key, {}), gone)

    def _lines(self, kind: str, keys: Collection[int]) -> dict[int, Timeline]:
        return Versions(self.session, self.book.tables, kind).timelines(keys, HEAD)

    def _held(self, employees: Collection[int]) -> Mapping[int, list[Held]]:
        rows = self.session.execute(staff.assignments(self._reading, employees)).all()
        keys = {row.key for row in rows}
        self.seals.know("assignment", keys)
        lines, found = self._lines("assignment", keys), defaultdict[int, list[Held]](list)
        for row in rows:
            found[row.employee].append(Held(row.key, lines[row.key]))
        return found

    @cached_property
    def _external(self) -> Mapping[int, dict[str, Any]]:
        query = staff.external_ids(self._reading, self.organisation)
        return {row.key: orjson.loads(row.value) for row in self.session.execute(query)}

    def _by_external(self, system: str) -> Mapping[str, int]:
        return {str(ids[system]): key for key, ids in self._external.items() if ids.get(system)}

    def absent(self, numbers: Collection[str]) -> list[Row[Any]]:
        """Those in force whose numbers are not among these."""
        query = staff.present(self._reading, self.organisation)
        return [row for row in self.session.execute(query) if row.code not in numbers]

    def _places(self) -> Places:
        departments, positions = (
            self._lives("department", "name", "parent"),
            self._lives("position", "title", "department"),
        )
        units = {
            row.key: Unit(row.key, row.code, row.shown, row.above) for row, (_, end) in departments if end > self.day
        }
        seats = [Seat(row.key, row.code, row.shown, row.above, *days) for row, days in positions]
        return Places(self.day, units, seats)

    def _lives(self, kind: str, shown: str, above: str) -> Iterator[tuple[Row[Any], tuple[date, date]]]:
        """Each record as it is on the day, else on the nearest one, with the days of that existence."""
        query = staff.lives(self._reading, kind, shown, above, self.organisation)
        for _, rows in groupby(self.session.execute(query), key=attrgetter("key")):
            spans: list[list[Row[Any]]] = []
            for row in rows:
                if row.touched == ALL or not spans:
                    spans.append([])
                spans[-1].append(row)
            span = next((one for one in spans if one[-1].valid_to > self.day), spans[-1])
            now = next((row for row in span if row.valid_to > self.day), span[-1])
            yield now, (span[0].valid_from, span[-1].valid_to)
