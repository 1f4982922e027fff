"""The tables of plugins: made, taken back and made again by migrations of their own, whatever becomes of the core."""

import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, inspect, text

from dutybook.book.nouns import CORE
from dutybook.db import migrate
from dutybook.db.autogenerate import write_migration
from dutybook.db.engine import Database
from dutybook.db.owners import CORE_OWNER, orphans, owner_of, tables_by_owner, version_table_of
from dutybook.errors import Message
from dutybook.lifecycle.loading import kinds_with
from dutybook.lifecycle.manifest import PluginMeta
from dutybook.lifecycle.plugins import Loaded, Plugins
from dutybook.services.book import Book
from tests.backends import Backend
from tests.flow.clerk import committed, opened
from tests.plugins.kept import migrations as kept_migrations
from tests.plugins.kept.books import filled, kept, opened_with, shifts
from tests.plugins.kept.plugin import notes

MINE = ["plg_kept_alembic_version", "plg_kept_note", "plg_kept_shift", "plg_kept_shift_version"]


@pytest.fixture
def book(database_url: str) -> Iterator[Book]:
    """A database without tables, and the plugin enabled."""
    with opened_with(database_url, kept()) as book:
        yield book


@pytest.fixture
def full(backend: Backend) -> Iterator[Book]:
    """The company with the plugin and its shifts."""
    with backend.database(filled) as url, opened_with(url, kept()) as book:
        yield book


def tables(engine: Engine) -> list[str]:
    return sorted(inspect(engine).get_table_names())


def everything(engine: Engine, *, of: str) -> dict[str, list[Any]]:
    """All rows of all tables of an owner."""
    with engine.connect() as connection:
        names = tables_by_owner(connection).get(of, ())
        return {name: sorted(map(str, connection.execute(text(f"SELECT * FROM {name}")))) for name in names}


def test_each_owner_has_the_tables_that_its_code_wants_and_sees_no_others(book: Book) -> None:
    it = book.plugins["kept"]
    for _ in range(2):
        migrate.upgrade(book.database, book.plugins)
        assert (migrate.current(book.database), migrate.current(book.database, it)) == (
            migrate.newest(book.database),
            migrate.newest(book.database, it),
        )
        assert migrate.differences(book.database) == []
        assert migrate.differences(book.database, it) == []


def test_a_book_without_the_plugin_does_not_miss_its_tables(book: Book, database_url: str) -> None:
    migrate.upgrade(book.database, book.plugins)
    with opened(database_url) as bare:
        assert migrate.differences(bare.database) == []
        with bare.database.read() as session:
            assert orphans(session.connection(), []) == {"kept": MINE}
            assert orphans(session.connection(), ["kept"]) == {}


def test_what_differs_is_told_to_its_owner_alone(book: Book) -> None:
    migrate.upgrade(book.database, book.plugins)
    with book.database.engine.begin() as connection:
        connection.execute(text("CREATE TABLE plg_kept_forgotten (id INTEGER)"))
        connection.execute(text("CREATE TABLE plg_other_thing (id INTEGER)"))
    assert migrate.differences(book.database) == []
    told = str(migrate.differences(book.database, book.plugins["kept"]))
    assert "plg_kept_forgotten" in told
    assert "plg_other_thing" not in told


def test_a_plugin_goes_down_and_up_again_and_touches_nobody_else(full: Book) -> None:
    it, engine = full.plugins["kept"], full.database.engine
    core, there = everything(engine, of=CORE_OWNER), tables(engine)
    migrate.downgrade(full.database, it)
    assert tables(engine) == sorted({*there} - {*MINE} | {version_table_of("kept")})
    assert migrate.current(full.database, it) is None
    migrate.upgrade(full.database, full.plugins)
    assert tables(engine) == there
    assert migrate.differences(full.database, it) == []
    assert everything(engine, of=CORE_OWNER) == core


def test_a_table_that_others_refer_to_is_made_anew_with_its_rows(full: Book) -> None:
    it, before = full.plugins["kept"], shifts(full)
    migrate.downgrade(full.database, it, "0001")
    migrate.upgrade(full.database, full.plugins)
    assert migrate.differences(full.database, it) == []
    assert shifts(full) == before
    if full.database.is_sqlite:
        with full.database.read() as session:
            assert session.execute(text("PRAGMA foreign_keys")).scalar() == 1


def test_the_core_upgrades_while_the_plugin_is_gone_and_its_data_waits(full: Book) -> None:
    """The core goes one step back, as an older release left it, and then forward without the plugin's package."""
    before, mine = shifts(full), everything(full.database.engine, of="kept")
    url = full.database.url.render_as_string(hide_password=False)
    with opened(url) as bare:
        migrate.downgrade(bare.database, to="-1")
        assert migrate.current(bare.database) != migrate.newest(bare.database)
        migrate.upgrade(bare.database)
        assert migrate.differences(bare.database) == []
        with committed(bare) as clerk:
            clerk.apply({"setPosition": {"position": "P0001", "title": "主任科员"}})
    migrate.upgrade(full.database, full.plugins)
    assert everything(full.database.engine, of="kept") == mine
    assert {when: told for when, told in shifts(full).items() if when in before} == before


def altered(book: Book, **meta: Any) -> Plugins:
    it = book.plugins["kept"]
    return Plugins([replace(it, meta=replace(it.meta, **meta))])


def test_a_plugin_that_builds_on_a_newer_core_is_refused_and_the_core_is_not(book: Book) -> None:
    with pytest.raises(migrate.MigrationRefused, match=r"kept.*9999"):
        migrate.upgrade(book.database, altered(book, core_revision="9999"))
    assert migrate.current(book.database) == migrate.newest(book.database)
    assert "plg_kept_note" not in tables(book.database.engine)


def test_tables_without_migrations_are_refused(book: Book) -> None:
    with pytest.raises(migrate.MigrationRefused, match="dutybook plugin migrate kept"):
        migrate.upgrade(book.database, altered(book, migrations=None))


def test_a_package_of_migrations_that_is_not_there_is_named(book: Book) -> None:
    with pytest.raises(migrate.MigrationRefused, match=r"tests\.plugins\.nowhere"):
        migrate.upgrade(book.database, altered(book, migrations="tests.plugins.nowhere"))


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package of migrations of the test's own, `kept_copy`; gives the folder of its versions."""
    source = Path(str(kept_migrations.__file__)).parent
    shutil.copytree(source, tmp_path / "kept_copy", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path / "kept_copy" / "versions"
    sys.modules.pop("kept_copy", None)


def test_a_migration_that_fails_leaves_the_plugin_as_it_was(book: Book, copied: Path) -> None:
    step = copied / "v0003_fail.py"
    step.write_text(
        '''"""Fail half-way."""

from alembic import op

revision, down_revision, branch_labels, depends_on = "0003", "0002", None, None


def upgrade() -> None:
    op.execute("CREATE TABLE plg_kept_half (id INTEGER)")
    op.execute("DROP TABLE plg_kept_nothing")
''',
        "utf-8",
    )
    migrate.upgrade(book.database, book.plugins)
    before = tables(book.database.engine)
    with pytest.raises(migrate.MigrationRefused, match=r"kept.*plg_kept_nothing"):
        migrate.upgrade(book.database, altered(book, migrations="kept_copy"))
    assert tables(book.database.engine) == before
    assert migrate.current(book.database, book.plugins["kept"]) == "0002"


def test_tables_of_a_newer_release_are_refused_by_an_older_one(book: Book, copied: Path) -> None:
    migrate.upgrade(book.database, book.plugins)
    (copied / "v0002_note_the_moment_too.py").unlink()
    with pytest.raises(migrate.MigrationRefused, match=r"0002.*0001"):
        migrate.upgrade(book.database, altered(book, migrations="kept_copy"))


def test_authors_get_the_next_migration_written(book: Book, copied: Path) -> None:
    (copied / "v0002_note_the_moment_too.py").unlink()
    [plugin] = altered(book, migrations="kept_copy")
    written = write_migration(plugin, kinds_with(book.plugins), "Say when")
    assert written == copied / "v0002_say_when.py"
    assert write_migration(plugin, kinds_with(book.plugins), "Nothing") is None
    migrate.upgrade(book.database, [plugin])
    assert migrate.differences(book.database, plugin) == []
    migrate.downgrade(book.database, plugin)
    migrate.upgrade(book.database, [plugin])
    assert migrate.differences(book.database, plugin) == []


def test_the_first_migration_makes_the_tables_of_kinds_and_models_on_both_databases(book: Book, copied: Path) -> None:
    shutil.rmtree(copied)
    [plugin] = altered(book, migrations="kept_copy")
    assert write_migration(plugin, kinds_with(book.plugins), "Begin") == copied / "v0001_begin.py"
    migrate.upgrade(book.database, [plugin])
    assert migrate.differences(book.database, plugin) == []
    with book.database.read() as session:
        assert notes(session) == []


def test_a_plugin_without_tables_needs_no_migrations(database_url: str) -> None:
    database = Database(database_url, CORE)
    plain = Loaded(PluginMeta("plain", Message("素", "Plain"), "1.0"), {})
    migrate.upgrade(database, [plain])
    assert (migrate.current(database, plain), migrate.newest(database, plain)) == (None, None)
    assert migrate.differences(database, plain) == []
    database.dispose()


@pytest.mark.parametrize(
    ("table", "owner"),
    [("duty_version", "core"), ("plugin", "core"), ("plg_kept_note", "kept"), ("plg_kept_alembic_version", "kept")],
)
def test_a_table_belongs_to_whom_its_name_says(table: str, owner: str) -> None:
    assert owner_of(table) == owner
