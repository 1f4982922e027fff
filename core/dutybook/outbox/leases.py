"""Leases: a row locked for one transaction, which the database takes back when its worker dies or is cut off."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, func
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from dutybook.db.engine import Database

SLACK = 10.0
"""Seconds beside those of the hook after which PostgreSQL believes a silent worker lost."""

LONGEST_WAIT = timedelta(hours=1)


def lease(database: Database, seconds: float) -> Sequence[ColumnElement[Any]]:
    """Columns for the select that locks the row: for this transaction, a worker that falls silent loses it."""
    if database.is_sqlite:
        return ()  # whoever dies closes the file, and with it goes the lock
    lost = seconds + SLACK
    # Waiting for what others have locked, such as the head during an import, is to end before the hook's time is up: it
    # is no failure of the plugin.
    limits = {"idle_in_transaction_session_timeout": lost, "statement_timeout": lost, "lock_timeout": seconds / 2}
    return [func.set_config(name, str(round(limit * 1_000)), True) for name, limit in limits.items()]


def insert_missing(session: Session, database: Database, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Inserts rows, but for those that another worker has just inserted."""
    dialect = sqlite if database.is_sqlite else postgresql
    session.execute(dialect.insert(table).values([dict(row) for row in rows]).on_conflict_do_nothing())


def backoff(attempts: int) -> timedelta:
    """How long to wait after so many attempts in vain: 1 s, 4 s, 16 s, … an hour."""
    return min(timedelta(seconds=4 ** (attempts - 1)), LONGEST_WAIT)
