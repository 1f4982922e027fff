"""What is read of documents: by number whatever its brackets, by title, by issuer."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, Subquery, false, func, or_, select
from sqlalchemy.orm import Session

from dutybook.book.numbers import SAME, WRITTEN, folded_number
from dutybook.book.times import STILL_KNOWN
from dutybook.db.engine import Database
from dutybook.db.in_force import Scope, ever
from dutybook.db.reads import LONGEST, Reading, among, holds
from dutybook.db.tables import Tables


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """Which documents are meant; what is None does not matter. All three are parts of what is said."""

    number: str | None = None
    text: str | None = None
    issuer: str | None = None


def folded(column: Any) -> ColumnElement[str]:
    """A column of numbers as `folded_number` has it."""
    found: ColumnElement[str] = func.translate(column, WRITTEN, SAME)
    return found


def filtered(reading: Reading, wanted: DocumentFilter) -> tuple[Select[Any], Subquery]:
    """The documents that a filter leaves, and the source to order them by."""
    rows = reading.source("document")
    query = select(rows)
    if wanted.number is not None:
        query = query.where(_numbered(rows, wanted.number))
    if wanted.text is not None:
        query = query.where(
            or_(holds(rows.c.title, wanted.text), _numbered(rows, wanted.text)),
        )
    if wanted.issuer is not None:
        query = query.where(holds(rows.c.issuer, wanted.issuer))
    return query, rows


def _numbered(rows: Subquery, part: str) -> ColumnElement[bool]:
    sought = folded_number(part)
    return folded(rows.c.number).contains(sought, autoescape=True) if len(sought) <= LONGEST else false()


def bearing(reading: Reading, number: str, issuer: str | None) -> Select[Any]:
    """The documents that bear a number, of one issuer or of any."""
    rows = reading.source("document")
    query = select(rows).where(folded(rows.c.number) == folded_number(number))
    return (query if issuer is None else query.where(rows.c.issuer == issuer)).order_by(rows.c.key)


def numbered(session: Session, tables: Tables, number: str, classes: frozenset[str] | None) -> Sequence[int]:
    """The keys of at most two documents that bear a number by what the book knows now, on whatever day.

    `classes` are the classifications that whoever asks may know, None for all of them.
    """
    rows = tables.versions["document"]
    query = _now(tables, classes).where(folded(rows.c.number) == folded_number(number))
    return session.scalars(query.distinct().limit(2)).all()


def is_known(session: Session, tables: Tables, key: int, classes: frozenset[str] | None) -> bool:
    """Whether a document is there for somebody who may know these classifications."""
    rows = tables.versions["document"]
    return session.scalar(_now(tables, classes).where(rows.c.key == key).limit(1)) is not None


def readable(reading: Reading, key: int) -> ColumnElement[bool]:
    """Whether a document is there for whoever reads, on whatever day."""
    tables = reading.database.tables
    return ever(tables, "document", reading.scope).where(tables.versions["document"].c.key == key).exists()


def _now(tables: Tables, classes: frozenset[str] | None) -> Select[Any]:
    rows = tables.versions["document"]
    return (
        ever(tables, "document", Scope(classes=classes))
        .with_only_columns(rows.c.key)
        .where(rows.c.until_revision == STILL_KNOWN)
    )


def changes_of(database: Database, keys: Collection[int]) -> Select[Any]:
    """All that has ever been said of documents, published or not."""
    change = database.tables["change"]
    query = select(change.c.key, change.c.verb, change.c.body)
    return query.where(change.c.kind == "document", among(database, change.c.key, keys))


class Numbered(NamedTuple):
    """A document that bears a number for some days."""

    key: int
    number: str
    issuer: str | None
    valid_from: date
    valid_to: date

    @property
    def name(self) -> tuple[str, str]:
        """What tells it from others: the number as it is compared, and the issuer."""
        return folded_number(self.number), (self.issuer or "").strip()


def shared_numbers(session: Session, tables: Tables, changeset: int) -> Iterator[tuple[Numbered, Numbered]]:
    """Documents that a set touches, each with another one that bears its number, of the same issuer, on the same day."""
    rows, change = tables.versions["document"], tables["change"]
    columns = (rows.c.key, rows.c.number, rows.c.issuer, rows.c.valid_from, rows.c.valid_to)
    head = select(*columns).where(rows.c.until_revision == STILL_KNOWN, rows.c.number.is_not(None))
    ours = select(change.c.key).where(change.c.changeset == changeset, change.c.kind == "document")
    touched = [Numbered(*row) for row in session.execute(head.where(rows.c.key.in_(ours)).order_by(rows.c.key))]
    if not touched:
        return
    others: dict[tuple[str, str], list[Numbered]] = defaultdict(list)
    for row in session.execute(head.order_by(rows.c.key, rows.c.valid_from)):
        others[(one := Numbered(*row)).name].append(one)
    for one in touched:
        for other in others[one.name]:
            if other.key != one.key and other.valid_from < one.valid_to and one.valid_from < other.valid_to:
                yield one, other
