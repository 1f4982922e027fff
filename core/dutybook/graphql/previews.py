"""What publishing a change set would do, and what stands against it."""

import asyncio
from collections.abc import Iterable
from enum import Enum
from typing import Any

import strawberry
from anyio import to_thread
from sqlalchemy import Row

from dutybook.graphql.changes import attribute_change
from dutybook.graphql.connections import AFTER, FIRST
from dutybook.graphql.context import View
from dutybook.graphql.describe import both, column, named, resolved, value
from dutybook.graphql.followers import FollowerConnection, followers_of
from dutybook.graphql.nodes import Node
from dutybook.graphql.records import one
from dutybook.graphql.visibility import WHOLE, Seen
from dutybook.lifecycle.objections import Objection as Against
from dutybook.lifecycle.views import Impact as Reckoned
from dutybook.services.conflicts import conflicts_of
from dutybook.services.preview import Preview as Outlook
from dutybook.services.preview import preview
from dutybook.services.refusals import NamedConflict


class Severity(Enum):
    """How much an objection weighs."""

    BLOCK = value("BLOCK", "阻止发布。", "Publishing is refused.")
    WARN = value("WARN", "须确认后发布。", "Publishing needs an acknowledgement.")


strawberry.enum(Severity, description=both("异议的轻重。", "How much an objection weighs."))


@named("对发布的一条异议。", "One reason against publishing.")
class Objection:
    """What a rule or a plugin says."""

    plugin: str = column(
        "提出者；core 为账册自身的规则。", "Who objects; core stands for the rules of the book itself."
    )
    code: str = column("代码。", "Its code.")
    severity: Severity = column("轻重。", "How much it weighs.")
    message: str = column("说明。", "What is wrong, and the way out.")
    path: list[str] = column("所指的记录和字段。", "The record and field that it speaks of.")
    overridable_by: str | None = column("可推翻它的权限。", "The permission that may override it.")


@named("对某项指标的影响。", "What becomes of a metric.")
class Impact:
    """A metric before and after."""

    plugin: str = column("由哪个插件计算。", "The plugin that reckons it.")
    metric: str = column("指标。", "The metric.")
    before: str | None = column("原值。", "What it is.")
    after: str | None = column("新值。", "What it would be.")
    unit: str | None = column("单位。", "Its unit.")
    view: strawberry.Private[View]
    about: strawberry.Private[tuple[str, int] | None]

    @resolved(
        "所涉的记录；尚未设立或不可见时为空。",
        "The record it is about; null where it is not in the book yet, or not visible.",
    )
    async def subject(self) -> Node | None:
        """The record."""
        record: Node | None = await one(self.view, *self.about) if self.about else None
        return record


@named(
    "若现在发布将会如何；变更单有不可见的变更时，只告知可见记录的异议和影响。",
    "What publishing it now would do; where the set holds changes that cannot be seen, only what it would do to records that can.",
)
class Preview:
    """Objections, impacts and events."""

    objections: list[Objection] = column("异议。", "What stands against it.")
    impacts: list[Impact] = column("影响。", "What becomes of metrics.")
    events: list[str] = column("将产生的事件类型，按次序。", "The types of the events it would bring, in order.")
    view: strawberry.Private[View]
    changeset: strawberry.Private[Row[Any]]

    @resolved(
        "标准岗位的遵循者所受的影响，按部门；不可见者只计个数。",
        "What it does to those who follow standard positions, by department; who cannot be seen is only counted.",
    )
    async def followers(self, first: FIRST = 50, after: AFTER = None) -> FollowerConnection:
        """A page of followers."""
        return await followers_of(self.view, self.changeset, first, after)


@named("与他人已发布的变更的冲突。", "A collision with what somebody else published.")
class Conflict:
    """One field with three values."""

    attribute: str = column(
        "字段名；validTo 为截止日，不含当日。", "The field's name; validTo is the day after the last."
    )
    base: str | None = column("起草时的值。", "What it was at the base.")
    theirs: str | None = column("他人改成的值。", "What somebody else made it.")
    mine: str | None = column("本单要改成的值。", "What this set would make it.")
    revision: int = column("他人的变更所在的版次。", "The revision that brought the other value.")
    view: strawberry.Private[View]
    found: strawberry.Private[NamedConflict]

    @resolved("所涉的记录；已不在或不可见时为空。", "The record; null where it is gone or not visible.")
    async def subject(self) -> Node | None:
        """The record."""
        record: Node | None = await one(self.view, self.found.conflict.kind, self.found.conflict.key)
        return record


def previewed(view: View, changeset: Row[Any], seen: Seen) -> Preview:
    """Publishes a set and takes it back, and tells what is about records that are seen; runs in a worker thread."""
    found, language = foreseen(view, changeset, seen), view.context.language
    objections = objections_shown(found.objections, language)
    impacts = [_impact(view, plugin, impact) for plugin, impact in found.impacts]
    return Preview(objections=objections, impacts=impacts, events=list(found.events), view=view, changeset=changeset)


def foreseen(view: View, changeset: Row[Any], seen: Seen) -> Outlook:
    """What publishing a set would do, as far as it is about records of it that are seen."""
    found = preview(view.context.book, changeset.id)
    if seen == WHOLE:
        return found
    return Outlook(
        tuple(it for it in found.objections if seen.tells(it.path)),
        tuple((name, it) for name, it in found.impacts if seen.tells((str(it.kind), str(it.key)))),
    )


def _impact(view: View, plugin: str, it: Reckoned) -> Impact:
    return Impact(
        plugin=plugin,
        metric=it.metric.pick(view.context.language),
        before=it.before,
        after=it.after,
        unit=it.unit,
        view=view,
        about=None if it.kind is None or it.key is None else (it.kind, it.key),
    )


def objections_shown(found: Iterable[Against], language: str) -> list[Objection]:
    """What rules and plugins say, in one language."""
    return [
        Objection(
            plugin=it.plugin,
            code=it.code,
            severity=Severity[it.severity],
            message=it.message.pick(language),
            path=list(it.path),
            overridable_by=it.overridable_by,
        )
        for it in found
    ]


async def conflicts_in(view: View, changeset: Row[Any]) -> list[Conflict]:
    """What was published since the base of a set and collides with it, as far as it can be seen."""
    found = await to_thread.run_sync(_conflicts, view, changeset)
    made = await asyncio.gather(*(_conflict(view, named) for named in found))
    seen = await asyncio.gather(*(conflict.subject() for conflict in made))
    scope, kinds = view.reading.scope, view.context.book.kinds

    def hides(conflict: Conflict) -> bool:
        return scope.departments is not None or (
            scope.classes is not None and kinds[conflict.found.conflict.kind].classified
        )

    return [
        conflict for conflict, subject in zip(made, seen, strict=True) if subject is not None or not hides(conflict)
    ]


def _conflicts(view: View, changeset: Row[Any]) -> list[NamedConflict]:
    book = view.context.book
    with book.database.read() as session:
        return conflicts_of(session, book, changeset.id, changeset.base_revision, view.time.known_at)


async def _conflict(view: View, named: NamedConflict) -> Conflict:
    it = named.conflict
    kind = view.context.book.kinds[it.kind]
    theirs, mine = await asyncio.gather(
        attribute_change(view, kind, it.attribute, it.base, it.theirs),
        attribute_change(view, kind, it.attribute, it.base, it.mine),
    )
    return Conflict(
        attribute=theirs.name,
        base=theirs.before,
        theirs=theirs.after,
        mine=mine.after,
        revision=named.revision,
        view=view,
        found=named,
    )
