"""Periods as plugins know them: the functions of `dutybook.api`, which find the book by the session of the hook."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from dutybook.access.actor import OPERATOR
from dutybook.db.periods import OPEN, months
from dutybook.lifecycle.guard import current, lifted
from dutybook.services import corrections, periods
from dutybook.services.corrections import Correction
from dutybook.services.plugin_data import book_of

WRITING = {"derive", "on_events"}
"""Hooks that write, even of a plugin that has no tables of its own."""


def closed_months(session: Session) -> Sequence[str]:
    """The closed months, oldest first, each written like 2026-03."""
    return periods.closed_months(session, book_of(session))


def period_known_at(session: Session, month: str) -> int:
    """The revision at which the figures of a closed month are read for good; Refused while it is not closed."""
    return periods.known_at(session, book_of(session), month)


def open_month_for(session: Session, day: date) -> str | None:
    """The month in which a fact of a day is accounted for: its own while that is open, else the next open one.

    None until there is one: the month is still to be opened.
    """
    return corrections.month_for(session, book_of(session), day)


def corrections_carried_to(session: Session, month: str) -> Sequence[Correction]:
    """What became known of closed months after their closing, and is to be a delta in this one."""
    return corrections.carried_to(session, book_of(session), month)


def open_demo_month(session: Session, month: str) -> bool:
    """Opens a month for the demo where it never was; tells whether it is open. Only `contribute_demo` may."""
    call = current()
    if call is not None and call.hook != "contribute_demo":
        call.forbid("不得开启核算期。", "must not open periods.")
    book = book_of(session)
    with lifted():
        if month not in months(session, book.tables):
            periods.open_period(session, book, OPERATOR, month)
        return bool(months(session, book.tables)[month].state == OPEN)


def note_correction(session: Session, month: str, plugin: str, subject: str, day: date | None = None) -> str | None:
    """Records a fact of your own about a closed month; gives the open month that takes its delta, None until there is one.

    For `derive`, `on_events`, jobs and mutations: a check or a preview only reads.
    """
    call = current()
    if call is not None and call.writes == frozenset() and call.hook not in WRITING:
        call.forbid("只能读取，不能记录更正。", "only reads; it cannot note a correction.")
    with lifted():
        return corrections.note_fact(session, book_of(session), plugin, month, subject, day)
