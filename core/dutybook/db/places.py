"""Where departments stand in the tree, and which position is at the head of each: what hits are ranked by."""

from typing import Any

from sqlalchemy import Select, func, or_, select

from dutybook.db.reads import Reading, official


def tree(reading: Reading) -> Select[Any]:
    """All departments with the one above, siblings in official order."""
    rows = reading.source("department")
    return select(rows.c.key, rows.c.parent, rows.c.organisation).order_by(rows.c.organisation, *official(rows))


def heads(reading: Reading) -> Select[Any]:
    """The position at the head of each department: the first in order that reports to none of the same department."""
    rows, above = reading.source("position"), reading.source("position").alias("above")
    tops = select(rows.c.key, rows.c.department, rows.c.rank).outerjoin(above, above.c.key == rows.c.reports_to)
    top = tops.where(or_(above.c.key.is_(None), above.c.department != rows.c.department)).cte("tops")
    first = select(top.c.department, func.min(top.c.rank).label("rank")).group_by(top.c.department).subquery("first")
    same = (first.c.department == top.c.department) & (first.c.rank == top.c.rank)
    return select(func.min(top.c.key)).join(first, same).group_by(top.c.department)
