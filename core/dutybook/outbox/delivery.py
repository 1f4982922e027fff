"""Delivery to one subscriber: what a plugin makes of events and the acknowledgement are one commit."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import Row
from sqlalchemy.orm import Session

from dutybook.db.head import head
from dutybook.lifecycle.calling import PluginFailure
from dutybook.lifecycle.events import Event
from dutybook.lifecycle.plugins import Loaded
from dutybook.outbox import parking
from dutybook.outbox.failures import judged, reason
from dutybook.outbox.host import Host
from dutybook.outbox.lanes import FOREIGN, Claimed, claim, insert_lanes, move, pending, survey
from dutybook.outbox.selection import LANES

log = structlog.stdlib.get_logger()

HOOK = "on_events"
LIMIT = 500
"""Events in one transaction."""

SQLITE_SECONDS = 2.0
"""On SQLite a handler keeps all other writers waiting, so it gets less time."""


class Delivery:
    """Brings one plugin its events, in every lane that no other worker holds. Sizes of batches are this worker's own."""

    def __init__(self, host: Host, plugin: Loaded) -> None:
        self.host, self.plugin = host, plugin
        self.tables = host.database.tables
        deadline = host.plugins.deadline
        self.seconds = min(deadline, SQLITE_SECONDS) if host.database.is_sqlite else deadline
        self._sizes = dict.fromkeys(range(LANES), LIMIT)

    def step(self) -> bool:
        """One transaction for each lane in which something waits; whether anything was done."""
        if self._hangs:
            return False
        with self.host.database.read() as session:
            lanes = survey(session, self.tables, self.plugin, self.now)
        if len(lanes) < LANES:
            with self.host.database.write() as session:
                insert_lanes(session, self.host, self.plugin)
            return True
        done = [self._serve(lane) for lane in lanes]
        return any(done)

    @property
    def _hangs(self) -> bool:
        """Whether a call that was given up goes on: none of the events that would be refused meanwhile is to blame."""
        return self.host.plugins.measures.of(self.plugin.name, HOOK).busy

    @property
    def now(self) -> datetime:
        """The moment."""
        return self.host.clock.now()

    def _serve(self, lane: Row[Any]) -> bool:
        retried = bool(lane.due) and not self._hangs and self._retry(lane.number)
        idle = lane.first is None and lane.head - lane.cursor <= FOREIGN
        return (not idle and not self._hangs and self._deliver(lane.number)) or retried

    def _deliver(self, number: int) -> bool:
        """The next batch of a lane."""
        claimed: Claimed | None = None
        events: list[Event] = []
        try:
            with judged(self.plugin.name, HOOK), self.host.database.write() as session:
                claimed = claim(session, self.host, self.plugin, number, self.seconds)
                if claimed is None:
                    return False
                events = pending(session, self.tables, self.plugin, claimed, self._sizes[number])
                return self._acknowledged(session, claimed, events)
        except PluginFailure as failure:
            if claimed is None or not events:
                raise
            self._refused(claimed, events, failure)
            return True

    def _acknowledged(self, session: Session, lane: Claimed, events: Sequence[Event]) -> bool:
        """Tells the plugin, and moves the lane past what it was told and what was not for it."""
        size = self._sizes[lane.number]
        cursor = events[-1].sequence if len(events) == size else lane.end
        if not events and cursor - lane.cursor <= FOREIGN:
            return False
        if events:
            self._tell(session, events)
        move(session, self.tables, self.plugin.name, lane.number, cursor)
        self._sizes[lane.number] = min(LIMIT, size * 2)
        return True

    def _tell(self, session: Session, events: Sequence[Event]) -> None:
        hooks = self.host.hooks(session)
        if {"derive", "declare_events"} <= self.plugin.hooks.keys():
            # It may lock its own rows here before it emits, which locks the head; a publication locks the head before
            # the plugin's `derive` locks the same rows.
            head(session, self.tables, lock=True)
        today = [hooks.upcast(event) for event in events]
        session.info["handled"] = frozenset(event.sequence for event in events)
        tables = self.plugin.tables
        hooks.ask(self.plugin, HOOK, session=session, writes=tables, seconds=self.seconds, events=today)

    def _refused(self, lane: Claimed, events: Sequence[Event], failure: PluginFailure) -> None:
        """Tries fewer at once, down to the one event that fails; its aggregate is then parked and the others go on."""
        about = {"lane": lane.number, "first": events[0].sequence, "events": len(events)}
        log.warning("delivery failed", plugin=self.plugin.name, **about)
        self._sizes[lane.number] = 1 if self._hangs else max(1, len(events) // 8)
        if len(events) > 1:
            return
        with self.host.database.write() as session:
            # The transaction that failed let go of the lane, and another worker may have gone on from there.
            now = claim(session, self.host, self.plugin, lane.number, self.seconds)
            if now is not None and now.cursor == lane.cursor:
                parking.park(session, self.tables, self.plugin.name, events[0], reason(failure), self.now)
                move(session, self.tables, self.plugin.name, lane.number, events[0].sequence)

    def _retry(self, number: int) -> bool:
        """One attempt at the next event of the parked aggregate that has waited longest."""
        row: Row[Any] | None = None
        try:
            with judged(self.plugin.name, HOOK), self.host.database.write() as session:
                claimed = claim(session, self.host, self.plugin, number, self.seconds)
                if claimed is None:
                    return False
                row = parking.due(session, self.tables, self.plugin, number, self.now)
                if row is None:
                    return False
                events = parking.first_two(session, self.tables, self.plugin, row, claimed.cursor)
                if events:
                    self._tell(session, events[:1])
                parking.go_on(session, self.tables, row, events[1:], self.now)
        except PluginFailure as failure:
            if row is None:
                raise
            self._refused_again(number, row, failure)
        return True

    def _refused_again(self, number: int, row: Row[Any], failure: PluginFailure) -> None:
        about = {"lane": number, "first": row.sequence, "attempts": row.attempts + 1}
        log.warning("delivery failed again", plugin=self.plugin.name, **about)
        with self.host.database.write() as session:
            if claim(session, self.host, self.plugin, number, self.seconds):
                parking.again(session, self.tables, row, reason(failure), self.now)
