"""May they? Rights are asked for before anything is done."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from dutybook.access.actor import Actor
from dutybook.access.scope import holds_everywhere, require, scope_of
from dutybook.book.changes import Change
from dutybook.db.head import head
from dutybook.errors import Forbidden
from dutybook.services.book import Book
from dutybook.services.drafts import Draft

__all__ = ["reaches_set", "refuse_beyond_scope", "refuse_set_beyond_scope", "require"]


def reaches_set(session: Session, book: Book, actor: Actor, permission: str, row: Row[Any]) -> bool:
    """Whether the actor holds a permission for everything that a set touches."""
    try:
        require(actor, permission)
        refuse_set_beyond_scope(session, book, actor, permission, row)
    except Forbidden:
        return False
    return True


def refuse_set_beyond_scope(session: Session, book: Book, actor: Actor, permission: str, row: Row[Any]) -> None:
    """Forbidden where a set touches departments for which the actor lacks a permission."""
    if holds_everywhere(actor, permission):
        return
    draft = Draft(session, book, row)
    refuse_beyond_scope(session, book, actor, permission, draft, draft.changes)


def refuse_beyond_scope(
    session: Session, book: Book, actor: Actor, permission: str, draft: Draft, changes: Sequence[Change]
) -> None:
    """Forbidden where changes touch departments for which the actor lacks a permission."""
    scope = scope_of(session, book.tables, actor, permission, head(session, book.tables).revision, book.clock.today())
    if scope.departments is None:
        return
    for change in changes:
        departments = list(_departments(draft, change.kind, change.key))
        if not departments or any(department not in scope.departments for department in departments):
            raise _beyond(actor, permission, change)


def _departments(draft: Draft, kind: str, key: int) -> Iterator[int]:
    """The departments that a record has belonged to or will belong to; those the set opens count by their parents."""
    if kind == "department" and not draft.has_opened(kind, key):
        yield key
        return
    field = draft.book.kinds[kind].leads_by
    if field is None:
        return
    for span in draft.timeline(kind, key).spans:
        for above in span.steps.get(field.name, {}).values():
            if isinstance(above, int):
                yield from _departments(draft, str(field.target), above)


def _beyond(actor: Actor, permission: str, change: Change) -> Forbidden:
    zh = f"{actor.name} 的「{permission}」权限不包括此{change.kind}（{change.key}）所在的部门。"
    return Forbidden(zh, f"{actor.name}'s permission '{permission}' does not reach this {change.kind} ({change.key}).")
