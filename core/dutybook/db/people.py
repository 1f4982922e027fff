"""What is read of people: filtered pages."""

from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Select, Subquery, select

from dutybook.db.departments import organisation_keys
from dutybook.db.personal import Sight, readable
from dutybook.db.positions import ANYWHERE, Place, departments_in
from dutybook.db.reads import Reading, holds


@dataclass(frozen=True, slots=True)
class EmployeeFilter:
    """Which employees are meant; what is None does not matter. `position` is a code, `name` a part of the clear name."""

    place: Place = ANYWHERE
    position: str | None = None
    name: str | None = None


def filtered(reading: Reading, wanted: EmployeeFilter, sight: Sight) -> tuple[Select[Any], Subquery]:
    """The employees that a filter leaves, by names that may be seen, and the source to order them by."""
    rows = reading.source("employee")
    query = select(rows)
    if wanted.place.organisation is not None:
        query = query.where(rows.c.organisation.in_(organisation_keys(reading, wanted.place.organisation)))
    if wanted.place.department is not None or wanted.position is not None:
        query = query.where(rows.c.key.in_(_assigned(reading, wanted)))
    if wanted.name is not None:
        query = query.where(rows.c.name.in_(named(reading, wanted.name, sight)))
    return query, rows


def _assigned(reading: Reading, wanted: EmployeeFilter) -> Select[Any]:
    """Those assigned, in whatever way, to positions of the place."""
    held, holder = reading.source("assignment"), reading.source("position")
    query = select(held.c.employee).join(holder, holder.c.key == held.c.position)
    if wanted.place.department is not None:
        query = query.where(holder.c.department.in_(departments_in(reading, wanted.place)))
    return query if wanted.position is None else query.where(holder.c.code == wanted.position)


def named(reading: Reading, part: str, sight: Sight) -> Select[Any]:
    """The digests of the names that may be seen and hold a text."""
    values = readable(reading, sight)
    found = holds(values.c.value, in_json(part))
    return select(values.c.digest).where(values.c.kind == "employee", values.c.field == "name", found)


def in_json(text: str) -> str:
    """A text as it stands between the quotes of its JSON form."""
    return orjson.dumps(text).decode()[1:-1]
