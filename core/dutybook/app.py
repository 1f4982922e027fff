"""Wiring: from settings to the application that answers."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial

from anyio import to_thread
from graphql import GraphQLSchema
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.responses import RedirectResponse
from starlette.routing import Route

from dutybook.access.actor import READ, Actor
from dutybook.access.identity import anonymous, token_bearer
from dutybook.db import migrate
from dutybook.db.watch import Watch
from dutybook.graphql.context import Context, Listening, open_context
from dutybook.graphql.gifts import schema_with
from dutybook.http.engine import Engine
from dutybook.http.files import file_routes
from dutybook.http.hooks import HookCosts
from dutybook.http.limits import Limits
from dutybook.http.ports import Call, Check, Idempotency, Stored
from dutybook.http.routes import build
from dutybook.lifecycle.calling import PluginFailure
from dutybook.lifecycle.plugins import Loaded
from dutybook.lifecycle.views import AppContext
from dutybook.services.book import Book
from dutybook.services.outcomes import Key, answered, keep_answer
from dutybook.services.plugin_troubles import Condition, condition
from dutybook.settings import Settings
from dutybook.web.plugins import plugin_routes

LIST_SIZES: Mapping[str, int] = {
    "Registry.organisations": 2,
    "Registry.departments": 20,
    "Department.positions": 6,
    "Position.duties": 8,
    "ChangeSet.printable": 1_000,
    "Position.printable": 20,
}
"""How long a list without `first` is taken to be when a document is weighed: what rosters really hold, and what is printed."""


class Answers:
    """The answers that went out under idempotency keys, in the database of the book."""

    def __init__(self, book: Book) -> None:
        self._book = book

    async def look_up(self, actor: Actor, idempotency: Idempotency) -> Stored | None:
        """What was answered before; KeyReused where the key named another request."""
        found = await to_thread.run_sync(self._look_up, actor, _key(idempotency))
        return Stored(*found) if found else None

    def _look_up(self, actor: Actor, key: Key) -> tuple[int, bytes] | None:
        with self._book.database.read() as session:
            return answered(session, self._book, actor, key)

    async def complete(self, actor: Actor, idempotency: Idempotency, stored: Stored) -> Stored:
        """Keeps the bytes that will go out: these, or those that another server kept before."""
        return Stored(*await to_thread.run_sync(self._complete, actor, _key(idempotency), stored))

    def _complete(self, actor: Actor, key: Key, stored: Stored) -> tuple[int, bytes]:
        with self._book.database.write() as session:
            return keep_answer(session, self._book, actor, key, stored.status, stored.body)


def _key(idempotency: Idempotency) -> Key:
    return Key(idempotency.key, idempotency.fingerprint)


def engine(settings: Settings, book: Book, schema: GraphQLSchema | None = None) -> Engine:
    """GraphQL over a book, without HTTP; `schema` is its schema, where that has been built already."""
    watch = Watch(book.database)

    async def make_context(call: Call) -> Context:
        key = _key(call.idempotency) if call.idempotency else None
        listening = Listening(watch, call.renew) if call.renew else None
        return await open_context(book, call.actor, call.language or "zh", key, listening)

    limits = Limits(
        body=settings.max_body_bytes,
        upload=settings.file_limit,
        json_depth=settings.max_json_depth,
        tokens=settings.max_tokens,
        depth=settings.max_depth,
        aliases=settings.max_aliases,
        cost=settings.max_cost,
        read_seconds=settings.read_seconds,
        write_seconds=settings.write_seconds,
        list_sizes=LIST_SIZES,
    )
    whole = schema or schema_with(book.kinds, book.plugins).graphql
    return Engine(whole, make_context, limits, lambda actor: actor.may(READ))


def application(settings: Settings, book: Book) -> Starlette:
    """The server of a book."""
    reader = anonymous(settings.anonymous_role)

    async def authenticate(authorization: str | None, cookies: Mapping[str, str]) -> Actor | None:  # noqa: ARG001
        if authorization is None:
            return reader
        scheme, _, token = authorization.partition(" ")
        return await token_bearer(book.database, book.clock, token.strip()) if scheme.lower() == "bearer" else None

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await to_thread.run_sync(_tell_plugins, book, "startup")
        yield
        await to_thread.run_sync(_tell_plugins, book, "shutdown")
        await book.database.close()

    checks = {"database": lambda: _database(book), "migrations": lambda: _migrations(book), **_plugin_checks(book)}
    front = Route("/", lambda _: RedirectResponse("/graphiql"))
    files = file_routes(book, authenticate, settings.file_limit)
    routes = [front, *files, *plugin_routes(book, authenticate)]
    costs = [HookCosts(book.plugins.measures)]
    return build(engine(settings, book), authenticate, Answers(book), checks, routes, lifespan, costs)


def _tell_plugins(book: Book, moment: str) -> None:
    """`startup` that fails keeps the server from serving; `shutdown` that fails is told and passed over."""
    names = {plugin.name: plugin.meta.version for plugin in book.plugins}
    for plugin in book.plugins.implementing(moment):
        try:
            book.plugins.ask(plugin, moment, app=AppContext(plugin.settings, names))
        except PluginFailure:
            if moment == "startup":
                raise


def _plugin_checks(book: Book) -> dict[str, Check]:
    """Each enabled plugin, and the ones that a degraded start left out, by name."""
    return {f"plugin:{plugin.name}": partial(_plugin, book, plugin) for plugin in book.plugins}


async def _plugin(book: Book, plugin: Loaded) -> str | None:
    """What is wrong with a plugin; a warning is told elsewhere and keeps nobody from working."""
    found = await to_thread.run_sync(_condition, book, plugin)
    return "; ".join(" / ".join(detail) for detail in found.details) or found.state if found.state == "DOWN" else None


def _condition(book: Book, plugin: Loaded) -> Condition:
    with book.database.read() as session:
        return condition(session, book, plugin)


async def _database(book: Book) -> str | None:
    head = book.tables["head"]
    rows = await book.database.rows(select(head.c.revision))
    return None if rows else "the head row is missing / 缺少 head 行"


async def _migrations(book: Book) -> str | None:
    current, newest = await to_thread.run_sync(lambda: (migrate.current(book.database), migrate.newest(book.database)))
    return None if current == newest else f"{current} → {newest}: dutybook db upgrade"
