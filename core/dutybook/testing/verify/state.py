"""What tables hold, to be compared: rows without the numbers that a database gives them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import ForeignKey, Table, select
from sqlalchemy.orm import Session

from dutybook.lifecycle.plugins import Loaded

State = Mapping[str, Counter[str]]
"""The rows of each table, and how often each is there."""


def own_tables(plugin: Loaded) -> list[Table]:
    """The plugin's own tables."""
    return [model.__table__ for model in plugin.models]


def state_of(session: Session, tables: Iterable[Table]) -> State:
    """The rows of some tables."""
    return {table.name: _rows(session, table) for table in tables}


def _rows(session: Session, table: Table) -> Counter[str]:
    columns = [column for column in table.c if not _is_given(column)]
    return Counter(str(tuple(row)) for row in session.execute(select(*columns))) if columns else Counter()


def _is_given(column: Any) -> bool:
    """Whether a column holds a number that the database gave to a row, here or in the table that it refers to."""
    if column is column.table.autoincrement_column:
        return True
    return any(_is_given(other) for key in column.foreign_keys for other in _referred(key))


def _referred(key: ForeignKey) -> Iterator[Any]:
    """The column that a key refers to; those of the core's tables are in another collection, and are never given anew."""
    table, _, name = key.target_fullname.rpartition(".")
    if (found := key.parent.table.metadata.tables.get(table)) is not None:
        yield found.c[name]


def difference(before: State, after: State) -> str:
    """What differs, shortly: the first table with the first rows that only one of both has."""
    for name, rows in before.items():
        gone, come = rows - after[name], after[name] - rows
        if gone or come:
            return f"{name}: -{gone.total()} +{come.total()} ({next(iter(gone or come))[:120]})"
    return ""
