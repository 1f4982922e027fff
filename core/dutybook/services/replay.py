"""Published documents out of one book and into another: the copy has equal revisions and hashes."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import Row, insert, select
from sqlalchemy.orm import Session

from dutybook.book import canonical
from dutybook.book.changes import Change
from dutybook.db.head import Head, head, skip_keys
from dutybook.errors import BadInput
from dutybook.services.book import Book
from dutybook.services.drafts import stage
from dutybook.services.publish import Publication, bodies, make_revision


class NotNext(BadInput):
    """A document is not the next revision of the book it is replayed into."""

    def __init__(self, number: object, form: object, wanted: int) -> None:
        zh = f"文档是第 {number} 版次（格式 {form}），账册需要第 {wanted} 版次（格式 {canonical.FORMAT}）。"
        en = f"This is revision {number} in format {form}; the book needs {wanted} in format {canonical.FORMAT}."
        super().__init__(zh, en, path=["number"])


class NoDocument(BadInput):
    """Something that is not the canonical document of a revision."""

    def __init__(self, reason: str) -> None:
        zh = f"这不是版次的规范文档（{reason}）；请使用由账册导出的文档。"
        super().__init__(zh, f"This is no document of a revision ({reason}); use one that a book gave.")


def documents(session: Session, book: Book, after: int = 0) -> Iterator[bytes]:
    """The canonical documents of all revisions after one, oldest first."""
    revision = book.tables["revision"]
    query = select(revision.c.changeset, revision.c.header).where(revision.c.number > after)
    for changeset, header in session.execute(query.order_by(revision.c.number)).all():
        yield b"".join(canonical.document(orjson.loads(header), bodies(session, book, changeset)))


def replay(session: Session, book: Book, document: bytes) -> Head:
    """Publishes a document of another book as the next revision; BadInput where it is not the next one."""
    before = head(session, book.tables, lock=True)
    said = _read(document)
    if said.get("number") != before.revision + 1 or said.get("format") != canonical.FORMAT:
        raise NotNext(said.get("number"), said.get("format"), before.revision + 1)
    try:
        changes = [Change.parse(change) for change in said["changes"]]
        row = _changeset(said, before.revision)
    except (ValueError, KeyError, TypeError, AttributeError) as reason:
        raise NoDocument(repr(reason)) from reason
    table = book.tables["changeset"]
    changeset: int = session.scalars(insert(table).values(row).returning(table.c.id)).one()
    stage(session, book, changeset, changes, 0)
    skip_keys(session, book.tables, max((change.key for change in changes), default=0))
    return make_revision(session, book, Publication(changeset, row["author"], row["created_at"]), None).head


def _read(document: bytes) -> Mapping[str, Any]:
    try:
        said = orjson.loads(document)
    except ValueError as reason:
        raise NoDocument(str(reason)) from reason
    if not isinstance(said, dict):
        raise NoDocument(type(said).__name__)
    return said


def _changeset(said: Mapping[str, Any], base: int) -> dict[str, Any]:
    """The row of the change set that a document was."""
    return {
        "title": said["title"],
        "reason": said.get("reason"),
        "organisation": said.get("organisation"),
        "effective_on": date.fromisoformat(said["effectiveOn"]),
        "base_revision": base,
        "author": said["publishedBy"],
        "state": "PUBLISHED",
        "revision": base + 1,
        "created_at": datetime.fromisoformat(said["publishedAt"]),
        "version": 1,
        "current_step": 0,
    }


def verify(session: Session, book: Book) -> Iterator[tuple[int, bool]]:
    """Each revision with whether its hash follows from its document and its predecessor's hash; then the head.

    A chain that was cut still holds within itself: only a head that was noted down elsewhere tells.
    """
    revision, number, previous = book.tables["revision"], 0, canonical.GENESIS
    for row in session.execute(select(revision).order_by(revision.c.number)).all():
        follows = (row.number, row.previous_hash) == (number + 1, previous)
        yield row.number, follows and _is_sound(session, book, row)
        number, previous = row.number, row.hash
    now = head(session, book.tables)
    if (now.revision, now.hash) != (number, previous):
        yield now.revision, False


def _is_sound(session: Session, book: Book, row: Row[Any]) -> bool:
    """Whether a revision's hash is that of its document, and its columns say what its document says."""
    try:
        header = orjson.loads(row.header)
        told = (header["number"], datetime.fromisoformat(header["publishedAt"]), header["publishedBy"])
    except (ValueError, KeyError, TypeError):
        return False
    pieces = canonical.document(header, bodies(session, book, row.changeset))
    said = (row.number, row.published_at, row.published_by)
    return told == said and canonical.chained(row.previous_hash, pieces) == row.hash
