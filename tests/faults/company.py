"""A small company that clients change, and the auditor who afterwards reads what its book holds."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy import Select, func, select

from dutybook.access.actor import OPERATOR
from dutybook.book.nouns import CORE
from dutybook.db import migrate
from dutybook.db.engine import Database
from dutybook.db.head import Head, head
from dutybook.services.accounts import create_token, create_user
from dutybook.services.book import Book
from dutybook.services.changesets import PUBLISHED, Proposal, apply_changes
from dutybook.services.replay import verify
from dutybook.services.say import Saying

T = TypeVar("T")

CLERK = "clerk"
LEDGER = ("changeset", "change", "revision", "event")
POSITIONS = [f"P{number:04}" for number in range(1, 6)]
FOUNDING: list[Saying] = [
    {"openOrganisation": {"name": "白榆县供电公司"}},
    {"openDepartment": {"name": "运行部"}},
    *({"openPosition": {"department": "D001", "title": f"值班员 {code}"}} for code in POSITIONS),
]


def empty(url: str) -> None:
    """A book with nothing in it."""
    database = Database(url, CORE)
    migrate.upgrade(database)
    database.dispose()


def founded(url: str) -> None:
    """The company as revision 1, and a clerk who may publish."""
    empty(url)
    with audited(url) as auditor, auditor.book.database.write() as session:
        apply_changes(session, auditor.book, OPERATOR, Proposal("设立"), FOUNDING)
        create_user(session, auditor.book, OPERATOR, CLERK, ["publisher"])


class Auditor:
    """Reads the tables themselves, past everything that answers clients."""

    def __init__(self, book: Book) -> None:
        self.book = book

    def token(self) -> str:
        """A new token of the clerk."""
        with self.book.database.write() as session:
            return create_token(session, self.book, OPERATOR, CLERK)

    def head(self) -> Head:
        with self.book.database.read() as session:
            return head(session, self.book.tables)

    def published(self) -> Counter[str]:
        """The titles of what was published after the founding."""
        sets = self.book.tables["changeset"]
        return Counter(self._all(select(sets.c.title).where(sets.c.state == PUBLISHED, sets.c.revision > 1)))

    def values(self) -> Counter[str]:
        """The titles, grades and duties that records were given after the founding."""
        position, duty = (self.book.tables.versions[kind] for kind in ("position", "duty"))
        given = select(position.c.grade, position.c.title, position.c.key).where(position.c.since_revision > 1)
        said = select(duty.c.text, duty.c.key).where(duty.c.since_revision > 1)
        with self.book.database.read() as session:
            titles = Counter(row.grade or row.title for row in session.execute(given.distinct()))
            return titles + Counter(row.text for row in session.execute(said.distinct()))

    def rows(self) -> dict[str, int]:
        """How many rows each table of the book has."""
        tables = self.book.tables
        kinds = (*tables.identities.values(), *tables.versions.values())
        with self.book.database.read() as session:
            return {
                table.name: session.scalars(select(func.count()).select_from(table)).one()
                for table in (*kinds, *(tables[name] for name in LEDGER))
            }

    def is_sound(self) -> bool:
        """Whether revisions and events are numbered without a gap up to the head, and every hash is right."""
        revision, event, now = self.book.tables["revision"], self.book.tables["event"], self.head()
        numbers = self._all(select(revision.c.number).order_by(revision.c.number))
        sequences = self._all(select(event.c.sequence).order_by(event.c.sequence))
        gapless = numbers == [*range(1, now.revision + 1)] and sequences == [*range(1, now.sequence + 1)]
        with self.book.database.read() as session:
            return gapless and all(sound for _, sound in verify(session, self.book))

    def _all(self, query: Select[tuple[T]]) -> list[T]:
        with self.book.database.read() as session:
            return list(session.scalars(query))


@contextmanager
def audited(url: str) -> Iterator[Auditor]:
    database = Database(url, CORE)
    try:
        yield Auditor(Book(database))
    finally:
        database.dispose()
