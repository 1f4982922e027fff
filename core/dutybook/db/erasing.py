"""What erasing a person looks for: the records about them, and where a text still stands in the database."""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Row, Table, Text, or_, select
from sqlalchemy.orm import Session

from dutybook.book.kinds import Kind
from dutybook.book.times import STILL_KNOWN
from dutybook.db.tables import Tables

VAULT = {"personal_value", "personal_key"}
DERIVED = "search_"
"""The tables of the search index hold nothing that does not stand elsewhere as well."""


def records_about(session: Session, tables: Tables, employee: int) -> dict[str, set[int]]:
    """By kind, the keys of all records that are about a person, or that a change set would make so."""
    about = (kind for kind in tables.kinds if kind.personal and kind.person and kind.person != "key")
    return {"employee": {employee}, **{kind.name: _keys(session, tables, kind, employee) for kind in about}}


def _keys(session: Session, tables: Tables, kind: Kind, employee: int) -> set[int]:
    rows, change, person = tables.versions[kind.name], tables["change"], str(kind.person)
    found = set(session.scalars(select(rows.c.key).where(rows.c[person] == employee).distinct()))
    said = select(change.c.key, change.c.body).where(change.c.kind == kind.name)
    for key, body in session.execute(said.where(change.c.body.contains(f'"{person}":{employee}'))):
        if orjson.loads(body).get("values", {}).get(person) == employee:
            found.add(key)
    return found


def positions_held(session: Session, tables: Tables, employee: int, after: Any) -> list[str]:
    """The codes of the positions to which somebody is assigned on a day or later."""
    rows, position = tables.versions["assignment"], tables.identities["position"]
    held = select(position.c.code).join(rows, rows.c.position == position.c.key).where(rows.c.employee == employee)
    found = session.scalars(held.where(rows.c.until_revision == STILL_KNOWN, rows.c.valid_to > after).distinct())
    return sorted(code or "" for code in found)


def clear_values_of(session: Session, tables: Tables, about: dict[str, set[int]]) -> list[Row[Any]]:
    """The rows of the vault that some records have."""
    vault = tables["personal_value"]
    return [
        row
        for kind, keys in about.items()
        for row in session.execute(select(vault).where(vault.c.kind == kind, vault.c.key.in_(sorted(keys))))
    ]


def places(session: Session, tables: Iterable[Table], texts: Collection[str]) -> Iterator[str]:
    """Where any of some texts stands, outside of the vault: `document_version 12 title`."""
    for table in tables:
        columns = [column for column in table.columns if isinstance(column.type, Text)]
        if table.name not in VAULT and not table.name.startswith(DERIVED) and columns and texts:
            for row in session.execute(_holding(table, columns, texts)):
                yield from _told(table, row, columns, texts)


def _holding(table: Table, columns: list[Any], texts: Collection[str]) -> Any:
    holds: list[ColumnElement[bool]] = [column.contains(text, autoescape=True) for column in columns for text in texts]
    keys = list(table.primary_key.columns)
    return select(*keys, *(column for column in columns if column not in keys)).where(or_(*holds)).order_by(*keys)


def _told(table: Table, row: Row[Any], columns: list[Any], texts: Collection[str]) -> Iterator[str]:
    number = "/".join(str(row._mapping[key]) for key in table.primary_key.columns if key not in columns)  # noqa: SLF001
    for column in columns:
        if any(text in (row._mapping[column] or "") for text in texts):  # noqa: SLF001
            yield " ".join(part for part in (table.name, number, column.name) if part)
