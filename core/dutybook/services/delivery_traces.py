"""How deliveries stand: lanes, what is parked and why, jobs, and what operators did."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from dutybook.lifecycle.plugins import Loaded
from dutybook.outbox.lanes import survey
from dutybook.outbox.selection import free, in_lane, subscribed
from dutybook.services.book import Book

LATEST = 20


@dataclass(frozen=True, slots=True)
class LaneState:
    """One lane: everything up to `cursor` is done with, or parked; `waiting` events are still to be delivered."""

    number: int
    cursor: int
    waiting: int


@dataclass(frozen=True, slots=True)
class ParkedState:
    """An aggregate whose event `sequence` could not be taken, and those behind it."""

    aggregate: str
    key: int
    sequence: int
    attempts: int
    dead: bool
    next_attempt_at: datetime
    error: str


@dataclass(frozen=True, slots=True)
class JobState:
    """A job: when it is due, when it ran well, and how often it has failed since."""

    name: str
    due_at: datetime
    ran_at: datetime | None
    attempts: int
    error: str | None


@dataclass(frozen=True, slots=True)
class DeliveryAct:
    """What an operator did."""

    act: str
    sequence: int | None
    reason: str | None
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Trace:
    """All about the deliveries to one subscriber, as of the head's sequence; its latest acts first."""

    subscriber: str
    head: int
    lanes: Sequence[LaneState]
    parked: Sequence[ParkedState]
    jobs: Sequence[JobState]
    acts: Sequence[DeliveryAct]

    @property
    def waiting(self) -> int:
        """How many events are still to be delivered, but for those of parked aggregates."""
        return sum(lane.waiting for lane in self.lanes)


def trace(session: Session, book: Book, plugin: Loaded) -> Trace:
    """How the deliveries to a plugin stand."""
    found = survey(session, book.tables, plugin, book.clock.now())
    lanes = [
        LaneState(row.number, row.cursor, _waiting(session, book, plugin, row.number, row.cursor)) for row in found
    ]
    head = found[0].head if found else 0
    return Trace(plugin.name, head, lanes, parked_of(session, book, plugin), *_rest(session, book, plugin))


def _waiting(session: Session, book: Book, plugin: Loaded, number: int, cursor: int) -> int:
    event = book.tables["event"]
    wanted = (in_lane(event, number), subscribed(book.tables, plugin), free(book.tables, plugin))
    return session.scalars(select(func.count()).where(event.c.sequence > cursor, *wanted)).one()


def parked_of(session: Session, book: Book, plugin: Loaded) -> list[ParkedState]:
    """What is parked for a plugin, the dead first."""
    parked = book.tables["parked"]
    columns = [parked.c[name] for name in ParkedState.__slots__]
    ours = select(*columns).where(parked.c.subscriber == plugin.name)
    rows = session.execute(ours.order_by(parked.c.dead.desc(), parked.c.sequence))
    return [ParkedState(*row) for row in rows]


def _rest(session: Session, book: Book, plugin: Loaded) -> tuple[list[JobState], list[DeliveryAct]]:
    job, act = book.tables["plugin_job"], book.tables["delivery_act"]
    jobs = select(*(job.c[name] for name in JobState.__slots__)).where(job.c.plugin == plugin.name)
    acts = select(*(act.c[name] for name in DeliveryAct.__slots__)).where(act.c.subscriber == plugin.name)
    done = session.execute(acts.order_by(act.c.id.desc()).limit(LATEST))
    return [JobState(*row) for row in session.execute(jobs.order_by(job.c.name))], [DeliveryAct(*row) for row in done]


def behind(session: Session, book: Book, plugin: Loaded) -> int:
    """By how many events of the log a subscriber is late: one statement, however many wait."""
    lanes = survey(session, book.tables, plugin, book.clock.now())
    return max((lane.head - lane.first + 1 for lane in lanes if lane.first is not None), default=0)
