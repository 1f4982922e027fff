"""Fields by which objects of plugins lead to records of the book."""

from typing import Annotated, Any

import strawberry

from dutybook.book.ids import type_name
from dutybook.book.nouns import CORE
from dutybook.graphql.describe import resolved
from dutybook.graphql.records import RECORDS, one


def link(zh: str, en: str, kind: str, column: str) -> Any:
    """A field of an object with a `view` and a `row`: the record of a kind, the core's or your own, whose key is in a column.

    It is null where the record is not in force at the view's time or may not be seen. All records of a level are one read.
    """

    async def linked(self: Any) -> Any:
        return await one(self.view, kind, getattr(self.row, column))

    linked.__name__, linked.__annotations__ = column, {"return": _shape(kind) | None}
    return resolved(zh, en)(linked)


def _shape(kind: str) -> Any:
    """The types of plugins' kinds are made with the schema, after the plugin was imported: they are found by name."""
    return RECORDS[kind] if kind in CORE else Annotated[type_name(kind), strawberry.lazy("dutybook.graphql.kinds")]
