"""Publishing: a change set becomes the next revision of the book, whole or not at all."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import Row, insert, select
from sqlalchemy.orm import Session

from dutybook.book import canonical
from dutybook.book.kinds import Value
from dutybook.db.head import Head, advance, head
from dutybook.lifecycle.objections import Objection
from dutybook.services.book import Book
from dutybook.services.conflicts import refuse_conflicts
from dutybook.services.corrections import note_corrections
from dutybook.services.documents import number_objections
from dutybook.services.events import Appending, Occasion
from dutybook.services.quotas import quota_objections
from dutybook.services.telling import Telling
from dutybook.services.write import write_changes


@dataclass(frozen=True, slots=True)
class Publication:
    """Who publishes which change set, and when: all that a revision takes from outside the book."""

    changeset: int
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Made:
    """A revision that was made, and what was said against it."""

    head: Head
    before: Head
    objections: tuple[Objection, ...] = ()


Judge = Callable[[Sequence[Objection]], None]
"""Told all that quotas and plugins object, and raises where that refuses the publication."""


def make_revision(
    session: Session, book: Book, publication: Publication, judge: Judge | None, *, dry_run: bool = False
) -> Made:
    """Takes the head row, then conflicts, versions and events, rules, plugins, corrections, hash; the new head.

    Conflicted and RefusedByRules name everything that is wrong; the caller's transaction must then roll back. Without a
    `judge` nobody is asked for objections: what another book has published is history.
    """
    before = head(session, book.tables, lock=True)
    changeset = _row(session, book, publication.changeset)
    refuse_conflicts(session, book, changeset.id, changeset.base_revision, before.revision)
    number = before.revision + 1
    occasion = Occasion(changeset.id, number, changeset.effective_on, publication.at, publication.by)
    log = Appending(session, book, occasion, before.sequence)
    written = write_changes(session, book, changeset.id, number, log.add)
    sequence, events = log.close()
    told = Telling(session, book, changeset, number, publication.by, dry_run)
    objections: tuple[Objection, ...] = ()
    if judge:
        beyond = quota_objections(session, book, changeset.id, number, written)
        numbers = number_objections(session, book, changeset.id, written)
        objections = (*beyond, *numbers, *told.objections(written))
        judge(objections)
    note_corrections(session, book, changeset.id, number, written.earliest, publication.at)
    told.derive(events, before.sequence, sequence)
    header = header_of(changeset, number, publication)
    digest = canonical.chained(before.hash, canonical.document(header, bodies(session, book, changeset.id)))
    row = {
        "number": number,
        "changeset": changeset.id,
        "hash": digest,
        "previous_hash": before.hash,
        "covered_from": written.earliest,
    }
    _insert_revision(session, book, publication, header, row)
    after = Head(number, sequence, digest)
    advance(session, book.tables, after)
    return Made(after, before, objections)


def header_of(changeset: Row[tuple[object, ...]], number: int, publication: Publication) -> dict[str, Value]:
    """What the canonical document of a revision says besides its changes."""
    header: dict[str, Value] = {
        "effectiveOn": changeset.effective_on.isoformat(),
        "format": canonical.FORMAT,
        "number": number,
        "organisation": changeset.organisation,
        "publishedAt": publication.at.isoformat(),
        "publishedBy": publication.by,
        "reason": changeset.reason,
        "title": changeset.title,
    }
    return {name: value for name, value in header.items() if value is not None}


def bodies(session: Session, book: Book, changeset: int) -> Iterator[bytes]:
    """The canonical changes of a set in order, streamed."""
    change = book.tables["change"]
    query = select(change.c.body).where(change.c.changeset == changeset).order_by(change.c.ordinal)
    for body in session.execute(query.execution_options(yield_per=2_000)).scalars():
        yield body.encode()


def _row(session: Session, book: Book, changeset: int) -> Row[tuple[object, ...]]:
    table = book.tables["changeset"]
    return session.execute(select(table).where(table.c.id == changeset)).one()


def _insert_revision(
    session: Session, book: Book, publication: Publication, header: dict[str, Value], row: dict[str, object]
) -> None:
    text = orjson.dumps(header, option=orjson.OPT_SORT_KEYS).decode()
    by = {"published_by": publication.by, "published_at": publication.at}
    session.execute(insert(book.tables["revision"]).values(header=text, **by, **row))
