"""Lifecycle events: what a publication tells the world, appended in its own transaction."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from dutybook.book.changes import LINK, SET, UNLINK, Change
from dutybook.book.kinds import Kind, Value
from dutybook.db.bulk import insert_rows
from dutybook.db.events import COLUMNS, append
from dutybook.lifecycle.events import Event
from dutybook.services.book import Book
from dutybook.services.write import CHUNK


@dataclass(frozen=True, slots=True)
class Occasion:
    """The publication that events tell of."""

    changeset: int
    revision: int
    effective_on: date
    at: datetime
    by: str


def event_type(kind: Kind, change: Change) -> str:
    """The name in the past tense of what a change did: `position.moved`."""
    match change.verb:
        case "close" if change.said in {"merge", "split"}:
            verb = "merged" if change.said == "merge" else "split"
        case "set":
            verb = _set_verb(kind, change)
        case "open" | "close":
            verb = kind.events[change.verb]
        case _:
            verb = "changed"
    return f"{kind.name}.{verb}"


def _set_verb(kind: Kind, change: Change) -> str:
    if "move" in kind.events and change.values.keys() & set(kind.parents):
        return kind.events["move"]
    if kind.name == "assignment" and "suspended" in change.values:
        return "suspended" if change.values["suspended"] else "resumed"
    if kind.name == "duty" and change.values.keys() == {"rank"}:
        return "reordered"
    return kind.events[SET]


class Appending:
    """The events of a publication on their way into the log, behind the sequence `after`."""

    def __init__(self, session: Session, book: Book, occasion: Occasion, after: int) -> None:
        self._session, self._book, self._occasion = session, book, occasion
        self._last, self._ordinal, self._told = after, 0, list[Event]()

    def add(self, changes: Sequence[Change]) -> None:
        """Those of the next changes of the set."""
        events = list(_events(self._book, self._occasion, changes, self._ordinal, self._last))
        self._insert(_row(*event) for event in events)
        self._last += len(events)
        self._ordinal += len(changes)
        self._told = [event for _, event in events] if self._ordinal <= CHUNK else []

    def close(self) -> tuple[int, list[Event] | None]:
        """Those of the set itself; the last sequence, and all events if they are few."""
        names = enumerate(_names(self._book, self._occasion), start=1)
        of_set = [_of_set(name, self._occasion, self._last + place) for place, name in names]
        self._insert(_row(None, event) for event in of_set)
        return self._last + len(of_set), [*self._told, *of_set] if self._ordinal <= CHUNK else None

    def _insert(self, rows: Iterable[tuple[Any, ...]]) -> None:
        insert_rows(self._session, self._book.tables["event"], COLUMNS, rows)


def _names(book: Book, it: Occasion) -> Iterator[str]:
    """What a publication is to the set itself; what is to take effect later is told on its day."""
    yield "changeset.published"
    if it.effective_on <= book.clock.today():
        yield "changeset.took_effect"


def _events(
    book: Book, it: Occasion, changes: Sequence[Change], first: int, after: int
) -> Iterator[tuple[int | None, Event]]:
    sequence, listened = after, book.plugins.implementing("derive")
    for ordinal, change in enumerate(changes, start=first):
        if change.verb not in {LINK, UNLINK}:
            sequence += 1
            name = event_type(book.kinds[change.kind], change)
            payload = change.document() if listened else {}
            about = (change.kind, change.key, it.at, it.by, change.start, it.changeset, it.revision)
            yield ordinal, Event(sequence, name, *about, payload=payload)


def _of_set(name: str, it: Occasion, sequence: int) -> Event:
    return Event(sequence, name, "changeset", it.changeset, it.at, it.by, it.effective_on, it.changeset, it.revision)


def _row(ordinal: int | None, it: Event) -> tuple[Any, ...]:
    about = (it.sequence, it.type, it.aggregate, it.key, it.changeset, ordinal)
    return (*about, it.revision, it.effective_on, it.recorded_at, it.actor)


def note(
    session: Session, book: Book, name: str, key: int, by: str, payload: Mapping[str, Value] | None = None
) -> Event:
    """Appends one event outside a publication; what its name begins with is the aggregate that it happened to."""
    aggregate = name.partition(".")[0]
    changeset = key if aggregate == "changeset" else None
    event = Event(0, name, aggregate, key, book.clock.now(), by, changeset=changeset, payload=payload or {})
    return append(session, book.tables, event)
