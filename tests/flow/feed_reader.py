"""Somebody who listens to the feed of a small company's book."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from dutybook.access.actor import OPERATOR
from dutybook.services.accounts import create_token, create_user
from dutybook.services.book import Book
from dutybook.services.periods import open_period
from tests.backends import Backend
from tests.flow.clerk import Clerk, committed, founded, opened
from tests.flow.streams import Socket
from tests.flow.streams import opened as connected
from tests.plugins.served import Served, served

CHANGES = """subscription ($after: Int!, $first: Int) { changes(after: $after, first: $first) {
  sequence revision type effectiveOn recordedAt subject { __typename id ... on Dated { key } } } }"""


@dataclass
class Feed:
    """The feed of a book, and those who may listen."""

    book: Book
    server: Served
    months: int = field(default=0)

    def token(self, name: str, *roles: str) -> str:
        """A token of a new user."""
        with self.book.database.write() as session:
            create_user(session, self.book, OPERATOR, name, list(roles))
            return create_token(session, self.book, OPERATOR, name)

    @contextmanager
    def working(self) -> Iterator[Clerk]:
        """A clerk whose work is committed at the end."""
        with committed(self.book) as clerk:
            yield clerk

    def last(self) -> int:
        with self.book.database.read() as session:
            sequence: int = session.scalars(select(self.book.tables["head"].c.sequence)).one()
        return sequence

    def logged(self) -> list[Any]:
        """The whole log."""
        event = self.book.tables["event"]
        with self.book.database.read() as session:
            return list(session.execute(select(event).order_by(event.c.sequence)))

    def mark(self) -> int:
        """The sequence of a new event that everybody is told of."""
        self.months += 1
        with self.book.database.write() as session:
            open_period(session, self.book, OPERATOR, f"20{self.months:02}-01")
        return self.last()

    @contextmanager
    def listening(self, token: str, after: int = 0, query: str = CHANGES, first: int | None = None) -> Iterator[Socket]:
        with connected(self.server.url, token) as socket:
            socket.greet().begin(query, {"after": after, "first": first})
            yield socket

    def seen(self, token: str, after: int = 0, query: str = CHANGES) -> list[dict[str, Any]]:
        """Everything that is told until now."""
        end, found = self.mark(), []
        with self.listening(token, after, query) as socket:
            while (event := socket.told()["changes"])["sequence"] < end:
                found.append(event)
        return found


@contextmanager
def followed(backend: Backend) -> Iterator[Feed]:
    """A company's book with a server."""
    with backend.database(founded) as url, opened(url) as book, served(book) as server:
        yield Feed(book, server)
