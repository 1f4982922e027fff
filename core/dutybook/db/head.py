"""The one head row: revision and sequence grow in it, gapless, in commit order; and the counter that keys come from."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from dutybook.db.tables import Tables


class Head(NamedTuple):
    """Where the book stands."""

    revision: int
    sequence: int
    hash: str


def head(session: Session, tables: Tables, *, lock: bool = False) -> Head:
    """The head; with `lock`, publications wait for each other here."""
    return Head(*session.execute(_head(tables, lock=lock)).one())


@lru_cache(maxsize=64)
def _head(tables: Tables, *, lock: bool) -> Select[Any]:
    row = tables["head"]
    query = select(row.c.revision, row.c.sequence, row.c.hash).where(row.c.id == 1)
    return query.with_for_update() if lock else query


def advance(session: Session, tables: Tables, new: Head) -> None:
    """Moves the head."""
    row = tables["head"]
    session.execute(
        update(row).where(row.c.id == 1).values(revision=new.revision, sequence=new.sequence, hash=new.hash)
    )


def covered_from(session: Session, tables: Tables, known_at: int) -> date | None:
    """The first day the book says anything about, as known at a revision."""
    revision = tables["revision"]
    first = select(func.min(revision.c.covered_from)).where(revision.c.number <= known_at)
    return session.execute(first).scalar_one_or_none()


def take_keys(session: Session, tables: Tables, count: int) -> range:
    """`count` keys that nobody else gets."""
    with _counting(session) as apart:
        return _take(apart, tables, count)


@contextmanager
def _counting(session: Session) -> Iterator[Session]:
    """Where the counter is moved: on PostgreSQL at once, so that a long import holds up no other draft."""
    if session.get_bind().dialect.name == "sqlite":
        yield session
        return
    with Session(session.get_bind()) as apart, apart.begin():
        yield apart


def _take(session: Session, tables: Tables, count: int) -> range:
    counter = tables["key_counter"]
    taken = (
        update(counter)
        .where(counter.c.id == 1)
        .values(next_key=counter.c.next_key + count)
        .returning(counter.c.next_key)
    )
    end = session.scalars(taken).one()
    return range(end - count, end)


def skip_keys(session: Session, tables: Tables, largest: int) -> None:
    """Keys up to `largest` are in use: a replayed book brings its own."""
    counter = tables["key_counter"]
    behind = update(counter).where(counter.c.id == 1, counter.c.next_key <= largest)
    with _counting(session) as apart:
        apart.execute(behind.values(next_key=largest + 1))
