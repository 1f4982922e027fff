"""What one request knows — who asks, the head, the day — and the times in which it looks at the book."""

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

import strawberry
from sqlalchemy import Row, Select, select

from dutybook.access.actor import READ, Actor
from dutybook.access.scope import scope_in
from dutybook.book.times import Time
from dutybook.db.in_force import Scope
from dutybook.db.reads import Reading
from dutybook.errors import BadInput
from dutybook.graphql.loaders import Batch
from dutybook.http.ports import Idempotency
from dutybook.services.book import Book

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(eq=False)
class View:
    """The book at one time, as one request sees it. `as_of` and `known_at` are what was asked for explicitly."""

    context: "Context"
    reading: Reading
    as_of: date | None = None
    known_at: int | None = None
    _batches: dict[Hashable, Batch[Any, Any]] = field(default_factory=dict)

    @property
    def time(self) -> Time:
        """The time it looks at."""
        return self.reading.time

    async def rows(self, query: Select[Any]) -> Sequence[Row[Any]]:
        """The rows of a select."""
        return await self.context.book.database.rows(query)

    def load(self, loader: Callable[["View", Sequence[K]], Awaitable[Mapping[K, V]]], key: K) -> Awaitable[V]:
        """What `loader` finds for a key, read together with all other keys that are asked for on this level."""
        batch = self._batches.get(loader)
        if batch is None:
            batch = self._batches[loader] = Batch(lambda keys: loader(self, keys))
        return batch(key)


@dataclass(eq=False)
class Context:
    """One request: head, day and scope are resolved once and hold for every level of it."""

    book: Book
    actor: Actor
    language: str
    today: date
    head: int
    scope: Scope
    idempotency: Idempotency | None = None
    _views: dict[tuple[date | None, int | None], View] = field(default_factory=dict)

    async def refresh(self) -> None:
        """After a mutation the same request sees the book, and its rights in it, as they are now."""
        self.head = await _head(self.book)
        self.scope = await scope_in(self.book.database, self.actor, READ, self.head, self.today)
        self._views.clear()

    def max_age(self) -> int | None:
        """For how many seconds the answer stays true: not at all, as any publication may change it."""
        return None

    def view(self, as_of: date | None = None, known_at: int | None = None) -> View:
        """The book at a time; an absent part means today and the head. BadInput where the book has no such revision."""
        if (as_of, known_at) not in self._views:
            if known_at is not None and not 0 <= known_at <= self.head:
                raise UnknownRevision(known_at, self.head)
            time = Time(as_of or self.today, self.head if known_at is None else known_at)
            reading = Reading(self.book.database, time, self.scope)
            self._views[as_of, known_at] = View(self, reading, as_of, known_at)
        return self._views[as_of, known_at]


class UnknownRevision(BadInput):
    """A revision that the book has not reached."""

    def __init__(self, revision: int, head: int) -> None:
        super().__init__(
            f"版次 {revision} 不存在，当前版次是 {head}；请给出 0 到 {head} 之间的版次。",
            f"There is no revision {revision}; the head is {head}. Give one from 0 to {head}.",
            path=["knownAt"],
        )


async def open_context(book: Book, actor: Actor, language: str = "", idempotency: Idempotency | None = None) -> Context:
    """What a request of an actor knows from its beginning."""
    head, today = await _head(book), book.clock.today()
    scope = await scope_in(book.database, actor, READ, head, today)
    return Context(book, actor, language, today, head, scope, idempotency)


async def _head(book: Book) -> int:
    row = book.tables["head"]
    revision: int = (await book.database.rows(select(row.c.revision).where(row.c.id == 1)))[0][0]
    return revision


Asking = strawberry.Info[Context, None]
"""What resolvers of the roots are told."""
