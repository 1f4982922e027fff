"""Migrations: the core and every plugin, each with versions and a version table of its own.

So the core upgrades although a plugin is gone, and a plugin goes back to nothing without touching anybody else's tables.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, func, select
from sqlalchemy.exc import SQLAlchemyError

from dutybook.db.engine import Database
from dutybook.db.owners import CORE_OWNER, is_compared, owner_of, version_table_of
from dutybook.errors import DutybookError, Refused
from dutybook.lifecycle.plugins import Loaded

_CORE_PACKAGE = "dutybook_migrations"

_TURN = 0x64757479
"""The lock by which servers that upgrade at the same moment take turns."""


class MigrationRefused(Refused):
    """The migrations of an owner cannot be run; nothing of this owner's was changed."""

    code = "MIGRATION_REFUSED"


@dataclass(frozen=True)
class Owner:
    """The core or a plugin: its package of migrations, and its tables as the code wants them."""

    name: str
    package: str | None
    metadata: Sequence[MetaData]
    core_revision: str | None = None
    has_tables: bool = True

    @property
    def folder(self) -> Path | None:
        """Where its versions are; None where it has none."""
        if self.package is None:
            return None
        try:
            return Path(str(files(self.package) / "versions"))
        except ImportError as reason:
            zh = f"插件 {self.name} 声明的迁移包 {self.package} 无法导入；请重新安装提供它的包。"
            en = f"Plugin {self.name} names {self.package} for its migrations, which cannot be imported; install it again."
            raise MigrationRefused(zh, en, path=[self.name]) from reason

    def options(self) -> dict[str, Any]:
        """What Alembic is told: this owner's version table, and to look at this owner's tables only."""
        return {
            "version_table": version_table_of(self.name),
            "target_metadata": self.metadata,
            "include_name": lambda name, kind, _: kind != "table" or is_compared(str(name), self.name),
            "include_object": lambda _, name, kind, *__: kind != "table" or owner_of(str(name)) == self.name,
            # A table that SQLite cannot alter is made anew, in migrations that are the same for both databases.
            "render_as_batch": True,
        }

    def config(self, connection: Connection | None = None) -> Config:
        """Alembic's configuration; there is no ini file."""
        config = Config()
        for name, path in (("script_location", files(_CORE_PACKAGE)), ("version_locations", self.folder)):
            config.set_main_option(name, str(path).replace("%", "%%"))
        config.set_main_option("path_separator", "newline")
        config.set_main_option("file_template", "v%%(rev)s_%%(slug)s")
        config.attributes.update(connection=connection, options=self.options())
        return config

    def steps(self) -> list[str]:
        """Its migrations, the oldest first."""
        if self.folder is None or not self.folder.is_dir():
            return []
        return [step.revision for step in ScriptDirectory.from_config(self.config()).walk_revisions()][::-1]


def owner(database: Database, plugin: Loaded | None = None) -> Owner:
    """A plugin as an owner of tables; the core where none is named."""
    if plugin is None:
        return Owner(CORE_OWNER, _CORE_PACKAGE, [database.tables.metadata])
    models = dict.fromkeys(model.metadata for model in plugin.models)
    metadata = [database.tables.metadata, *models]
    has_tables = bool(plugin.kinds or plugin.models)
    return Owner(plugin.name, plugin.meta.migrations, metadata, plugin.meta.core_revision, has_tables)


def upgrade(database: Database, plugins: Iterable[Loaded] = ()) -> None:
    """Runs the migrations that this database lacks: the core's, then those of each plugin, each in one transaction."""
    _upgrade(database, owner(database))
    for plugin in plugins:
        _upgrade(database, owner(database, plugin))


def downgrade(database: Database, plugin: Loaded | None = None, to: str = "base") -> None:
    """Takes the migrations of one owner back; its data goes with its tables."""
    _run(database, owner(database, plugin), lambda config: command.downgrade(config, to))


def current(database: Database, plugin: Loaded | None = None) -> str | None:
    """The migration at which an owner stands in this database; None where it has no tables yet."""
    with database.read() as session:
        return _context(session.connection(), owner(database, plugin)).get_current_revision()


def newest(database: Database, plugin: Loaded | None = None) -> str | None:
    """The migration that this installation knows as an owner's newest."""
    return next(reversed(owner(database, plugin).steps()), None)


def differences(database: Database, plugin: Loaded | None = None) -> list[Any]:
    """What an owner's tables in the database lack or have beyond those of its code."""
    mine = owner(database, plugin)
    metadata: Any = mine.metadata  # Alembic takes several, and says that it takes one
    with database.read() as session:
        return list(compare_metadata(_context(session.connection(), mine), metadata))


def _upgrade(database: Database, mine: Owner) -> None:
    steps = mine.steps()
    _refuse_foreign_core(database, mine)
    if mine.has_tables and not steps:
        zh = f"插件 {mine.name} 有表但没有迁移；作者可用 dutybook plugin migrate {mine.name} -m … 生成。"
        en = f"Plugin {mine.name} has tables and no migrations; its author makes them: dutybook plugin migrate {mine.name} -m …"
        raise MigrationRefused(zh, en, path=[mine.name])
    with database.read() as session:
        stands = _context(session.connection(), mine).get_current_revision()
    if stands is not None and stands not in steps:
        zh = f"{mine.name} 的表处于迁移 {stands}，所安装的版本只到 {steps[-1:] or '-'}；请安装当初升级它的版本。"
        en = f"The tables of {mine.name} stand at {stands}, beyond {steps[-1:] or '-'} of what is installed; "
        raise MigrationRefused(zh, f"{en}install the release that upgraded them.", path=[mine.name])
    if steps and stands != steps[-1]:
        _run(database, mine, lambda config: command.upgrade(config, "head"))


def _refuse_foreign_core(database: Database, mine: Owner) -> None:
    known = owner(database).steps()
    if mine.core_revision is not None and mine.core_revision not in known:
        zh = f"插件 {mine.name} 的迁移以核心迁移 {mine.core_revision} 为基础，本版只到 {known[-1]}；请升级 dutybook。"
        en = (
            f"The migrations of plugin {mine.name} build on {mine.core_revision} of the core, which knows {known[-1]}; "
        )
        raise MigrationRefused(zh, f"{en}install a newer dutybook.", path=[mine.name])


def _run(database: Database, mine: Owner, act: Callable[[Config], None]) -> None:
    try:
        with _migrating(database) as connection:
            act(mine.config(connection))
    except DutybookError:
        raise
    except Exception as error:
        if mine.name == CORE_OWNER:
            raise
        reason = str(error.__cause__ if isinstance(error, SQLAlchemyError) and error.__cause__ else error)
        zh = f"插件 {mine.name} 的迁移失败：{reason.strip()}。它的表未改动；请联系插件作者，或从 DUTYBOOK_PLUGINS 去掉它。"
        en = f"The migrations of plugin {mine.name} failed: {reason.strip()}. Its tables are as they were; "
        way = "tell its author, or take it out of DUTYBOOK_PLUGINS."
        raise MigrationRefused(zh, en + way, path=[mine.name]) from error


@contextmanager
def _migrating(database: Database) -> Iterator[Connection]:
    """One transaction; in it SQLite lets a table be made anew that others refer to, and is asked afterwards."""
    with database.engine.connect() as connection:
        driver: Any = connection.connection.driver_connection
        if database.is_sqlite:
            driver.execute("PRAGMA foreign_keys=OFF")  # counts for nothing within a transaction
        try:
            with connection.begin():
                if not database.is_sqlite:  # whose transactions take turns anyway
                    connection.execute(select(func.pg_advisory_xact_lock(_TURN)))
                yield connection
                if database.is_sqlite:
                    _refuse_dangling(connection)
        finally:
            if database.is_sqlite:
                driver.execute("PRAGMA foreign_keys=ON")


def _refuse_dangling(connection: Connection) -> None:
    if dangling := connection.exec_driver_sql("PRAGMA foreign_key_check").all():
        table, row, target, _ = dangling[0]
        zh = f"迁移使表 {table} 的第 {row} 行指向表 {target} 中不存在的行；已全部回退。"
        en = f"The migration leaves row {row} of {table} without the row of {target} that it names; all was taken back."
        raise MigrationRefused(zh, en, path=[str(table)])


def _context(connection: Connection, mine: Owner) -> MigrationContext:
    return MigrationContext.configure(connection, opts=mine.options())
