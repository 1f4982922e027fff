"""A plugin that remembers what it is told inside a publication, objects as it is told to, and writes along."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from sqlalchemy import BigInteger, Column, MetaData, Table, Text, insert, select
from sqlalchemy.orm import DeclarativeBase, Session

from dutybook.errors import Message
from dutybook.lifecycle.events import Event
from dutybook.lifecycle.loading import load_plugins
from dutybook.lifecycle.manifest import PluginMeta
from dutybook.lifecycle.objections import Objection
from dutybook.lifecycle.specs import hookimpl
from dutybook.lifecycle.states import (
    AssignmentChange,
    DepartmentChange,
    DutyChange,
    EmployeeChange,
    KindChange,
    PositionChange,
)
from dutybook.lifecycle.views import ChangeSetView, Impact
from dutybook.services.book import Book
from tests.flow.clerk import Clerk


@dataclass
class Watch:
    """One such plugin; `objects` are its answers by hook."""

    name: str = "watch"
    objects: dict[str, list[Objection]] = field(default_factory=dict)
    told: list[Any] = field(default_factory=list)
    views: list[tuple[ChangeSetView, bool]] = field(default_factory=list)
    events: list[tuple[Event, bool]] = field(default_factory=list)

    @cached_property
    def table(self) -> Table:
        columns = (Column("sequence", BigInteger, primary_key=True, autoincrement=False), Column("type", Text))
        return Table(f"plg_{self.name}_seen", MetaData(), *columns)

    @hookimpl
    def describe(self) -> PluginMeta:
        permissions = {f"{self.name}.override": ["administrator"]}
        return PluginMeta(self.name, Message("观察", "Watch"), "1.0", permissions=permissions, migrations="made.here")

    @hookimpl
    def contribute_models(self) -> Sequence[type[DeclarativeBase]]:
        base = type("Base", (DeclarativeBase,), {"metadata": self.table.metadata})
        return [type("Row", (base,), {"__table__": self.table})]

    def _answer(self, hook: str, changes: Sequence[Any]) -> list[Objection]:
        self.told += changes
        return self.objects.get(hook, [])

    @hookimpl
    def check_department(self, changes: Sequence[DepartmentChange]) -> Iterable[Objection] | None:
        return self._answer("check_department", changes)

    @hookimpl
    def check_position(self, changes: Sequence[PositionChange]) -> Iterable[Objection] | None:
        return self._answer("check_position", changes)

    @hookimpl
    def check_duty(self, changes: Sequence[DutyChange]) -> Iterable[Objection] | None:
        return self._answer("check_duty", changes)

    @hookimpl
    def check_employee(self, changes: Sequence[EmployeeChange]) -> Iterable[Objection] | None:
        return self._answer("check_employee", changes)

    @hookimpl
    def check_assignment(self, changes: Sequence[AssignmentChange]) -> Iterable[Objection] | None:
        return self._answer("check_assignment", changes)

    @hookimpl
    def check_kind(self, changes: Sequence[KindChange]) -> Iterable[Objection] | None:
        return self._answer("check_kind", changes)

    @hookimpl
    def check_changeset(self, changeset: ChangeSetView, dry_run: bool) -> Iterable[Objection] | None:
        self.views.append((changeset, dry_run))
        return self.objects.get("check_changeset", [])

    @hookimpl
    def preview_changeset(self, session: Session, changeset: ChangeSetView) -> Iterable[Impact] | None:
        metric = Message("已记事件", "events seen")
        seen = str(len(session.execute(select(self.table)).all()))
        return [Impact(metric, "0", seen, kind="changeset", key=changeset.id)]

    @hookimpl
    def derive(self, session: Session, events: Sequence[Event], dry_run: bool) -> None:
        self.events += [(event, dry_run) for event in events]
        session.execute(insert(self.table), [{"sequence": event.sequence, "type": event.type} for event in events])

    def written(self, clerk: Clerk) -> list[str]:
        """What it has in its table."""
        return list(clerk.session.scalars(select(self.table.c.type).order_by(self.table.c.sequence)))


def watched(book: Book, *watches: Watch) -> Book:
    """The book with these plugins, whose tables are made."""
    found = {watch.name: lambda watch=watch: watch for watch in watches}
    plugins = load_plugins([watch.name for watch in watches], found=found)
    for watch in watches:
        watch.table.metadata.create_all(book.database.engine)
    return replace(book, plugins=plugins)
