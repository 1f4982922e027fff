"""What a change set would do: published in a transaction that is rolled back."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from dutybook.db.head import head
from dutybook.services.book import Book
from dutybook.services.drafts import changeset_row
from dutybook.services.publish import Publication, make_revision
from dutybook.services.refusals import Conflicted, Objection, RefusedByRules


@dataclass(frozen=True, slots=True)
class Preview:
    """What speaks against a set, and the events that it would bring."""

    objections: tuple[Objection, ...]
    events: tuple[str, ...]


def preview(book: Book, changeset: int) -> Preview:
    """Publishes and takes it back; nothing is stored."""
    with Session(book.database.engine, autoflush=False) as session:
        try:
            changeset_row(session, book, changeset)
            before = head(session, book.tables, lock=True)
            make_revision(session, book, Publication(changeset, "preview", book.clock.now()))
            return Preview((), _events(session, book, before.sequence))
        except RefusedByRules as refusal:
            return Preview(refusal.objections, ())
        except Conflicted as refusal:
            return Preview(tuple(_as_objection(refusal)), ())
        finally:
            session.rollback()


def _events(session: Session, book: Book, after: int) -> tuple[str, ...]:
    event = book.tables["event"]
    query = select(event.c.type).where(event.c.sequence > after, event.c.aggregate != "changeset")
    return tuple(session.scalars(query.order_by(event.c.sequence)))


def _as_objection(refusal: Conflicted) -> list[Objection]:
    return [
        Objection(refusal.code, named.message, (named.conflict.kind, str(named.conflict.key), named.conflict.attribute))
        for named in refusal.conflicts
    ]
