"""Finding by text: departments, positions, people and duties that hold it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, case, func, literal, null, select

from dutybook.db.duties import DutyFilter, found
from dutybook.db.paging import page
from dutybook.db.people import in_json
from dutybook.db.reads import Reading

FIELDS = {"department": "name", "position": "title"}


def hits(reading: Reading, kind: str, text: str, after: Sequence[int] | None, limit: int | None) -> Select[Any]:
    """The records of a kind that hold a text, by where it stands, then by length, then by key."""
    rows = _texts(reading, kind, text).subquery("texts")
    find = func.instr if reading.database.is_sqlite else func.strpos
    offset = find(func.lower(rows.c.text), text.lower()) - literal(1)
    length = func.length(rows.c.text)
    query = select(rows.c.key, rows.c.shown_by, offset.label("offset"), length.label("length"))
    return query if limit is None else page(query, (offset, length, rows.c.key), after, limit)


def _texts(reading: Reading, kind: str, text: str) -> Select[Any]:
    """Key and text of what holds the text, and by which position a standard's duty is shown."""
    if kind == "duty":
        duties = found(reading, DutyFilter(search=text)).order_by(None).subquery("duties")
        follower = case((duties.c.via.is_not(None), duties.c.shown_by))
        return select(duties.c.key, duties.c.text, follower.label("shown_by"))
    rows = reading.source(kind)
    nobody = null().label("shown_by")
    if kind == "employee":
        vault = reading.database.tables["personal_value"]
        clear = func.substr(vault.c.value, 2, func.length(vault.c.value) - 2)
        query = select(rows.c.key, clear.label("text"), nobody).join(vault, vault.c.digest == rows.c.name)
        return query.where(clear.icontains(in_json(text), autoescape=True))
    column = rows.c[FIELDS[kind]]
    return select(rows.c.key, column.label("text"), nobody).where(column.icontains(text, autoescape=True))
