"""Tables: migrations up, down and up again; a plugin that goes leaves nothing."""

from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import func, select

from dutybook.db import migrate
from dutybook.db.engine import Database
from dutybook.db.owners import tables_by_owner, version_table_of
from dutybook.errors import DutybookError
from dutybook.lifecycle.loading import kinds_with
from dutybook.lifecycle.plugins import Loaded, Plugins
from dutybook.services.plugins import disable, forget, settle
from dutybook.testing.book import TestBook
from dutybook.testing.verify.findings import Code, Finding, finding
from dutybook.testing.verify.state import difference, own_tables, state_of

KNOWN_BY = {"plugin": "name", "lane": "subscriber", "parked": "subscriber", "plugin_job": "plugin"}
"""The core's tables in which a plugin is known, and the column that names it."""


def try_migrations(url: str, plugins: Plugins, plugin: Loaded) -> Iterator[Finding]:
    """Up, down and up again, in an empty book."""
    database = Database(url, kinds_with(plugins))
    try:
        migrate.upgrade(database, plugins)
        yield from _differing(database, plugin)
        if migrate.newest(database, plugin) is not None:
            yield from _down_and_up(database, plugin)
    except DutybookError as error:
        yield finding(Code.MIGRATION_FAILED, plugin.name, error.message.zh, error.message.en)
    finally:
        database.dispose()


def _down_and_up(database: Database, plugin: Loaded) -> Iterator[Finding]:
    migrate.downgrade(database, plugin)
    if left := _tables_of(database, plugin.name) - {version_table_of(plugin.name)}:
        names = ", ".join(sorted(left))
        zh, en = f"{names}；请在 downgrade 中删除", f"{names}; drop them in downgrade()"
        yield finding(Code.DOWNGRADE_LEAVES, plugin.name, zh, en)
        return
    migrate.upgrade(database, [plugin])
    yield from _differing(database, plugin)


def _differing(database: Database, plugin: Loaded) -> Iterator[Finding]:
    if found := migrate.differences(database, plugin):
        shown = str(found[0])[:200]
        way = f"dutybook plugin migrate {plugin.name} -m …"
        zh, en = f"{len(found)} 处，如 {shown}；请用 {way}", f"{len(found)}, such as {shown}; write a step by {way}"
        yield finding(Code.TABLES_DIFFER, plugin.name, zh, en)


def _tables_of(database: Database, name: str) -> set[str]:
    with database.read() as session:
        return set(tables_by_owner(session.connection()).get(name, ()))


def try_leaving(book: TestBook, plugin: Loaded) -> Iterator[Finding]:
    """Disabled and enabled again it is as before; forgotten, nothing of it is left."""
    it, tables = book.book, own_tables(plugin)
    without = replace(it, plugins=Plugins([other for other in it.plugins if other.name != plugin.name]))
    with it.database.write() as session:
        before = state_of(session, tables)
        disable(session, without, plugin.name, it.plugins)
        settle(session, it, plugin)
        differing = difference(before, state_of(session, tables))
    if differing:
        yield finding(Code.ENABLE_DIFFERS, plugin.name, differing, differing)
    with it.database.write() as session:
        disable(session, without, plugin.name, it.plugins)
        forget(session, without, plugin.name, it.plugins)
    if left := [*_tables_of(it.database, plugin.name), *_rows_about(book, plugin.name)]:
        names = ", ".join(left)
        yield finding(Code.FORGET_LEAVES, plugin.name, names, names)


def _rows_about(book: TestBook, name: str) -> Iterator[str]:
    with book.session() as session:
        for table, column in KNOWN_BY.items():
            rows = book.book.tables[table]
            if session.scalar(select(func.count()).select_from(rows).where(rows.c[column] == name)):
                yield table
