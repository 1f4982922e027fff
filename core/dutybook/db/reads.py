"""Selects that the server reads the book with: each answers for many keys at once, in one time and within one scope."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import ARRAY, BigInteger, ColumnElement, Select, Subquery, Text, any_, bindparam, func, select

from dutybook.book.times import Time
from dutybook.db.engine import Database
from dutybook.db.in_force import Scope, in_force


@dataclass(frozen=True, slots=True)
class Reading:
    """One time and scope in which a database is read."""

    database: Database
    time: Time
    scope: Scope

    def source(self, kind: str) -> Subquery:
        """The records of a kind in force."""
        return in_force(self.database.tables, kind, self.time, self.scope)


def among(database: Database, column: Any, values: Collection[int] | Collection[str]) -> ColumnElement[bool]:
    """Whether a column holds one of many values: they travel as one parameter, so that any number is one statement."""
    if database.is_sqlite:
        listed = func.json_each(orjson.dumps(list(values)).decode()).table_valued("value")
        found: ColumnElement[bool] = column.in_(select(listed.c.value))
        return found
    kind = ARRAY(Text if any(isinstance(value, str) for value in values) else BigInteger)
    return column == any_(bindparam(None, list(values), kind))  # type: ignore[no-any-return]


def related(reading: Reading, kind: str, column: str, keys: Collection[int]) -> Select[Any]:
    """The records of a kind whose `column` holds one of the keys, each group in official order."""
    rows = reading.source(kind)
    query = select(rows).where(among(reading.database, rows.c[column], keys))
    if column == "key":
        return query
    return query.order_by(*official(rows))


def official(rows: Subquery) -> tuple[ColumnElement[Any], ...]:
    """The official order of siblings."""
    return (rows.c.rank, rows.c.key) if "rank" in rows.c else (rows.c.key,)


def counted(reading: Reading, kind: str, column: str, keys: Collection[int]) -> Select[Any]:
    """How many records of a kind hold each of the keys in `column`."""
    rows = reading.source(kind)
    query = select(rows.c[column], func.count()).where(among(reading.database, rows.c[column], keys))
    return query.group_by(rows.c[column])
