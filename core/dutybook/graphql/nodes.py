"""The interfaces: what has an id, and what has days and a history."""

from datetime import date
from typing import cast

import strawberry

from dutybook.book.ids import type_name
from dutybook.book.times import FOREVER
from dutybook.graphql import ids
from dutybook.graphql.connections import AFTER, FIRST, Connection
from dutybook.graphql.describe import both, resolved
from dutybook.graphql.history import Version, versions_of
from dutybook.graphql.records import Record


@strawberry.interface(description=both("有全局标识的对象。", "An object with a global id."))
class Node:
    """Every object that `node(id:)` finds."""

    __slots__ = ()

    @resolved("全局标识；明确给出时点时携带该时点。", "Global id; it carries the time where one was given explicitly.")
    def id(self) -> strawberry.ID:
        """The id."""
        return self.identify()

    def identify(self) -> strawberry.ID:
        """What each type makes its id from."""
        raise NotImplementedError


@strawberry.interface(description=both("账册中有有效期和历史的记录。", "A record of the book with days and a history."))
class Dated(Record):
    """Records with versions on both axes."""

    __slots__ = ()

    @resolved("在任何时点都相同的标识。", "The same at all times.")
    def key(self) -> strawberry.ID:
        """The id without a time."""
        return ids.write(type_name(self.kind), self.row.key, None, None)

    @resolved("此内容生效的第一天。", "The first day on which this holds.")
    def valid_from(self) -> date:
        """The first day."""
        return cast(date, self.row.valid_from)

    @resolved("此内容失效的那一天；空表示无截止。", "The day from which this no longer holds; null if open-ended.")
    def valid_to(self) -> date | None:
        """The day after the last."""
        return None if self.row.valid_to == FOREVER else self.row.valid_to

    @resolved("两个时间轴上的全部版本，最新在前。", "All versions on both axes, newest first.")
    async def history(self, first: FIRST = 20, after: AFTER = None) -> Connection[Version]:
        """The versions."""
        return await versions_of(self, first, after)
