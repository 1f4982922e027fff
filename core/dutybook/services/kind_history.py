"""The tables of a plugin's kind made again from the book's own history, after the plugin was forgotten and came back."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import orjson
from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session

from dutybook.book.changes import LINK, UNLINK, Change
from dutybook.book.kinds import Kind
from dutybook.services.book import Book
from dutybook.services.write import CHUNK, write_kind


def restore(session: Session, book: Book, kind: Kind) -> bool:
    """Writes the versions of all published changes of a kind whose tables are empty; tells whether there were any.

    Lineage is the core's and was never dropped; the rules held when each revision was published.
    """
    if session.scalar(select(book.tables.identities[kind.name].c.key).limit(1)) is not None:
        return False
    any_ = False
    for some in _published(session, book, kind):
        any_ = True
        for revision, changes in groupby(some, key=lambda it: it[0]):
            write_kind(session, book, revision, kind, [change for _, change in changes])
    return any_


def _published(session: Session, book: Book, kind: Kind) -> Iterator[Sequence[tuple[int, Change]]]:
    """The published changes of a kind in order, each with its revision, a few thousand at a time."""
    last = (0, 0)
    while rows := session.execute(_after(book, kind, last)).all():
        yield [(number, Change.parse(orjson.loads(body))) for number, _, body in rows]
        last = (rows[-1][0], rows[-1][1])


def _after(book: Book, kind: Kind, last: tuple[int, int]) -> Select[Any]:
    change, revision = book.tables["change"], book.tables["revision"]
    place = (revision.c.number, change.c.ordinal)
    query = select(*place, change.c.body).join(revision, revision.c.changeset == change.c.changeset)
    dated = query.where(change.c.kind == kind.name, change.c.verb.not_in([LINK, UNLINK]))
    return dated.where(tuple_(*place) > tuple_(*last)).order_by(*place).limit(CHUNK)
