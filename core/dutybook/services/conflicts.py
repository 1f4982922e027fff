"""Conflicts of a change set with what was published since its base."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from dutybook.book.changes import Change
from dutybook.book.conflicts import EXISTENCE, Conflict, conflicts
from dutybook.book.kinds import Field, Type, Value
from dutybook.book.times import FOREVER, eve, parse_day
from dutybook.db.names import in_batches, name_of, value_of
from dutybook.db.versions import Versions
from dutybook.errors import Message
from dutybook.services.book import Book
from dutybook.services.refusals import Conflicted, NamedConflict
from dutybook.services.write import chunks

LAST_DAY, OPEN_END = Message("末日", "Last day"), Message("无截止", "open-ended")


def conflicts_of(session: Session, book: Book, changeset: int, base: int, head: int) -> list[NamedConflict]:
    """Every field of every record that the set changes and somebody else changed since its base."""
    if base >= head:
        return []
    return [
        found for chunk in chunks(session, book, changeset) for found in _in_chunk(session, book, chunk, base, head)
    ]


def refuse_conflicts(session: Session, book: Book, changeset: int, base: int, head: int) -> None:
    """Conflicted, naming them all, unless there is none."""
    if found := conflicts_of(session, book, changeset, base, head):
        raise Conflicted(found)


def _in_chunk(session: Session, book: Book, chunk: Sequence[Change], base: int, head: int) -> Iterator[NamedConflict]:
    by_kind: dict[str, list[Change]] = defaultdict(list)
    for change in chunk:
        by_kind[change.kind].append(change)
    for kind, changes in by_kind.items():
        versions = Versions(session, book.tables, kind)
        moved = _changed_since(session, book, kind, {change.key for change in changes}, base, head)
        before, after = versions.timelines(moved.keys(), base), versions.timelines(moved.keys(), head)
        for change in (change for change in changes if change.key in moved):
            for conflict in conflicts(change, before[change.key], after[change.key]):
                yield _named(session, book, conflict, moved[change.key])


def _changed_since(session: Session, book: Book, kind: str, keys: set[int], base: int, head: int) -> dict[int, int]:
    """Of these identities, those with a newer row than the base, and the revision that made the newest."""
    rows = book.tables.versions[kind]
    newer = or_(rows.c.since_revision > base, rows.c.until_revision.between(base + 1, head))
    query = select(rows.c.key, rows.c.since_revision, rows.c.until_revision).where(newer, rows.c.since_revision <= head)
    moved: dict[int, int] = {}
    for key, since, until in in_batches(session, query, rows.c.key, keys):
        moved[key] = max(moved.get(key, 0), since, until if until <= head else 0)
    return moved


def _named(session: Session, book: Book, conflict: Conflict, revision: int) -> NamedConflict:
    name, kind = name_of(session, book.tables, conflict.kind, conflict.key), book.kinds[conflict.kind]
    field = kind.by_name.get(conflict.attribute) or Field(conflict.attribute, LAST_DAY)
    base, theirs, mine = (
        _told(session, book, field, value) for value in (conflict.base, conflict.theirs, conflict.mine)
    )
    return NamedConflict(
        conflict, name, field.label, (base, theirs, mine), revision, field.type is Type.RANK or field.personal
    )


def _told(session: Session, book: Book, field: Field, value: Value) -> Message:
    """A value as people say it; what ends, by its last day."""
    if field.name != EXISTENCE or not isinstance(value, str):
        return value_of(session, book.tables, field, value)
    end = parse_day(value)
    return OPEN_END if end == FOREVER else Message(*2 * [eve(end).isoformat()])
