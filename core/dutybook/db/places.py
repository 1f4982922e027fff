"""Where departments stand in the tree, and which position is at the head of each: what hits are ranked by."""

from typing import Any

from sqlalchemy import Select, Text, cast, exists, func, or_, select

from dutybook.db.engine import Database
from dutybook.db.reads import Reading, asked, official, remembered


def tree(reading: Reading) -> Select[Any]:
    """All departments with the one above, siblings in official order."""
    rows = reading.source("department")
    return select(rows.c.key, rows.c.parent, rows.c.organisation).order_by(rows.c.organisation, *official(rows))


@remembered
def heads(reading: Reading) -> Select[Any]:
    """Of each department asked for rank and key of its head: the first position in order that reports to none of the same."""
    rows, above = reading.source("position"), reading.source("position").alias("above")
    within = exists().where(above.c.key == rows.c.reports_to, above.c.department == rows.c.department)
    # A blank sorts before whatever a longer rank goes on with, so that both are compared in one go.
    first = func.min(func.coalesce(rows.c.rank, "").concat(" ").concat(cast(rows.c.key, Text)))
    query = select(rows.c.department, first.label("head")).where(asked(reading.database, rows.c.department))
    return query.where(or_(rows.c.reports_to.is_(None), ~within)).group_by(rows.c.department)


def newest(database: Database, kind: str) -> Select[Any]:
    """The id of the newest version of a kind."""
    return select(func.max(database.tables.versions[kind].c.id))
