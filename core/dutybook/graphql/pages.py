"""The pages of a registry: positions, employees, duties."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from anyio import to_thread
from sqlalchemy import Row, Select, Subquery

from dutybook.book.involvement import involvement as read_involvement
from dutybook.db import duties as duty_reads
from dutybook.db.paging import columns, page, total
from dutybook.graphql.connections import Connection, connect, page_size, read_cursor
from dutybook.graphql.context import View
from dutybook.graphql.duties import Duty
from dutybook.graphql.involvement import Involvement
from dutybook.graphql.records import RECORDS, ByKey

RANKING = {name: place for place, name in enumerate(i.value for i in Involvement if i is not Involvement.CATCH_ALL)}
LAST = len(RANKING)


class Order(NamedTuple):
    """The columns that a list is ordered by, and the types of their values."""

    names: Sequence[str]
    types: Sequence[type]


async def record_page(
    view: View, kind: str, found: tuple[Select[Any], Subquery], order: Order, first: int | None, after: str | None
) -> Connection[Any]:
    """A page of records of a kind."""
    query, rows = found
    cursor, size = read_cursor(after, order.types), page_size(first)
    listed = await view.rows(page(query, columns(rows, order.names), cursor, size))
    made = RECORDS[kind]
    items = [([getattr(row, name) for name in order.names], made(view, row)) for row in listed]

    async def count() -> int:
        return int((await view.rows(total(query)))[0][0])

    return connect(items, size, after, count)


class Hit(NamedTuple):
    """A duty that was found, with its place in the ranking."""

    rank: tuple[int, ...]
    key: int
    shown_by: int | None


async def duty_page(
    view: View, wanted: duty_reads.DutyFilter, involvements: set[str] | None, first: int | None, after: str | None
) -> Connection[Duty]:
    """A page of duties: those that are searched for in the order of their ranks, others in the order of their keys."""
    size = page_size(first)
    if wanted.search is None and involvements is None:
        cursor = read_cursor(after, [int])
        rows = await view.rows(duty_reads.found(view.reading, wanted, cursor, size))
        hits = [_hit(row, (row.key,)) for row in rows]
    else:
        cursor = read_cursor(after, [int] * (1 if wanted.search is None else 4))
        rows = await view.rows(duty_reads.found(view.reading, wanted))
        # Ranking reads every text that was found; a common word has too many for the event loop.
        hits = await to_thread.run_sync(_ranked, rows, wanted.search, involvements)
    behind = [hit for hit in hits if cursor is None or hit.rank > tuple(cursor)][: size + 1]
    loaded = await view.load_all(ByKey("duty"), (hit.key for hit in behind))
    items = [(hit.rank, Duty(view, row, None, hit.shown_by)) for hit, row in zip(behind, loaded, strict=True) if row]

    async def count() -> int:
        if wanted.search is None and involvements is None:
            return int((await view.rows(total(duty_reads.found(view.reading, wanted))))[0][0])
        return len(hits)

    return connect(items, size, after, count)


def _hit(row: Row[Any], rank: tuple[int, ...]) -> Hit:
    return Hit(rank, row.key, None if row.via is None else row.shown_by)


def _ranked(rows: Sequence[Row[Any]], search: str | None, involvements: set[str] | None) -> list[Hit]:
    """By involvement, then by where the text was found, then by length."""
    found = []
    for row in rows:
        name = row.involvement or read_involvement(row.text)
        if involvements is not None and name not in involvements:
            continue
        found.append(_hit(row, (row.key,) if search is None else _rank(row, name, search)))
    return sorted(found)


def _rank(row: Row[Any], involvement: str, search: str) -> tuple[int, ...]:
    return RANKING.get(involvement, LAST), row.text.lower().find(search.lower()), len(row.text), row.key
