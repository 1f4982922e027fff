"""What a change set would do: published in a transaction that is rolled back."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from dutybook.lifecycle.calling import PluginFailure
from dutybook.lifecycle.objections import Objection
from dutybook.lifecycle.views import Impact
from dutybook.services.book import Book
from dutybook.services.drafts import changeset_row
from dutybook.services.publish import Publication, make_revision
from dutybook.services.refusals import Conflicted, RefusedByRules, WrongState
from dutybook.services.telling import view_of

UNDECIDED = ("DRAFT", "SUBMITTED", "APPROVED")


@dataclass(frozen=True, slots=True)
class Preview:
    """What speaks against a set, what becomes of the plugins' metrics, and the events that it would bring."""

    objections: tuple[Objection, ...] = ()
    impacts: tuple[tuple[str, Impact], ...] = ()
    events: tuple[str, ...] = ()


def preview(book: Book, changeset: int) -> Preview:
    """Publishes and takes it back, asking every plugin; nothing is stored."""
    with Session(book.database.engine, autoflush=False) as session:
        try:
            return tried(session, book, changeset)
        finally:
            session.rollback()


def tried(session: Session, book: Book, changeset: int) -> Preview:
    """Publishes in a transaction that the caller takes back, whatever it has done besides."""
    found: list[Objection] = []
    try:
        row = changeset_row(session, book, changeset)
        if row.state not in UNDECIDED:
            raise WrongState(changeset, row.state, UNDECIDED)
        publication = Publication(changeset, "preview", book.clock.now())
        made = make_revision(session, book, publication, found.extend, dry_run=True)
        impacts, failed = book.hooks(session).impacts(session, view_of(row, made.head.revision))
        return Preview((*found, *failed), tuple(impacts), _events(session, book, made.before.sequence))
    except RefusedByRules as refusal:
        return Preview(refusal.objections)
    except Conflicted as refusal:
        return Preview(tuple(_as_objection(refusal)))
    except PluginFailure as failure:
        return Preview((*found, failure.objection))


def _events(session: Session, book: Book, after: int) -> tuple[str, ...]:
    event = book.tables["event"]
    query = select(event.c.type).where(event.c.sequence > after, event.c.aggregate != "changeset")
    return tuple(session.scalars(query.order_by(event.c.sequence)))


def _as_objection(refusal: Conflicted) -> list[Objection]:
    return [
        Objection(refusal.code, named.message, (named.conflict.kind, str(named.conflict.key), named.conflict.attribute))
        for named in refusal.conflicts
    ]
