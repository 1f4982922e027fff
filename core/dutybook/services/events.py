"""Lifecycle events: what a publication tells the world, appended in its own transaction."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from dutybook.book.changes import LINK, SET, UNLINK, Change
from dutybook.book.kinds import Kind
from dutybook.db.bulk import insert_rows
from dutybook.db.head import advance, head
from dutybook.services.book import Book
from dutybook.services.write import chunks

PARENTS = {"department": "parent", "position": "department", "duty": "position"}
COLUMNS = (
    "sequence",
    "type",
    "aggregate",
    "key",
    "changeset",
    "ordinal",
    "revision",
    "effective_on",
    "recorded_at",
    "actor",
)


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
    if PARENTS.get(kind.name) in change.values:
        return "moved"
    if kind.name == "assignment" and "suspended" in change.values:
        return "suspended" if change.values["suspended"] else "resumed"
    if kind.name == "duty" and change.values.keys() == {"rank"}:
        return "reordered"
    return kind.events[SET]


def append_events(session: Session, book: Book, occasion: Occasion, after: int) -> int:
    """Appends the events of a publication behind sequence `after` and returns the last sequence."""
    last, ordinal = after, 0
    for chunk in chunks(session, book, occasion.changeset):
        rows = list(_rows(book, occasion, chunk, ordinal, last))
        insert_rows(session, book.tables["event"], COLUMNS, rows)
        last += len(rows)
        ordinal += len(chunk)
    return append_event(session, book, "changeset.published", occasion, last)


def append_event(session: Session, book: Book, name: str, occasion: Occasion, after: int) -> int:
    """Appends one event about the change set itself."""
    row = (after + 1, name, "changeset", occasion.changeset, occasion.changeset, None, occasion.revision)
    insert_rows(session, book.tables["event"], COLUMNS, [(*row, occasion.effective_on, occasion.at, occasion.by)])
    return after + 1


def _rows(book: Book, it: Occasion, changes: Sequence[Change], first: int, after: int) -> Iterator[tuple[Any, ...]]:
    sequence = after
    for ordinal, change in enumerate(changes, start=first):
        if change.verb in {LINK, UNLINK}:
            continue
        sequence += 1
        name = event_type(book.kinds[change.kind], change)
        about = (sequence, name, change.kind, change.key, it.changeset, ordinal, it.revision)
        yield (*about, change.start, it.at, it.by)


def note(session: Session, book: Book, name: str, changeset: int, by: str) -> None:
    """Appends one event of a change set's life outside a publication."""
    before = head(session, book.tables, lock=True)
    row = (before.sequence + 1, name, "changeset", changeset, changeset, None, None, None, book.clock.now(), by)
    insert_rows(session, book.tables["event"], COLUMNS, [row])
    advance(session, book.tables, before._replace(sequence=before.sequence + 1))
