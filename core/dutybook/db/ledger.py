"""What is read of the book-keeping: revisions, change sets with their changes, steps and signatures, jobs."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, select

from dutybook.book.timeline import Timeline
from dutybook.db.engine import Database
from dutybook.db.in_force import Scope
from dutybook.db.versions import Versions


def revisions(database: Database, before: int | None, limit: int) -> Select[Any]:
    """A page of revisions, newest first, and one more."""
    table = database.tables["revision"]
    query = select(table) if before is None else select(table).where(table.c.number < before)
    return query.order_by(table.c.number.desc()).limit(limit + 1)


def revision_at(database: Database, moment: datetime) -> Select[Any]:
    """The revision that was the head at a moment."""
    table = database.tables["revision"]
    query = select(table).where(table.c.published_at <= moment.astimezone(UTC))
    return query.order_by(table.c.number.desc()).limit(1)


def changesets(
    database: Database, states: Collection[str], author: str | None, document: int | None = None
) -> Select[Any]:
    """The change sets in some states, newest first."""
    table = database.tables["changeset"]
    query = select(table).where(table.c.state.in_(sorted(states)))
    if author is not None:
        query = query.where(table.c.author == author)
    if document is not None:
        query = query.where(table.c.document == document)
    return query.order_by(table.c.id.desc())


def page_of_changesets(query: Select[Any], before: int | None, limit: int) -> Select[Any]:
    """A page of change sets, and one more."""
    columns: Any = query.selected_columns
    return (query if before is None else query.where(columns.id < before)).limit(limit + 1)


def timelines(database: Database, kind: str, keys: Collection[int], known_at: int, scope: Scope) -> dict[int, Timeline]:
    """The lives of records as a revision knew them, as far as a scope may see them: what was before a change."""
    with database.read() as session:
        return Versions(session, database.tables, kind, scope).timelines(keys, known_at)
