"""Engines and sessions on both databases: SQLite embedded, PostgreSQL in production."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property, lru_cache
from typing import Any

import orjson
from anyio import to_thread
from sqlalchemy import URL, Connection, Engine, Row, Select, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import Session
from sqlalchemy.util import greenlet_spawn

from dutybook.book.kinds import Kinds
from dutybook.book.numbers import translated
from dutybook.db.tables import tables_of
from dutybook.errors import BadInput
from dutybook.lifecycle.guard import watch

BUSY_TIMEOUT_MS = 30_000

PRAGMAS = (
    *(f"busy_timeout={BUSY_TIMEOUT_MS}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"),
    "secure_delete=ON",  # what was erased is overwritten, and not only unlinked
)

PLANNED_ONCE = "planned_once"
"""The option of a select that asks alike whatever its values: PostgreSQL plans it once, which takes longer than to execute it."""

KEYS = "keys"
"""The parameter of a select that answers for many keys at once."""

Values = Mapping[str, Any]
"""What a select is executed with, by the names of its parameters."""


def database_url(text: str) -> URL:
    """The URL of a database the book can live in; BadInput names any other."""
    try:
        url = make_url(text)
    except ArgumentError as reason:
        # The text may hold a password, so it is not repeated.
        zh = "数据库地址无法识别，请写成 sqlite:///文件 或 postgresql://用户@主机/库 的形式。"
        en = "The database URL cannot be read; write it like sqlite:///FILE or postgresql://USER@HOST/NAME."
        raise BadInput(zh, en, path=["database_url"]) from reason
    if url.get_backend_name() not in {"sqlite", "postgresql"}:
        zh = f"数据库「{url.get_backend_name()}」不受支持，请用 sqlite:/// 或 postgresql://。"
        raise BadInput(zh, f"'{url.get_backend_name()}' is not supported; use sqlite:/// or postgresql://.")
    return url


def _sqlite_engine(url: URL, begin: str | None) -> Engine:
    """`begin` opens each transaction; without it every statement stands for itself."""
    engine = create_engine(url.set(drivername="sqlite+pysqlite"), connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # the driver's own implicit BEGIN is a deferred one
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        connection.create_function("translate", 3, translated, deterministic=True)  # which PostgreSQL has

    def start(connection: Connection) -> None:
        connection.exec_driver_sql(str(begin))

    if begin:
        event.listen(engine, "begin", start)
    return engine


def _watched(engine: Engine) -> Engine:
    """An engine whose sessions may be handed to hooks of plugins."""
    watch(engine)
    return engine


def _asyncpg_engine(url: URL, plans: str) -> Engine:
    """For reads without transactions and pings, which cost three round trips beside the one of the select.

    `plans` is PostgreSQL's `plan_cache_mode`. Reads are short: to compile one, too, takes longer than most of them.
    """
    engine = create_async_engine(
        url.set(drivername="postgresql+asyncpg"),
        isolation_level="AUTOCOMMIT",
        pool_size=10,
        max_overflow=0,  # a connection more would be closed and opened again for each statement
        connect_args={"server_settings": {"jit": "off", "plan_cache_mode": plans}},
    )
    return engine.sync_engine


class Statements(dict[Callable[..., Any], Callable[..., Any]]):
    """What makes statements, with a memory of those used last: it goes with the database that they are for."""

    def __missing__(self, make: Callable[..., Any]) -> Callable[..., Any]:
        return self.setdefault(make, lru_cache(maxsize=128)(make))


class Database:
    """One database of the book: `write()` and `read()` for services, `rows()` for the server's reads."""

    def __init__(self, url: str, kinds: Kinds) -> None:
        self.url = database_url(url)
        self.tables = tables_of(kinds)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.statements = Statements()

    @cached_property
    def engine(self) -> Engine:
        """For writes: on SQLite each transaction begins IMMEDIATE, since deferred read-then-write fails under load."""
        if self.is_sqlite:
            return _watched(_sqlite_engine(self.url, "BEGIN IMMEDIATE"))
        return _watched(create_engine(self.url.set(drivername="postgresql+psycopg"), pool_pre_ping=True, pool_size=10))

    @cached_property
    def _reading(self) -> Engine:
        return _watched(_sqlite_engine(self.url, "BEGIN")) if self.is_sqlite else self.engine

    @cached_property
    def readers(self) -> Sequence[Engine]:
        """What `rows` reads with: statements that are planned for their values, and on PostgreSQL those that are planned once."""
        if self.is_sqlite:
            return [_sqlite_engine(self.url, None)]
        return [_asyncpg_engine(self.url, plans) for plans in ("auto", "force_generic_plan")]

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction: committed at the end, rolled back on any exception."""
        with Session(self.engine, autoflush=False) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that is only read from."""
        with Session(self._reading, autoflush=False) as session:
            yield session

    async def rows(
        self, select: Select[Any], keys: Sequence[Any] | None = None, values: Values | None = None
    ) -> Sequence[Row[Any]]:
        """The rows of one select, off the event loop: asyncpg on PostgreSQL, a thread on SQLite.

        `keys` are its parameter KEYS: many of them travel as one value. `values` are all its others.
        """
        if keys is not None:
            values = {**(values or {}), KEYS: orjson.dumps(keys).decode() if self.is_sqlite else keys}
        if self.is_sqlite:
            return await to_thread.run_sync(self._rows, select, values, abandon_on_cancel=True)
        try:
            return await self._fetched(select, values)
        except DBAPIError as reason:
            if not reason.connection_invalidated:
                raise
        # The server went away and may be back; the pool has let go of all its connections by now.
        return await self._fetched(select, values)

    def _rows(self, select: Select[Any], values: Values | None) -> Sequence[Row[Any]]:
        with self.readers[0].connect() as connection:
            return connection.execute(select, values).all()

    async def _fetched(self, select: Select[Any], values: Values | None) -> Sequence[Row[Any]]:
        """All in one greenlet: of the several that the asynchronous connection makes for it, each costs more than the select."""
        return await greenlet_spawn(self._fetch, select, values)

    def _fetch(self, select: Select[Any], values: Values | None) -> Sequence[Row[Any]]:
        with self.readers[PLANNED_ONCE in select.get_execution_options()].connect() as connection:
            return connection.execute(select, values).all()

    def fold(self) -> None:
        """Folds SQLite's log of writes into the file and empties it, so that it keeps nothing of what was deleted."""
        if self.is_sqlite:
            with self.readers[0].connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    async def close(self) -> None:
        """Gives back every connection."""
        if not self.is_sqlite:
            await self.rest()
        self.dispose()

    async def rest(self) -> None:
        """Gives back the connections that belong to this event loop."""
        for engine in self.__dict__.get("readers", ()):
            await greenlet_spawn(engine.dispose)

    def dispose(self) -> None:
        """Gives back every connection made by synchronous code."""
        made = [self.__dict__[name] for name in ("engine", "_reading") if name in self.__dict__]
        for engine in [*made, *(self.__dict__.get("readers", ()) if self.is_sqlite else ())]:
            engine.dispose()
