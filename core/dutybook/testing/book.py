"""A book for tests: chosen plugins, a clock that stands still, and short ways to say, ask and look."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import cached_property
from random import Random
from typing import Any, Protocol

from sqlalchemy import Row, Table, event, select
from sqlalchemy.orm import Session

from dutybook.access.actor import OPERATOR, Actor
from dutybook.book.changes import OPEN
from dutybook.book.clock import FrozenClock
from dutybook.db import migrate
from dutybook.db.engine import Database
from dutybook.db.head import head
from dutybook.lifecycle.gifts import Panel, PanelRequest
from dutybook.lifecycle.loading import installed, kinds_with, load_plugins
from dutybook.lifecycle.objections import Objection
from dutybook.lifecycle.plugins import Loaded, Plugins
from dutybook.services.book import Book
from dutybook.services.changesets import Proposal, add_changes, open_changeset, publish
from dutybook.services.deliveries import rebuild
from dutybook.services.plugins import settle
from dutybook.services.preview import Preview, preview
from dutybook.services.refusals import RefusedByRules
from dutybook.services.say import Saying
from dutybook.services.say.plain import of as sayings_of
from dutybook.services.verdicts import NONE, Verdicts
from dutybook.services.worker import Worker
from dutybook.testing.answers import Asking, actor_of
from dutybook.testing.crashes import dying, point
from dutybook.testing.databases import Fill
from dutybook.testing.made import Made, plain

FOUNDED = date(2025, 1, 1)
"""The day from which whatever the builders make is in force."""

ORGANISATION = "甲子公司"


def chosen(plugins: Sequence[object], settings: Mapping[str, Mapping[str, object]] | None = None) -> Plugins:
    """These plugins and no others: modules with hooks, or names of installed ones."""
    named = {plugin if isinstance(plugin, str) else name_of(plugin): plugin for plugin in plugins}
    given = {name: _given(plugin) for name, plugin in named.items() if not isinstance(plugin, str)}
    return load_plugins(list(named), settings, found={**installed(), **given})


def name_of(plugin: Any) -> str:
    """What a plugin calls itself."""
    return str(plugin.describe().name)


def _given(plugin: object) -> Any:
    return lambda: plugin


@contextmanager
def opened(url: str, plugins: Plugins) -> Iterator["TestBook"]:
    """The book in a database that is migrated already."""
    database = Database(url, kinds_with(plugins))
    if database.is_sqlite:
        event.listen(database.engine, "connect", _unsafe)
    try:
        yield TestBook(Book(database, FrozenClock(), Random(url).randbytes, plugins))
    finally:
        database.dispose()


def _unsafe(connection: Any, _: object) -> None:
    """A database that no power cut needs to spare is written to several times as fast."""
    connection.execute("PRAGMA synchronous=OFF")


def found(url: str, plugins: Plugins) -> None:
    """Fills a database with an organisation and nothing else; the plugins are enabled from the beginning."""
    with opened(url, plugins) as it:
        it.enable()
        it.apply({"openOrganisation": {"name": ORGANISATION}}, on=FOUNDED)


def prepared(
    plugins: Sequence[object], settings: Mapping[str, Mapping[str, object]] | None = None
) -> tuple[Plugins, Fill]:
    """Chosen plugins, and what founds a book with them."""
    loaded = chosen(plugins, settings)
    return loaded, lambda url: found(url, loaded)


class MakeBook(Protocol):
    """The fixture `registry`."""

    def __call__(
        self, plugins: Sequence[object] = (), settings: Mapping[str, Mapping[str, object]] | None = None
    ) -> "TestBook":
        """A book of an organisation, with these plugins enabled and no others."""


class TestBook:
    """One book. Builders and `apply` publish real change sets, as the operator unless said otherwise."""

    __test__ = False
    """Its name would make pytest look for tests in it."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._crash = False

    @property
    def clock(self) -> FrozenClock:
        """Stands still until a test sets `clock.moment`, in UTC."""
        assert isinstance(self.book.clock, FrozenClock)
        return self.book.clock

    def enable(self, *, demo: bool = False) -> None:
        """Migrates what the plugins need and records them as enabled; in a `demo` they fill their tables."""
        migrate.upgrade(self.book.database, self.book.plugins)
        for plugin in self.book.plugins:
            with self.book.database.write() as session:
                settle(session, self.book, plugin, demo=demo)

    def department(self, name: str, **values: Any) -> Made:
        """A department."""
        return self.open("department", name=name, **values)

    def position(self, title: str, department: Made | str, **values: Any) -> Made:
        """A position in a department."""
        return self.open("position", title=title, department=department, **values)

    def duty(self, text: str, position: Made | str, **values: Any) -> Made:
        """A duty at the end of a position's list."""
        return self.open("duty", text=text, position=position, **values)

    def employee(self, name: str, **values: Any) -> Made:
        """An employee."""
        return self.open("employee", name=name, **values)

    def appoint(self, employee: Made | str, position: Made | str, **values: Any) -> Made:
        """An assignment, primary unless said otherwise."""
        return self.open("assignment", employee=employee, position=position, **values)

    def open(self, kind: str, *, on: date = FOUNDED, **values: Any) -> Made:
        """A record of any kind, a plugin's too; fields are named as in the kind."""
        begin = next(iter(sayings_of(self.book.kinds[kind])))
        return self._published([{begin: values}], on)[0]

    def apply(self, *sayings: Saying, on: date | None = None, acknowledging: Sequence[str] = ()) -> int:
        """Publishes what is said in one change set that takes effect today, or `on` a day; gives the revision."""
        self._published(sayings, on, Verdicts(frozenset(acknowledging)))
        with self.session() as session:
            return head(session, self.book.tables).revision

    def refused(self, *sayings: Saying, on: date | None = None) -> Sequence[Objection]:
        """Why the same would be refused; AssertionError if it is not. Nothing stays."""
        try:
            with self.book.database.write() as session:
                self._publish(session, sayings, on, NONE)
                raise AssertionError(f"nobody objected to {plain(list(sayings))}")
        except RefusedByRules as refusal:
            return refusal.objections

    def preview(self, *sayings: Saying, on: date | None = None) -> Preview:
        """Objections, impacts and events of a change set that stays a draft."""
        return preview(self.book, self.draft(*sayings, on=on))

    def draft(self, *sayings: Saying, on: date | None = None) -> int:
        """A change set that is not published; gives its number."""
        with self.book.database.write() as session:
            return self._draft(session, sayings, on)[0]

    def _published(self, sayings: Sequence[Saying], on: date | None, verdicts: Verdicts = NONE) -> list[Made]:
        with self.book.database.write() as session:
            return self._publish(session, sayings, on, verdicts)

    def _publish(self, session: Session, sayings: Sequence[Saying], on: date | None, verdicts: Verdicts) -> list[Made]:
        head(session, self.book.tables, lock=True)
        changeset, made = self._draft(session, sayings, on)
        publish(session, self.book, OPERATOR, changeset, verdicts)
        return made

    def _draft(self, session: Session, sayings: Sequence[Saying], on: date | None) -> tuple[int, list[Made]]:
        changeset = open_changeset(session, self.book, OPERATOR, Proposal("测试", effective_on=on))
        changes = add_changes(session, self.book, OPERATOR, changeset, plain(list(sayings)))
        return changeset, [Made(it.kind, it.key, it.code) for it in changes if it.verb == OPEN]

    @cached_property
    def _asking(self) -> Asking:
        return Asking(self.book)

    def ask(
        self,
        query: str,
        *,
        as_: str | Actor = "administrator",
        within: Made | None = None,
        variables: Mapping[str, Any] | None = None,
        language: str = "en",
    ) -> dict[str, Any]:
        """The data that GraphQL answers to somebody of a role, `within` a department if one is given; else QueryFailed."""
        actor = as_ if isinstance(as_, Actor) else actor_of(as_, within.key if within else None)
        return self._asking(query, actor, plain(variables or {}), language)

    @property
    def statements(self) -> Sequence[str]:
        """The selects that the last answer took."""
        return tuple(self._asking.statements)

    def assert_batches(self, most: int) -> None:
        """The last answer took no more selects than this, however many objects it held."""
        told = "\n".join(self.statements)
        assert len(self.statements) <= most, f"{len(self.statements)} selects, {most} expected:\n{told}"

    def drain(self) -> None:
        """Delivers all events and runs all jobs that are due; AssertionError tells what a plugin could not take."""
        if self._crash:
            self._crash = False
            with dying(self.book):
                Worker(self.book).drain()
            return
        Worker(self.book).drain()
        if stuck := list(self._parked()):
            raise AssertionError("\n".join(stuck))

    def _parked(self) -> Iterator[str]:
        for row in self.rows(self.book.tables["parked"]):
            yield f"{row.subscriber} could not take {row.aggregate} {row.key}, event {row.sequence}: {row.error}"

    def crash_after(self, what: str) -> None:
        """The next `drain` dies within its first delivery, between the handler's "effect" and the acknowledgement."""
        self._crash = bool(point(what))

    def rebuild(self, plugin: str) -> None:
        """Empties what a plugin has built from events, and delivers all of them again."""
        with self.book.database.write() as session:
            rebuild(session, self.book, OPERATOR, plugin)
        self.drain()

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session to read with, by which the functions of `dutybook.api` find the book."""
        with self.book.database.read() as session:
            self.book.hooks(session)
            yield session

    def rows(self, table: Any) -> Sequence[Row[Any]]:
        """All rows of a table or a mapped class, in the order of its primary key."""
        it: Table = getattr(table, "__table__", table)
        with self.session() as session:
            return session.execute(select(it).order_by(*it.primary_key)).all()

    def draw(self, name: str, about: Made | None = None, language: str = "en") -> str:
        """What a panel shows today of a record, or at home."""
        asked = PanelRequest(about.key if about else None, self.clock.today(), language)
        plugin, panel = next((it, panel) for it in self.book.plugins for panel in _panels(it) if panel.name == name)
        with self.session() as session:
            return self.book.plugins.run(plugin, name, lambda: panel.draw(session, asked), session, frozenset())


def _panels(plugin: Loaded) -> list[Panel]:
    return [panel for panel in plugin.panels if isinstance(panel, Panel)]
