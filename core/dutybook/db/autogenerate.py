"""Migrations for authors: the step from what a plugin's migrations make to what its code wants, written as a file."""

import sys
from contextlib import redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from alembic import command
from alembic.script import Script

from dutybook.book.kinds import Kinds
from dutybook.db.engine import Database
from dutybook.db.migrate import Owner, owner, upgrade
from dutybook.errors import BadInput
from dutybook.lifecycle.plugins import Loaded


def write_migration(plugin: Loaded, kinds: Kinds, message: str) -> Path | None:
    """Writes the next migration of a plugin into its own package; None where its tables are as its code wants them.

    The tables are compared in a database of its own, which is thrown away: an author needs none, and harms none.
    """
    with TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/dutybook.db", kinds)
        try:
            mine = owner(database, plugin)
            upgrade(database, [plugin] if mine.steps() else ())
            return _write(database, mine, message)
        finally:
            database.dispose()


def _write(database: Database, mine: Owner, message: str) -> Path | None:
    folder = mine.folder
    if folder is None:
        zh = f"插件 {mine.name} 没有声明迁移；请在其 PluginMeta 中写明 migrations=迁移包。"
        raise BadInput(zh, f"Plugin {mine.name} names no migrations; say migrations=PACKAGE in its PluginMeta.")
    folder.mkdir(exist_ok=True)
    number = f"{len(mine.steps()) + 1:04}"
    with database.engine.connect() as connection, redirect_stdout(sys.stderr):
        script: Any = command.revision(
            mine.config(connection),
            message.replace('"', "'"),
            autogenerate=True,
            rev_id=number,
            version_path=str(folder),
            process_revision_directives=_drop_empty,
        )
    return Path(script.path) if isinstance(script, Script) else None


def _drop_empty(_context: object, _revision: object, directives: list[Any]) -> None:
    """Writes no file where nothing differs."""
    if directives[0].upgrade_ops.is_empty():
        directives.clear()
