"""The search index as it is kept: entries of fresh versions, within the transaction that writes those."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain, groupby
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Row, bindparam, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from dutybook.book.folding import fold
from dutybook.book.pinyin import spellings
from dutybook.db.bulk import insert_rows
from dutybook.db.search_tables import FTS
from dutybook.db.search_tokens import BREAK, DEPARTMENT, POSITION, SHIFT, mark, pairs, slot_of_duty
from dutybook.db.tables import Tables

NAMED = {"department": ("name", DEPARTMENT), "position": ("title", POSITION)}
KINDS = (*NAMED, "duty", "employee")
BATCH = 5_000
"""Entries sorted and sent at once: FTS5 writes a new piece whenever an id is lower than the one before."""

LARGE = 20_000
"""So many duties are worth making the index of PostgreSQL anew."""

MANY_TOKENS = 5_000

Marks = Mapping[str, int]
Counts = dict[str, Counter[str]]


class Entry(NamedTuple):
    """What is written of one version."""

    id: int
    folded: str
    spelt: int | None
    pairs: list[str]

    @property
    def tokens(self) -> str:
        """Its tokens, each with the mark of the slot."""
        own = self.mark
        return own + f" {own}".join(self.pairs)

    @property
    def mark(self) -> str:
        """What its tokens begin with."""
        return mark(self.id >> SHIFT)


def marks(session: Session, tables: Tables) -> Marks:
    """The newest version of each kind that is searched for: what is written from now on is newer."""
    newest = {kind: func.max(tables.versions[kind].c.id) for kind in KINDS}
    return {kind: session.scalar(select(last)) or 0 for kind, last in newest.items()}


def index_fresh(session: Session, tables: Tables, before: Marks) -> None:
    """Writes entries for the versions that have come since."""
    counted: Counts = {}
    with _at_once(session, tables, before):
        for kind in NAMED:
            _write(session, tables, _named(session, tables, kind, before[kind]), counted)
        _write(session, tables, _duties(session, tables, before["duty"]), counted)
    _count(session, tables, counted)
    _write_names(session, tables, before["employee"])


@contextmanager
def _at_once(session: Session, tables: Tables, before: Marks) -> Iterator[None]:
    """The first duties of a large book are indexed together, in a tenth of the time: nobody can be looking for any yet."""
    is_first = not before["duty"] and session.get_bind().dialect.name == "postgresql"
    if not is_first or marks(session, tables)["duty"] < LARGE:
        yield
        return
    [index] = tables["search_entry"].indexes
    index.drop(session.connection())
    yield
    index.create(session.connection())


def _fresh(session: Session, query: Any, column: Any, last: int) -> Iterator[Sequence[Row[Any]]]:
    """Rows behind an id, a batch at a time, by keyset: a cursor would not outlive what is written in between."""
    while rows := session.execute(query.where(column > last).order_by(column).limit(BATCH)).all():
        yield rows
        last = rows[-1].id


def _named(session: Session, tables: Tables, kind: str, last: int) -> Iterator[list[Entry]]:
    field, slot = NAMED[kind]
    rows, identity = tables.versions[kind], tables.identities[kind]
    query = select(rows.c.id, rows.c[field].label("text"), identity.c.code).join(identity, identity.c.key == rows.c.key)
    for some in _fresh(session, query, rows.c.id, last):
        yield [named_entry((slot << SHIFT) + row.id, row.text, row.code) for row in some]


def named_entry(id_: int, shown: str, code: str | None) -> Entry:
    """Name, code, pinyin and initials as one text."""
    written = f"{fold(shown)}{BREAK}{fold(code or '')}{BREAK}"
    folded = written + BREAK.join(spellings(shown))
    return Entry(id_, folded, len(written), pairs(folded))


def _duties(session: Session, tables: Tables, last: int) -> Iterator[list[Entry]]:
    rows = tables.versions["duty"]
    for some in _fresh(session, select(rows.c.id, rows.c.text, rows.c.involvement), rows.c.id, last):
        yield [_duty(row) for row in some]


def _duty(row: Row[Any]) -> Entry:
    folded, slot = fold(row.text), slot_of_duty(row.text, row.involvement)
    return Entry((slot << SHIFT) + row.id, folded, None, pairs(folded))


def _write(session: Session, tables: Tables, batches: Iterable[list[Entry]], counted: Counts) -> None:
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    for batch in batches:
        batch.sort()
        columns = ("id", "folded", "spelt") if is_sqlite else ("id", "folded", "spelt", "tokens")
        lines = [(one.id, one.folded, one.spelt, one.tokens) for one in batch]
        insert_rows(session, tables["search_entry"], columns, (line[: len(columns)] for line in lines))
        if is_sqlite:
            driver: Any = session.connection().connection.driver_connection
            said = f"INSERT INTO {FTS} (rowid, tokens) VALUES (?, ?)"  # noqa: S608
            driver.executemany(said, ((line[0], line[3]) for line in lines))
        for slot, some in groupby(batch, key=lambda one: one.mark):
            counted.setdefault(slot, Counter()).update(chain.from_iterable(one.pairs for one in some))


def _count(session: Session, tables: Tables, counted: Counts) -> None:
    """Adds to the counts. What begins with a character is at most as much as all its pairs together."""
    found: Counter[str] = Counter()
    for slot, pairs_ in counted.items():
        for pair, entries in pairs_.items():
            found[slot + pair] += entries
            found[slot + pair[0]] += entries
    rows = sorted(found.items())
    for at in range(0, len(rows), MANY_TOKENS):
        _add(session, tables, rows[at : at + MANY_TOKENS])


def _add(session: Session, tables: Tables, rows: Sequence[tuple[str, int]]) -> None:
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    table = tables["search_token"]
    said = dialect.insert(table)
    more = {"entries": table.c.entries + said.excluded.entries}
    values = [{"token": token, "entries": entries} for token, entries in rows]
    session.execute(said.on_conflict_do_update(index_elements=["token"], set_=more), values)


def _write_names(session: Session, tables: Tables, last: int) -> None:
    """Beside the clear name itself, which is kept nowhere else."""
    rows, vault = tables.versions["employee"], tables["personal_value"]
    query = select(rows.c.id, vault.c.digest, vault.c.value).join(vault, vault.c.digest == rows.c.name)
    noted = update(vault).where(vault.c.digest == bindparam("of")).values(sought=bindparam("as"))
    for some in _fresh(session, query, rows.c.id, last):
        session.connection().execute(noted, [{"of": row.digest, "as": sought_name(row.value)} for row in some])


def sought_name(value: str) -> str:
    """A name in its JSON form as it is searched for: folded, in pinyin, by initials."""
    shown = str(orjson.loads(value))
    return BREAK.join((fold(shown), *spellings(shown)))


def fill(session: Session, tables: Tables) -> None:
    """Writes the index anew for a book that has none."""
    index_fresh(session, tables, dict.fromkeys(KINDS, 0))
