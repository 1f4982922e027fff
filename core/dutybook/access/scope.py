"""Where may they? The departments for which an actor holds a permission, by the tree of today."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from dutybook.access.actor import APPROVE, PROPOSE, PUBLISH, READ_SECRET, ROLES, Actor, Grant
from dutybook.book.nouns import INTERNAL, PUBLIC
from dutybook.book.times import Time
from dutybook.db.engine import Database
from dutybook.db.in_force import DEPARTMENT, EVERYTHING, Scope, in_force
from dutybook.db.tables import Tables
from dutybook.errors import Forbidden

NOTHING = Scope(frozenset())


NOBODY: frozenset[str] = frozenset()


def scope_of(
    session: Session,
    tables: Tables,
    actor: Actor,
    permission: str,
    revision: int,
    today: date,
    holders: frozenset[str] = NOBODY,
) -> Scope:
    """Where the actor may do this, by today's tree as the book knows it at `revision`, the head.

    `holders` are the roles that hold a permission which a plugin has added.
    """
    granted = granting(actor, permission, holders)
    known = _without_tree(granted)
    found = known or _within(granted, session.execute(_tree(tables, Time(today, revision))).all())
    return _and_classes(found, actor)


class Scopes:
    """`scope_of` for many actors, by one look at the tree."""

    def __init__(self, session: Session, tables: Tables, permission: str, revision: int, today: date) -> None:
        self._session, self._tables, self._permission = session, tables, permission
        self._time = Time(today, revision)

    def of(self, actor: Actor) -> Scope:
        """Where this actor may do it."""
        granted = granting(actor, self._permission)
        return _and_classes(_without_tree(granted) or _within(granted, self._rows), actor)

    @cached_property
    def _rows(self) -> Sequence[Row[Any]]:
        return self._session.execute(_tree(self._tables, self._time)).all()


async def scope_in(
    database: Database,
    actor: Actor,
    permission: str,
    revision: int,
    today: date,
    holders: frozenset[str] = NOBODY,
) -> Scope:
    """`scope_of` for the server, off the event loop."""
    granted = granting(actor, permission, holders)
    known = _without_tree(granted)
    found = known or _within(granted, await database.rows(_tree(database.tables, Time(today, revision))))
    return _and_classes(found, actor)


def _and_classes(scope: Scope, actor: Actor) -> Scope:
    """With the classifications an actor may know: public ones, internal ones if signed in, all of them by a permission.

    What is backstage is seen by who may propose, approve or publish anywhere.
    """
    classes = classes_of(actor)
    return scope if classes is None else replace(scope, classes=classes, backstage=works_on_changesets(actor))


def classes_of(actor: Actor) -> frozenset[str] | None:
    """The classifications of documents that an actor may know; None for all of them."""
    if holds_everywhere(actor, READ_SECRET):
        return None
    return frozenset({PUBLIC} if actor.is_anonymous else {PUBLIC, INTERNAL})


def works_on_changesets(actor: Actor) -> bool:
    """Whether an actor may propose, approve or publish: proposals are for those."""
    return any(actor.may(permission) for permission in (PROPOSE, APPROVE, PUBLISH))


def holds_everywhere(actor: Actor, permission: str) -> bool:
    """Whether the actor may do this in the whole book."""
    return _is_everywhere(granting(actor, permission))


def _is_everywhere(granted: Sequence[Grant]) -> bool:
    return any(grant.organisation is grant.department is None for grant in granted)


def require(actor: Actor, permission: str) -> None:
    """Forbidden, unless the actor may do this somewhere."""
    if not actor.may(permission):
        raise _lacking(actor, permission, "", "")


def require_everywhere(actor: Actor, permission: str) -> None:
    """Forbidden, unless the actor may do this in the whole book."""
    if not holds_everywhere(actor, permission):
        raise _lacking(actor, permission, "（对全册）", " for the whole book")


def _lacking(actor: Actor, permission: str, where_zh: str, where_en: str) -> Forbidden:
    roles = ", ".join(role for role, permissions in ROLES.items() if permission in permissions)
    zh = f"「{actor.name}」没有「{permission}」权限{where_zh}。请管理员授予其一：{roles}（dutybook user grant）。"
    en = f"'{actor.name}' lacks '{permission}'{where_en}. An administrator can grant one of {roles} (dutybook user grant)."
    return Forbidden(zh, en)


def granting(actor: Actor, permission: str, holders: frozenset[str] = NOBODY) -> tuple[Grant, ...]:
    """The grants by which an actor holds a permission."""
    return tuple(grant for grant in actor.grants if permission in ROLES[grant.role] or grant.role in holders)


def _without_tree(granted: Sequence[Grant]) -> Scope | None:
    """The scope, where it can be told without reading the book."""
    if _is_everywhere(granted):
        return EVERYTHING
    return None if granted else NOTHING


def _tree(tables: Tables, now: Time) -> Select[Any]:
    department = in_force(tables, DEPARTMENT, now, EVERYTHING)
    return select(department.c.key, department.c.parent, department.c.organisation)


def _within(granted: Sequence[Grant], tree: Sequence[Row[Any]]) -> Scope:
    """The subtrees of the granted departments, and whole trees of the granted organisations."""
    organisations = {grant.organisation for grant in granted if grant.department is None}
    roots = {grant.department for grant in granted}
    children: dict[int | None, list[int]] = defaultdict(list)
    for row in tree:
        children[row.parent].append(row.key)
    tops = [row.key for row in tree if row.key in roots or row.organisation in organisations]
    return Scope(frozenset(_below(tops, children)))


def _below(tops: Iterable[int], children: Mapping[int | None, Sequence[int]]) -> set[int]:
    found: set[int] = set()
    waiting = list(tops)
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            waiting += children.get(key, ())
    return found
