"""Selects that the server reads the book with: each answers for many keys at once, in one time and within one scope."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, cast

import orjson
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Select,
    Subquery,
    Table,
    Text,
    any_,
    bindparam,
    case,
    false,
    func,
    select,
)

from dutybook.book.times import Time
from dutybook.db import in_force
from dutybook.db.engine import KEYS, PLANNED_ONCE, Database, Statements
from dutybook.db.in_force import Scope


class Keeping(Protocol):
    """A database, or what is read in one: it keeps the statements that it was read with."""

    @property
    def statements(self) -> Statements:
        """Those of the database."""


K = TypeVar("K", bound=Keeping)
P = ParamSpec("P")
T = TypeVar("T")


def kept(make: Callable[Concatenate[K, P], T]) -> Callable[Concatenate[K, P], T]:
    """Statements are put together once for each time and scope, and planned for their values."""

    @wraps(make)
    def found(of: K, *given: Any, **named: Any) -> Any:
        return of.statements[make](of, *given, **named)

    return cast("Callable[Concatenate[K, P], T]", found)


def remembered(make: Callable[Concatenate[K, P], T]) -> Callable[Concatenate[K, P], T]:
    """Statements are put together once for each time and scope, and planned once: both cost more than to execute them."""

    @wraps(make)
    def once(*given: Any, **named: Any) -> Any:
        one = make(*given, **named)
        return one.execution_options(**{PLANNED_ONCE: True}) if isinstance(one, Select) else one

    return kept(cast("Callable[Concatenate[K, P], T]", once))


LONGEST = 4_000
"""No text of the book is longer; SQLite takes no pattern of more than 50,000 bytes."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One time and scope in which a database is read."""

    database: Database
    time: Time
    scope: Scope

    @property
    def statements(self) -> Statements:
        """Those of the database."""
        return self.database.statements

    def source(self, kind: str) -> Subquery:
        """The records of a kind in force."""
        return in_force.in_force(self.database.tables, kind, self.time, self.scope)


def numbered(reading: Reading, kind: str) -> Subquery:
    """The records of a kind in force, each with the id of its row as `version`."""
    return in_force.numbered(reading.database.tables, kind, reading.time, reading.scope)


def holds(column: ColumnElement[str], part: str) -> ColumnElement[bool]:
    """Whether a text holds another one, in capitals or not."""
    return column.icontains(part, autoescape=True) if len(part) <= LONGEST else false()


def listed(database: Database, values: Collection[int] | Collection[str]) -> Any:
    """Many values as a table with the column `value`: they travel as one parameter, however many they are."""
    if database.is_sqlite:
        return func.json_each(orjson.dumps(list(values)).decode()).table_valued("value")
    return func.unnest(_array(values)).table_valued("value").render_derived()


def parameter(database: Database, name: str) -> Any:
    """Many keys that a statement is executed with, as a table with the column `value`."""
    if database.is_sqlite:
        return func.json_each(bindparam(name)).table_valued("value")
    return func.unnest(bindparam(name, type_=ARRAY(BigInteger()))).table_valued("value").render_derived()


def sent(database: Database, keys: Collection[int]) -> Any:
    """The value of such a parameter."""
    return orjson.dumps(sorted(keys)).decode() if database.is_sqlite else sorted(keys)


def _array(values: Collection[int] | Collection[str]) -> Any:
    kind = Text() if any(isinstance(value, str) for value in values) else BigInteger()
    return bindparam(None, list(values), ARRAY(kind))


def among(database: Database, column: Any, values: Collection[int] | Collection[str]) -> ColumnElement[bool]:
    """Whether a column holds one of many values."""
    wanted = select(listed(database, values).c.value) if database.is_sqlite else any_(_array(values))
    found: ColumnElement[bool] = column.in_(wanted) if database.is_sqlite else column == wanted
    return found


def asked(database: Database, column: Any) -> ColumnElement[bool]:
    """Whether a column holds one of the keys that the statement is executed with."""
    if database.is_sqlite:
        keys: Any = select(func.json_each(bindparam(KEYS)).table_valued("value").c.value)
    else:
        keys = any_(bindparam(KEYS, type_=ARRAY(Text() if isinstance(column.type, Text) else BigInteger())))
    found: ColumnElement[bool] = column.in_(keys) if database.is_sqlite else column == keys
    return found


@remembered
def related(reading: Reading, kind: str, column: str) -> Select[Any]:
    """The records of a kind whose `column` holds one of the keys asked for, each group in official order."""
    rows = reading.source(kind)
    query = select(rows).where(asked(reading.database, rows.c[column]))
    return query if column == "key" else query.order_by(*official(rows))


@remembered
def every(reading: Reading, kind: str) -> Select[Any]:
    """All records of a kind, siblings in official order."""
    rows = reading.source(kind)
    return select(rows).order_by(*official(rows))


def official(rows: Subquery) -> tuple[ColumnElement[Any], ...]:
    """The official order of siblings."""
    return (rows.c.rank, rows.c.key) if "rank" in rows.c else (rows.c.key,)


@remembered
def counted(reading: Reading, kind: str, column: str) -> Select[Any]:
    """How many records of a kind hold each of the keys asked for in `column`."""
    rows = reading.source(kind)
    query = select(rows.c[column], func.count()).where(asked(reading.database, rows.c[column]))
    return query.group_by(rows.c[column])


NEWEST = 2**62
"""A number that is higher than that of any version."""


@remembered
def versions(reading: Reading, kind: str) -> Select[Any]:
    """The newest versions of each record asked for that the book knew at the reading's revision, newest first.

    `version_number` counts each record's versions from the oldest, so that it never changes. The versions have lower ones than the
    parameter `before`, and are one more than `limit`. (A document has a `number` of its own.)
    """
    rows = in_force.ever(reading.database.tables, kind, reading.scope).subquery()
    own = rows.c.key
    number = func.row_number().over(partition_by=own, order_by=(rows.c.since_revision, rows.c.valid_from))
    total = func.count().over(partition_by=own)
    known = select(rows, number.label("version_number"), total.label("version_count"))
    known = known.where(asked(reading.database, own), rows.c.since_revision <= reading.time.known_at)
    found, before = known.subquery("versions"), bindparam("before", type_=BigInteger)
    at, count = found.c.version_number, found.c.version_count
    last = case((count < before, count), else_=before - 1)
    page = select(found).where(at <= last, at >= last - bindparam("limit", type_=BigInteger))
    return page.order_by(found.c.key, at.desc())


@remembered
def codes(database: Database, kind: str) -> Select[Any]:
    """The codes of the identities asked for, whatever the time."""
    identities = database.tables.identities[kind]
    return select(identities.c.key, identities.c.code).where(asked(database, identities.c.key))


@kept
def rows_by(database: Database, table: Table, column: str, order: tuple[str, ...] = ()) -> Select[Any]:
    """The rows of a table that hold one of the keys asked for in `column`; `-` in front of an order is descending.

    It is planned for its keys: by a plan for any, one long change set makes PostgreSQL read all changes to find those of another.
    """
    columns = [(table.c[name.removeprefix("-")], name.startswith("-")) for name in order]
    query = select(table).where(asked(database, table.c[column]))
    return query.order_by(*(it.desc() if descending else it for it, descending in columns))
