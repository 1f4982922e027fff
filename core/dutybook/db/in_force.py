"""The one filter: whatever is read from a version table passes here, in a time and within a scope."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Select, Subquery, and_, false, func, or_, select

from dutybook.book.kinds import Kind
from dutybook.book.nouns import INTERNAL
from dutybook.book.times import STILL_KNOWN, Time
from dutybook.db.tables import Tables

DEPARTMENT = "department"


@dataclass(frozen=True, slots=True)
class Scope:
    """The departments whose records an actor may see, and the classifications of documents; None stands for all of them.

    `backstage`: whether they also see what is for those who work on change sets.
    """

    departments: frozenset[int] | None = None
    classes: frozenset[str] | None = None
    backstage: bool = True

    def bars(self, kind: Kind) -> bool:
        """Whether no record of a kind is seen."""
        return kind.backstage and not self.backstage


EVERYTHING = Scope()


def known(table: Any, revision: int | BindParameter[int]) -> ColumnElement[bool]:
    """The rows that the book held at a revision."""
    return and_(table.c.since_revision <= revision, table.c.until_revision > revision)


def on_day(table: Any, day: date) -> ColumnElement[bool]:
    """The rows that hold on a day."""
    return and_(table.c.valid_from <= day, table.c.valid_to > day)


def at(table: Any, time: Time) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """The rows in force at a time."""
    return on_day(table, time.as_of), known(table, time.known_at)


@lru_cache(maxsize=256)
def in_force(tables: Tables, name: str, time: Time, scope: Scope) -> Subquery:
    """The records of a kind at one time that the scope may see: key, code, organisation, days and fields."""
    return _in_force(tables, name, time, scope).subquery(name)


@lru_cache(maxsize=64)
def numbered(tables: Tables, name: str, time: Time, scope: Scope) -> Subquery:
    """The same, each with the id of its row as `version`: what an index names."""
    return _in_force(tables, name, time, scope, numbered=True).subquery(name)


def _in_force(tables: Tables, name: str, time: Time, scope: Scope, *, numbered: bool = False) -> Select[Any]:
    kind = tables.kinds[name]
    rows, identity = tables.versions[name].alias(), tables.identities[name]
    fields = [rows.c[field.name] for field in kind.fields]
    query = select(rows.c.key, rows.c.valid_from, rows.c.valid_to, *fields)
    if numbered:
        query = query.add_columns(rows.c.id.label("version"))
    if kind.coded:
        query = query.join(identity, identity.c.key == rows.c.key)
        query = query.add_columns(identity.c.code, identity.c.organisation)
    return query.where(*at(rows, time), *within(tables, kind, rows, time, scope))


def within(tables: Tables, kind: Kind, rows: Any, time: Time, scope: Scope) -> list[ColumnElement[bool]]:
    """What a scope demands of rows of a kind: that the department they lead to, and their classification, are in it."""
    if scope.departments is None:
        return _wherever(tables, kind, rows, scope)
    if not scope.departments:
        return [false()]
    if kind.scope is None:
        return _wherever(tables, kind, rows, scope)
    if kind.scope == "key" or kind.by_name[kind.scope].target == DEPARTMENT:
        return [rows.c[kind.scope].in_(sorted(scope.departments))]
    parent = in_force(tables, str(kind.by_name[kind.scope].target), time, scope)
    column = rows.c[kind.scope]
    return [or_(column.is_(None), column.in_(select(parent.c.key)))]


def _wherever(tables: Tables, kind: Kind, rows: Any, scope: Scope) -> list[ColumnElement[bool]]:
    """What is demanded in any department: that the kind is not barred, and the classification within the scope.

    So must be that of every later day: what became secret is so for its past, too.
    """
    if scope.bars(kind):
        return [false()]
    if not kind.classified or scope.classes is None:
        return []
    later = tables.versions[kind.name].alias("later")
    closer = select(later.c.id).where(
        later.c.key == rows.c.key,
        later.c.until_revision == STILL_KNOWN,
        later.c.valid_to > rows.c.valid_from,
        ~_in_classes(later, scope.classes),
    )
    return [_in_classes(rows, scope.classes), ~closer.exists()]


def _in_classes(rows: Any, classes: frozenset[str]) -> ColumnElement[bool]:
    known: ColumnElement[bool] = func.coalesce(rows.c.classification, INTERNAL).in_(sorted(classes))
    return known


def ever(tables: Tables, name: str, scope: Scope) -> Select[Any]:
    """All versions of a kind that the scope may see, whatever the time."""
    rows = tables.versions[name]
    return select(rows).where(*_ever_within(tables, tables.kinds[name], rows, scope))


def history(tables: Tables, name: str, key: int, scope: Scope) -> Select[Any]:
    """All versions of one record on both axes, newest first."""
    kind, rows = tables.kinds[name], tables.versions[name]
    order = (rows.c.since_revision.desc(), rows.c.valid_from.desc())
    visible = _ever_within(tables, kind, rows, scope)
    return select(rows).where(rows.c.key == key, *visible).order_by(*order)


def _ever_within(tables: Tables, kind: Kind, rows: Any, scope: Scope) -> list[ColumnElement[bool]]:
    """Of a version outside any one time: the department it names, by whatever chain, is in the scope, as is its classification."""
    if scope.departments is None:
        return _wherever(tables, kind, rows, scope)
    if not scope.departments:
        return [false()]
    if kind.scope is None:
        return _wherever(tables, kind, rows, scope)
    if kind.scope == "key" or kind.by_name[kind.scope].target == DEPARTMENT:
        return [rows.c[kind.scope].in_(sorted(scope.departments))]
    target = str(kind.by_name[kind.scope].target)
    parents = tables.versions[target].alias()
    seen = select(parents.c.key).where(*_ever_within(tables, tables.kinds[target], parents, scope))
    return [or_(rows.c[kind.scope].is_(None), rows.c[kind.scope].in_(seen))]
