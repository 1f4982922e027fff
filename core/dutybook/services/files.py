"""Files: kept by their digest, shown to those who may see a document that names them, swept where none ever did."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any, BinaryIO, NamedTuple

import orjson
from sqlalchemy.orm import Session

from dutybook.access.actor import APPROVE, PROPOSE, PUBLISH, READ, Actor
from dutybook.access.scope import scope_of
from dutybook.book.nouns import CLASSIFICATIONS
from dutybook.db import files as stored
from dutybook.db.files import File
from dutybook.db.head import head
from dutybook.db.in_force import EVERYTHING, Scope
from dutybook.errors import NotFound
from dutybook.services.book import Book
from dutybook.services.file_forms import SUFFIXES, media_type_of
from dutybook.services.rights import require

GRACE = timedelta(days=1)
"""How long a file is kept before a document names it."""

MISSING, CHANGED = "MISSING", "CHANGED"

AT_ONCE = 20
"""Files that are swept in one transaction."""


class NoFile(NotFound):
    """A file that is not there, or only in documents that the actor may not see: both are told alike."""

    def __init__(self, digest: str) -> None:
        zh = f"没有摘要为「{digest[:64]}」的文件；请从文件（Document.scans）取得网址。"
        super().__init__(zh, f"There is no file '{digest[:64]}'; take the address from a document (Document.scans).")


@dataclass(frozen=True, slots=True)
class Shown:
    """A file as somebody sees it: under the name that a document gives it."""

    file: File
    name: str


def measured(content: BinaryIO) -> File | None:
    """What a file is, read a part at a time; None where it is of no form that is taken."""
    seen, size = sha256(), 0
    content.seek(0)
    while piece := content.read(stored.PART):
        seen.update(piece)
        size += len(piece)
    media_type = media_type_of(content, size)
    return None if media_type is None else File(seen.hexdigest(), size, media_type)


def keep_file(session: Session, book: Book, actor: Actor, file: File, content: BinaryIO) -> bool:
    """Stores a file unless it is there; whether it is new."""
    require(actor, PROPOSE)
    return stored.keep(session, book.tables, file, content, actor.name, book.clock.now())


def shown_file(session: Session, book: Book, actor: Actor, digest: str) -> Shown:
    """A file that a document names which the actor may see at some time, or which is proposed and shown to them; else NoFile."""
    row = session.execute(stored.known(book.tables, [digest])).one_or_none()
    if row is None:
        raise NoFile(digest)
    scope = scope_of(session, book.tables, actor, READ, head(session, book.tables).revision, book.clock.today())
    name = _name(session, book, actor, digest, scope)
    if name is None:
        raise NoFile(digest)
    return Shown(File(*row), _with_suffix(name, row.media_type))


def _name(session: Session, book: Book, actor: Actor, digest: str, scope: Scope) -> str | None:
    """What the newest of the documents calls it; None where none may be seen."""
    said = session.scalar(stored.naming(book.tables, digest, scope).limit(1))
    if said is not None:
        return _called(orjson.loads(said), digest)
    if actor.is_anonymous or not any(actor.may(permission) for permission in (PROPOSE, APPROVE, PUBLISH)):
        return None
    hidden = [one for one in CLASSIFICATIONS if scope.classes is not None and one not in scope.classes]
    body = session.scalar(stored.proposing(book.tables, digest, hidden).limit(1))
    return None if body is None else _called(orjson.loads(body)["values"]["scans"], digest)


def _called(scans: list[dict[str, str]] | None, digest: str) -> str | None:
    return next((scan["name"] for scan in scans or () if scan["digest"] == digest), None)


def _with_suffix(name: str, media_type: str) -> str:
    """A name that ends as its form does, whatever it was called: programs go by that."""
    endings = SUFFIXES[media_type]
    return name if name.lower().endswith(endings) else name + endings[0]


class Sweeping:
    """Forgets files that no document has named within a day; the worker does it, some at a time."""

    def __init__(self, book: Book) -> None:
        self.book = book

    def step(self) -> bool:
        """Some files; whether there may be more."""
        book, before = self.book, self.book.clock.now() - GRACE
        with book.database.read() as session:
            digests = stored.forgotten(session, book.tables, before, AT_ONCE)
        if digests:
            with book.database.write() as session:
                for digest in digests:
                    self._settle(session, digest)
        return len(digests) == AT_ONCE

    def _settle(self, session: Session, digest: str) -> None:
        """A document that came with the revisions of another book names files that were never said here."""
        tables = self.book.tables
        if session.scalar(stored.naming(tables, digest, EVERYTHING).limit(1)) is None:
            stored.drop(session, tables, digest)
        else:
            stored.name(session, tables, [digest])


class Damaged(NamedTuple):
    """A scan that a document names, and what is wrong with it: MISSING or CHANGED."""

    document: int
    name: str
    digest: str
    wrong: str


def damaged(session: Session, book: Book) -> Iterator[Damaged]:
    """Every scan that is not there, or whose bytes are not those of its digest; each file is read once."""
    wrong: dict[str, str | None] = {}
    told = set[tuple[int, str]]()
    for row in stored.scans_said(session, book.tables, EVERYTHING):
        for scan in orjson.loads(row.scans):
            digest = scan["digest"]
            if digest not in wrong:
                wrong[digest] = _wrong(session, book, digest)
            if (found := wrong[digest]) and (row.key, digest) not in told:
                told.add((row.key, digest))
                yield Damaged(row.key, scan["name"], digest, found)


def _wrong(session: Session, book: Book, digest: str) -> str | None:
    row: Any = session.execute(stored.known(book.tables, [digest])).one_or_none()
    if row is None:
        return MISSING
    seen, size = sha256(), 0
    for piece in stored.content(session, book.tables, digest):
        seen.update(piece)
        size += len(piece)
    return None if (seen.hexdigest(), size) == (digest, row.size) else CHANGED
