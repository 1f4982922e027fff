"""The names by which people know records: code and title, newest first known."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from dutybook.book.kinds import Field, Kind, Value
from dutybook.db.tables import Tables
from dutybook.errors import Message

SHOWN = ("name", "title", "text")
NOTHING = Message("（无）", "(none)")
BATCH = 500


def name_of(session: Session, tables: Tables, kind_name: str, key: int) -> Message:
    """What to call a record in a message: `岗位 P0001 主任`, `Position P0001 主任`."""
    kind = tables.kinds[kind_name]
    rows, identity = tables.versions[kind_name], tables.identities[kind_name]
    shown = next((name for name in SHOWN if name in kind.by_name and name not in kind.personal), None)
    newest = (rows.c.until_revision.desc(), rows.c.valid_from.desc())
    told = [rows.c[name] for name in (shown, *_required(kind)) if name]
    row = session.execute(select(*told).where(rows.c.key == key).order_by(*newest)).first() if told else None
    parts = [session.scalar(select(identity.c.code).where(identity.c.key == key)), *_told(session, tables, kind, row)]
    names = " ".join(str(part)[:40] for part in parts if part)
    return called(kind, names or f"#{key}")


def called(kind: Kind, name: str) -> Message:
    """A name, which is the same in both languages, behind what its kind is called in each."""
    return Message(f"{kind.label.zh} {name}", f"{kind.label.en} {name}")


def value_of(session: Session, tables: Tables, field: Field, value: Value) -> Message:
    """A field's value in a message: what it refers to by its name, a choice by what people call it."""
    if value is None or value == []:
        return NOTHING
    if field.target is not None:
        keys = [int(str(key)) for key in (value if isinstance(value, list) else [value])]
        names = [name_of(session, tables, field.target, key) for key in keys]
        return Message("、".join(it.zh for it in names), ", ".join(it.en for it in names))
    return field.chosen(value) or Message(str(value), str(value))


def _required(kind: Kind) -> list[str]:
    """The references by which people know what has neither code nor name of its own: who is assigned to what."""
    return [] if kind.coded else [field.name for field in kind.references if field.required]


def _told(session: Session, tables: Tables, kind: Kind, row: Row[Any] | None) -> Iterator[object]:
    for name, value in row._mapping.items() if row else ():  # noqa: SLF001
        field = kind.by_name[name]
        if field.target is None:
            yield value
        else:
            other = tables.identities[field.target]
            yield session.scalar(select(other.c.code).where(other.c.key == value))


def in_batches(session: Session, query: Select[Any], column: Any, keys: Iterable[Any]) -> Iterator[Sequence[Any]]:
    """The rows of a query for many keys, some at a time: an IN list of any length is planned well by neither database."""
    wanted = list(keys)
    for at in range(0, len(wanted), BATCH):
        yield from session.execute(query.where(column.in_(wanted[at : at + BATCH])))
