"""Fields and mutations of plugins: each with the permission it needs and the time axes it honours."""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Flag, auto
from typing import Any

import strawberry
from sqlalchemy import select
from sqlalchemy.orm import Session
from strawberry.extensions import FieldExtension
from strawberry.types.base import StrawberryList, StrawberryOptional
from strawberry.types.field import StrawberryField

from dutybook.db.reads import Reading, asked
from dutybook.errors import DutybookError, Forbidden
from dutybook.graphql.context import Asking, Context, View
from dutybook.graphql.describe import both
from dutybook.graphql.payloads import UserError, refused, settled
from dutybook.graphql.records import Record
from dutybook.services.outcomes import perform as perform_once


class Axes(Flag):
    """The time axes that a field honours: under another explicit time it is null, never today's value."""

    NOW = 0
    AS_OF = auto()
    KNOWN_AT = auto()
    BOTH = AS_OF | KNOWN_AT


class TimeNotSupported(DutybookError):
    """A contributed field was asked under a time that it knows nothing of."""

    code = "TIME_NOT_SUPPORTED"

    def __init__(self, name: str, axis: str) -> None:
        zh = f"字段 {name} 不支持 {axis}；请在未指定 {axis} 的 registry 下查询它。"
        super().__init__(
            zh, f"The field {name} does not honour {axis}; ask for it in a registry without {axis}.", path=[axis]
        )


class LacksPermission(Forbidden):
    """The actor lacks a permission that a plugin has added."""

    def __init__(self, permission: str, roles: Sequence[str]) -> None:
        named = ", ".join(roles) or "-"
        zh = f"此操作需要权限 {permission}（角色：{named}）；请管理员授予。"
        super().__init__(zh, f"This needs the permission {permission} (roles: {named}); ask an administrator for it.")


_acting: ContextVar[str] = ContextVar("acting")
"""The plugin whose field is being answered."""


@dataclass(frozen=True)
class Within:
    """Loads which records of a kind lie where the actor holds a plugin's permission."""

    kind: str
    permission: str

    async def __call__(self, view: View, keys: Sequence[int]) -> Mapping[int, bool]:
        scope = await view.context.scope_for(self.permission)
        rows = Reading(view.reading.database, view.time, scope).source(self.kind)
        found = await view.rows(select(rows.c.key).where(asked(view.reading.database, rows.c.key)), keys)
        return dict.fromkeys(keys, False) | {row.key: True for row in found}


class Guard(FieldExtension):
    """Stands before every contributed resolver."""

    def __init__(self, permission: str, axes: Axes) -> None:
        self.permission, self.axes = permission, axes
        self.empty: Callable[[Context], Any] = lambda _: None

    def apply(self, field: StrawberryField) -> None:
        """Knows what the field answers where it must not tell."""
        if isinstance(field.type, StrawberryList):
            self.empty = lambda _: []

    async def resolve_async(self, next_: Callable[..., Awaitable[Any]], source: Any, info: Asking, **given: Any) -> Any:
        """The answer, for those who may have it, in a time that the field knows."""
        if not await self._may(source, info.context):
            return self._refuse(info)
        self._demand_time(source, info)
        token = _acting.set(self.permission.partition(".")[0])
        try:
            return await next_(source, info, **given)
        finally:
            _acting.reset(token)

    async def _may(self, source: Any, context: Context) -> bool:
        if not context.may(self.permission):
            return False
        if not isinstance(source, Record) or (await context.scope_for(self.permission)).departments is None:
            return True
        return await source.view.load(Within(source.kind, self.permission), source.row.key)

    def _refuse(self, info: Asking) -> Any:
        if info.operation.operation.value == "mutation":
            error = LacksPermission(self.permission, sorted(info.context.book.plugins.holders(self.permission)))
            return refused(info.return_type, error, info.context.language)
        return self.empty(info.context)

    def _demand_time(self, source: Any, info: Asking) -> None:
        view = getattr(source, "view", None)
        if not isinstance(view, View):
            return
        if view.as_of is not None and Axes.AS_OF not in self.axes:
            raise TimeNotSupported(info.field_name, "asOf")
        if view.known_at is not None and Axes.KNOWN_AT not in self.axes:
            raise TimeNotSupported(info.field_name, "knownAt")


def field(
    zh: str, en: str, *, permission: str, axes: Axes = Axes.BOTH, name: str | None = None
) -> Callable[[Any], Any]:
    """Makes an async resolver a field that a plugin contributes.

    It needs `permission` (the core's or one of the manifest) and honours the `axes`; where either lacks it is null, or an
    empty list. So its type is nullable or a list. The parent is the parameter `root: strawberry.Parent[Position]`.
    """

    def make(resolver: Any) -> Any:
        if not inspect.iscoroutinefunction(resolver):
            raise TypeError(f"{resolver.__name__} must be async: a field that blocks would stop the whole server")
        guard = Guard(permission, axes)
        return strawberry.field(resolver, description=both(zh, en), extensions=[guard], name=name)

    return make


def mutation(zh: str, en: str, *, permission: str, name: str | None = None) -> Callable[[Any], Any]:
    """Makes an async resolver a mutation that a plugin contributes.

    It answers with a payload that has `user_errors: list[UserError]`, all else in it nullable; use `perform`.
    """
    return field(zh, en, permission=permission, axes=Axes.NOW, name=name)


def guard_of(field: StrawberryField) -> Guard | None:
    """What stands before a field."""
    return next((extension for extension in field.extensions if isinstance(extension, Guard)), None)


def hides(field: StrawberryField) -> bool:
    """Whether a field can be without an answer: nullable, or a list."""
    return isinstance(field.type, StrawberryOptional | StrawberryList)


async def perform(info: Asking, act: Callable[[Session], int | None]) -> tuple[int | None, list[UserError]]:
    """Runs `act` in one transaction, in a worker thread, under the request's idempotency key.

    It may write the plugin's own tables. What it gives is kept under the key and given again to a repetition: the number of
    what was made. Expected errors (any DutybookError) come back as user errors, and nothing is stored.
    """
    context, field = info.context, info.field_name
    book, plugin = context.book, context.book.plugins[_acting.get()]

    def guarded(session: Session) -> int | None:
        return book.hooks(session).run(plugin, field, lambda: act(session), session, plugin.tables)

    return await settled(context, lambda: perform_once(book, context.actor, context.idempotency, guarded))
