"""Databases for tests, of both kinds behind one door: empty ones, and copies of one that was filled once."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg

GIVEN = "DUTYBOOK_TEST_DATABASE_URL"
"""The variable that names a PostgreSQL server on which databases may be created; never a live one."""

Fill = Callable[[str], None]


class Backend(Protocol):
    """A kind of database, named as in its address."""

    name: str

    def database(self, fill: Fill | None = None) -> AbstractContextManager[str]:
        """The address of a database of the block's own: empty, or as `fill(url)` leaves one (it runs once a session)."""


class Sqlite:
    """SQLite files in a folder."""

    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filled: dict[Fill, Path] = {}

    @contextmanager
    def database(self, fill: Fill | None = None) -> Iterator[str]:
        """A file of the block's own."""
        file = self._file()
        if fill:
            with closing(sqlite3.connect(self._template(fill))) as source, closing(sqlite3.connect(file)) as copy:
                source.backup(copy)
        yield f"sqlite:///{file}"
        for part in self.folder.glob(f"{file.name}*"):
            part.unlink()

    def _template(self, fill: Fill) -> Path:
        if fill not in self._filled:
            file = self._file()
            fill(f"sqlite:///{file}")
            self._filled[fill] = file
        return self._filled[fill]

    def _file(self) -> Path:
        return self.folder / f"{uuid4().hex}.db"


class Postgres:
    """Databases on a PostgreSQL server."""

    name = "postgresql"

    def __init__(self, server: str) -> None:
        self.server = server
        self._filled: dict[Fill, str] = {}

    @contextmanager
    def database(self, fill: Fill | None = None) -> Iterator[str]:
        """A database of the block's own."""
        name = _new_database(self.server, self._template(fill) if fill else "template0")
        try:
            yield _database_url(self.server, name)
        finally:
            _drop_database(self.server, name)

    def _template(self, fill: Fill) -> str:
        if fill not in self._filled:
            name = _new_database(self.server)
            fill(_database_url(self.server, name))
            _seal(self.server, name)
            self._filled[fill] = name
        return self._filled[fill]

    def close(self) -> None:
        """Leaves nothing behind on a server that was lent."""
        for name in self._filled.values():
            _drop_database(self.server, name)


def run_sql(url: str, statement: str) -> None:
    """Says one thing to a PostgreSQL, outside any transaction."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())


def _new_database(server: str, template: str = "template0") -> str:
    name = f"dutybook_{uuid4().hex}"
    # Copying files beats replaying them through the log threefold when nothing is flushed, and ties when it is.
    run_sql(server, f"CREATE DATABASE {name} TEMPLATE {template} ENCODING 'UTF8' STRATEGY file_copy")
    return name


def _drop_database(server: str, name: str) -> None:
    """Removes a database, whoever is still connected to it."""
    run_sql(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _seal(server: str, name: str) -> None:
    """Closes a filled database to everybody, because one that is in use cannot be copied."""
    run_sql(server, f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    run_sql(server, f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")  # noqa: S608  our name


def _database_url(server: str, name: str) -> str:
    return urlsplit(server)._replace(path=f"/{name}").geturl()
