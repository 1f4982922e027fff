"""What differs between two times of the book."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Row, select

from dutybook.book.kinds import Kind
from dutybook.db import compare as reads
from dutybook.db.codec import RowCodec
from dutybook.db.departments import below
from dutybook.db.in_force import Scope
from dutybook.db.reads import Reading
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
    """The same view twice: here and there, narrowed to some departments or not."""

    here: View
    there: View
    readings: tuple[Reading, Reading]
    placed: bool


async def compare(here: View, there: View, department: str | None) -> RegistryDiff:
    """What the book says there and not here, and the other way round."""
    pair = await _pair(here, there, department)
    kinds = [kind for kind in here.context.book.kinds if kind.scope or not pair.placed]
    parts = await asyncio.gather(*(_kind(pair, kind) for kind in kinds))
    diff = RegistryDiff(added=[], removed=[], changed=[], moved=[])
    for part in parts:
        diff.added += part.added
        diff.removed += part.removed
        diff.changed += part.changed
        diff.moved += part.moved
    return diff


async def _pair(here: View, there: View, department: str | None) -> Pair:
    if department is None:
        return Pair(here, there, (here.reading, there.reading), placed=False)
    keys = set[int]()
    for view in (here, there):
        rows = view.reading.source("department")
        tree = below(view.reading, select(rows.c.key).where(rows.c.code == department))
        keys |= {row.key for row in await view.rows(select(tree.c.key))}
    one, other = (Reading(view.reading.database, view.time, Scope(frozenset(keys))) for view in (here, there))
    return Pair(here, there, (one, other), placed=True)


async def _kind(pair: Pair, kind: Kind) -> RegistryDiff:
    found = defaultdict[str, list[int]](list)
    for row in await pair.here.rows(reads.differences(*pair.readings, kind.name, placed=pair.placed)):
        found[row.verdict].append(row.key)
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
