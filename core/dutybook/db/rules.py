"""The rules that hold for the final state of a change set on every day it touches: each is a query for who breaks it."""

from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, CompoundSelect, Integer, Select, bindparam, case, literal, or_, select, union
from sqlalchemy.orm import Session

from dutybook.book.changes import CLOSE, OPEN, RESCIND, SET
from dutybook.book.kinds import Field, Kind
from dutybook.book.times import STILL_KNOWN
from dutybook.db.tables import Tables

DEEPEST = 100
MOST = 50
"""Violations told of one rule; the first fifty are enough to act on."""


CHANGESET = bindparam("changeset", type_=Integer)

Query = Callable[[], Any]


class Violation(NamedTuple):
    """`kind` and `key` break `rule`; `other` is the identity it breaks it with."""

    rule: str
    kind: str
    key: int
    field: str
    other_kind: str
    other: int


class Rule(NamedTuple):
    """What is broken by the records whose keys its query gives, if the set touches any of the kinds it concerns."""

    rule: str
    kind: str
    field: str
    other_kind: str
    concerns: frozenset[str]
    query: Query


def violations(session: Session, tables: Tables, changeset: int) -> Iterator[Violation]:
    """Everything that the head would say wrongly of what this change set touches."""
    touched = _touched_kinds(session, tables, changeset)
    for rule, kind, field, other_kind, concerns, query in _rules(tables):
        if concerns & touched:
            rows = session.execute(query(), {"changeset": changeset})
            yield from (Violation(rule, kind, key, field, other_kind, other) for key, other in rows)


@lru_cache(maxsize=32)
def _rules(tables: Tables) -> tuple[Rule, ...]:
    """All rules of a book. Their queries are put together once, when they are first asked: that costs more than asking."""
    return tuple(_all(tables))


def _all(tables: Tables) -> Iterator[Rule]:
    for kind in tables.kinds:
        for field in (f for f in kind.references if f.within):
            target = str(field.target)
            either, outside = frozenset({kind.name, target}), _once(_outside, tables, kind, field)
            yield Rule("OUTSIDE_PARENT", kind.name, field.name, target, either, outside)
            if target == kind.name:
                yield Rule(
                    "CYCLE", target, field.name, target, frozenset({target}), _once(_cycles, tables, kind, field)
                )
    only = frozenset({"assignment"})
    yield Rule("TWO_PRIMARY", "assignment", "employee", "employee", only, _once(_second_primary, tables))
    either = frozenset({"organisation", "department"})
    yield Rule("OUTSIDE_PARENT", "department", "organisation", "organisation", either, _once(_homeless, tables))
    yield Rule("ASTRAY", "duty", "position", "duty", frozenset({"duty"}), _once(_astray, tables))
    either = frozenset({"department", "position"})
    for name, field_name in (("department", "parent"), ("position", "department")):
        query = _once(_strangers, tables, name, field_name)
        yield Rule("OTHER_ORGANISATION", name, field_name, "department", either, query)


def _once(make: Callable[..., Any], *given: object) -> Query:
    return cache(lambda: make(*given).limit(MOST))


def _touched_kinds(session: Session, tables: Tables, changeset: int) -> set[str]:
    change = tables["change"]
    return set(session.scalars(select(change.c.kind).where(change.c.changeset == changeset).distinct()))


def _touched(tables: Tables, kind: str, *verbs: str) -> Select[Any]:
    change = tables["change"]
    return select(change.c.key).where(
        change.c.changeset == CHANGESET, change.c.kind == kind, change.c.verb.in_(verbs or (OPEN, SET, CLOSE, RESCIND))
    )


def _head(rows: Any) -> ColumnElement[bool]:
    head: ColumnElement[bool] = rows.c.until_revision == STILL_KNOWN
    return head


def _outside(tables: Tables, kind: Kind, field: Field) -> CompoundSelect[Any]:
    """Children that refer to an identity on days on which it is not in force.

    Touched children and children of touched parents are asked for apart: joined by OR, neither set can be hashed, so
    that PostgreSQL searches anew for every row.
    """
    child = tables.versions[kind.name].alias("child")
    reference = child.c[field.name]
    wrong = select(child.c.key, reference).where(reference.is_not(None), _head(child))
    wrong = wrong.where(_uncovered(tables.versions[str(field.target)], child, reference))
    return union(
        wrong.where(child.c.key.in_(_touched(tables, kind.name))),
        wrong.where(reference.in_(_touched(tables, str(field.target), CLOSE, RESCIND))),
    )


def _homeless(tables: Tables) -> CompoundSelect[Any]:
    """Departments on days on which their organisation is not in force."""
    child, own = tables.versions["department"].alias("child"), tables.identities["department"]
    wrong = select(child.c.key, own.c.organisation).join(own, own.c.key == child.c.key).where(_head(child))
    wrong = wrong.where(_uncovered(tables.versions["organisation"], child, own.c.organisation))
    return union(
        wrong.where(child.c.key.in_(_touched(tables, "department"))),
        wrong.where(own.c.organisation.in_(_touched(tables, "organisation", CLOSE, RESCIND))),
    )


def _uncovered(parents: Any, child: Any, reference: Any) -> ColumnElement[bool]:
    """On some day of the child the identity that it refers to is not in force."""
    parent, following = parents.alias("parent"), parents.alias("following")
    ours = select(parent.c.id).where(parent.c.key == reference, _head(parent))
    covers_start = ours.where(parent.c.valid_from <= child.c.valid_from, parent.c.valid_to > child.c.valid_from)
    goes_on = select(following.c.id).where(
        following.c.key == parent.c.key, _head(following), following.c.valid_from == parent.c.valid_to
    )
    ends_early = ours.where(
        parent.c.valid_to > child.c.valid_from, parent.c.valid_to < child.c.valid_to, ~goes_on.exists()
    )
    return or_(~covers_start.exists(), ends_early.exists())


def _cycles(tables: Tables, kind: Kind, field: Field) -> Select[Any]:
    """Identities that on some day stand above themselves."""
    rows, above = tables.versions[kind.name].alias("start"), tables.versions[kind.name].alias("above")
    up = (
        select(
            rows.c.key.label("root"),
            rows.c[field.name].label("at"),
            rows.c.valid_from,
            rows.c.valid_to,
            literal(1, Integer).label("depth"),
        )
        .where(
            _head(rows),
            rows.c[field.name].is_not(None),
            rows.c.key.in_(_touched(tables, kind.name, OPEN, SET, RESCIND)),
        )
        .cte("up", recursive=True)
    )
    later = case((above.c.valid_from > up.c.valid_from, above.c.valid_from), else_=up.c.valid_from)
    sooner = case((above.c.valid_to < up.c.valid_to, above.c.valid_to), else_=up.c.valid_to)
    step = select(up.c.root, above.c[field.name], later, sooner, up.c.depth + 1).where(
        above.c.key == up.c.at,
        _head(above),
        above.c[field.name].is_not(None),
        above.c.valid_from < up.c.valid_to,
        above.c.valid_to > up.c.valid_from,
        up.c.at != up.c.root,
        up.c.depth < DEEPEST,
    )
    walk = up.union(step)
    return select(walk.c.root, walk.c.at).where(or_(walk.c.at == walk.c.root, walk.c.depth >= DEEPEST)).distinct()


def _second_primary(tables: Tables) -> Select[Any]:
    """Primary assignments of an employee who has another one on the same day."""
    one, two = tables.versions["assignment"].alias("one"), tables.versions["assignment"].alias("two")
    return (
        select(one.c.key, one.c.employee)
        .where(
            one.c.key.in_(_touched(tables, "assignment")),
            *(condition for rows in (one, two) for condition in (_head(rows), rows.c.kind == "PRIMARY")),
            two.c.employee == one.c.employee,
            two.c.key != one.c.key,
            two.c.valid_from < one.c.valid_to,
            two.c.valid_to > one.c.valid_from,
        )
        .distinct()
    )


def _astray(tables: Tables) -> Select[Any]:
    """Duties that are in no list, or in two."""
    rows = tables.versions["duty"]
    ours = rows.c.key.in_(_touched(tables, "duty"))
    return (
        select(rows.c.key, rows.c.key)
        .where(_head(rows), ours, rows.c.position.is_(None) == rows.c.standard.is_(None))
        .distinct()
    )


def _strangers(tables: Tables, name: str, field: str) -> Select[Any]:
    """Records whose department belongs to another organisation."""
    rows, own = tables.versions[name], tables.identities[name].alias("own")
    department = tables.identities["department"].alias("theirs")
    return (
        select(rows.c.key, department.c.key)
        .join(own, own.c.key == rows.c.key)
        .join(department, department.c.key == rows.c[field])
        .where(_head(rows), rows.c.key.in_(_touched(tables, name)), own.c.organisation != department.c.organisation)
        .distinct()
    )
