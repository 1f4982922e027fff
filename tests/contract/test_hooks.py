"""Every hook has a line that says what it is for, a page, an example, and is really called with that example."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dutybook.access.actor import OPERATOR
from dutybook.app import application
from dutybook.book.clock import FrozenClock
from dutybook.cli import app as commands
from dutybook.cli.context import Context
from dutybook.db import migrate
from dutybook.db.engine import Database
from dutybook.db.events import append
from dutybook.lifecycle.calling import Measure
from dutybook.lifecycle.events import CORE_EVENTS, Event
from dutybook.lifecycle.loading import kinds_with, load_plugins
from dutybook.lifecycle.plugins import Plugins
from dutybook.lifecycle.reference import FACTS, hooks
from dutybook.lifecycle.specs import Specs
from dutybook.services.book import Book
from dutybook.services.changesets import submit
from dutybook.services.deliveries import rebuild
from dutybook.services.periods import close_period, open_period
from dutybook.services.plugins import disable, forget, settle
from dutybook.services.preview import preview
from dutybook.services.worker import Worker
from dutybook.settings import Settings
from tests.contract import hook_examples, hooks_page
from tests.flow.clerk import committed

MONTH = "2025-01"


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Book]:
    """An empty book with the example enabled, as far as tables go."""
    plugins = load_plugins(["badge"], found={"badge": lambda: hook_examples})
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('hooks') / 'book.db'}", kinds_with(plugins))
    migrate.upgrade(database)
    database.tables.metadata.create_all(database.engine)
    hook_examples.Base.metadata.create_all(database.engine)
    yield Book(database, FrozenClock(), plugins=plugins)
    database.dispose()


@pytest.fixture(scope="module")
def lived(book: Book) -> Mapping[str, Measure]:
    """What each hook of the example cost in a life of its plugin, from its loading to its being forgotten."""
    with book.database.write() as session:
        settle(session, book, book.plugins["badge"], demo=True)
        session.execute(hook_examples.Badge.__table__.delete())  # type: ignore[attr-defined]
    with committed(book) as clerk:
        clerk.found()
        clerk.apply({"openBadgeDesign": {"name": "蓝色"}})
        draft = clerk.draft({"setPosition": {"position": "P0001", "title": "经理"}})
        open_period(clerk.session, book, OPERATOR, MONTH)
        close_period(clerk.session, book, OPERATOR, MONTH)
        old = Event(0, "badge.pass.issued", "badge.pass", 1, book.clock.now(), "plugin:badge", payload={"post": 1})
        append(clerk.session, book.tables, old)
    preview(book, draft)
    with committed(book) as clerk:
        submit(clerk.session, book, OPERATOR, draft)
    Worker(book).drain()
    with book.database.write() as session:
        rebuild(session, book, OPERATOR, "badge")
        book.hooks(session).health(book.plugins["badge"], session)
    Worker(book).drain()
    serve(book)
    command(book.plugins)
    leave(book)
    return {hook: measure for (_, hook), measure in book.plugins.measures.by_hook.items()}


def serve(book: Book) -> None:
    """A server begins and ends."""

    async def live() -> None:
        app = application(Settings(), book)
        async with app.router.lifespan_context(app):
            pass

    asyncio.run(live())


def command(plugins: Plugins) -> None:
    context = Context(lambda: Settings(plugins=("badge",)))
    context.__dict__["plugins"] = plugins
    assert CliRunner().invoke(commands, ["badge", "limit"], obj=context).exit_code == 0


def leave(book: Book) -> None:
    without = replace(book, plugins=Plugins())
    with book.database.write() as session:
        disable(session, without, "badge", book.plugins)
        forget(session, without, "badge", book.plugins)


@pytest.mark.parametrize("hook", hooks())
def test_the_example_of_a_hook_is_called_and_does_not_fail(lived: Mapping[str, Measure], hook: str) -> None:
    assert hook in lived, "it is never called in a plugin's life"
    assert (lived[hook].calls > 0, lived[hook].failure) == (True, None)


@pytest.mark.parametrize("hook", hooks())
def test_a_hook_says_in_one_line_what_it_is_for(hook: str) -> None:
    said = vars(Specs)[hook].__doc__
    assert said
    assert said.strip().endswith(".")


def test_what_is_told_of_hooks_is_told_of_all_of_them() -> None:
    assert FACTS.keys() == hooks().keys()


def test_the_readme_is_up_to_date() -> None:
    assert hooks_page.README.read_text("utf-8") == hooks_page.page(), "run make hooks"


@pytest.mark.parametrize("hook", hooks())
def test_a_hook_has_a_page_with_its_example(hook: str) -> None:
    text = hooks_page.README.read_text("utf-8")
    assert f"### `{hook}`" in text
    assert f"@hookimpl\ndef {hook}(" in text


def test_the_readme_has_a_row_for_each_aggregate() -> None:
    text = hooks_page.README.read_text("utf-8")
    assert [name for name in CORE_EVENTS if f"| `{name}` |" not in text] == []


def test_the_example_uses_what_a_plugin_may_import() -> None:
    source = Path(hook_examples.__file__).read_text("utf-8")
    assert [line for line in source.splitlines() if "dutybook." in line and "import" in line] == [
        "from dutybook.api import ("
    ]
