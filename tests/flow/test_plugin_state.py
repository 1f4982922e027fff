"""What a database knows of its plugins: enabled, disabled, changed, forgotten, each told by an event and told once."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, inspect, select, text

from dutybook.db import migrate
from dutybook.db.events import read
from dutybook.errors import NotFound, Refused
from dutybook.lifecycle.calling import PluginFailure
from dutybook.lifecycle.plugins import Loaded, Plugins
from dutybook.services.book import Book
from dutybook.services.plugin_troubles import Trouble, troubles, unready
from dutybook.services.plugins import forget, known_plugins, settle
from dutybook.services.replay import verify
from tests.backends import Backend
from tests.flow.clerk import committed, founded, opened
from tests.plugins.kept.books import brought_in_line, disabled, filled, kept, opened_with, shifts
from tests.plugins.kept.plugin import noted, notes

HISTORY = {"event", "head", "change", "changeset", "revision", "lineage"}
"""What grows and is never taken back."""


@pytest.fixture
def book(backend: Backend) -> Iterator[Book]:
    """The company, and the plugin that was not enabled yet."""
    with backend.database(founded) as url, opened_with(url, kept()) as book:
        yield book


@pytest.fixture
def full(backend: Backend) -> Iterator[Book]:
    """The company with the plugin and its shifts."""
    with backend.database(filled) as url, opened_with(url, kept()) as book:
        yield book


def with_plugins(book: Book, plugins: Plugins) -> Book:
    return replace(book, plugins=plugins)


def told(book: Book) -> Sequence[tuple[str, Any]]:
    """The events of plugins, and what they say besides the plugin's name."""
    with book.database.read() as session:
        event = book.tables["event"]
        found = read(session, book.tables, event.c.aggregate == "plugin")
        assert len({it.key for it in found}) <= 1
        return [(it.type, {k: v for k, v in it.payload.items() if k != "name"}) for it in found]


def its_notes(book: Book) -> Sequence[str]:
    with book.database.read() as session:
        return notes(session)


def rows(engine: Engine) -> dict[str, list[str]]:
    """All rows of all tables."""
    with engine.connect() as connection:
        names = inspect(connection).get_table_names()
        return {name: sorted(map(str, connection.execute(text(f'SELECT * FROM "{name}"')))) for name in names}


def forgotten(book: Book, installed: Plugins | None = None, *, keep_data: bool = False) -> Sequence[str]:
    with book.database.write() as session:
        return forget(session, with_plugins(book, Plugins()), "kept", installed or Plugins(), keep_data=keep_data)


def test_enabling_is_recorded_told_and_done_once(book: Book) -> None:
    for _ in range(2):
        brought_in_line(book)
    with book.database.read() as session:
        row = known_plugins(session, book)["kept"]
    assert (row.version, row.enabled, row.settings) == ("1.2", True, '{"password":"***","rate":1}')
    assert told(book) == [("plugin.enabled", {"version": "1.2"})]
    assert its_notes(book) == ["enabled"]


def test_changed_settings_are_told_by_name_and_secrets_never(book: Book) -> None:
    brought_in_line(book)
    brought_in_line(with_plugins(book, kept(rate=2, password="swordfish")))
    brought_in_line(with_plugins(book, kept(rate=2, password="another")))
    assert told(book)[1:] == [("plugin.settings_changed", {"version": "1.2", "settings": ["rate"]})]
    stored = str(rows(book.database.engine))
    assert not any(secret in stored for secret in ("open sesame", "swordfish", "another"))


def test_a_new_release_is_told_without_enabling_again(book: Book) -> None:
    brought_in_line(book)
    it = book.plugins["kept"]
    brought_in_line(with_plugins(book, Plugins([replace(it, meta=replace(it.meta, version="1.3"))])))
    assert told(book)[1:] == [("plugin.enabled", {"version": "1.3"})]
    assert its_notes(book) == ["enabled"]


def test_disabling_keeps_the_data_and_enabling_again_finds_it(full: Book) -> None:
    before = shifts(full)
    disabled(full, full.plugins)
    with full.database.read() as session:
        assert not known_plugins(session, full)["kept"].enabled
    assert its_notes(full) == ["enabled", "disabled"]
    brought_in_line(full)
    assert its_notes(full) == ["enabled", "disabled", "enabled"]
    assert [event for event, _ in told(full)] == ["plugin.enabled", "plugin.disabled", "plugin.enabled"]
    assert shifts(full) == before


def test_disabling_works_without_the_package_and_the_book_goes_on(full: Book) -> None:
    before = shifts(full)
    disabled(full)
    with opened(full.database.url.render_as_string(hide_password=False)) as bare:
        migrate.upgrade(bare.database)
        with committed(bare) as clerk:
            clerk.apply({"setPosition": {"position": "P0001", "title": "主任科员"}})
        with bare.database.read() as session:
            assert all(sound for _, sound in verify(session, bare))
    brought_in_line(full)
    assert {when: rows for when, rows in shifts(full).items() if when in before} == before


def failing(plugin: Loaded, hook: str) -> Plugins:
    """The plugin with one hook that writes, and then fails."""

    def fail(session: Any, **_: object) -> None:
        noted(session, "half-way")
        raise ValueError(hook)

    implementation = plugin.hooks[hook]
    changed = type(implementation)(implementation.plugin, implementation.plugin_name, fail, implementation.opts)
    return Plugins([replace(plugin, hooks={**plugin.hooks, hook: changed})])


def test_a_plugin_that_fails_when_it_is_enabled_is_not_recorded(book: Book) -> None:
    migrate.upgrade(book.database, book.plugins)
    broken = with_plugins(book, failing(book.plugins["kept"], "on_enable"))
    with pytest.raises(PluginFailure, match=r"kept.*on_enable"), book.database.write() as session:
        settle(session, broken, broken.plugins["kept"])
    with book.database.read() as session:
        assert known_plugins(session, book) == {}
    assert (told(book), its_notes(book)) == ([], [])


def test_a_plugin_that_fails_when_it_is_disabled_is_disabled_all_the_same(full: Book) -> None:
    disabled(full, failing(full.plugins["kept"], "on_disable"))
    with full.database.read() as session:
        assert not known_plugins(session, full)["kept"].enabled
    assert its_notes(full) == ["enabled"]


def test_hooks_of_administration_write_their_own_tables_only(book: Book) -> None:
    migrate.upgrade(book.database, book.plugins)
    it = book.plugins["kept"]
    elsewhere = Plugins([replace(it, models=())])
    with pytest.raises(PluginFailure, match="plg_kept_note"), book.database.write() as session:
        settle(session, with_plugins(book, elsewhere), elsewhere["kept"])


def test_what_an_enabled_plugin_has_is_not_forgotten(full: Book) -> None:
    with pytest.raises(Refused, match="dutybook db upgrade"), full.database.write() as session:
        forget(session, full, "kept", full.plugins)
    with pytest.raises(Refused, match="dutybook db upgrade"):
        forgotten(full)
    with pytest.raises(NotFound, match="kpi"), full.database.write() as session:
        forget(session, full, "kpi", Plugins())
    assert "plg_kept_note" in rows(full.database.engine)


def test_forgetting_leaves_nothing_but_history(book: Book) -> None:
    """The company as it was before the plugin, table by table and row by row, but for what only grows."""
    before = rows(book.database.engine)
    brought_in_line(book)
    with committed(book) as clerk:
        clerk.apply({"openKeptShift": {"name": "早班", "department": "D001", "hours": "8", "keeper": "甲一"}})
    leftovers(book)
    disabled(book)
    dropped = forgotten(book)
    after = rows(book.database.engine)
    assert dropped == sorted(["plg_kept_alembic_version", "plg_kept_note", "plg_kept_shift", "plg_kept_shift_version"])
    assert after.keys() == before.keys()
    grown = {"key_counter", "approval_step", *HISTORY}
    assert {name: found for name, found in after.items() if found != before[name]}.keys() <= grown
    assert told(book)[-1] == ("plugin.forgotten", {"version": "1.2", "keptData": False})
    with book.database.read() as session:
        assert all(sound for _, sound in verify(session, book))


def leftovers(book: Book) -> None:
    """Rows that deliveries and jobs leave in the core's tables."""
    now, names = book.clock.now(), book.tables
    with book.database.write() as session:
        session.execute(names["lane"].insert().values(subscriber="kept", number=0, cursor=3))
        held = {"aggregate": "position", "key": 1, "sequence": 4, "attempts": 1, "dead": True, "error": "x"}
        session.execute(names["parked"].insert().values(subscriber="kept", next_attempt_at=now, **held))
        session.execute(names["delivery_act"].insert().values(subscriber="kept", act="SKIP", by="operator", at=now))
        session.execute(names["plugin_job"].insert().values(plugin="kept", name="j", due_at=now, attempts=0))


def test_a_plugin_that_is_there_is_told_that_it_is_forgotten(full: Book) -> None:
    disabled(full)
    assert forgotten(full, full.plugins, keep_data=True) == []
    assert its_notes(full) == ["enabled", "uninstalled, keep_data=True"]


def test_what_cannot_be_dropped_stays_whole_with_the_way_out(full: Book) -> None:
    disabled(full)
    with pytest.raises(Refused, match="remove its package"):
        forgotten(full, failing(full.plugins["kept"], "on_uninstall"))
    refer = "CREATE TABLE plg_other_hold (shift BIGINT REFERENCES plg_kept_shift (key))"
    with full.database.write() as session:
        session.execute(text(refer))
        session.execute(text("INSERT INTO plg_other_hold SELECT min(key) FROM plg_kept_shift"))
    with pytest.raises(Refused, match="forget the plugin that refers"):
        forgotten(full)
    with full.database.read() as session:
        assert "kept" in known_plugins(session, full)
    assert shifts(full)


def test_data_that_was_kept_is_there_when_the_plugin_comes_back(full: Book) -> None:
    before = shifts(full)
    leftovers(full)
    disabled(full)
    forgotten(full, keep_data=True)
    left = rows(full.database.engine)
    assert (left["plugin"], left["plugin_job"], len(left["lane"])) == ([], [], 1)
    brought_in_line(full)
    assert shifts(full) == before
    assert its_notes(full) == ["enabled", "enabled"]


def test_records_come_back_from_the_book_at_every_time_after_the_plugin_was_forgotten(full: Book) -> None:
    before = shifts(full)
    assert any(before.values())
    disabled(full)
    forgotten(full)
    brought_in_line(full)
    assert shifts(full) == before
    with committed(full) as clerk:
        clerk.apply({"setKeptShift": {"keptShift": "SH01", "hours": "6"}}, on=next(iter(before))[0].replace(year=2026))
    assert {when: rows for when, rows in shifts(full).items() if when in before} == before


def test_records_come_back_in_small_pieces_too(full: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    before = shifts(full)
    disabled(full)
    forgotten(full)
    monkeypatch.setattr("dutybook.services.kind_history.CHUNK", 1)
    brought_in_line(full)
    assert shifts(full) == before


def test_the_clear_values_of_a_forgotten_plugin_are_erased(full: Book) -> None:
    def values() -> Sequence[str]:
        table = full.tables["personal_value"]
        with full.database.read() as session:
            return session.scalars(select(table.c.kind).distinct().order_by(table.c.kind)).all()

    assert "kept_shift" in values()
    disabled(full)
    forgotten(full)
    assert values() == ["employee"]


def test_a_server_waits_until_the_database_is_ready_for_the_plugin(book: Book) -> None:
    def reasons() -> str:
        with book.database.read() as session:
            return str(dict(unready(session, book)))

    assert "0002" in reasons()
    migrate.upgrade(book.database, book.plugins)
    assert "dutybook db upgrade" in reasons()
    brought_in_line(book)
    assert reasons() == "{}"


def codes(book: Book, named: Sequence[str] = ("kept",)) -> dict[str, bool]:
    with book.database.read() as session:
        found: list[Trouble] = list(troubles(session, book, named))
    return {it.code: it.wrong for it in found}


def test_everything_that_is_wrong_is_told(full: Book) -> None:
    assert codes(full) == {}
    leftovers(full)
    with full.database.write() as session:
        full.hooks(session)
        noted(session, "ill")
        session.execute(text("CREATE TABLE plg_kept_stray (id INTEGER)"))
        job = full.tables["plugin_job"]
        session.execute(job.insert().values(plugin="kept", name="k", due_at=full.clock.now(), attempts=2, error="oh"))
    assert codes(full) == {"DOWN": True, "TABLES": True, "PARKED": True, "JOB": True}
    assert codes(with_plugins(full, Plugins()), ()) == {
        "STILL_ENABLED": True,
        "PARKED": True,
        "JOB": True,
        "ORPHAN": False,
    }
