"""Change sets that were published ahead of their day take effect on it."""

from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Row, Select, false, select, update
from sqlalchemy.orm import Session

from dutybook.db.events import append
from dutybook.db.head import head
from dutybook.lifecycle.calling import PluginFailure
from dutybook.lifecycle.events import Event
from dutybook.outbox.leases import backoff
from dutybook.services.book import Book
from dutybook.services.changesets import PUBLISHED
from dutybook.services.telling import derive

log = structlog.stdlib.get_logger()

ACTOR = "system"


class TakingEffect:
    """Appends `changeset.took_effect` and sets the flag, one transaction a set, by any worker exactly once."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._vain: dict[int, tuple[int, datetime]] = {}
        """The sets whose event a plugin could not take, how often, and when they are next tried."""

    def step(self) -> bool:
        """One set whose day has come; whether there was one."""
        with self.book.database.read() as session:
            number = session.scalar(self._next().limit(1))
        if number is None:
            return False
        try:
            with self.book.database.write() as session:
                head(session, self.book.tables, lock=True)
                table = self.book.tables["changeset"]
                query = self._next().where(table.c.id == number).add_columns(table.c.revision, table.c.effective_on)
                if row := session.execute(query.with_for_update()).one_or_none():
                    self._take(session, row)
        except PluginFailure as failure:
            self._later(number, failure)
        return True

    def _next(self) -> Select[Any]:
        table = self.book.tables["changeset"]
        come = (table.c.took_effect == false(), table.c.state == PUBLISHED)
        day = table.c.effective_on <= self.book.clock.today()
        resting = [number for number, (_, until) in self._vain.items() if until > self.book.clock.now()]
        return (
            select(table.c.id).where(*come, day, table.c.id.not_in(resting)).order_by(table.c.effective_on, table.c.id)
        )

    def _take(self, session: Session, row: Row[Any]) -> None:
        book, table = self.book, self.book.tables["changeset"]
        about = {"effective_on": row.effective_on, "changeset": row.id, "revision": row.revision}
        told = Event(0, "changeset.took_effect", "changeset", row.id, book.clock.now(), ACTOR, **about)
        derive(session, book, [append(session, book.tables, told)])
        session.execute(update(table).where(table.c.id == row.id).values(took_effect=True))

    def _later(self, number: int, failure: PluginFailure) -> None:
        """The other sets do not wait for one that a plugin cannot take."""
        attempts = self._vain[number][0] + 1 if number in self._vain else 1
        log.warning("taking effect failed", plugin=failure.plugin, changeset=number, attempts=attempts)
        self._vain[number] = (attempts, self.book.clock.now() + backoff(attempts))
