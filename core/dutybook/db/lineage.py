"""What is read of lineage."""

from typing import Any

from sqlalchemy import Select, select

from dutybook.db.in_force import known
from dutybook.db.reads import Reading, asked, remembered


@remembered
def edges(reading: Reading, kind: str) -> Select[Any]:
    """The steps that the book knew of each record asked for, oldest first."""
    table = reading.database.tables["lineage"]
    ours = (table.c.kind == kind, asked(reading.database, table.c.key), known(table, reading.time.known_at))
    return select(table).where(*ours).order_by(table.c.since_revision, table.c.id)
