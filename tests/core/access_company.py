"""A small book for tests of access: its own migrated database, a frozen clock, and ways to say and to ask."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from dutybook.access.actor import OPERATOR
from dutybook.access.passwords import Passwords
from dutybook.book.clock import FrozenClock
from dutybook.book.nouns import CORE
from dutybook.book.times import Time
from dutybook.db.engine import Database
from dutybook.db.in_force import Scope, in_force
from dutybook.db.migrate import upgrade
from dutybook.services.book import Book
from dutybook.services.changesets import Proposal, apply_changes
from dutybook.services.say import Saying
from tests.backends import Backend

TODAY = date(2026, 3, 1)
CHEAP = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def migrate(url: str) -> None:
    database = Database(url, CORE)
    upgrade(database)
    database.dispose()


@contextmanager
def small_book(backend: Backend) -> Iterator[Book]:
    """An empty book on a database of its own."""
    with backend.database(migrate) as url:
        book = Book(Database(url, CORE), FrozenClock(moment=datetime(2026, 3, 1, 4, tzinfo=UTC)))
        yield book
        book.database.dispose()


def publish(session: Session, book: Book, day: date, sayings: Sequence[Saying]) -> None:
    """Makes one revision of what is said to hold from a day."""
    apply_changes(session, book, OPERATOR, Proposal("改", effective_on=day), sayings)


def key_of(session: Session, book: Book, kind: str, code: str) -> int:
    identity = book.tables.identities[kind]
    key: int = session.scalars(select(identity.c.key).where(identity.c.code == code)).one()
    return key


def seen(session: Session, book: Book, kind: str, time: Time, scope: Scope) -> set[int]:
    """The keys that the one filter lets through."""
    return set(session.scalars(select(in_force(book.tables, kind, time, scope).c.key)))


@contextmanager
def statements(book: Book) -> Iterator[list[str]]:
    """The SQL that a block sends."""
    sent: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        sent.append(statement)

    with book.database.read() as session:
        engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)
