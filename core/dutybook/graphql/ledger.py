"""Revisions, change sets and jobs as objects: what all of them read with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from dutybook.db.reads import rows_by
from dutybook.graphql.context import View


@dataclass(frozen=True, slots=True)
class Rows:
    """Loads the rows of a table that hold each key in `column`."""

    table: str
    column: str
    order: tuple[str, ...] = ()

    async def __call__(self, view: View, keys: Sequence[int]) -> Mapping[int, list[Row[Any]]]:
        found: dict[int, list[Row[Any]]] = {key: [] for key in keys}
        database = view.reading.database
        query = rows_by(database, database.tables[self.table], self.column, self.order)
        for row in await view.rows(query, keys):
            found[getattr(row, self.column)].append(row)
        return found


async def one_row(view: View, table: str, column: str, key: int) -> Row[Any] | None:
    """The only row of a table with a key."""
    found = await view.load(Rows(table, column), key)
    return found[0] if found else None
