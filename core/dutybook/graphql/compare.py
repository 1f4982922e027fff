"""What differs between two times of the book."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Row

from dutybook.book.kinds import Kind
from dutybook.db import compare as reads
from dutybook.db.codec import RowCodec
from dutybook.graphql.changes import AttributeChange, told_change
from dutybook.graphql.context import View
from dutybook.graphql.describe import column, named
from dutybook.graphql.names import camel
from dutybook.graphql.nodes import Node
from dutybook.graphql.records import RECORDS, ByKey


@named("两个时点之间变了的一条记录。", "A record that is not the same at both times.")
class DiffEntry:
    """A record before and after."""

    before: Node = column("此时点的样子。", "What it is at this time.")
    after: Node = column("另一时点的样子。", "What it is at the other time.")
    attributes: list[AttributeChange] = column("不同的字段。", "The fields that differ.")


@named("两个时点之间的差别；每条记录只列一次。", "What differs between two times; each record is listed once.")
class RegistryDiff:
    """The differences."""

    added: list[Node] = column("只在另一时点有的。", "What only the other time has.")
    removed: list[Node] = column("只在此时点有的。", "What only this time has.")
    changed: list[DiffEntry] = column("字段不同的。", "What has other values.")
    moved: list[DiffEntry] = column(
        "归属不同的，连同其他不同的字段。", "What stands elsewhere, with whatever else differs."
    )


class Pair(NamedTuple):
    """The book here and there; `departments` are those that it is narrowed to, `named` what alone may differ."""

    here: View
    there: View
    departments: Sequence[int] | None
    named: reads.Named | None

    @property
    def sides(self) -> reads.Sides:
        """What is read."""
        return reads.Sides(
            self.here.reading, self.there.reading, placed=self.departments is not None, named=self.named is not None
        )


async def compare(here: View, there: View, department: str | None) -> RegistryDiff:
    """What the book says there and not here, and the other way round."""
    departments = None if department is None else await _below(here, there, department)
    pair = Pair(here, there, departments, await _named(here, there, whole=department is None))
    kinds = [kind for kind in here.context.book.kinds if kind.scope or department is None]
    parts = await asyncio.gather(*(_kind(pair, kind) for kind in kinds))
    diff = RegistryDiff(added=[], removed=[], changed=[], moved=[])
    for part in parts:
        diff.added += part.added
        diff.removed += part.removed
        diff.changed += part.changed
        diff.moved += part.moved
    return diff


async def _below(here: View, there: View, department: str) -> list[int]:
    """A department with all that is below it at either time."""
    trees = await asyncio.gather(*(view.rows(reads.subtrees(view.reading), [department]) for view in (here, there)))
    return sorted({row.key for rows in trees for row in rows})


async def _named(here: View, there: View, *, whole: bool) -> reads.Named | None:
    """What alone may differ, where that is little and costs less to find than a department."""
    same_day = here.time.as_of == there.time.as_of
    if not (same_day or whole):
        return None
    look = reads.published if same_day else reads.altered
    return reads.by_kind(await here.rows(look(here.reading.database, here.time, there.time)))


async def _kind(pair: Pair, kind: Kind) -> RegistryDiff:
    found = await _found(pair, kind.name)
    added, removed, before, after = await asyncio.gather(
        _rows(pair.there, kind, found[reads.ADDED]),
        _rows(pair.here, kind, found[reads.REMOVED]),
        _rows(pair.here, kind, found[reads.CHANGED]),
        _rows(pair.there, kind, found[reads.CHANGED]),
    )
    differing = await asyncio.gather(*(_entry(pair, kind, *rows) for rows in zip(before, after, strict=True)))
    entries = [entry for entry in differing if entry.attributes]  # else what differs is not theirs to know
    parents = {camel(name) for name in kind.parents}
    is_moved = [any(attribute.name in parents for attribute in entry.attributes) for entry in entries]
    made = RECORDS[kind.name]
    return RegistryDiff(
        added=[_node(made(pair.there, row)) for row in added],
        removed=[_node(made(pair.here, row)) for row in removed],
        changed=[entry for entry, moved in zip(entries, is_moved, strict=True) if not moved],
        moved=[entry for entry, moved in zip(entries, is_moved, strict=True) if moved],
    )


async def _found(pair: Pair, kind: str) -> Mapping[str, list[int]]:
    """The keys of what differs, by verdict."""
    found, sides, named = defaultdict[str, list[int]](list), pair.sides, pair.named
    if named is not None and not reads.may_differ(sides, kind, named):
        return found
    given = None if named is None else reads.given(sides, kind, named)
    for row in await pair.here.rows(reads.differences(sides, kind), pair.departments, given):
        found[row.verdict].append(row.key)
    return found


async def _rows(view: View, kind: Kind, keys: Sequence[int]) -> list[Row[Any]]:
    return [row for row in await view.load_all(ByKey(kind.name), sorted(keys)) if row is not None]


async def _entry(pair: Pair, kind: Kind, before: Row[Any], after: Row[Any]) -> DiffEntry:
    codec, made = RowCodec(kind), RECORDS[kind.name]
    old, new = codec.values(before._mapping), codec.values(after._mapping)  # noqa: SLF001
    names = [name for name in codec.names if old[name] != new[name]]
    changes = await asyncio.gather(*(told_change(pair.there, kind, name, old[name], new[name]) for name in names))
    attributes = [change for change in changes if change]
    return DiffEntry(before=_node(made(pair.here, before)), after=_node(made(pair.there, after)), attributes=attributes)


def _node(record: Any) -> Node:
    node: Node = record
    return node
