"""Telling plugins of a change set inside its transaction: what they object to, and what they write along."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from types import MappingProxyType
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from dutybook.book.kinds import Kind
from dutybook.book.timeline import Timeline
from dutybook.db.events import read
from dutybook.lifecycle.events import Event
from dutybook.lifecycle.objections import Objection
from dutybook.lifecycle.plugins import CHECKS
from dutybook.lifecycle.states import STATES, RecordChange
from dutybook.lifecycle.views import ChangeSetView
from dutybook.services.book import Book
from dutybook.services.write import CHUNK, Touched, Written, touched_by


@dataclass(frozen=True)
class Telling:
    """One publication, or the preview of one, as it is told to plugins."""

    session: Session
    book: Book
    changeset: Row[Any]
    revision: int
    actor: str
    dry_run: bool

    def objections(self, written: Written) -> Iterator[Objection]:
        """Everything that every plugin objects to."""
        hooks = self.book.hooks(self.session)
        if hooks.implementing(*CHECKS.values(), "check_kind"):
            touched, seen = touched_by(self.session, self.book, self.changeset.id, self.revision, written), _Seen()
            for some in touched:
                name = CHECKS.get(some.kind.name, "check_kind")
                if hooks.implementing(name):
                    # All plugins are told the same ones. Large sets come in parts, which may hold one record twice.
                    changes = _Told(partial(changes_of, some, self.actor))
                    if written.count > CHUNK:
                        changes = _Told(partial(filter, seen.is_first, tuple(changes)))
                        len(changes)  # what was told before depends on the order of the parts
                    yield from hooks.objections(name, self.session, changes=changes, dry_run=self.dry_run)
        view = view_of(self.changeset, self.revision)
        yield from hooks.objections("check_changeset", self.session, changeset=view, dry_run=self.dry_run)

    def derive(self, events: Sequence[Event] | None, after: int, last: int) -> None:
        """Lets every plugin write along; many events are read again, a part at a time."""
        if events is not None:
            derive(self.session, self.book, events, dry_run=self.dry_run)
        elif self.book.plugins.implementing("derive"):
            for some in self._again(after, last):
                derive(self.session, self.book, some, dry_run=self.dry_run)

    def _again(self, after: int, last: int) -> Iterator[Sequence[Event]]:
        sequence = self.book.tables["event"].c.sequence
        while after < last:
            some = read(self.session, self.book.tables, sequence > after, sequence <= last, limit=CHUNK)
            after = some[-1].sequence
            yield some


class _Told(Sequence[RecordChange[Any]]):
    """Payloads that are made when the first plugin looks at them: one that does not costs nothing."""

    def __init__(self, make: Callable[[], Iterable[RecordChange[Any]]]) -> None:
        self._make = make

    @cached_property
    def _items(self) -> tuple[RecordChange[Any], ...]:
        return tuple(self._make())

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, at: Any) -> Any:
        return self._items[at]


class _Seen:
    """What was told already."""

    def __init__(self) -> None:
        self._places: set[tuple[str, int, date]] = set()

    def is_first(self, change: RecordChange[Any]) -> bool:
        """Whether nothing was told of this record on this day."""
        place, before = (change.kind, change.key, change.effective_on), len(self._places)
        self._places.add(place)
        return len(self._places) > before


def changes_of(touched: Touched, actor: str) -> Iterator[RecordChange[Any]]:
    """The payload of a check: each record once for each day from which it changes."""
    kind = touched.kind
    for key, day in dict.fromkeys((change.key, change.start) for change in touched.changes):
        if day is not None:
            before = touched.before.get(key, Timeline())
            was, becomes = _state(kind, before, day), _state(kind, touched.after[key], day)
            yield RecordChange(kind.name, key, was, becomes, day, actor)


def _state(kind: Kind, line: Timeline, day: date) -> Any:
    span = line.span_on(day)
    if span is None:
        return None
    held = span.values(day)
    values = {name: held.get(name) for name in kind.open_to_all}
    state = STATES.get(kind.name)
    return MappingProxyType(values) if state is None else state(**values)


def derive(session: Session, book: Book, events: Sequence[Event], *, dry_run: bool = False) -> None:
    """Lets every plugin write along with events of this transaction."""
    hooks, told = book.hooks(session), tuple(events)
    for plugin in hooks.implementing("derive"):
        hooks.ask(plugin, "derive", session=session, writes=plugin.tables, events=told, dry_run=dry_run)


def check_changeset(session: Session, book: Book, row: Row[Any]) -> Iterator[Objection]:
    """What plugins object to a change set as a whole, before it is published."""
    return book.hooks(session).objections("check_changeset", session, changeset=view_of(row, None), dry_run=False)


def view_of(row: Row[Any], revision: int | None) -> ChangeSetView:
    """A change set as hooks see it."""
    return ChangeSetView(
        id=row.id,
        title=row.title,
        reason=row.reason,
        organisation=row.organisation,
        effective_on=row.effective_on,
        base_revision=row.base_revision,
        author=row.author,
        revision=revision,
    )
