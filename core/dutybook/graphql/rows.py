"""Loads rows of a plugin's own table for many objects at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Row, Table
from sqlalchemy.orm import DeclarativeBase

from dutybook.db.reads import rows_by
from dutybook.graphql.context import View


@dataclass(frozen=True, slots=True)
class RowsBy:
    """A loader: the rows of a table that hold each key in `column`, ordered by `order` (`-` in front for descending).

    `await view.load(RowsBy(Shift, "position", ("-begins_at",)), root.row.key)` is one statement for all positions of an
    answer, `Shift` a mapped class or a table. Make it once, as a constant of the module.
    """

    rows_of: Table | type[DeclarativeBase]
    column: str
    order: tuple[str, ...] = ()

    @property
    def table(self) -> Table:
        """The table."""
        return self.rows_of if isinstance(self.rows_of, Table) else cast(Table, self.rows_of.__table__)

    async def __call__(self, view: View, keys: Sequence[Any]) -> Mapping[Any, list[Row[Any]]]:
        found: dict[Any, list[Row[Any]]] = {key: [] for key in keys}
        query = rows_by(view.reading.database, self.table, self.column, self.order)
        for row in await view.rows(query, keys):
            found[getattr(row, self.column)].append(row)
        return found
