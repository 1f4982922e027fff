"""Published documents out of one book and into another: the copy has equal revisions and hashes."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import insert, select
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


def documents(session: Session, book: Book, after: int = 0) -> Iterator[bytes]:
    """The canonical documents of all revisions after one, oldest first."""
    revision = book.tables["revision"]
    query = select(revision.c.changeset, revision.c.header).where(revision.c.number > after)
    for changeset, header in session.execute(query.order_by(revision.c.number)).all():
        yield b"".join(canonical.document(orjson.loads(header), bodies(session, book, changeset)))


def replay(session: Session, book: Book, document: bytes) -> Head:
    """Publishes a document of another book as the next revision; BadInput where it is not the next one."""
    said: Mapping[str, Any] = orjson.loads(document)
    before = head(session, book.tables)
    if said.get("number") != before.revision + 1 or said.get("format") != canonical.FORMAT:
        raise NotNext(said.get("number"), said.get("format"), before.revision + 1)
    changes = [Change.parse(change) for change in said["changes"]]
    changeset = _changeset(session, book, said, before.revision)
    stage(session, book, changeset, changes, 0)
    skip_keys(session, book.tables, max((change.key for change in changes), default=0))
    at = datetime.fromisoformat(said["publishedAt"])
    return make_revision(session, book, Publication(changeset, said["publishedBy"], at))


def _changeset(session: Session, book: Book, said: Mapping[str, Any], base: int) -> int:
    table = book.tables["changeset"]
    row = {
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
    number: int = session.scalars(insert(table).values(row).returning(table.c.id)).one()
    return number


def verify(session: Session, book: Book) -> Iterator[tuple[int, bool]]:
    """Each revision with whether its hash follows from its document and its predecessor's hash."""
    revision, previous = book.tables["revision"], canonical.GENESIS
    for row in session.execute(select(revision).order_by(revision.c.number)).all():
        pieces = canonical.document(orjson.loads(row.header), bodies(session, book, row.changeset))
        yield row.number, row.previous_hash == previous and canonical.chained(previous, pieces) == row.hash
        previous = row.hash
