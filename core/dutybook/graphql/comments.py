"""Review comments on a change set, for those who work on change sets and see what a comment is about."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import strawberry
from sqlalchemy import Row

from dutybook.graphql import ids
from dutybook.graphql.changes import Change
from dutybook.graphql.connections import Connection, connect, page_size, read_cursor
from dutybook.graphql.context import View
from dutybook.graphql.describe import column, named
from dutybook.graphql.ledger import Rows, one_row
from dutybook.graphql.names import camel

TABLE = "review_comment"


@named("对一条审阅意见的回复。", "A reply to a review comment.")
class CommentReply:
    """What was replied."""

    id: strawberry.ID = column("标识。", "Its id.")
    author: str = column("回复人。", "Who replied.")
    text: str = column("内容。", "What was said.")
    at: datetime = column("时刻。", "When.")


@named("一条审阅意见。", "A review comment.")
class ReviewComment:
    """What was said, about what, and what became of it."""

    id: strawberry.ID = column("标识。", "Its id.")
    author: str = column("提出人。", "Who made it.")
    text: str = column("内容。", "What was said.")
    at: datetime = column("时刻。", "When.")
    kind: str | None = column(
        "所针对变更的记录类型；空为针对整份变更单。",
        "The kind of record whose change it is about; null for the whole set.",
    )
    attribute: str | None = column("所针对的字段。", "The field it is about.")
    change: Change | None = column(
        "所针对的变更，按记录、动作和起始日找回；空为针对整份变更单，或该变更已去除。",
        "The change it is about, found again by record, verb and first day; null for the whole set, or where the change is gone.",
    )
    resolved_by: str | None = column("了结人；空为未了结。", "Who settled it; null while it is open.")
    resolved_at: datetime | None = column("了结的时刻。", "When it was settled.")
    replies: list[CommentReply] = column("回复，按时间次序。", "The replies, in order of time.")


async def comment_page(
    view: View, changeset: int, changes: Sequence[Change], first: int | None, after: str | None
) -> Connection[ReviewComment]:
    """A page of the comments on a set, the oldest first."""
    cursor, size = read_cursor(after, [int]), page_size(first)
    found = await _comments(view, changeset, changes)

    async def count() -> int:
        return len(found)

    behind = [([row.id], made) for row, made in found if cursor is None or row.id > cursor[0]]
    return connect(behind[: size + 1], size, after, count)


async def open_comments(view: View, changeset: int, changes: Sequence[Change]) -> int:
    """How many comments nobody has settled yet."""
    return sum(made.resolved_at is None for _, made in await _comments(view, changeset, changes))


async def comment_of(view: View, number: int, changes: Sequence[Change]) -> ReviewComment | None:
    """The comment of a number, or that which it replies to."""
    row = await one_row(view, TABLE, "id", number)
    found = await _comments(view, row.changeset, changes) if row else []
    return next((made for top, made in found if row and top.id in {row.id, row.thread}), None)


async def changeset_of_comment(view: View, number: int) -> int:
    """The change set that a comment is about."""
    row = await one_row(view, TABLE, "id", number)
    return row.changeset if row else 0


async def _comments(view: View, changeset: int, changes: Sequence[Change]) -> list[tuple[Row[Any], ReviewComment]]:
    rows = await view.load(Rows(TABLE, "changeset", ("id",)), changeset)
    tops = [row for row in rows if row.thread is None and _is_visible(view, row, changes)]
    return [(row, _comment(row, rows, changes)) for row in tops]


def _is_visible(view: View, row: Row[Any], changes: Sequence[Change]) -> bool:
    """Of a change that is not shown, or was taken back, only whoever sees the whole book may be told, and its author."""
    if row.kind is None or view.reading.scope.departments is None or row.author == view.context.actor.name:
        return True
    return any((change.said.kind, change.said.key) == (row.kind, row.key) for change in changes)


def _comment(row: Row[Any], rows: Sequence[Row[Any]], changes: Sequence[Change]) -> ReviewComment:
    return ReviewComment(
        id=ids.id_of("ReviewComment", row.id),
        author=row.author,
        text=row.text,
        at=row.said_at,
        kind=row.kind,
        attribute=row.attribute and camel(row.attribute),
        change=_found_again(row, changes),
        resolved_by=row.resolved_by,
        resolved_at=row.resolved_at,
        replies=[_reply(reply) for reply in rows if reply.thread == row.id],
    )


def _reply(row: Row[Any]) -> CommentReply:
    return CommentReply(id=ids.id_of("ReviewComment", row.id), author=row.author, text=row.text, at=row.said_at)


def _found_again(row: Row[Any], changes: Sequence[Change]) -> Change | None:
    ours = [change for change in changes if (change.said.kind, change.said.key) == (row.kind, row.key)]
    alike = [(change.said.verb == row.verb, change.said.start == row.start, -change.ordinal) for change in ours]
    return ours[alike.index(max(alike))] if ours else None
