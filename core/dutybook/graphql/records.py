"""Objects of the book: a row in a view, and the loaders that find rows for many objects at once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import strawberry
from sqlalchemy import Row

from dutybook.book.ids import type_name
from dutybook.db.reads import counted, related
from dutybook.graphql import ids
from dutybook.graphql.context import View
from dutybook.graphql.describe import both

C = TypeVar("C", bound=type)


class FromRow:
    """An object made from a row in a view; the schema reads its fields without resolvers from the row."""

    __slots__ = ("row", "view")

    def __init__(self, view: View, row: Row[Any]) -> None:
        self.view, self.row = view, row


class Record(FromRow):
    """A record of the book. `place` is its ordinal, where known."""

    __slots__ = ("place",)
    kind: ClassVar[str]

    def __init__(self, view: View, row: Row[Any], place: int | None = None) -> None:
        self.view, self.row, self.place = view, row, place

    def identify(self) -> strawberry.ID:
        """The id in the view's time."""
        return ids.write(type_name(self.kind), self.row.key, self.view.as_of, self.view.known_at)


def from_row(zh: str, en: str, init: Any = FromRow.__init__) -> Callable[[C], C]:
    """Makes a class a type of the schema whose objects are made from rows, not from values."""

    def make(cls: C) -> C:
        own = vars(cls).get("__init__", init)
        made: Any = strawberry.type(cls, description=both(zh, en))
        made.__init__ = own  # strawberry puts one in its place that takes every field
        return cls

    return make


RECORDS: dict[str, type[Record]] = {}
"""The type of each kind's objects; filled by `record`."""


def record(kind: str, zh: str, en: str) -> Callable[[C], C]:
    """Makes a class the type of a kind's objects."""

    def make(cls: C) -> C:
        made: Any = from_row(zh, en, Record.__init__)(cls)
        made.kind = kind
        RECORDS[kind] = made
        return cls

    return make


def pairs(rows: Iterable[Any]) -> dict[Any, Any]:
    """Rows of two columns as a mapping."""
    return {row[0]: row[1] for row in rows}


@dataclass(frozen=True, slots=True)
class Related:
    """Loads the rows of a kind that refer to each key by `column`, in official order."""

    kind: str
    column: str

    async def __call__(self, view: View, keys: Sequence[Any]) -> Mapping[Any, list[Row[Any]]]:
        found: dict[Any, list[Row[Any]]] = {key: [] for key in keys}
        for row in await view.rows(related(view.reading, self.kind, self.column), keys):
            found[getattr(row, self.column)].append(row)
        return found


@dataclass(frozen=True, slots=True)
class ByKey:
    """Loads the row of each key of a kind; None where nothing is in force or visible."""

    kind: str

    async def __call__(self, view: View, keys: Sequence[int]) -> Mapping[int, Row[Any] | None]:
        found: dict[int, Row[Any] | None] = dict.fromkeys(keys)
        for row in await view.rows(related(view.reading, self.kind, "key"), keys):
            found[row.key] = row
        return found


@dataclass(frozen=True, slots=True)
class Counted:
    """Counts the rows of a kind that refer to each key by `column`."""

    kind: str
    column: str

    async def __call__(self, view: View, keys: Sequence[int]) -> Mapping[int, int]:
        rows = await view.rows(counted(view.reading, self.kind, self.column), keys)
        return dict.fromkeys(keys, 0) | pairs(rows)


def whole_list(view: View, kind: str, rows: Iterable[Row[Any]]) -> list[Any]:
    """The objects of a whole list of siblings, numbered from 1."""
    made = RECORDS[kind]
    return [made(view, row, place) for place, row in enumerate(rows, 1)]


def objects(view: View, kind: str, rows: Iterable[Row[Any]]) -> list[Any]:
    """The objects of rows that are no whole list."""
    made = RECORDS[kind]
    return [made(view, row) for row in rows]


async def one(view: View, kind: str, key: int | None) -> Any:
    """The object of a key, or None where nothing is in force or visible."""
    row = None if key is None else await view.load(ByKey(kind), key)
    return None if row is None else RECORDS[kind](view, row)


def place_of(key: int, rows: Sequence[Row[Any]]) -> int:
    """The ordinal of a key in its list."""
    return next(place for place, row in enumerate(rows, 1) if row.key == key)
