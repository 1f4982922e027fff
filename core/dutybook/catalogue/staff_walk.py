"""What all people of a staff table share while they are reconciled: keys, seals, documents, and what is wrong."""

from collections import Counter
from collections.abc import Iterator, Mapping, Set
from dataclasses import replace
from datetime import date
from typing import Protocol

from dutybook.book.changes import OPEN, Change, difference
from dutybook.book.kinds import Kind, Value
from dutybook.book.numbers import folded_number
from dutybook.book.timeline import Timeline
from dutybook.catalogue.reconcile_acts import NEW, Act
from dutybook.catalogue.staff_book import StaffBook, Worker
from dutybook.catalogue.staff_rows import BadRow, Row
from dutybook.errors import Message

DOCUMENTS = frozenset({"document", "status_document"})


class Wrong(Exception):
    """A person's rows cannot be taken; nothing of the person is."""

    def __init__(self, bad: BadRow) -> None:
        super().__init__()
        self.bad = bad


class Sealing(Protocol):
    """Gives what stands in the book for a personal value of a record."""

    def __call__(self, kind: str, key: int, name: str, value: Value) -> Value:
        """The digest."""


class Walk:
    """`agreeing` counts what needs no change; `system` is where the table comes from; `book` is the organisation at hand.

    `known` are the documents of the book by folded 文号. `closed` are the fields, and as "assignment" the assignments, that
    another system is the master of.
    """

    book: StaffBook
    within = ""
    """What is put before numbers of the organisation at hand, where the table is about several."""

    def __init__(
        self,
        day: date,
        known: Mapping[str, int],
        seal: Sealing,
        keys: Iterator[int],
        system: str | None,
        closed: Set[str] = frozenset(),
    ) -> None:
        self.day, self.known, self.keys, self.system, self.closed = day, known, keys, system, closed
        self.agreeing: Counter[str] = Counter()
        self.clamped = self.padded = 0
        self._seal = seal
        self._documents: dict[str, tuple[int, str, date]] = {}
        self._added: list[str] = []
        self._seen: dict[int, Row] = {}
        self._group = 0

    def begin(self) -> None:
        """The next person."""
        self._added = []

    def undo(self) -> None:
        """Nothing comes of this person, nor of the documents that nobody before has named."""
        for name in self._added:
            del self._documents[name]

    def group(self) -> int:
        """A number for changes that can only be taken back together."""
        self._group += 1
        return self._group

    def claim(self, worker: Worker, row: Row) -> None:
        """Wrong where two numbers of the table turn out to be one employee."""
        if (other := self._seen.setdefault(worker.key, row)) is not row:
            zh = f"与 {other.sheet} 第 {other.number} 行是同一职工 {worker.code}；请合并或更正"
            en = f"it is the same employee, {worker.code}, as {other.sheet}, row {other.number}; merge or correct them"
            raise Wrong(row.bad("external" if "external" in row.said else "number", zh, en))

    def sealed(self, kind: Kind, key: int, values: Mapping[str, Value], day: date) -> dict[str, Value]:
        """Values as the book holds them: personal ones as digests, documents by their keys."""
        held: dict[str, Value] = {}
        for name, value in values.items():
            if value is not None and name in DOCUMENTS:
                held[name] = self._document(str(value), day)
            else:
                held[name] = self._seal(kind.name, key, name, value) if name in kind.personal else value
        return held

    def _document(self, number: str, day: date) -> int:
        """The document of a number: one that the book knows, else one that this set opens, in time for the day."""
        name = folded_number(number)
        if (known := self.known.get(name)) is not None:
            return known
        if name not in self._documents:
            self._documents[name] = next(self.keys), number, self.day
            self._added.append(name)
        key, shown, first = self._documents[name]
        self._documents[name] = key, shown, min(first, day)
        return key

    def documents(self) -> Iterator[Act]:
        """Those that the book does not know, opened by their numbers."""
        for key, number, day in self._documents.values():
            change = Change(OPEN, "document", key, day, values={"title": number, "number": number}, group=self.group())
            yield Act(NEW, "document", number, (change,), after=number)

    def differing(self, kind: str, key: int, code: str | None, old: Timeline, new: Timeline) -> tuple[Change, ...]:
        """The changes from one life to another; what opens an employee carries the number."""
        changes = difference(kind, key, old, new) if old != new else iter(())
        if code is None:
            return tuple(changes)
        home = self.book.organisation
        return tuple(replace(c, code=code, organisation=home) if c.verb == OPEN else c for c in changes)

    def notes(self) -> Iterator[Message]:
        """What people should know."""
        if self.padded:
            zh = f"{self.padded} 个工号缺前导零，已按姓名认出；请把工号列设为文本。"
            yield Message(
                zh, f"{self.padded} numbers lack zeros before them and were known by the names; make the column text."
            )
        if self.clamped:
            zh = f"{self.clamped} 条任职的起始日早于岗位入册之日，从岗位入册之日记起。"
            en = f"{self.clamped} assignments began before the book knows their positions; they are kept from that day on."
            yield Message(zh, en)
