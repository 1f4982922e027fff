"""What is read of departments: the whole tree, ancestors, subtrees."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import CTE, Select, func, literal, select
from sqlalchemy.orm import Session

from dutybook.book.times import STILL_KNOWN
from dutybook.db.names import called, in_batches
from dutybook.db.reads import Reading, asked, official, remembered
from dutybook.db.tables import Tables
from dutybook.errors import Message


def tree(reading: Reading) -> Select[Any]:
    """All departments, siblings in official order."""
    rows = reading.source("department")
    return select(rows).order_by(*official(rows))


@remembered
def ancestors(reading: Reading) -> Select[Any]:
    """Every department above each key asked for as `below`, root first."""
    start, step, found = (reading.source("department").alias(name) for name in ("start", "step", "found"))
    up = select(start.c.key.label("below"), start.c.parent.label("at"), literal(1).label("height"))
    up_cte = up.where(asked(reading.database, start.c.key), start.c.parent.is_not(None)).cte("up", recursive=True)
    higher = select(up_cte.c.below, step.c.parent, up_cte.c.height + 1)
    walk = up_cte.union_all(higher.where(step.c.key == up_cte.c.at, step.c.parent.is_not(None)))
    query = select(walk.c.below, found).join(found, found.c.key == walk.c.at)
    return query.order_by(walk.c.below, walk.c.height.desc())


def below(reading: Reading, starts: Select[Any]) -> CTE:
    """The keys of some departments and of all departments below them, each as `key`, with its `top`."""
    first = starts.subquery()
    down = select(first.c.key, first.c.key.label("top")).cte("down", recursive=True)
    rows = reading.source("department").alias("under")
    return down.union(select(rows.c.key, down.c.top).where(rows.c.parent == down.c.key))


def organisation_keys(reading: Reading, code: str) -> Select[Any]:
    """The organisation that has a code."""
    identities = reading.database.tables.identities["organisation"]
    return select(identities.c.key).where(identities.c.code == code)


@remembered
def seats(reading: Reading) -> Select[Any]:
    """The approved seats of the own positions of each department asked for."""
    rows = reading.source("position")
    query = select(rows.c.department, func.sum(rows.c.headcount))
    return query.where(asked(reading.database, rows.c.department)).group_by(rows.c.department)


@remembered
def incumbents(reading: Reading) -> Select[Any]:
    """The primary assignments to the own positions of each department asked for."""
    held, rows = reading.source("assignment"), reading.source("position")
    query = select(rows.c.department, func.count()).join(held, held.c.position == rows.c.key)
    ours = asked(reading.database, rows.c.department)
    return query.where(ours, held.c.kind == "PRIMARY").group_by(rows.c.department)


def titles(session: Session, tables: Tables, keys: Iterable[int]) -> Mapping[int, Message]:
    """Departments as messages call them, by their newest names: `部门 D001 办公室`."""
    rows, own = tables.versions["department"], tables.identities["department"]
    query = select(rows.c.key, own.c.code, rows.c.name).join(own, own.c.key == rows.c.key)
    newest = query.where(rows.c.until_revision == STILL_KNOWN).order_by(rows.c.valid_from)
    kind = tables.kinds["department"]
    return {key: called(kind, f"{code} {name}") for key, code, name in in_batches(session, newest, rows.c.key, keys)}
