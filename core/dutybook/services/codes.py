"""Codes: unique in an organisation for ever; a record without one gets the next free."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from string import digits

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dutybook.book.changes import OPEN, Change
from dutybook.book.kinds import Kind
from dutybook.db.names import in_batches
from dutybook.services.book import Book

WIDTH = {"D": 3, "S": 3, "O": 2}


def next_code(session: Session, book: Book, kind: Kind, organisation: int, taken: Iterable[str] = ()) -> str:
    """The code after the highest one in the book and in `taken`."""
    return next(free_codes(session, book, kind, organisation, taken))


def free_codes(session: Session, book: Book, kind: Kind, organisation: int, taken: Iterable[str] = ()) -> Iterator[str]:
    """Free codes in order: D001, D002 …"""
    prefix = str(kind.coded)
    number = max((_number(prefix, code) for code in (*_longest(session, book, kind, organisation), *taken)), default=0)
    while True:
        number += 1
        yield f"{prefix}{number:0{WIDTH.get(prefix, 4)}d}"


def _longest(session: Session, book: Book, kind: Kind, organisation: int) -> Iterable[str]:
    """The codes that may be the highest: those that are the prefix and digits; hand-made ones count as none."""
    table = book.tables.identities[kind.name]
    numbered = func.rtrim(table.c.code, digits) == kind.coded
    ours = select(table.c.code).where(table.c.organisation == organisation, numbered)
    return session.scalars(ours.order_by(func.length(table.c.code).desc(), table.c.code.desc()).limit(100))


def _number(prefix: str, code: str) -> int:
    found = re.fullmatch(rf"{prefix}(\d{{1,9}})", code)
    return int(found[1]) if found else 0


def renumbered(session: Session, book: Book, changes: Sequence[Change]) -> list[Change]:
    """The changes with the next free code wherever somebody else has taken the one a new record was to have."""
    result = list(changes)
    for kind in (kind for kind in book.kinds if kind.coded):
        opens = [change for change in changes if change.kind == kind.name and change.verb == OPEN and change.code]
        for change in _taken(session, book, kind, opens):
            used = [str(c.code) for c in result if c.kind == kind.name and c.code]
            code = next_code(session, book, kind, change.organisation or 0, used)
            result[result.index(change)] = replace(change, code=code)
    return result


def _taken(session: Session, book: Book, kind: Kind, opens: Sequence[Change]) -> list[Change]:
    """The openings whose code belongs to another identity."""
    table = book.tables.identities[kind.name]
    columns = select(table.c.organisation, table.c.code, table.c.key)
    used = {(row[0], row[1]): row[2] for row in in_batches(session, columns, table.c.code, {c.code for c in opens})}
    return [c for c in opens if used.get((c.organisation or 0, c.code), c.key) != c.key]
