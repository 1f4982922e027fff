"""What is read of lineage."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, select

from dutybook.db.in_force import known
from dutybook.db.reads import Reading, among


def edges(reading: Reading, kind: str, keys: Collection[int]) -> Select[Any]:
    """The steps that the book knew of each record, oldest first."""
    table = reading.database.tables["lineage"]
    ours = (table.c.kind == kind, among(reading.database, table.c.key, keys), known(table, reading.time.known_at))
    return select(table).where(*ours).order_by(table.c.since_revision, table.c.id)
