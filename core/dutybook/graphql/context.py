"""What one request knows — who asks, the head, the day — and the times in which it looks at the book."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any, TypeVar

import strawberry
from sqlalchemy import Row, Select, Subquery

from dutybook.access.actor import READ, READ_CONTACT, READ_PERSONAL, Actor, Grant
from dutybook.access.scope import NOTHING, granting, holds_everywhere, scope_in
from dutybook.book.times import Time
from dutybook.db.engine import Values
from dutybook.db.head import Head
from dutybook.db.in_force import Scope
from dutybook.db.personal import BLIND, Sight
from dutybook.db.reads import Reading
from dutybook.db.watch import Watch, current
from dutybook.errors import BadInput
from dutybook.graphql.loaders import Batch
from dutybook.services.book import Book
from dutybook.services.outcomes import Key

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

    def source(self, kind: str) -> Subquery:
        """The records of a kind in force at this time, as far as they may be seen, as a table to select from."""
        return self.reading.source(kind)

    async def rows(
        self, query: Select[Any], keys: Sequence[Any] | None = None, values: Values | None = None
    ) -> Sequence[Row[Any]]:
        """The rows of a select, for the keys and the other values where it asks for some."""
        return await self.context.book.database.rows(query, keys, values)

    def load(self, loader: Callable[["View", Sequence[K]], Awaitable[Mapping[K, V]]], key: K) -> Awaitable[V]:
        """What `loader` finds for a key, read together with all other keys that are asked for on this level."""
        batch = self._batches.get(loader)
        if batch is None:
            batch = self._batches[loader] = Batch(lambda keys: loader(self, keys))
        return batch(key)

    def known(self, loader: Callable[["View", Sequence[K]], Awaitable[Mapping[K, V]]], key: K) -> V | None:
        """The same where it was read before: a resolver that need not await costs the executor no task."""
        batch: Batch[K, V] | None = self._batches.get(loader)
        return None if batch is None else batch.known(key)

    async def load_all(
        self, loader: Callable[["View", Sequence[K]], Awaitable[Mapping[K, V]]], keys: Iterable[K]
    ) -> list[V]:
        """The same for several keys; all are asked for before the first is awaited, so that one statement finds them."""
        asked = [self.load(loader, key) for key in keys]
        return [await answer for answer in asked]

    def forget(self) -> None:
        """Lets go of all answers."""
        self._batches.clear()


@dataclass(frozen=True, slots=True)
class Listening:
    """What a stream follows the book with: the end of the log, and who listens as the accounts stand at any moment."""

    watch: Watch
    renew: Callable[[], Awaitable[Actor | None]]


@dataclass(eq=False)
class Context:
    """One request: head and day are resolved once and hold for every level of it."""

    book: Book
    actor: Actor
    scope: Scope = NOTHING
    language: str = "zh"
    idempotency: Key | None = None
    listening: Listening | None = None
    _views: dict[tuple[date | None, int | None], View] = field(default_factory=dict)
    _scopes: dict[tuple[Grant, ...], asyncio.Task[Scope]] = field(default_factory=dict)
    _head: asyncio.Future[Head] | None = None

    @property
    def reads_personal(self) -> bool:
        """Whether everybody's personal values are shown: for what may be about anybody."""
        return not self.actor.is_anonymous and holds_everywhere(self.actor, READ_PERSONAL)

    async def sight(self) -> Sight:
        """Whose personal values are shown."""
        if self.actor.is_anonymous:
            return BLIND
        personal, contact = await self.scope_for(READ_PERSONAL), await self.scope_for(READ_CONTACT)
        return Sight(personal.departments, contact.departments, self.actor.employee_number)

    @cached_property
    def today(self) -> date:
        """The enterprise's day, the same throughout the request."""
        return self.book.clock.today()

    @cached_property
    def now(self) -> datetime:
        """This moment in UTC, the same throughout the request."""
        return self.book.clock.now()

    def may(self, permission: str) -> bool:
        """Whether the actor may do this somewhere, also where a plugin has added the permission."""
        return self.actor.holds(permission, self.book.plugins.holders(permission))

    async def scope_for(self, permission: str) -> Scope:
        """Where the actor holds a permission; what the same grants permit is looked up once."""
        grants = granting(self.actor, permission, self.book.plugins.holders(permission))
        if grants not in self._scopes:
            self._scopes[grants] = asyncio.create_task(self._scope(permission))
        return await asyncio.shield(self._scopes[grants])

    async def _scope(self, permission: str) -> Scope:
        holders = self.book.plugins.holders(permission)
        return await scope_in(self.book.database, self.actor, permission, await self.head(), self.today, holders)

    async def head(self) -> int:
        """The revision that the book stands at, read once."""
        return (await self._newest()).revision

    async def last_sequence(self) -> int:
        """The sequence of the last event that was told by then."""
        return (await self._newest()).sequence

    async def _newest(self) -> Head:
        if self._head is None:
            self._head = asyncio.get_running_loop().create_task(_head(self.book))
        return await self._head

    async def refresh(self) -> None:
        """From here on the request sees the book, and its rights in it, as they are now: a mutation was done."""
        self._head = None
        self._views.clear()
        self._scopes.clear()
        self.scope = await self.scope_for(READ)

    async def stand(self, actor: Actor, head: Head) -> None:
        """A stream goes on: it sees the book at this head, on this day, within what the actor may see there."""
        self.actor = actor
        for name in ("today", "now"):
            self.__dict__.pop(name, None)
        self._views.clear()
        self._scopes.clear()
        self._head = asyncio.get_running_loop().create_future()
        self._head.set_result(head)
        self.scope = await self.scope_for(READ)

    async def view(self, as_of: date | None = None, known_at: int | None = None) -> View:
        """The book at a time; an absent part means today and the head. UnknownRevision where there is none such."""
        if (as_of, known_at) not in self._views:
            head = await self.head()
            if known_at is not None and not 0 <= known_at <= head:
                raise UnknownRevision(known_at, head)
            when = Time(as_of or self.today, head if known_at is None else known_at)
            view = View(self, Reading(self.book.database, when, self.scope), as_of, known_at)
            self._views.setdefault((as_of, known_at), view)
        return self._views[as_of, known_at]

    def close(self) -> None:
        """Lets go of views and of what they hold: they refer to each other, and would wait for the collector of cycles."""
        for view in self._views.values():
            view.forget()
        self._views.clear()
        self._scopes.clear()
        self._head = None

    def max_age(self) -> int | None:
        """Answers of pinned revisions stay true until the day ends; others only until the next publication."""
        if not self._views or any(known_at is None for _, known_at in self._views):
            return None
        now = self.book.clock.now().astimezone(self.book.clock.zone)
        midnight = datetime.combine(self.today + timedelta(days=1), time(), self.book.clock.zone)
        return max(0, int((midnight - now).total_seconds()))


class UnknownRevision(BadInput):
    """A revision that the book has not reached."""

    def __init__(self, revision: int, head: int) -> None:
        super().__init__(
            f"版次 {revision} 不存在，当前版次是 {head}；请给出 0 到 {head} 之间的版次。",
            f"There is no revision {revision}; the head is {head}. Give one from 0 to {head}.",
            path=["knownAt"],
        )


async def open_context(
    book: Book,
    actor: Actor,
    language: str = "zh",
    idempotency: Key | None = None,
    listening: Listening | None = None,
) -> Context:
    """The context of a request that begins now, within the actor's scope of today."""
    context = Context(book, actor, NOTHING, language, idempotency, listening)
    await context.refresh()
    return context


async def _head(book: Book) -> Head:
    return Head._make((await book.database.rows(current(book.database)))[0])


Asking = strawberry.Info[Context, None]
"""What resolvers of the roots are told."""
