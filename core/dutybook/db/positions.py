"""What is read of positions: filtered pages, those of whole subtrees, incumbents."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Subquery, func, select

from dutybook.db.departments import below, organisation_keys
from dutybook.db.reads import Reading, asked, holds, remembered


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the enterprise to look: codes of an organisation and of a department, with all below it if wanted."""

    organisation: str | None = None
    department: str | None = None
    include_descendants: bool = False


ANYWHERE = Place()


@dataclass(frozen=True, slots=True)
class PositionFilter:
    """Which positions are meant; what is None does not matter."""

    place: Place = ANYWHERE
    title: str | None = None
    grade: str | None = None
    vacant: bool | None = None


@remembered
def departments_in(reading: Reading, place: Place) -> Select[Any]:
    """The keys of the departments of a place; the same select each time, so that a statement may ask for them twice."""
    rows = reading.source("department")
    query = select(rows.c.key)
    if place.organisation is not None:
        query = query.where(rows.c.organisation.in_(organisation_keys(reading, place.organisation)))
    if place.department is None:
        return query
    query = query.where(rows.c.code == place.department)
    return select(below(reading, query).c.key) if place.include_descendants else query


def at_place(reading: Reading, query: Select[Any], positions: Subquery, place: Place) -> Select[Any]:
    """Only positions of a place."""
    if place.department is not None:
        return query.where(positions.c.department.in_(departments_in(reading, place)))
    if place.organisation is not None:
        return query.where(positions.c.organisation.in_(organisation_keys(reading, place.organisation)))
    return query


def filtered(reading: Reading, wanted: PositionFilter) -> tuple[Select[Any], Subquery]:
    """The positions that a filter leaves, and the source to order them by."""
    rows = reading.source("position")
    query = at_place(reading, select(rows), rows, wanted.place)
    if wanted.title is not None:
        query = query.where(holds(rows.c.title, wanted.title))
    if wanted.grade is not None:
        query = query.where(rows.c.grade == wanted.grade)
    if wanted.vacant is not None:
        taken = _taken(reading, rows)
        query = query.where(rows.c.headcount > taken if wanted.vacant else rows.c.headcount <= taken)
    return query, rows


def _taken(reading: Reading, positions: Subquery) -> Any:
    held = reading.source("assignment")
    query = select(func.count()).where(held.c.position == positions.c.key, held.c.kind == "PRIMARY")
    return query.correlate(positions).scalar_subquery()


@remembered
def under(reading: Reading) -> Select[Any]:
    """The positions of the departments asked for and of all departments below them, each with its `top`."""
    tops = reading.source("department").alias("tops")
    down = below(reading, select(tops.c.key).where(asked(reading.database, tops.c.key)))
    rows = reading.source("position")
    return select(down.c.top, rows).join(down, down.c.key == rows.c.department).order_by(rows.c.rank, rows.c.key)


@remembered
def incumbents(reading: Reading) -> Select[Any]:
    """The primary assignments to each position asked for. Who is suspended still holds the seat."""
    rows = reading.source("assignment")
    query = select(rows.c.position, func.count()).where(asked(reading.database, rows.c.position))
    return query.where(rows.c.kind == "PRIMARY").group_by(rows.c.position)
