"""What differs between two times: found by the database, so that what is equal is hardly read."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Row,
    Select,
    and_,
    case,
    func,
    literal,
    literal_column,
    not_,
    null,
    or_,
    select,
    union,
    union_all,
)

from dutybook.book.kinds import Kind
from dutybook.book.times import Time
from dutybook.db.departments import below
from dutybook.db.engine import Database, Statements, Values
from dutybook.db.in_force import DEPARTMENT, at, within
from dutybook.db.reads import Reading, asked, parameter, remembered, sent

ADDED, REMOVED, CHANGED = "added", "removed", "changed"

Named = Mapping[str, Collection[int]]
"""The keys of what may differ, by kind."""

FEW = 1_000
"""Changes or versions that are looked at one by one: where there are more, departments or the whole book are read instead."""


class Sides(NamedTuple):
    """Two times of one book.

    `placed`: only what stands in the departments asked for, so nothing of a standard position. `named`: only what is given.
    """

    one: Reading
    other: Reading
    placed: bool
    named: bool = False

    @property
    def statements(self) -> Statements:
        """Those of the database that both are times of."""
        return self.one.statements

    @property
    def readings(self) -> tuple[Reading, Reading]:
        """Both times."""
        return self.one, self.other


@remembered
def subtrees(reading: Reading) -> Select[Any]:
    """The keys of the departments of the codes asked for, and of all departments below them."""
    rows = reading.source("department")
    return select(below(reading, select(rows.c.key).where(asked(reading.database, rows.c.code))).c.key)


@remembered
def published(database: Database, one: Time, other: Time) -> Select[Any]:
    """Kind and key of what the changes between two revisions name, but no more than tells that they are not few.

    Whatever a publication writes, it writes for a change; so on one day nothing else can differ. A long set has a row without
    a kind: its first changes may have been taken back before it was published.
    """
    change, revision = database.tables["change"], database.tables["revision"]
    first, last = sorted((one.known_at, other.known_at))
    sets = select(revision.c.changeset).where(revision.c.number > first, revision.c.number <= last)
    # One long set makes both planners expect as much of any, and read all; the ordinals tell them otherwise.
    most: ColumnElement[int] = literal_column(str(FEW))
    few = select(change.c.kind, change.c.key).where(change.c.changeset.in_(sets), change.c.ordinal <= most)
    highest = select(func.max(change.c.ordinal)).where(change.c.changeset == revision.c.changeset).scalar_subquery()
    long = sets.with_only_columns(null().label("kind"), revision.c.changeset.label("key")).where(highest > most)
    return select(union_all(*(select(part.limit(FEW + 1).subquery()) for part in (long, few))).subquery())


@remembered
def altered(database: Database, one: Time, other: Time) -> Select[Any]:
    """The same of what has a version that is in force at one of two times only: each version is looked at once."""
    tables = ((kind.name, database.tables.versions[kind.name].alias()) for kind in database.tables.kinds)
    parts = [select(literal(kind).label("kind"), rows.c.key).where(_at_one(rows, one, other)) for kind, rows in tables]
    return select(union_all(*parts).subquery()).limit(FEW + 1)


def _at_one(rows: FromClause, one: Time, other: Time) -> ColumnElement[bool]:
    here, there = and_(*at(rows, one)), and_(*at(rows, other))
    return or_(and_(here, not_(there)), and_(there, not_(here)))


def by_kind(rows: Sequence[Row[Any]]) -> Named | None:
    """What was found; None where that is too much to be named."""
    found: dict[str, set[int]] = {}
    for row in rows:
        found.setdefault(row.kind, set()).add(row.key)
    return None if len(rows) > FEW or None in found else found


def may_differ(sides: Sides, name: str, named: Named) -> bool:
    """Whether anything of a kind may differ."""
    return any(kind.name in named for kind in _owners(sides, sides.one.database.tables.kinds[name]))


def given(sides: Sides, name: str, named: Named) -> Values:
    """What `differences` is executed with for what is named."""
    kinds = _owners(sides, sides.one.database.tables.kinds[name])
    return {_named(kind.name): sent(sides.one.database, named.get(kind.name, ())) for kind in kinds}


def _named(kind: str) -> str:
    return f"named_{kind}"


@remembered
def differences(sides: Sides, name: str) -> Select[Any]:
    """Key and verdict of each record of a kind that is not the same at both times.

    What may differ is found first: it is named, or stands in the departments asked for, or all versions are looked through once.
    """
    kind = sides.one.database.tables.kinds[name]
    found = union(*_candidates(sides, kind)).subquery("candidates")
    before, after = _versions(sides, kind, "before"), _versions(sides, kind, "after")
    query = select(found.c.key, _verdict(before, after)).select_from(found)
    for reading, rows in zip(sides.readings, (before, after), strict=True):
        query = query.outerjoin(rows, and_(rows.c.key == found.c.key, *_there(sides, reading, kind, rows)))
    fields = ("key", *(field.name for field in kind.fields))
    return query.where(or_(*(before.c[field].is_distinct_from(after.c[field]) for field in fields)))


def _versions(sides: Sides, kind: Kind, name: str | None = None) -> FromClause:
    return sides.one.database.tables.versions[kind.name].alias(name)


def _verdict(before: FromClause, after: FromClause) -> ColumnElement[str]:
    return case((before.c.key.is_(None), ADDED), (after.c.key.is_(None), REMOVED), else_=CHANGED).label("verdict")


def _candidates(sides: Sides, kind: Kind) -> Iterator[Select[Any]]:
    """The keys of all records that may differ."""
    if sides.named:
        yield select(parameter(sides.one.database, _named(kind.name)).c.value.label("key"))
    elif sides.placed:
        yield from (_standing(sides, reading, kind) for reading in sides.readings)
        return
    else:
        rows = _versions(sides, kind)
        yield select(rows.c.key).where(_at_one(rows, sides.one.time, sides.other.time)).distinct()
    if owner := _owner(sides, kind):
        # With a record that moves, what belongs to it may come into sight or go out of it.
        rows, moved = _versions(sides, kind), union(*_candidates(sides, owner)).subquery()
        yield select(rows.c.key).where(rows.c[str(kind.scope)].in_(select(moved.c.key)))


def _standing(sides: Sides, reading: Reading, kind: Kind) -> Select[Any]:
    """The keys of what stands in the departments asked for, from them downwards."""
    rows = _versions(sides, kind)
    column, target = rows.c[str(kind.scope)], _target(reading.database, kind)
    place = asked(reading.database, column) if target is None else column.in_(_standing(sides, reading, target))
    return select(rows.c.key).where(*at(rows, reading.time), place)


def _owners(sides: Sides, kind: Kind) -> Iterator[Kind]:
    """A kind, and those that decide where its records stand, one after the other."""
    owner: Kind | None = kind
    while owner:
        yield owner
        owner = _owner(sides, owner)


def _owner(sides: Sides, kind: Kind) -> Kind | None:
    """The kind that decides where the records of this one stand, unless all of them are seen wherever they stand."""
    if kind.scope is None or not (sides.placed or sides.one.scope.departments is not None):
        return None
    return _target(sides.one.database, kind)


def _target(database: Database, kind: Kind) -> Kind | None:
    """The kind that leads to a department; None where a record names its department itself, or is one."""
    target = DEPARTMENT if kind.scope == "key" else str(kind.by_name[str(kind.scope)].target)
    return None if target == DEPARTMENT else database.tables.kinds[target]


def _there(sides: Sides, reading: Reading, kind: Kind, rows: FromClause) -> list[ColumnElement[bool]]:
    """Whether a version is in force, in sight and, where that is asked, in one of the departments."""
    seen = [*at(rows, reading.time), *within(reading.database.tables, kind, rows, reading.time, reading.scope)]
    return [*seen, asked(reading.database, _department(sides, reading, kind, rows))] if sides.placed else seen


def _department(sides: Sides, reading: Reading, kind: Kind, rows: FromClause) -> ColumnElement[int]:
    """Where a version stands; a value and no join, which PostgreSQL would turn round to read whole departments for each key."""
    column, target = rows.c[str(kind.scope)], _target(reading.database, kind)
    if target is None:
        return column
    theirs = _versions(sides, target)
    found = select(_department(sides, reading, target, theirs)).where(theirs.c.key == column, *at(theirs, reading.time))
    return found.correlate(rows).scalar_subquery()
