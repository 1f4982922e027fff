"""Books with the plugin kept, and the small company with some of its shifts in several revisions."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

from sqlalchemy import select

from dutybook.book.clock import FrozenClock
from dutybook.book.times import Time
from dutybook.db import migrate
from dutybook.db.engine import Database
from dutybook.db.head import head
from dutybook.db.in_force import EVERYTHING, in_force
from dutybook.lifecycle.loading import kinds_with, load_plugins
from dutybook.lifecycle.plugins import Plugins
from dutybook.services.book import Book
from dutybook.services.plugins import disable, settle
from tests.flow.clerk import NEW_YEAR, committed
from tests.plugins.kept import plugin

FOUND = {"kept": lambda: plugin}
SPRING = date(2025, 3, 1)
DAYS = (date(2024, 12, 31), NEW_YEAR, SPRING, date(2025, 7, 1))


def kept(**settings: object) -> Plugins:
    """The plugin, enabled."""
    return load_plugins(["kept"], {"kept": settings}, found=FOUND)


@contextmanager
def opened_with(url: str, plugins: Plugins) -> Iterator[Book]:
    """A book with plugins; `Plugins()` is one without."""
    database = Database(url, kinds_with(plugins))
    try:
        yield Book(database, FrozenClock(), plugins=plugins)
    finally:
        database.dispose()


def brought_in_line(book: Book) -> None:
    """What `dutybook db upgrade` does for the plugins that a book has."""
    migrate.upgrade(book.database, book.plugins)
    for it in book.plugins:
        with book.database.write() as session:
            settle(session, book, it)


def disabled(book: Book, installed: Plugins | None = None) -> None:
    """What it does when the plugin is named no more; its package may be gone."""
    with book.database.write() as session:
        disable(session, book, "kept", installed or Plugins())


def filled(url: str) -> None:
    """The small company with shifts: opened, changed, closed, one of them rescinded."""
    with opened_with(url, kept()) as book:
        brought_in_line(book)
        with committed(book) as clerk:
            clerk.found()
        with committed(book) as clerk:
            clerk.apply(
                {
                    "openKeptShift": {
                        "code": "SH01",
                        "name": "早班",
                        "department": "D001",
                        "hours": "8",
                        "keeper": "甲一",
                    }
                },
                {"openKeptShift": {"code": "SH02", "name": "夜班", "department": "D003", "hours": "7.5"}},
            )
            clerk.apply({"setKeptShift": {"keptShift": "SH01", "hours": "7.25"}}, on=SPRING)
            clerk.apply({"closeKeptShift": {"keptShift": "SH02"}}, on=SPRING)
            clerk.apply({"setKeptShift": {"keptShift": "SH01", "name": "白班", "keeper": "乙二"}})


def shifts(book: Book) -> Mapping[tuple[date, int], list[tuple[Any, ...]]]:
    """What the book says of shifts, on each of several days as known at each revision."""
    told = {}
    with book.database.read() as session:
        for known_at in range(head(session, book.tables).revision + 1):
            for day in DAYS:
                rows = in_force(book.tables, "kept_shift", Time(day, known_at), EVERYTHING)
                columns = [rows.c[name] for name in ("key", "code", "name", "department", "hours", "keeper")]
                told[day, known_at] = [tuple(row) for row in session.execute(select(*columns).order_by(rows.c.key))]
    return told
