"""What differs between two times: found by the database, so that what is equal is never read."""

from typing import Any

from sqlalchemy import Select, literal, or_, select, union_all

from dutybook.db.reads import Reading

ADDED, REMOVED, CHANGED = "added", "removed", "changed"


def differences(one: Reading, other: Reading, kind: str, *, placed: bool) -> Select[Any]:
    """Key and verdict of each record of a kind that is not the same at both times.

    `placed` leaves out what stands in no department, such as the duties of a standard position.
    """
    before, after = one.source(kind).alias("before"), other.source(kind).alias("after")
    described = one.database.tables.kinds[kind]
    differs = or_(*(before.c[field.name].is_distinct_from(after.c[field.name]) for field in described.fields))
    changed = select(after.c.key, literal(CHANGED).label("verdict"))
    changed = changed.join(before, before.c.key == after.c.key).where(differs)
    queries = [_only_in(after, before, ADDED), _only_in(before, after, REMOVED), changed]
    if placed and described.scope and described.scope != "key":
        sides = (after, before, after)
        queries = [q.where(side.c[described.scope].is_not(None)) for q, side in zip(queries, sides, strict=True)]
    return select(union_all(*queries).subquery())


def _only_in(here: Any, there: Any, verdict: str) -> Select[Any]:
    found = select(here.c.key, literal(verdict).label("verdict"))
    return found.where(~select(there.c.key).where(there.c.key == here.c.key).exists())
