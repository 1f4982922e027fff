"""May they? Rights are asked for before anything is done."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from dutybook.access.actor import READ, Actor
from dutybook.access.scope import holds_everywhere, require, scope_of, works_on_changesets
from dutybook.book.changes import Change
from dutybook.db.head import head
from dutybook.errors import Forbidden
from dutybook.services.book import Book
from dutybook.services.drafts import Draft

__all__ = [
    "is_hidden",
    "reaches_set",
    "refuse_beyond_scope",
    "refuse_set_beyond_scope",
    "require",
    "require_work_on_changesets",
    "works_on_changesets",
]


def require_work_on_changesets(actor: Actor) -> None:
    """Forbidden, unless the actor sees proposals."""
    if not works_on_changesets(actor):
        zh = f"「{actor.name}」无权起草、审批或发布，看不到变更单。"
        raise Forbidden(zh, f"'{actor.name}' may neither propose, approve nor publish, so sees no proposals.")


def is_hidden(session: Session, book: Book, actor: Actor, row: Row[Any], kind: str, key: int) -> bool:
    """Whether a record that a set changes is of departments that the actor may not read."""
    scope = scope_of(session, book.tables, actor, READ, head(session, book.tables).revision, book.clock.today())
    if scope.departments is None:
        return False
    departments = set(_departments(Draft(session, book, row), kind, key))
    return bool(departments) and not departments & scope.departments


def reaches_set(session: Session, book: Book, actor: Actor, permission: str, row: Row[Any]) -> bool:
    """Whether the actor holds a permission for everything that a set touches."""
    try:
        require(actor, permission)
        refuse_set_beyond_scope(session, book, actor, permission, row)
    except Forbidden:
        return False
    return True


def refuse_set_beyond_scope(
    session: Session, book: Book, actor: Actor, permission: str, row: Row[Any], act: tuple[object, ...] | None = None
) -> None:
    """Forbidden where a set, or what was said together in it, touches departments for which the actor lacks a permission."""
    if holds_everywhere(actor, permission):
        return
    draft = Draft(session, book, row)
    changes = [change for change in draft.changes if act in {None, change.act}]
    refuse_beyond_scope(session, book, actor, permission, draft, changes)


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
            raise _beyond(draft, actor, permission, change)


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


def _beyond(draft: Draft, actor: Actor, permission: str, change: Change) -> Forbidden:
    """Not by its name: whoever reaches no further may not read it either."""
    label = draft.book.kinds[change.kind].label
    zh = f"{actor.name} 的「{permission}」权限不包括此{label.zh}（{change.key}）所在的部门。"
    en = f"{actor.name}'s permission '{permission}' does not reach this {label.en.lower()} ({change.key})."
    return Forbidden(zh, en)
