"""The end of the log, watched by one statement for all who listen in a process."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, select

from dutybook.db.engine import Database
from dutybook.db.head import Head
from dutybook.db.reads import remembered
from dutybook.db.tables import Tables

EVERY = 0.1
"""Seconds between two looks at the head, while somebody listens."""

PAGE = 256
"""Events that are read at once."""

SHARED = 16
"""Pages that are kept for others who stand at the same place: at the end of the log, that is everybody."""


class Tail(NamedTuple):
    """The next events of the log, and the head as it was after they were read."""

    rows: Sequence[Row[Any]]
    head: Head


@remembered
def current(database: Database) -> Select[Any]:
    """The head."""
    row = database.tables["head"]
    return select(row.c.revision, row.c.sequence, row.c.hash).where(row.c.id == 1)


def following(tables: Tables, after: int) -> Select[Any]:
    """A page of the log, without what the events say: that may be personal."""
    event = tables["event"]
    told = ("sequence", "type", "aggregate", "key", "revision", "effective_on", "recorded_at")
    query = select(*(event.c[name] for name in told)).where(event.c.sequence > after)
    return query.order_by(event.c.sequence).limit(PAGE)


class Watch:
    """What one process knows of the end of the log. Sequences are gapless in commit order, so nothing arrives late."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sequence = -1
        self._listeners = 0
        self._moved = asyncio.Condition()
        self._looking: asyncio.Task[None] | None = None
        self._pages: OrderedDict[int, asyncio.Task[Tail]] = OrderedDict()

    async def head(self) -> Head:
        """The head now."""
        return Head._make((await self._database.rows(current(self._database)))[0])

    async def after(self, sequence: int) -> Tail:
        """The events behind a sequence; read once for all who ask while the log does not grow."""
        page = self._pages.get(sequence)
        if page is None or (page.done() and (page.cancelled() or page.exception())):
            page = self._pages[sequence] = asyncio.create_task(self._read(sequence))
            # Whoever asked may be gone by the time that it fails.
            page.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._pages.move_to_end(sequence)
        if len(self._pages) > SHARED:
            self._pages.popitem(last=False)
        return await asyncio.shield(page)

    async def _read(self, sequence: int) -> Tail:
        rows = await self._database.rows(following(self._database.tables, sequence))
        return Tail(rows, await self.head())

    async def grown(self, beyond: int, seconds: float) -> None:
        """Waits until the log has grown beyond a sequence, but not for longer than that."""
        self._listeners += 1
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        try:
            async with asyncio.timeout(seconds), self._moved:
                await self._moved.wait_for(lambda: self._sequence > beyond)
        except TimeoutError:
            pass
        finally:
            self._listeners -= 1

    async def _look(self) -> None:
        """As long as somebody listens; a database that is away is asked again."""
        while self._listeners:
            try:
                sequence = (await self.head()).sequence
            except Exception:
                sequence = self._sequence
            if sequence != self._sequence:
                self._pages.clear()
                async with self._moved:
                    self._sequence = sequence
                    self._moved.notify_all()
            await asyncio.sleep(EVERY)
