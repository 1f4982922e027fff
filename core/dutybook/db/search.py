"""Finding by text in the index: whatever it offers is looked at again, at one time and within one scope.

Tokens only tell where a text may stand. Where few entries of a slot have them, all are read and ranked; where many have, they
are read in the order of their ids until a page is full. Which of the two it is depends on how many have the tokens, not on a
planner.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    FromClause,
    Select,
    Subquery,
    Text,
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
from dutybook.db.personal import Sight, readable
from dutybook.db.positions import ANYWHERE, Place, at_place
from dutybook.db.reads import Reading, among, numbered
from dutybook.db.search_tables import FTS
from dutybook.db.search_tokens import BREAK, SHIFT, sought

FEW = 200
"""So many entries of a slot are read to rank all hits; more are read in the order of their ids."""

TEXT, SYNONYM, PINYIN = range(3)
"""How a hit was found, the best first."""

VERSION = (1 << SHIFT) - 1

_ROWID = table(FTS, column("rowid")).c.rowid

Positions = Any
Way = tuple[ColumnElement[bool], int, ColumnElement[int]]
"""A condition, how a record was found where it holds, and where."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Records of a kind that hold a folded text, or one of its synonyms; duties only at a place and by involvement."""

    kind: str
    text: str
    synonyms: tuple[str, ...]
    slots: tuple[int, ...]
    place: Place = ANYWHERE
    position: str | None = None

    @property
    def terms(self) -> tuple[str, ...]:
        """All that may be found."""
        return (self.text, *self.synonyms)


Pieces = Sequence[tuple[str, int]]
"""Terms, each with a slot to look for it in."""


@dataclass(frozen=True, slots=True)
class Section:
    """What is found in one way in one slot; `weight` is how many entries it may be."""

    how: int
    slot: int
    pieces: Pieces
    weight: int


class Weights:
    """In how many entries of a slot a term may stand."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = counts

    def of(self, term: str, slot: int) -> int:
        """As many as have its rarest token, at most."""
        return min(self._counts.get(token, 0) for token in sought(term, slot))

    def pieces(self, terms: Collection[str], slots: Collection[int]) -> Pieces:
        """Where terms may stand at all."""
        return [(term, slot) for slot in slots for term in terms if self.of(term, slot)]

    def total(self, pieces: Pieces) -> int:
        """How many entries may hold any of them."""
        return sum(self.of(*piece) for piece in pieces)

    def sections(self, wanted: Wanted) -> list[Section]:
        """What is read one after the other where hits are many, the best first."""
        ways = [(TEXT, (wanted.text,)), (SYNONYM, wanted.synonyms)]
        ways += [] if wanted.kind == "duty" else [(PINYIN, (wanted.text,))]
        each = ((how, slot, self.pieces(terms, (slot,))) for how, terms in ways for slot in wanted.slots)
        return [Section(how, slot, pieces, self.total(pieces)) for how, slot, pieces in each if pieces]


def counts(reading: Reading, terms: Collection[str], slots: Collection[int]) -> Select[Any]:
    """How many entries have each token of some terms."""
    tokens = reading.database.tables["search_token"]
    wanted = {token for term in terms for slot in slots for token in sought(term, slot)}
    return select(tokens.c.token, tokens.c.entries).where(among(reading.database, tokens.c.token, sorted(wanted)))


def few(reading: Reading, wanted: Wanted, sections: Sequence[Section]) -> Select[Any]:
    """All hits of sections found in one way, in no order."""
    pieces = [piece for section in sections for piece in section.pieces]
    limit = max(FEW, sum(section.weight for section in sections))
    entries = _entries(reading, _fenced(reading, pieces, limit)).subquery("entry")
    return _hits(reading, wanted, entries, sections[0].how)


def many(reading: Reading, wanted: Wanted, section: Section, after: int, limit: int) -> Select[Any]:
    """The hits of one section behind an id, in the order of ids."""
    if reading.database.is_sqlite:
        marked = _marked(reading, section.pieces).subquery("marked")
        rows = _entries(reading, marked)
    elif section.weight <= FEW:
        rows = _entries(reading, _fenced(reading, section.pieces, FEW))
    else:
        entry = reading.database.tables["search_entry"]
        rows = select(entry.c.id, entry.c.folded, entry.c.spelt).where(entry.c.id < (section.slot + 1) << SHIFT)
    source = rows.subquery("entry")
    least = max(after, section.slot << SHIFT)
    query = _hits(reading, wanted, source, section.how).where(source.c.id > least)
    return query.order_by(source.c.id).limit(limit)


def every(reading: Reading, wanted: Wanted, pieces: Pieces) -> Select[Any]:
    """All hits of however many entries, to be counted."""
    return _hits(reading, wanted, _entries(reading, _marked(reading, pieces).subquery("marked")).subquery("entry"))


def _entries(reading: Reading, marked: FromClause) -> Select[Any]:
    entry = reading.database.tables["search_entry"]
    return select(marked.c.id, entry.c.folded, entry.c.spelt).join(entry, entry.c.id == marked.c.id)


def _fenced(reading: Reading, pieces: Pieces, limit: int) -> CTE:
    """The entries with all tokens. The limit binds nothing: it keeps planners from reading whole tables instead."""
    return _marked(reading, pieces).limit(limit).cte("marked").prefix_with("MATERIALIZED", dialect="postgresql")


def _marked(reading: Reading, pieces: Pieces) -> Select[Any]:
    """The ids of the entries that have all tokens of one of the terms."""
    if reading.database.is_sqlite:
        said = " OR ".join(f"({' AND '.join(_fts(each, piece) for each in sought(*piece))})" for piece in pieces)
        return select(_ROWID.label("id")).where(literal_column(FTS).op("MATCH")(said))
    entry = reading.database.tables["search_entry"]
    said = " | ".join(f"({' & '.join(_tsquery(each, piece) for each in sought(*piece))})" for piece in pieces)
    return select(entry.c.id).where(entry.c.tokens.op("@@")(cast(cast(said, Text), TSQUERY)))


def _fts(token: str, piece: tuple[str, int]) -> str:
    return f'"{token}"*' if len(piece[0]) == 1 else f'"{token}"'


def _tsquery(token: str, piece: tuple[str, int]) -> str:
    return f"'{token}':*" if len(piece[0]) == 1 else f"'{token}'"


def _hits(reading: Reading, wanted: Wanted, entry: Subquery, how: int | None = None) -> Select[Any]:
    """What holds a term, how it was found and where; only what was found one way where that is said."""
    rows = numbered(reading, wanted.kind)
    matched, offset = _matched(reading, wanted, entry)
    shown_by, via = _shown(reading, wanted, rows)
    columns = (matched.label("matched"), offset.label("offset"), func.length(entry.c.folded).label("length"))
    query = select(entry.c.id, rows.c.key, *columns, shown_by.label("shown_by"), via.label("via"))
    query = query.join_from(entry, rows, rows.c.version == entry.c.id.op("&")(literal(VERSION)))
    query = query.where(matched.is_not(None) if how is None else matched == how)
    return _at(reading, query, wanted, shown_by)


def _matched(reading: Reading, wanted: Wanted, entry: Subquery) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    end = func.coalesce(entry.c.spelt, VERSION)
    typed, *others = (_place(reading, entry.c.folded, term) for term in wanted.terms)
    ways: list[Way] = [(typed.between(1, end), TEXT, typed)]
    ways += [(other.between(1, end), SYNONYM, other) for other in others]
    if wanted.kind != "duty":
        ways.append((typed > 0, PINYIN, typed))
    return _best(ways)


def _shown(reading: Reading, wanted: Wanted, rows: Subquery) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """The position that shows a record, and the standard by which it does."""
    if wanted.kind == "department":
        return null(), null()
    if wanted.kind == "position":
        return rows.c.key, null()
    holder = reading.source("position").alias("holder")
    first = select(func.min(holder.c.key)).where(holder.c.standard == rows.c.standard, ~left_out(holder, rows))
    first = _of(reading, first, holder, wanted)
    return case((rows.c.position.is_not(None), rows.c.position), else_=first.scalar_subquery()), rows.c.standard


def _of(reading: Reading, query: Select[Any], positions: Any, wanted: Wanted) -> Select[Any]:
    if wanted.position is not None:
        query = query.where(positions.c.code == wanted.position)
    return at_place(reading, query, positions, wanted.place)


def _at(reading: Reading, query: Select[Any], wanted: Wanted, shown_by: ColumnElement[Any]) -> Select[Any]:
    """Only what somebody shows, at the place that is meant."""
    if wanted.kind == "department":
        return query
    if wanted.place == ANYWHERE and wanted.position is None:
        return query.where(shown_by.is_not(None))
    positions = reading.source("position").alias("placed")
    return query.where(shown_by.in_(_of(reading, select(positions.c.key), positions, wanted)))


def departments(reading: Reading, wanted: Wanted, pieces: Pieces) -> Select[Any]:
    """In which departments hits stand, in the order of the departments' keys."""
    found, holder = every(reading, wanted, pieces).subquery("found"), reading.source("position")
    query = select(holder.c.department).join(found, found.c.shown_by == holder.c.key)
    return query.distinct().order_by(holder.c.department).limit(FEW)


def people(reading: Reading, text: str, sight: Sight) -> Select[Any]:
    """The employees whose number, or whose name where it may be seen, holds a text or is typed by pinyin."""
    rows, names = reading.source("employee"), readable(reading, sight)
    number, name = _place(reading, func.lower(rows.c.code), text), _place(reading, names.c.sought, text)
    ways: list[Way] = [(number > 0, TEXT, number)]
    if not sight.is_blind:
        ways = [(name.between(1, _place(reading, names.c.sought, BREAK)), TEXT, name), *ways, (name > 0, PINYIN, name)]
    matched, offset = _best(ways)
    columns = (matched.label("matched"), offset.label("offset"), func.length(rows.c.code).label("length"))
    query = select(rows.c.key, *columns, null().label("shown_by"), null().label("via"))
    if not sight.is_blind:
        query = query.outerjoin(names, names.c.digest == rows.c.name)
    return query.where(matched.is_not(None))


def _place(reading: Reading, text: ColumnElement[Any], part: str) -> ColumnElement[int]:
    """Where a text holds a part, from 1; 0 where it does not."""
    find = func.instr if reading.database.is_sqlite else func.strpos
    place: ColumnElement[int] = find(text, part)
    return place


def _best(ways: Sequence[Way]) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """How a record was found, by the first way that fits, and where; null where none does."""
    matched = case(*((said, literal(how)) for said, how, _ in ways))
    return matched, case(*((said, place - literal(1)) for said, _, place in ways))
