"""Timelines read from the version tables of a kind, and written back as new rows of a revision."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import RowMapping, Select, delete, update
from sqlalchemy.orm import Session

from dutybook.book.timeline import Segment, Timeline
from dutybook.book.times import STILL_KNOWN
from dutybook.db.bulk import insert_rows
from dutybook.db.codec import RowCodec
from dutybook.db.in_force import EVERYTHING, Scope, ever, known
from dutybook.db.tables import Tables

MANY = 500
"""Keys in one IN list: both databases plan it well."""


class Stored(NamedTuple):
    """A row of a version table as it stands at the head."""

    id: int
    since: int
    segment: Segment


class Versions:
    """The version table of one kind, as timelines; within a scope only what it may see of them."""

    def __init__(self, session: Session, tables: Tables, name: str, scope: Scope = EVERYTHING) -> None:
        self.session = session
        self.codec = RowCodec(tables.kinds[name])  # names a kind that is none, as one of a plugin that was disabled
        self.table = tables.versions[name]
        self.seen = ever(tables, name, scope)

    def timelines(self, keys: Collection[int], known_at: int) -> dict[int, Timeline]:
        """The timelines of these identities as known at a revision; an identity unknown then has an empty one."""
        stored = self._stored(keys, known_at)
        return {key: Timeline.of(row.segment for row in stored.get(key, ())) for key in keys}

    def stored(self, keys: Collection[int]) -> dict[int, list[Stored]]:
        """The head's rows of these identities."""
        return self._stored(keys, STILL_KNOWN - 1)

    def found(self, keys: Select[Any], known_at: int) -> dict[int, Timeline]:
        """The timelines of all identities that a query finds, by one statement however many they are."""
        rows = self._rows(keys, known_at)
        return {key: Timeline.of(row.segment for row in some) for key, some in rows.items()}

    def _stored(self, keys: Collection[int], known_at: int) -> dict[int, list[Stored]]:
        found: dict[int, list[Stored]] = {}
        for some in _batches(sorted(keys)):
            found |= self._rows(some, known_at)
        return found

    def _rows(self, keys: Sequence[int] | Select[Any], known_at: int) -> dict[int, list[Stored]]:
        table, found = self.table, defaultdict[int, list[Stored]](list)
        query = self.seen.where(table.c.key.in_(keys), known(table, known_at))
        for row in self.session.execute(query.order_by(table.c.key, table.c.valid_from)).mappings():
            found[row["key"]].append(self._row(row))
        return found

    def _row(self, row: RowMapping) -> Stored:
        values = self.codec.values(row)
        return Stored(
            row["id"], row["since_revision"], Segment(row["valid_from"], row["valid_to"], row["touched"], values)
        )

    def write(self, revision: int, changed: Mapping[int, tuple[Sequence[Stored], Timeline]]) -> None:
        """Replaces the head's rows of each identity by those of its new timeline; rows that stay true stay untouched."""
        ended: list[int] = []
        dropped: list[int] = []
        fresh: list[tuple[int, Segment]] = []
        for key, (rows, timeline) in changed.items():
            segments = timeline.segments()
            for row in rows:
                if row.segment not in segments:
                    (dropped if row.since == revision else ended).append(row.id)
            kept = [row.segment for row in rows]
            fresh += [(key, segment) for segment in segments if segment not in kept]
        self._end(revision, ended, dropped)
        self._insert(revision, fresh)

    def _end(self, revision: int, ended: Sequence[int], dropped: Sequence[int]) -> None:
        table = self.table
        for ids in _batches(ended):
            self.session.execute(update(table).where(table.c.id.in_(ids)).values(until_revision=revision))
        # A row that this same revision wrote was never known to anybody.
        for ids in _batches(dropped):
            self.session.execute(delete(table).where(table.c.id.in_(ids)))

    def _insert(self, revision: int, fresh: Sequence[tuple[int, Segment]]) -> None:
        names = ("key", "valid_from", "valid_to", "since_revision", "until_revision", "touched", *self.codec.names)
        insert_rows(self.session, self.table, names, (self._columns(revision, *row) for row in fresh))

    def _columns(self, revision: int, key: int, segment: Segment) -> list[Any]:
        start, end, touched, values = segment
        return [key, start, end, revision, STILL_KNOWN, touched, *self.codec.columns(values)]


def _batches(keys: Iterable[int]) -> Iterator[Sequence[int]]:
    rest = iter(keys)
    while some := list(islice(rest, MANY)):
        yield some
