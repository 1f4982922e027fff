"""What is read of standard positions: the changes that touch them, who follows them, and the alike among those who follow none."""

from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy import JSON, ColumnElement, Select, and_, cast, func, or_, select, type_coerce
from sqlalchemy.dialects.postgresql import JSONB

from dutybook.db.in_force import known
from dutybook.db.positions import PositionFilter, filtered
from dutybook.db.reads import Reading, among
from dutybook.db.tables import Tables


def changes_of_standards(tables: Tables, changeset: int) -> Select[Any]:
    """The changes of a set to standard positions, to their duties, and to who follows what."""
    change, duty = tables["change"], tables.versions["duty"]
    theirs = select(duty.c.key).where(duty.c.standard.is_not(None))
    wanted = or_(
        change.c.kind == "standard_position",
        and_(change.c.kind == "duty", change.c.key.in_(theirs)),
        *(
            and_(change.c.kind == kind, change.c.key.in_(_keys(change, changeset, kind, _names_a_standard)))
            for kind in ("duty", "position")
        ),
    )
    return select(change.c.body).where(change.c.changeset == changeset, wanted).order_by(change.c.ordinal)


def _names_a_standard(body: Any) -> ColumnElement[bool]:
    """Written like that only as the name of a field: quotes within a text are escaped."""
    return or_(*(body.contains(f'"{name}"', autoescape=True) for name in ("standard", "exceptions")))


def _keys(change: Any, changeset: int, kind: str, holds: Callable[[Any], ColumnElement[bool]]) -> Select[Any]:
    """The records of which some change says so; all that the set says of them matters then."""
    some = change.alias()
    return select(some.c.key).where(some.c.changeset == changeset, some.c.kind == kind, holds(some.c.body))


def changes_of_lists(tables: Tables, changeset: int, positions: Collection[int], *, sqlite: bool) -> Select[Any]:
    """The changes of a set to what is or comes to be the positions' own duties."""
    change, duty = tables["change"], tables.versions["duty"]
    now = select(duty.c.key).where(duty.c.position.in_(positions))

    def comes(body: Any) -> ColumnElement[bool]:
        return _number(body, ("values", "position"), sqlite=sqlite).in_(positions)

    wanted = or_(change.c.key.in_(now), change.c.key.in_(_keys(change, changeset, "duty", comes)))
    ours = (change.c.changeset == changeset, change.c.kind == "duty")
    return select(change.c.body).where(*ours, wanted).order_by(change.c.ordinal)


def _number(body: Any, path: tuple[str, str], *, sqlite: bool) -> ColumnElement[int]:
    document: Any = type_coerce(body, JSON) if sqlite else cast(body, JSONB)
    found: ColumnElement[int] = document[path].as_integer()
    return found


def ever(tables: Tables, kind: str, field: str, owners: Collection[int], known_at: int) -> Select[Any]:
    """The keys of what ever refers to some owners by a field, as a revision knew it."""
    rows = tables.versions[kind]
    return select(rows.c.key).where(rows.c[field].in_(owners), known(rows, known_at))


def titles(reading: Reading, wanted: PositionFilter) -> Select[Any]:
    """Each title among the positions that follow nothing, how many have it, and how often they share a duty's text."""
    query, rows = filtered(reading, wanted)
    free = query.where(rows.c.standard.is_(None)).with_only_columns(rows.c.key, rows.c.title).subquery("free")
    duty = reading.source("duty")
    said = select(free.c.title, func.count().label("times")).join(duty, duty.c.position == free.c.key)
    each = said.group_by(free.c.title, duty.c.text).subquery("each")
    shared = func.sum(each.c.times).filter(each.c.times > 1)
    sums = (func.coalesce(shared, 0).label("shared"), func.sum(each.c.times).label("duties"))
    alike = select(each.c.title, *sums).group_by(each.c.title).subquery("alike")
    many = select(free.c.title, func.count().label("positions")).group_by(free.c.title).subquery("many")
    return select(many.c.title, many.c.positions, alike.c.shared, alike.c.duties).join(
        alike, alike.c.title == many.c.title
    )


def with_titles(reading: Reading, wanted: PositionFilter, some: Collection[str], limit: int) -> Select[Any]:
    """The positions of some titles that follow nothing, the oldest first."""
    query, rows = filtered(reading, wanted)
    free = query.where(rows.c.standard.is_(None), among(reading.database, rows.c.title, some))
    return free.order_by(rows.c.key).limit(limit)
