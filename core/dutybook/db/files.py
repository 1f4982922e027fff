"""Files by the digest of their bytes: kept once, read a part at a time, and found by the documents that name them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

from sqlalchemy import ColumnElement, Select, delete, false, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from dutybook.db.in_force import Scope, ever
from dutybook.db.tables import Tables

PART = 1 << 20
"""Bytes of a file that are held at a time."""


@dataclass(frozen=True, slots=True)
class File:
    """What is known of a file; its digest is the SHA-256 of its bytes in hexadecimal."""

    digest: str
    size: int
    media_type: str


def keep(session: Session, tables: Tables, file: File, content: BinaryIO, by: str, at: datetime) -> bool:
    """Stores a file unless it is there; whether it is new. One that nobody has named yet gets its time anew."""
    table = tables["file"]
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    row = {"digest": file.digest, "size": file.size, "media_type": file.media_type}
    said = dialect.insert(table).values(**row, created_at=at, created_by=by, named=False)
    # Whoever sends the same bytes at the same moment waits here until these are stored.
    if session.execute(said.on_conflict_do_nothing().returning(table.c.digest)).one_or_none() is None:
        unnamed = (table.c.digest == file.digest, table.c.named == false())
        session.execute(update(table).where(*unnamed).values(created_at=at))
        return False
    content.seek(0)
    ordinal = 0
    while part := content.read(PART):
        session.execute(insert(tables["file_part"]).values(digest=file.digest, ordinal=ordinal, content=part))
        ordinal += 1
    return True


def name(session: Session, tables: Tables, digests: Collection[str]) -> set[str]:
    """Keeps files for good; those of them that exist."""
    table = tables["file"]
    said = update(table).where(table.c.digest.in_(sorted(digests))).values(named=True).returning(table.c.digest)
    return set(session.scalars(said))


def known(tables: Tables, digests: Collection[str]) -> Select[Any]:
    """What is known of files."""
    table = tables["file"]
    return select(table.c.digest, table.c.size, table.c.media_type).where(table.c.digest.in_(sorted(digests)))


def part(tables: Tables, digest: str, ordinal: int) -> Select[Any]:
    """One piece of a file: the only select that reads any of its bytes."""
    table = tables["file_part"]
    return select(table.c.content).where(table.c.digest == digest, table.c.ordinal == ordinal)


def content(session: Session, tables: Tables, digest: str) -> Iterator[bytes]:
    """The pieces of a file in order."""
    ordinal = 0
    while (piece := session.scalar(part(tables, digest, ordinal))) is not None:
        # SQLite keeps whatever type somebody put there by hand; that is to be found out, not to be stumbled over.
        yield piece if isinstance(piece, bytes) else str(piece).encode()
        ordinal += 1


def naming(tables: Tables, digest: str, scope: Scope) -> Select[Any]:
    """What versions of documents that may be seen say of their scans, where they name a file; the newest first."""
    rows = ever(tables, "document", scope).subquery()
    return select(rows.c.scans).where(rows.c.scans.contains(digest)).order_by(rows.c.id.desc())


def proposing(tables: Tables, digest: str, hidden: Sequence[str]) -> Select[Any]:
    """The changes of documents that name a file, but for documents that any change has put into a hidden classification."""
    change = tables["change"]
    closer = change.alias("closer")
    said: list[ColumnElement[bool]] = [
        # Canonical JSON: quotes inside of a text would be escaped, so nothing else reads like this.
        closer.c.body.contains(f'"classification":"{classification}"', autoescape=True)
        for classification in hidden
    ]
    of_same = (closer.c.kind == "document", closer.c.key == change.c.key)
    excluded = [~select(closer.c.key).where(*of_same, one).exists() for one in said]
    query = select(change.c.body).where(change.c.kind == "document", change.c.body.contains(digest), *excluded)
    return query.order_by(change.c.changeset.desc(), change.c.ordinal)


def forgotten(session: Session, tables: Tables, before: datetime, limit: int) -> Sequence[str]:
    """Files that came before a moment and that nobody has named."""
    table = tables["file"]
    query = select(table.c.digest).where(table.c.named == false(), table.c.created_at < before)
    return session.scalars(query.order_by(table.c.created_at, table.c.digest).limit(limit)).all()


def drop(session: Session, tables: Tables, digest: str) -> bool:
    """Forgets a file, unless it has been named in the meantime; whether it is gone."""
    table, parts = tables["file"], tables["file_part"]
    still = select(table.c.digest).where(table.c.digest == digest, table.c.named == false()).with_for_update()
    if session.scalar(still) is None:
        return False
    session.execute(delete(parts).where(parts.c.digest == digest))
    session.execute(delete(table).where(table.c.digest == digest))
    return True


def scans_said(session: Session, tables: Tables, scope: Scope) -> Sequence[Any]:
    """Every version of a document that names scans: its key and what it says."""
    rows = ever(tables, "document", scope).subquery()
    query = select(rows.c.key, rows.c.scans).where(rows.c.scans.is_not(None)).order_by(rows.c.key, rows.c.id)
    return session.execute(query).all()
