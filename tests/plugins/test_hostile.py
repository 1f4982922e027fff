"""A plugin that raises, hangs, answers nonsense or commits, in every hook: the book stays right, and other plugins go on."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from dutybook.access.actor import OPERATOR
from dutybook.app import application
from dutybook.cli import app as commands
from dutybook.cli.context import Context
from dutybook.errors import DutybookError
from dutybook.graphql.gifts import schema_with
from dutybook.lifecycle import calling
from dutybook.lifecycle.calling import PluginFailure
from dutybook.lifecycle.events import Event
from dutybook.lifecycle.gifts import Job
from dutybook.lifecycle.loading import PluginsRefused
from dutybook.lifecycle.plugins import Plugins
from dutybook.outbox import jobs
from dutybook.services.book import Book
from dutybook.services.changesets import Proposal, apply_changes, submit
from dutybook.services.deliveries import rebuild
from dutybook.services.outcomes import perform
from dutybook.services.periods import close_period
from dutybook.services.plugin_troubles import condition
from dutybook.services.plugins import disable, forget, known_plugins, settle
from dutybook.services.preview import preview
from dutybook.services.replay import verify
from dutybook.services.say import Saying
from dutybook.services.worker import Worker
from dutybook.settings import Settings
from tests.backends import Backend
from tests.flow.clerk import NEW_YEAR, committed, opened
from tests.flow.tally import happen
from tests.made_plugins import loaded, made
from tests.plugins.hostile import (
    DEADLINE,
    MONTH,
    Hostile,
    Misdeed,
    draft_of,
    everything,
    hangs,
    misdeeds,
    ready,
    release,
)
from tests.plugins.idle import SPECS, idle

Act = Callable[[Session, Book], Any]
Scene = Callable[["Stage"], str]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody waits long, and what hangs ends with its test."""
    monkeypatch.setattr(calling, "GRACE", 0.05)
    monkeypatch.setattr("dutybook.services.plugins.PATIENCE", DEADLINE)
    monkeypatch.setattr("dutybook.services.deliveries.RESET_SECONDS", DEADLINE)
    yield
    release.set()
    release.clear()


@pytest.fixture(scope="module")
def shared_book(backend: Backend) -> Iterator[Book]:
    """A book in which nothing stays, however the plugins behave."""
    with backend.database(ready) as url, opened(url) as book:
        yield book


@pytest.fixture
def own_book(backend: Backend) -> Iterator[Book]:
    """A book of the test's own."""
    with backend.database(ready) as url, opened(url) as book:
        yield book


@dataclass
class Stage:
    """A book with the hostile plugin between two that behave."""

    bare: Book
    hostile: Hostile

    def plugins(self) -> Plugins:
        return loaded(idle("before"), self.hostile.module, idle("behind"), deadline=DEADLINE)

    def set(self) -> Book:
        self.book = replace(self.bare, plugins=self.plugins())
        return self.book

    def asked(self, name: str) -> int:
        """How often one of those that behave was asked."""
        return self.book.plugins.measures.of(name, self.hostile.hook).calls


def acting(act: Act) -> Scene:
    """Something done in one transaction."""

    def scene(stage: Stage) -> str:
        book = stage.set()
        outcome = perform(book, OPERATOR, None, lambda session: act(session, book))
        return " ".join(f"{trouble.plugin}:{trouble.code} {trouble.en}" for trouble in outcome.troubles)

    return scene


def applying(*sayings: Saying) -> Scene:
    proposal = Proposal("变更", effective_on=NEW_YEAR)
    return acting(lambda session, book: apply_changes(session, book, OPERATOR, proposal, sayings))


def submitting(session: Session, book: Book) -> None:
    with committed(book) as clerk:
        number = draft_of(clerk)
    submit(session, book, OPERATOR, number)


def previewing(stage: Stage) -> str:
    with committed(stage.set()) as clerk:
        number = draft_of(clerk)
    found = preview(stage.book, number)
    return " ".join(f"{it.plugin}:{it.code} {it.message.en}" for it in found.objections)


def loading(stage: Stage) -> str:
    with pytest.raises(PluginsRefused) as refused:
        stage.set()
    return refused.value.message.en


def building(build: Callable[[Book], object]) -> Scene:
    def scene(stage: Stage) -> str:
        with pytest.raises(DutybookError) as refused:
            build(stage.set())
        return f"{refused.value.message.en} {stage.hostile.hook}"  # what is built tells by itself which hook it was

    return scene


def living(stage: Stage) -> str:
    """The server starts and ends."""

    async def live() -> None:
        app = application(Settings(), stage.set())
        async with app.router.lifespan_context(app):
            pass

    try:
        asyncio.run(live())
    except PluginFailure as failure:
        return failure.message.en
    return f"hostile {stage.hostile.hook}: {stage.book.plugins.measures.recent_failures('hostile')}"


def upcasting(stage: Stage) -> str:
    event = Event(1, "hostile.pass.sold", "hostile.pass", 1, stage.bare.clock.now(), "hostile")
    with pytest.raises(PluginFailure) as failure:
        stage.set().plugins.upcast(event)
    return failure.value.message.en


def being_looked_at(stage: Stage) -> str:
    book = stage.set()
    with book.database.read() as session:
        found = condition(session, book, book.plugins["hostile"])
        assert condition(session, book, book.plugins["before"]).state == "OK"
    return f"hostile {found.state} {stage.hostile.hook} {[detail.en for detail in found.details]}"


def enabling(*, demo: bool) -> Scene:
    return acting(lambda session, book: settle(session, book, book.plugins["hostile"], demo=demo) and None)


def commanding(stage: Stage) -> str:
    plugins = stage.set().plugins
    context = Context(lambda: Settings(plugins=("hostile",)))
    context.__dict__["plugins"] = plugins
    return CliRunner().invoke(commands, ["hostile"], obj=context, env={"DUTYBOOK_LANGUAGE": "en"}).output


IN_TRANSACTIONS: dict[str, Scene] = {
    "check_department": applying({"openDepartment": {"name": "营销部"}}),
    "check_position": applying({"openPosition": {"title": "干事", "department": "D001"}}),
    "check_duty": applying({"addDuty": {"position": "P0001", "text": "整理档案"}}),
    "check_employee": applying({"openEmployee": {"number": "E0003", "name": "丙三"}}),
    "check_assignment": applying({"appoint": {"employee": "E0001", "position": "P0002", "kind": "CONCURRENT"}}),
    "check_kind": applying({"openStandardPosition": {"title": "值班长"}}),
    "check_changeset": acting(submitting),
    "check_period_close": acting(lambda session, book: close_period(session, book, OPERATOR, MONTH)),
    "preview_changeset": previewing,
    "derive": applying({"addDuty": {"position": "P0001", "text": "整理档案"}}),
    "on_enable": enabling(demo=False),
    "contribute_demo": enabling(demo=True),
    "health": being_looked_at,
    "upcast_event": upcasting,
    "startup": living,
    "shutdown": living,
    "contribute_graphql": building(lambda book: schema_with(book.kinds, book.plugins)),
    "contribute_routes": building(lambda book: application(Settings(), book)),
    "contribute_cli": commanding,
    **dict.fromkeys(
        (
            *("describe", "contribute_kinds", "contribute_models", "contribute_panels", "contribute_jobs"),
            *("contribute_hookspecs", "declare_events"),
        ),
        loading,
    ),
}
AFTER_COMMIT = {"on_events", "reset_projection", "on_disable", "on_uninstall"}
ASKED_BESIDE = {hook for hook in IN_TRANSACTIONS if hook.startswith(("check_", "preview_"))}


def cases(hooks: Sequence[str]) -> pytest.MarkDecorator:
    pairs = [(hook, misdeed) for hook in hooks for misdeed in misdeeds(hook)]
    return pytest.mark.parametrize(("hook", "misdeed"), pairs, ids=[f"{hook}-{it.__name__}" for hook, it in pairs])


def is_sound(book: Book) -> bool:
    with book.database.read() as session:
        return all(sound for _, sound in verify(session, book))


def test_every_hook_is_tried() -> None:
    assert IN_TRANSACTIONS.keys() | AFTER_COMMIT == SPECS.keys()


@cases(list(IN_TRANSACTIONS))
def test_a_hook_that_misbehaves_is_told_by_name_and_leaves_nothing(
    shared_book: Book, hook: str, misdeed: Misdeed
) -> None:
    before = everything(shared_book)
    stage = Stage(shared_book, Hostile(hook, misdeed))
    told = IN_TRANSACTIONS[hook](stage)
    assert stage.hostile.called
    assert "hostile" in told
    assert hook in told
    assert "secret" not in told
    assert everything(shared_book) == before
    assert shared_book.database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    assert is_sound(shared_book)


@cases(sorted(ASKED_BESIDE))
def test_the_plugins_beside_it_are_asked_too(shared_book: Book, hook: str, misdeed: Misdeed) -> None:
    stage = Stage(shared_book, Hostile(hook, misdeed))
    IN_TRANSACTIONS[hook](stage)
    assert stage.asked("before") == 1
    assert stage.asked("behind") == (0 if misdeed is hangs else 1)  # one that hangs takes the connection with it


@cases(["on_events"])
def test_a_delivery_that_misbehaves_waits_alone(own_book: Book, hook: str, misdeed: Misdeed) -> None:
    stage = Stage(own_book, Hostile(hook, misdeed))
    book = stage.set()
    happen(book, ("position", 1), ("position", 2))
    Worker(book).drain()
    waiting = everything(book)["parked"]
    assert [row for row in waiting if "'hostile'" not in row] == []
    assert bool(waiting) == (misdeed is not hangs)  # one that hangs is not asked again
    assert stage.asked("before") == stage.asked("behind") > 0
    assert is_sound(book)


@cases(["reset_projection"])
def test_a_rebuild_that_misbehaves_leaves_all_as_it_was(own_book: Book, hook: str, misdeed: Misdeed) -> None:
    stage = Stage(own_book, Hostile(hook, misdeed))
    Worker(stage.set()).drain()
    before = everything(own_book)
    told = acting(lambda session, book: rebuild(session, book, OPERATOR, "hostile"))(stage)
    assert "hostile failed in reset_projection" in told
    assert everything(own_book) == before


@cases(["on_disable"])
def test_a_plugin_that_misbehaves_when_it_is_disabled_is_disabled(own_book: Book, hook: str, misdeed: Misdeed) -> None:
    book = enabled(own_book, hook, misdeed)
    outcome = perform(
        book, OPERATOR, None, lambda session: told_of(disable(session, own_book, "hostile", book.plugins))
    )
    assert is_sound(book)
    with book.database.read() as session:
        known = known_plugins(session, book)["hostile"].enabled
    assert known == bool(outcome.troubles)
    assert [trouble.code for trouble in outcome.troubles] == (["PLUGIN_FAILURE"] if misdeed is hangs else [])


@cases(["on_uninstall"])
def test_a_plugin_that_misbehaves_when_it_is_forgotten_is_not(own_book: Book, hook: str, misdeed: Misdeed) -> None:
    book = enabled(own_book, hook, misdeed)
    with own_book.database.write() as session:
        disable(session, own_book, "hostile", Plugins())
    before = everything(own_book)
    outcome = perform(own_book, OPERATOR, None, lambda session: len(forget(session, own_book, "hostile", book.plugins)))
    [trouble] = outcome.troubles
    assert "Plugin hostile failed in on_uninstall: it " in trouble.en
    assert everything(own_book) == before


def told_of(trouble: object) -> None:
    """A plugin that fails as it leaves is told of."""
    assert trouble


def enabled(bare: Book, hook: str, misdeed: Misdeed) -> Book:
    """The book in which the hostile plugin was enabled."""
    book = Stage(bare, Hostile(hook, misdeed)).set()
    with book.database.write() as session:
        settle(session, book, book.plugins["hostile"])
    return book


@pytest.mark.parametrize("misdeed", misdeeds("on_events"), ids=lambda it: it.__name__)
def test_a_job_that_misbehaves_is_tried_later_and_the_others_run(
    own_book: Book, misdeed: Misdeed, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SECONDS", "SQLITE_SECONDS"):
        monkeypatch.setattr(jobs, name, DEADLINE)
    ran: list[str] = []
    book = replace(own_book, plugins=loaded(working("hostile", misdeed), working("good", lambda _: ran.append("good"))))
    Worker(book).drain()
    assert ran == ["good"]
    assert is_sound(book)


def working(name: str, run: Misdeed) -> ModuleType:
    """A plugin with one job."""

    def contribute_jobs() -> Sequence[Job]:
        return [Job("work", run, every=timedelta(hours=1))]

    return made(name, contribute_jobs)
