"""The two databases a test of storage runs on, behind one door: empty ones, and copies of one that was filled once."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from tests.postgres import database_url, drop_database, new_database, seal_template

Fill = Callable[[str], None]


class Backend(Protocol):
    """A kind of database, named as in its address."""

    name: str

    def database(self, fill: Fill | None = None) -> AbstractContextManager[str]:
        """The address of a database of the block's own: empty, or as `fill(url)` leaves one (it runs once a session)."""


class Sqlite:
    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.filled: dict[Fill, Path] = {}

    @contextmanager
    def database(self, fill: Fill | None = None) -> Iterator[str]:
        file = self.file()
        if fill:
            with closing(sqlite3.connect(self.template(fill))) as source, closing(sqlite3.connect(file)) as copy:
                source.backup(copy)
        yield f"sqlite:///{file}"
        for part in self.folder.glob(f"{file.name}*"):
            part.unlink()

    def template(self, fill: Fill) -> Path:
        if fill not in self.filled:
            file = self.file()
            fill(f"sqlite:///{file}")
            self.filled[fill] = file
        return self.filled[fill]

    def file(self) -> Path:
        return self.folder / f"{uuid4().hex}.db"


class Postgres:
    name = "postgresql"

    def __init__(self, server: str) -> None:
        self.server = server
        self.filled: dict[Fill, str] = {}

    @contextmanager
    def database(self, fill: Fill | None = None) -> Iterator[str]:
        name = new_database(self.server, self.template(fill) if fill else "template0")
        try:
            yield database_url(self.server, name)
        finally:
            drop_database(self.server, name)

    def template(self, fill: Fill) -> str:
        if fill not in self.filled:
            name = new_database(self.server)
            fill(database_url(self.server, name))
            seal_template(self.server, name)
            self.filled[fill] = name
        return self.filled[fill]

    def close(self) -> None:
        """Leave nothing behind on a server that was lent."""
        for name in self.filled.values():
            drop_database(self.server, name)
