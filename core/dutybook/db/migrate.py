"""Migrations: `upgrade` brings a database to the newest tables, `current` tells where it stands."""

from importlib.resources import files
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from dutybook.db.engine import Database

VERSION_TABLE = "dutybook_alembic_version"


def _config(connection: Connection, database: Database) -> Config:
    config = Config()
    config.set_main_option("script_location", str(files("dutybook_migrations")))
    config.set_main_option("path_separator", "os")
    config.attributes.update(connection=connection, metadata=database.tables.metadata, version_table=VERSION_TABLE)
    return config


def upgrade(database: Database) -> None:
    """Runs the migrations that this database lacks, in one transaction."""
    with database.engine.begin() as connection:
        command.upgrade(_config(connection, database), "head")


def current(database: Database) -> str | None:
    """The migration the database stands at; None for an empty database."""
    with database.engine.begin() as connection:
        return _context(connection).get_current_revision()


def newest(database: Database) -> str | None:
    """The migration that this installation knows as its newest."""
    with database.engine.begin() as connection:
        return ScriptDirectory.from_config(_config(connection, database)).get_current_head()


def differences(database: Database) -> list[Any]:
    """What the tables of the database lack or have beyond those of the code."""
    with database.engine.begin() as connection:
        return list(compare_metadata(_context(connection), database.tables.metadata))


def _context(connection: Connection) -> MigrationContext:
    return MigrationContext.configure(
        connection,
        opts={
            "version_table": VERSION_TABLE,
            "include_name": lambda name, kind, _: kind != "table" or name != VERSION_TABLE,
        },
    )
