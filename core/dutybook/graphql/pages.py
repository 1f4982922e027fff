"""The pages of a registry: positions, employees, duties."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, Subquery

from dutybook.db import duties as duty_reads
from dutybook.db.paging import columns, page, total
from dutybook.db.search_tokens import SLOTS, involvement_of
from dutybook.graphql.connections import Connection, connect, page_size, read_cursor
from dutybook.graphql.context import View
from dutybook.graphql.duties import Duty
from dutybook.graphql.finding import FORMS, NOTHING, Start, find, wanted_of
from dutybook.graphql.records import RECORDS, ByKey


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


async def duty_page(
    view: View,
    search: str | None,
    wanted: duty_reads.DutyFilter,
    involvements: set[str] | None,
    first: int | None,
    after: str | None,
) -> Connection[Duty]:
    """A page of duties: those that hold a text by their ranks, others in the order of their keys."""
    slots = [slot for slot in SLOTS["duty"] if involvements is None or involvement_of(slot) in involvements]
    if search is None:
        chosen = wanted if involvements is None else replace(wanted, slots=tuple(slots))
        return await _duties_by_key(view, chosen, first, after)
    size, cursor = page_size(first), read_cursor(after, *FORMS[:2])
    sought = await wanted_of(view, "duty", search, slots, place=wanted.place, position=wanted.position)
    found = NOTHING if sought is None else await find(view, sought, Start(cursor), size)
    # Who asks which duties name something asks who has them: read here, positions cost the executor no tasks.
    await view.load_all(ByKey("position"), {hit.row.shown_by for hit in found.hits})
    items = [(hit.cursor, Duty(view, hit.row, None, hit.shown_by)) for hit in found.hits]
    return connect(items, size, after, found.total)


async def _duties_by_key(
    view: View, wanted: duty_reads.DutyFilter, first: int | None, after: str | None
) -> Connection[Duty]:
    size, cursor = page_size(first), read_cursor(after, [int])
    behind = {} if cursor is None else {"after": cursor[0]}
    query = duty_reads.found(view.reading, wanted, behind=cursor is not None)
    rows = await view.rows(query, values={"limit": size, **behind})
    loaded = await view.load_all(ByKey("duty"), (row.key for row in rows))
    items = [([row.key], _duty(view, row, full)) for row, full in zip(rows, loaded, strict=True) if full]

    async def count() -> int:
        return int((await view.rows(duty_reads.counted(view.reading, wanted)))[0][0])

    return connect(items, size, after, count)


def _duty(view: View, found: Row[Any], row: Row[Any]) -> Duty:
    return Duty(view, row, None, None if found.via is None else found.shown_by)
