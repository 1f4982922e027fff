"""Corrections: what is found to be different in a closed month, why, and which open month takes the delta."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from dutybook.book.kinds import Field
from dutybook.book.months import month_of, parse_month
from dutybook.db import periods as reads
from dutybook.db.head import head
from dutybook.errors import Message, Refused
from dutybook.services.book import Book

SUBJECT = Field("subject", Message("事由", "Subject"), required=True)


class WrongPeriod(Refused):
    """An act does not fit the state of a month, or of its neighbours."""

    code = "WRONG_PERIOD"

    def __init__(self, month: str, zh: str, en: str) -> None:
        super().__init__(zh, en, path=["month"])
        self.month = month


@dataclass(frozen=True, slots=True)
class Correction:
    """Something that became known of `month` after it was closed, and how.

    The cause is a record of the book, or all records of a kind where `key` is None, that `revision` changed from `day`
    on; or a fact of a plugin, which `subject` names.
    """

    id: int
    month: str
    revision: int
    changeset: int | None
    kind: str | None
    key: int | None
    changes: int
    day: date | None
    plugin: str | None
    subject: str | None
    recorded_at: datetime


def note_corrections(
    session: Session, book: Book, changeset: int, revision: int, earliest: date | None, at: datetime
) -> None:
    """Records what a revision changes in closed months; one small statement where there are none from `earliest` on."""
    if earliest is not None and reads.closed_since(session, book.tables, month_of(earliest)):
        session.execute(reads.correcting(session, book.tables, changeset, revision, at))


def note_fact(
    session: Session, book: Book, plugin: str, month: str, subject: str, day: date | None = None
) -> str | None:
    """Records a plugin's own fact about a closed month; the open month that takes the delta, None until there is one."""
    row = reads.one_period(session, book.tables, parse_month(month))
    if row is None or row.state != reads.CLOSED:
        zh = f"核算期 {month} 并未关闭，无须更正；请直接计入。"
        raise WrongPeriod(month, zh, f"The period {month} is not closed; account for it there, it needs no correction.")
    carried: str | None = session.scalar(reads.first_open_after(book.tables, month))
    about = {"month": month, "revision": head(session, book.tables).revision, "changes": 1, "day": day}
    fact = {"plugin": plugin, "subject": SUBJECT.check(subject), "recorded_at": book.clock.now()}
    session.execute(insert(book.tables["period_correction"]).values(**about, **fact, carried_to=carried))
    return carried


def carried_to(session: Session, book: Book, month: str) -> Sequence[Correction]:
    """The corrections that a month takes in as deltas, in the order in which they were recorded."""
    table = book.tables["period_correction"]
    names = [table.c[name] for name in Correction.__dataclass_fields__]
    query = select(*names).where(table.c.carried_to == month, table.c.absorbed_at.is_(None))
    return [Correction(*row) for row in session.execute(query.order_by(table.c.id))]


def carry_waiting(session: Session, book: Book, month: str) -> None:
    """A month is open now: it takes what has waited for one."""
    table = book.tables["period_correction"]
    waiting = (table.c.carried_to.is_(None), table.c.absorbed_at.is_(None), table.c.month < month)
    session.execute(update(table).where(*waiting).values(carried_to=month))


def absorb(session: Session, book: Book, month: str) -> None:
    """A month is worked out anew, with all that is known now: what was carried elsewhere for it counts no more."""
    table = book.tables["period_correction"]
    pending = (table.c.month == month, table.c.absorbed_at.is_(None))
    session.execute(update(table).where(*pending).values(absorbed_at=book.clock.now()))


def month_for(session: Session, book: Book, day: date) -> str | None:
    """The month in which a fact of a day is accounted for: its own while that is open, else the next open one."""
    period = book.tables["period"]
    at_hand = (period.c.state == reads.OPEN, period.c.month >= month_of(day))
    found: str | None = session.scalar(select(func.min(period.c.month)).where(*at_hand))
    return found
