"""Finding by text in the index: whatever it offers is looked at again, at one time and within one scope.

Tokens only tell where a text may stand. Where few entries of a slot have them, all are read and ranked; where many have, they
are read in the order of their ids until a page is full. Which of the two it is depends on how many have the tokens, not on a
planner. Statements are put together once for all texts: what is looked for are their parameters.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    BindParameter,
    ColumnElement,
    Select,
    Text,
    bindparam,
    case,
    cast,
    column,
    func,
    literal,
    literal_column,
    null,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from dutybook.db.duties import left_out
from dutybook.db.engine import Database, Values
from dutybook.db.personal import Sight, readable
from dutybook.db.positions import ANYWHERE, at_place
from dutybook.db.reads import Reading, asked, numbered, remembered
from dutybook.db.search_sections import PINYIN, SYNONYM, TEXT, WHOLE, Pieces, Section, Shape, Wanted, Window
from dutybook.db.search_tables import FTS
from dutybook.db.search_tokens import BREAK, SHIFT, sought

VERSION = (1 << SHIFT) - 1

_ROWID = table(FTS, column("rowid")).c.rowid
_SAID, _HOW, _MOST, _BEHIND, _BEFORE = "said", "how", "most", "behind", "before"

DEPARTMENTS = 200
"""Departments named at most where a subject stands in many."""

Positions = Any
Way = tuple[ColumnElement[bool], int, ColumnElement[int]]
"""A condition, how a record was found where it holds, and where."""


Asked = tuple[Select[Any], Values]
"""A statement with its parameters."""


@remembered
def counts(database: Database) -> Select[Any]:
    """How many entries have each of the tokens asked for."""
    tokens = database.tables["search_token"]
    return select(tokens.c.token, tokens.c.entries).where(asked(database, tokens.c.token))


def tokens(wanted: Wanted) -> list[str]:
    """The tokens of all terms in all slots."""
    return sorted({token for term in wanted.terms for slot in wanted.slots for token in sought(term, slot)})


def few(reading: Reading, wanted: Wanted, sections: Sequence[Section]) -> Asked:
    """All hits of sections found in one way, in no order."""
    pieces = [piece for section in sections for piece in section.pieces]
    most = WHOLE + sum(section.weight for section in sections)  # more may have come since they were counted
    values = {**_values(reading, wanted, pieces), _HOW: sections[0].how, _MOST: most}
    return _few(reading, wanted.shape), values


@remembered
def _few(reading: Reading, shape: Shape) -> Select[Any]:
    """The limit binds nothing: it keeps planners from reading whole tables instead."""
    return _hits(reading, shape, _entries(reading, _fence(_marked(reading).limit(_number(_MOST)))), exact=True)


def many(reading: Reading, wanted: Wanted, section: Section, window: Window, limit: int) -> Asked:
    """The first hits of one section within a window, in the order of ids."""
    values = {**_values(reading, wanted, section.pieces), _HOW: section.how, _MOST: limit, _BEHIND: window.behind}
    if window.by == "ids":
        del values[_SAID]
    if reading.database.is_sqlite or window.by != "tokens":
        values[_BEFORE] = window.before
    return _many(reading, wanted.shape, window.by), values


@remembered
def _many(reading: Reading, shape: Shape, by: str) -> Select[Any]:
    entry = reading.database.tables["search_entry"]
    rows = select(entry.c.id, entry.c.folded, entry.c.spelt) if by == "ids" else _marked(reading)
    own = rows.selected_columns.id
    if reading.database.is_sqlite:
        marked: Any = rows.where(own > _number(_BEHIND), own < _number(_BEFORE)).subquery("marked")
    elif by == "tokens":
        # Tokens tell the slot; what is added keeps PostgreSQL from reading all ids behind that one for it.
        marked = _fence(rows.where(own + 0 > _number(_BEHIND)))
    else:
        marked = _fence(rows.where(own > _number(_BEHIND), own < _number(_BEFORE)))
    source = _entries(reading, marked) if reading.database.is_sqlite else _sorted(reading, shape, marked)
    return _hits(reading, shape, source, exact=True).order_by(source.c.id).limit(_number(_MOST))


def _sorted(reading: Reading, shape: Shape, marked: CTE) -> Any:
    """In the order of ids before anything is joined to them, so that no more is than the page needs."""
    matched, _ = _matched(reading, shape, marked)
    rows = select(marked.c.id, marked.c.folded, marked.c.spelt).where(matched == bindparam(_HOW))
    return rows.order_by(marked.c.id).subquery("entry")


def _fence(rows: Select[Any]) -> CTE:
    """Keeps planners from looking through it."""
    return rows.cte("marked").prefix_with("MATERIALIZED", dialect="postgresql")


def every(reading: Reading, wanted: Wanted, pieces: Pieces) -> Asked:
    """All hits of however many entries, to be counted."""
    return _every(reading, wanted.shape), _values(reading, wanted, pieces)


@remembered
def _every(reading: Reading, shape: Shape) -> Select[Any]:
    return _hits(reading, shape, _entries(reading, _marked(reading).subquery("marked")), exact=False)


def _values(reading: Reading, wanted: Wanted, pieces: Pieces) -> dict[str, Any]:
    """The terms, and the question to the index: which entries have all tokens of one of the pieces."""
    both, either, one = (" AND ", " OR ", _fts) if reading.database.is_sqlite else (" & ", " | ", _tsquery)
    said = either.join(f"({both.join(one(each, piece) for each in sought(*piece))})" for piece in pieces)
    return {_SAID: said, **{f"term{number}": term for number, term in enumerate(wanted.terms)}}


def _fts(token: str, piece: tuple[str, int]) -> str:
    return f'"{token}"*' if len(piece[0]) == 1 else f'"{token}"'


def _tsquery(token: str, piece: tuple[str, int]) -> str:
    return f"'{token}':*" if len(piece[0]) == 1 else f"'{token}'"


def _number(name: str) -> BindParameter[int]:
    return bindparam(name, type_=BigInteger())


def _marked(reading: Reading) -> Select[Any]:
    """What the index answers."""
    said = bindparam(_SAID, type_=Text())
    if reading.database.is_sqlite:
        return select(_ROWID.label("id")).where(literal_column(FTS).op("MATCH")(said))
    entry = reading.database.tables["search_entry"]
    return select(entry.c.id, entry.c.folded, entry.c.spelt).where(entry.c.tokens.op("@@")(cast(said, TSQUERY)))


def _entries(reading: Reading, marked: Any) -> Any:
    """Entries with their texts, which FTS5 does not keep."""
    if not reading.database.is_sqlite:
        return marked
    entry = reading.database.tables["search_entry"]
    return select(marked.c.id, entry.c.folded, entry.c.spelt).join(entry, entry.c.id == marked.c.id).subquery("entry")


def _hits(reading: Reading, shape: Shape, entry: Any, *, exact: bool) -> Select[Any]:
    """The records that hold a term, how each was found and where, and what ranks it; `exact` leaves what was found one way."""
    rows = numbered(reading, shape.kind)
    matched, offset = _matched(reading, shape, entry)
    columns = (matched.label("matched"), offset.label("offset"), func.length(entry.c.folded).label("length"))
    query = select(rows, entry.c.id.label("entry"), *columns)
    query = query.join_from(entry, rows, rows.c.version == entry.c.id.op("&")(literal(VERSION)))
    query = query.where(matched == bindparam(_HOW) if exact else matched.is_not(None))
    return _shown(reading, query, shape, rows)


def _matched(reading: Reading, shape: Shape, entry: Any) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    end = func.coalesce(entry.c.spelt, VERSION)
    terms = (bindparam(f"term{number}", type_=Text()) for number in range(1 + shape.synonyms))
    typed, *others = (_place(reading, entry.c.folded, term) for term in terms)
    ways: list[Way] = [(typed.between(1, end), TEXT, typed)]
    ways += [(other.between(1, end), SYNONYM, other) for other in others]
    if shape.kind != "duty":
        ways.append((typed > 0, PINYIN, typed))
    return _best(ways)


def _shown(reading: Reading, query: Select[Any], shape: Shape, rows: Any) -> Select[Any]:
    """With the position that shows a record, the standard by which it does, and where the position stands; only at the place meant."""
    if shape.kind == "department":
        unknown = (null().label(name) for name in ("shown_by", "via", "standing"))
        return query.add_columns(*unknown, rows.c.key.label("within"))
    placed = reading.source("position").alias("placed")
    if shape.kind == "position":
        query = query.add_columns(rows.c.key.label("shown_by"), null().label("via"), *_standing(rows))
        return query if _is_anywhere(shape) else query.where(rows.c.key.in_(_of(reading, placed, shape)))
    shown_by = _holder(reading, shape, rows)
    query = query.add_columns(placed.c.key.label("shown_by"), rows.c.standard.label("via"), *_standing(placed))
    query = query.join(placed, placed.c.key == shown_by)
    if _is_anywhere(shape):
        return query
    return query.where(shown_by.in_(_of(reading, reading.source("position").alias("meant"), shape)))


def _standing(position: Any) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    return position.c.rank.label("standing"), position.c.department.label("within")


def _holder(reading: Reading, shape: Shape, rows: Any) -> ColumnElement[Any]:
    """The position that shows a duty: a standard's is listed once, at the first of the followers that are meant."""
    holder = reading.source("position").alias("holder")
    first = _at(reading, select(func.min(holder.c.key)), holder, shape)
    first = first.where(holder.c.standard == rows.c.standard, ~left_out(holder, rows))
    return case((rows.c.position.is_not(None), rows.c.position), else_=first.scalar_subquery())


def _is_anywhere(shape: Shape) -> bool:
    return shape.place == ANYWHERE and shape.position is None


def _of(reading: Reading, positions: Any, shape: Shape) -> Select[Any]:
    return _at(reading, select(positions.c.key), positions, shape)


def _at(reading: Reading, query: Select[Any], positions: Any, shape: Shape) -> Select[Any]:
    if shape.position is not None:
        query = query.where(positions.c.code == shape.position)
    return at_place(reading, query, positions, shape.place)


def departments(reading: Reading, wanted: Wanted, pieces: Pieces) -> Asked:
    """In which departments hits stand, in the order of the departments' keys."""
    query, values = every(reading, wanted, pieces)
    found = query.subquery("found")
    return select(found.c.within).distinct().order_by(found.c.within).limit(DEPARTMENTS), values


def people(reading: Reading, text: str, sight: Sight) -> Select[Any]:
    """The employees whose number, or whose name where it may be seen, holds a text or is typed by pinyin."""
    rows, names = reading.source("employee"), readable(reading, sight)
    number, name = _place(reading, func.lower(rows.c.code), text), _place(reading, names.c.sought, text)
    ways: list[Way] = [(number > 0, TEXT, number)]
    if not sight.is_blind:
        ways = [(name.between(1, _place(reading, names.c.sought, BREAK)), TEXT, name), *ways, (name > 0, PINYIN, name)]
    matched, offset = _best(ways)
    columns = (matched.label("matched"), offset.label("offset"), func.length(rows.c.code).label("length"))
    query = select(rows, *columns, null().label("shown_by"), null().label("via"))
    if not sight.is_blind:
        query = query.outerjoin(names, names.c.digest == rows.c.name)
    return query.where(matched.is_not(None))


def _place(reading: Reading, text: ColumnElement[Any], part: Any) -> ColumnElement[int]:
    """Where a text holds a part, from 1; 0 where it does not."""
    find = func.instr if reading.database.is_sqlite else func.strpos
    place: ColumnElement[int] = find(text, part)
    return place


def _best(ways: Sequence[Way]) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """How a record was found, by the first way that fits, and where; null where none does."""
    matched = case(*((said, literal(how)) for said, how, _ in ways))
    return matched, case(*((said, place - literal(1)) for said, _, place in ways))
