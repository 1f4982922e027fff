"""A plugin that writes down what it is told, and fails as it is asked to; and a book that has such plugins."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Text, delete, insert, select
from sqlalchemy import event as listening
from sqlalchemy.orm import DeclarativeBase, Session

from dutybook.book.clock import FrozenClock
from dutybook.db.events import read
from dutybook.errors import Message
from dutybook.lifecycle.events import Event
from dutybook.lifecycle.gifts import Job
from dutybook.lifecycle.loading import load_plugins
from dutybook.lifecycle.manifest import PluginMeta
from dutybook.lifecycle.specs import hookimpl
from dutybook.services.book import Book
from dutybook.services.events import note

Told = Mapping[tuple[str, int], Sequence[int]]
"""The sequences of the events of each aggregate, in the order in which they were told."""


def nothing(_: Session, __: Event) -> None:
    """What most events do to a plugin."""


@dataclass
class Tally:
    """Writes each event down, and then reacts to it; what it wrote shows whether it was told once and in order."""

    name: str = "tally"
    subscribes: Sequence[str] = ()
    react: Callable[[Session, Event], None] = nothing
    jobs: Sequence[Job] = ()
    batches: list[int] = field(default_factory=list)

    @cached_property
    def table(self) -> Table:
        columns = (Column("aggregate", Text), Column("key", BigInteger), Column("sequence", BigInteger))
        return Table(f"plg_{self.name}_told", MetaData(), Column("id", Integer, primary_key=True), *columns)

    @cached_property
    def model(self) -> type[DeclarativeBase]:
        base = type("Base", (DeclarativeBase,), {"metadata": self.table.metadata})
        return type("Row", (base,), {"__table__": self.table})

    @hookimpl
    def describe(self) -> PluginMeta:
        return PluginMeta(
            self.name, Message("记数", "Tally"), "1.0", subscribes=self.subscribes, migrations="made.here"
        )

    @hookimpl
    def contribute_models(self) -> Sequence[type[DeclarativeBase]]:
        return [self.model]

    @hookimpl
    def contribute_jobs(self) -> Sequence[Job]:
        return self.jobs

    @hookimpl
    def on_events(self, session: Session, events: Sequence[Event]) -> None:
        self.batches.append(len(events))
        for event in events:
            about = {"aggregate": event.aggregate, "key": event.key, "sequence": event.sequence}
            session.execute(insert(self.table).values(about))
            self.react(session, event)

    @hookimpl
    def reset_projection(self, session: Session) -> None:
        session.execute(delete(self.table))

    def told(self, book: Book) -> Told:
        """What stays written."""
        with book.database.read() as session:
            return in_order(session.execute(select(self.table).order_by(self.table.c.id)))


def in_order(rows: Any) -> Told:
    told = defaultdict(list)
    for row in rows:
        told[row.aggregate, row.key].append(row.sequence)
    return dict(told)


def happened(book: Book) -> Told:
    """What there is to tell."""
    with book.database.read() as session:
        return in_order(read(session, book.tables))


def having(book: Book, *plugins: Any) -> Book:
    """The same book with plugins, whose tables are made."""
    loaded = load_plugins([plugin.name for plugin in plugins], found={it.name: giving(it) for it in plugins})
    for plugin in loaded:
        for model in plugin.models:
            model.metadata.create_all(book.database.engine)
    return replace(book, plugins=loaded)


def giving(plugin: Any) -> Callable[[], Any]:
    return lambda: plugin


def happen(book: Book, *aggregates: tuple[str, int]) -> None:
    """Something is noted of each aggregate, one after the other."""
    with book.database.write() as session:
        for aggregate, key in aggregates:
            note(session, book, f"{aggregate}.changed", key, "somebody")


def wait(book: Book, **time: float) -> None:
    """The clock goes on."""
    assert isinstance(book.clock, FrozenClock)
    book.clock.moment += timedelta(**time)


class Poison(ValueError):
    """What a plugin raises at an event that it cannot take."""


def poisoned(*aggregates: tuple[str, int]) -> Callable[[Session, Event], None]:
    """Fails at any event of these."""

    def react(_: Session, event: Event) -> None:
        if (event.aggregate, event.key) in aggregates:
            raise Poison

    return react


def statements(book: Book, step: Callable[[], object]) -> list[str]:
    """The statements of a step, without those of BEGIN, COMMIT and the plugin's own."""
    said: list[str] = []

    def count(*given: Any) -> None:
        if "plg_" not in given[2] and not given[2].startswith("BEGIN"):
            said.append(given[2])

    engines = {id(it): it for it in (book.database.engine, book.database._reading)}
    for engine in engines.values():
        listening.listen(engine, "before_cursor_execute", count)
    step()
    for engine in engines.values():
        listening.remove(engine, "before_cursor_execute", count)
    return said
