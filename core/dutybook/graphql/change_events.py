"""What happened to the book, as its followers are told: who may know of an event, and what it is about."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import strawberry
from sqlalchemy import Row

from dutybook.access.actor import ADMINISTER
from dutybook.book.times import eve
from dutybook.graphql.changesets import changeset_of
from dutybook.graphql.context import Context
from dutybook.graphql.describe import column, named, resolved
from dutybook.graphql.nodes import Node
from dutybook.graphql.periods import period_of
from dutybook.graphql.records import one
from dutybook.services.rights import works_on_changesets

OF_PUBLISHED = {"changeset.published", "changeset.took_effect", "changeset.reverted"}
"""What happens to change sets that everybody sees; the rest is the work on proposals."""

LEDGER: Mapping[str, Any] = {"changeset": changeset_of, "period": period_of}


@named("账册的一次变动。", "Something that happened to the book.")
class ChangeEvent:
    """One event."""

    sequence: int = column(
        "序号，按提交次序；断线后自此续订。", "Its number in the order of commits; whoever was cut off resumes from it."
    )
    revision: int | None = column("由哪一版次发布；其他变动为空。", "The revision that published it; null for others.")
    type: str = column(
        "发生了什么，如 position.moved、changeset.published。", "What happened: position.moved, changeset.published."
    )
    effective_on: date | None = column("自哪一天起生效。", "The day from which it holds.")
    recorded_at: datetime = column("记录的时刻。", "When it was recorded.")
    page: strawberry.Private["Page"]

    @resolved(
        "所涉对象，以变动生效之日、发布之版次所见；终止的为前一天的样子。",
        "What it is about, on the day of the event as its revision knew it; what ended, as it was the day before.",
    )
    async def subject(self) -> Node | None:
        """The object."""
        return (await self.page.subjects())[self.sequence]


@dataclass(eq=False)
class Page:
    """Some events in a row; what they are about is read together."""

    context: Context
    rows: Sequence[Row[Any]]
    _subjects: asyncio.Task[dict[int, Node | None]] | None = field(default=None, init=False)

    async def visible(self) -> list[ChangeEvent]:
        """The events that the listener may know of, in order."""
        self.rows = [row for row in self.rows if _may_know(self.context, row)]
        scope, kinds = self.context.scope, self.context.book.kinds
        hidden = {
            kind.name
            for kind in kinds
            if scope.departments is not None or (scope.classes is not None and kind.classified) or scope.bars(kind)
        }
        if any(row.aggregate in hidden for row in self.rows):
            subjects = await self.subjects()
            self.rows = [row for row in self.rows if row.aggregate not in hidden or subjects[row.sequence]]
        return [self._event(row) for row in self.rows]

    def _event(self, row: Row[Any]) -> ChangeEvent:
        return ChangeEvent(
            sequence=row.sequence,
            revision=row.revision,
            type=row.type,
            effective_on=row.effective_on,
            recorded_at=row.recorded_at,
            page=self,
        )

    async def subjects(self) -> dict[int, Node | None]:
        """What each event is about, as far as it may be seen."""
        if self._subjects is None:
            self._subjects = asyncio.create_task(self._read())
        return await asyncio.shield(self._subjects)

    async def _read(self) -> dict[int, Node | None]:
        found = await asyncio.gather(*(_subject(self.context, row) for row in self.rows))
        return {row.sequence: subject for row, subject in zip(self.rows, found, strict=True)}


def _may_know(context: Context, row: Row[Any]) -> bool:
    """Whether the listener may know of such an event at all; of records, where they are decides as well."""
    aggregate, actor = row.aggregate, context.actor
    if aggregate in context.book.kinds or aggregate == "period":
        return True
    if aggregate == "changeset":
        return row.type in OF_PUBLISHED or works_on_changesets(actor)
    if aggregate == "plugin":
        return actor.may(ADMINISTER)
    if "." in aggregate:
        return context.reads_personal  # a plugin's own words: nobody here knows what they say about whom
    return context.scope.departments is None  # of a plugin that is gone: nobody can tell any more whose it was


async def _subject(context: Context, row: Row[Any]) -> Node | None:
    found: Node | None = None
    if read := LEDGER.get(row.aggregate):
        found = await read(await context.view(), row.key)
    elif row.aggregate in context.book.kinds:
        found = await _record(context, row)
    return found


async def _record(context: Context, row: Row[Any]) -> Node | None:
    """On the day of the event; of what ended there, on the day before; of what never was, as it was known before."""
    day, revision = row.effective_on or context.today, await context.head() if row.revision is None else row.revision
    for as_of, known_at in ((day, revision), (eve(day), revision), (day, revision - 1)):
        found: Node | None = await one(await context.view(as_of, known_at), row.aggregate, row.key)
        if found is not None:
            return found
    return None
