"""Codes: unique in an organisation for ever; a record without one gets the next free."""

import re
from collections.abc import Iterable, Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dutybook.book.kinds import Kind
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
    """The codes that may be the highest; hand-made ones among them count as none."""
    table = book.tables.identities[kind.name]
    ours = select(table.c.code).where(table.c.organisation == organisation, table.c.code.like(f"{kind.coded}%"))
    return session.scalars(ours.order_by(func.length(table.c.code).desc(), table.c.code.desc()).limit(100))


def _number(prefix: str, code: str) -> int:
    found = re.fullmatch(rf"{prefix}(\d{{1,9}})", code)
    return int(found[1]) if found else 0
