"""Rows into a table at the speed of the driver: COPY on PostgreSQL, executemany on SQLite."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import Column, Table
from sqlalchemy.orm import Session

Row = Sequence[Any]

BATCH = 10_000
"""Rows held in memory before they are sent."""


def insert_rows(session: Session, table: Table, names: Sequence[str], rows: Iterable[Row]) -> None:
    """Inserts rows of Python values, given in the order of `names`."""
    if session.get_bind().dialect.name == "postgresql":
        _copy(session, table, names, rows)
    else:
        _execute(session, table, names, rows)


def _copy(session: Session, table: Table, names: Sequence[str], rows: Iterable[Row]) -> None:
    columns = ", ".join(f'"{name}"' for name in names)
    driver: Any = session.connection().connection.driver_connection
    rest = iter(rows)
    # Rows may come from queries on this same connection, which a COPY under way would lock out: hence in batches.
    while batch := list(islice(rest, BATCH)):
        with driver.cursor() as cursor, cursor.copy(f'COPY "{table.name}" ({columns}) FROM STDIN') as copy:
            for row in batch:
                copy.write_row(row)


def _execute(session: Session, table: Table, names: Sequence[str], rows: Iterable[Row]) -> None:
    columns, marks = ", ".join(f'"{name}"' for name in names), ", ".join("?" * len(names))
    dated = [at for at, name in enumerate(names) if _is_dated(table.c[name])]
    driver: Any = session.connection().connection.driver_connection
    sent = _texts(rows, dated) if dated else rows
    driver.executemany(f'INSERT INTO "{table.name}" ({columns}) VALUES ({marks})', sent)  # noqa: S608


def _is_dated(column: Column[Any]) -> bool:
    return column.type.python_type in {date, datetime}


def _texts(rows: Iterable[Row], dated: Sequence[int]) -> Iterable[Row]:
    """SQLite keeps days and moments as text, in the very form SQLAlchemy reads."""
    for row in rows:
        texts = list(row)
        for at in dated:
            if texts[at] is not None:
                texts[at] = _text(texts[at])
        yield texts


def _text(value: date | datetime) -> str:
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(" ", "microseconds")
    return value.isoformat()
