"""Somebody who manages periods at a small company's book."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from dutybook.access.actor import OPERATOR, Actor
from dutybook.services.book import Book
from dutybook.services.periods import close_period, open_period, reopen_period
from dutybook.services.verdicts import NONE, Verdicts
from tests.flow.clerk import Clerk
from tests.flow.closing_plugin import Late, with_plugin

WINTER = JAN, FEB, MAR = ("2025-01", "2025-02", "2025-03")
TITLE = {"setPosition": {"position": "P0001", "title": "主任科员"}}


class Accountant:
    """Somebody who manages periods at the company's book."""

    def __init__(self, clerk: Clerk, book: Book | None = None, actor: Actor = OPERATOR) -> None:
        self.clerk, self.session, self.book, self.actor = clerk, clerk.session, book or clerk.book, actor

    def open(self, *months: str) -> "Accountant":
        for month in months:
            open_period(self.session, self.book, self.actor, month)
        return self

    def close(self, *months: str, verdicts: Verdicts = NONE) -> "Accountant":
        for month in months:
            close_period(self.session, self.book, self.actor, month, verdicts)
        return self

    def reopen(self, month: str, reason: str = "漏记") -> "Accountant":
        reopen_period(self.session, self.book, self.actor, month, reason)
        return self

    def rows(self, table: str) -> Sequence[Any]:
        it = self.book.tables[table]
        return self.session.execute(select(it).order_by(*it.primary_key)).all()

    def corrected(self, revision: int | None = None) -> list[tuple[str, str | None, int | None]]:
        """Month, kind and key of each correction."""
        rows = self.rows("period_correction")
        return [(row.month, row.kind, row.key) for row in rows if revision in {None, row.revision}]


def objecting(accountant: Accountant, late: Late) -> Accountant:
    return Accountant(accountant.clerk, with_plugin(accountant.book, late), accountant.actor)
