"""Who owns which tables: a plugin those that begin with `plg_<name>_`, the core all others."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection, MetaData, inspect

from dutybook.db.search_tables import is_shadow

CORE_OWNER = "core"
_PREFIX = "plg_"


def owner_of(table: str) -> str:
    """The name of the owner of a table."""
    return table.removeprefix(_PREFIX).partition("_")[0] if table.startswith(_PREFIX) else CORE_OWNER


def version_table_of(owner: str) -> str:
    """Where the migrations of an owner keep how far they have run."""
    return "dutybook_alembic_version" if owner == CORE_OWNER else f"{_PREFIX}{owner}_alembic_version"


def is_compared(table: str, owner: str) -> bool:
    """Whether a table that is there is one of an owner's that its code describes."""
    return owner_of(table) == owner and not is_shadow(table)


def tables_by_owner(connection: Connection) -> Mapping[str, Sequence[str]]:
    """The tables that are there, version tables included."""
    found = defaultdict[str, list[str]](list)
    for table in sorted(inspect(connection).get_table_names()):
        found[owner_of(table)].append(table)
    return found


def orphans(connection: Connection, owners: Collection[str]) -> Mapping[str, Sequence[str]]:
    """The tables of plugins that are not among these owners: the data of whoever was disabled."""
    kept = {CORE_OWNER, *owners}
    return {owner: tables for owner, tables in tables_by_owner(connection).items() if owner not in kept}


def drop_tables_of(connection: Connection, owner: str) -> Sequence[str]:
    """Drops all tables of a plugin, whether its package is there or not, and tells which."""
    tables = MetaData()
    tables.reflect(connection, only=list(tables_by_owner(connection).get(owner, ())), resolve_fks=False)
    tables.drop_all(connection, checkfirst=False)
    return sorted(tables.tables)
