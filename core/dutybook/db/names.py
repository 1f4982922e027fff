"""The names by which people know records: code and title, newest first known."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from dutybook.db.tables import Tables

SHOWN = ("name", "title", "text")
BATCH = 500


def name_of(session: Session, tables: Tables, kind_name: str, key: int) -> str:
    """What to call a record in a message: `岗位 P0001 主任`."""
    kind = tables.kinds[kind_name]
    rows, identity = tables.versions[kind_name], tables.identities[kind_name]
    shown = next((name for name in SHOWN if name in kind.by_name and name not in kind.personal), None)
    code = session.scalar(select(identity.c.code).where(identity.c.key == key))
    newest = (rows.c.until_revision.desc(), rows.c.valid_from.desc())
    title = session.scalar(select(rows.c[shown]).where(rows.c.key == key).order_by(*newest)) if shown else None
    parts = (kind.label.zh, code, title and str(title)[:40])
    return " ".join(str(part) for part in parts if part) if code or title else f"{kind.label.zh} #{key}"


def in_batches(session: Session, query: Select[Any], column: Any, keys: Iterable[Any]) -> Iterator[Sequence[Any]]:
    """The rows of a query for many keys, some at a time: an IN list of any length is planned well by neither database."""
    wanted = list(keys)
    for at in range(0, len(wanted), BATCH):
        yield from session.execute(query.where(column.in_(wanted[at : at + BATCH])))
