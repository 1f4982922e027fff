"""Events of plugins' own: declared, attributed, and one for each cause however often history is told."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from dutybook.access.actor import OPERATOR
from dutybook.db.events import read
from dutybook.db.head import head
from dutybook.errors import Message, Refused
from dutybook.lifecycle.calling import PluginFailure
from dutybook.lifecycle.events import Event, EventType
from dutybook.lifecycle.gifts import Job
from dutybook.lifecycle.manifest import PluginMeta
from dutybook.lifecycle.specs import hookimpl
from dutybook.outbox.delivery import Delivery
from dutybook.services.book import Book
from dutybook.services.deliveries import rebuild
from dutybook.services.delivery_traces import parked_of
from dutybook.services.emitting import emit
from dutybook.services.worker import Worker
from tests.flow.clerk import committed
from tests.flow.tally import Tally, happen, having


@dataclass
class Due:
    """What a bill says."""

    amount: Decimal
    until: date


DUE = Due(Decimal("12.50"), date(2026, 2, 1))
Emit = Callable[[Session, Event], object]


def billed(session: Session, event: Event) -> object:
    return emit(session, "toll.bill.issued", event.key, DUE, DUE.until, cause=event)


@dataclass
class Toll:
    """Issues a bill for each change of a position."""

    says: Emit = billed
    jobs: Sequence[Job] = ()
    name: str = "toll"

    @hookimpl
    def describe(self) -> PluginMeta:
        return PluginMeta("toll", Message("通行费", "Toll"), "1.0", subscribes=["position.*"])

    @hookimpl
    def declare_events(self) -> Sequence[EventType]:
        return [EventType("toll.bill.issued", Due, version=2)]

    @hookimpl
    def contribute_jobs(self) -> Sequence[Job]:
        return self.jobs

    @hookimpl
    def on_events(self, session: Session, events: Sequence[Event]) -> None:
        for event in events:
            self.says(session, event)

    @hookimpl
    def reset_projection(self, session: Session) -> None:
        """There is nothing to forget: what was emitted stays."""


def bills(book: Book) -> list[Event]:
    event = book.tables["event"]
    with book.database.read() as session:
        return read(session, book.tables, event.c.type == "toll.bill.issued")


def error(book: Book) -> str:
    with book.database.read() as session:
        [parked] = parked_of(session, book, book.plugins["toll"])
        return parked.error


def test_an_event_names_its_plugin_its_cause_and_its_version(book: Book) -> None:
    tally = Tally(subscribes=["toll.*"])
    book = having(book, Toll(), tally)
    happen(book, ("position", 7))
    Worker(book).drain()
    [bill] = bills(book)
    assert (bill.sequence, bill.aggregate, bill.key, bill.version, bill.cause) == (2, "toll.bill", 7, 2, 1)
    assert (bill.actor, bill.effective_on) == ("plugin:toll", DUE.until)
    assert bill.payload == {"amount": "12.50", "until": "2026-02-01"}
    assert tally.told(book) == {("toll.bill", 7): [2]}


def test_a_history_told_again_emits_nothing_twice(book: Book) -> None:
    book = having(book, Toll())
    happen(book, *[("position", 7)] * 3)
    Worker(book).drain()
    before = bills(book)
    assert [bill.cause for bill in before] == [1, 2, 3]
    with book.database.write() as session:
        rebuild(session, book, OPERATOR, "toll")
    Worker(book).drain()
    assert bills(book) == before


def test_what_a_failing_handler_emitted_is_taken_back_with_it(book: Book) -> None:
    def fail(session: Session, event: Event) -> None:
        billed(session, event)
        raise ValueError

    book = having(book, Toll(fail))
    happen(book, ("position", 7))
    Worker(book).drain()
    assert bills(book) == []
    with book.database.read() as session:
        assert head(session, book.tables).sequence == 1


def test_a_job_emits_without_a_cause(book: Book) -> None:
    def bill(session: Session) -> None:
        emit(session, "toll.bill.issued", 1, DUE)

    book = having(book, Toll(jobs=[Job("bill", bill, every=timedelta(days=1))]))
    Worker(book).drain()
    assert [(bill.key, bill.cause) for bill in bills(book)] == [(1, None)]


@pytest.mark.parametrize(
    ("says", "reason"),
    [
        (
            lambda session, event: emit(session, "toll.bill.paid", 1, DUE, cause=event),
            "declare_events names: toll.bill.issued",
        ),
        (lambda session, event: emit(session, "position.moved", 1, DUE, cause=event), "like toll.noun.verb"),
        (lambda session, event: emit(session, "toll.bill.issued", 1, {"a": 1}, cause=event), "is a dict, not a Due"),
        (lambda session, _: emit(session, "toll.bill.issued", 1, DUE), "cause=event"),
    ],
)
def test_an_event_that_cannot_be_emitted_says_why(book: Book, says: Emit, reason: str) -> None:
    book = having(book, Toll(says))
    happen(book, ("position", 7))
    Worker(book).drain()
    assert reason in error(book)
    assert bills(book) == []


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_waiting_for_a_long_publication_is_not_held_against_the_plugin(book: Book) -> None:
    book = having(book, Toll())
    Worker(book).drain()
    happen(book, ("position", 7))
    delivery = Delivery(book, book.plugins["toll"])
    delivery.seconds = 0.4
    with book.database.write() as publishing:
        head(publishing, book.tables, lock=True)
        with pytest.raises(OperationalError):
            delivery.step()
    assert delivery.step()
    assert len(bills(book)) == 1


class Eager(Toll):
    """Emits where no hook may."""

    @hookimpl
    def derive(self, session: Session) -> None:
        emit(session, "toll.bill.issued", 1, DUE)


def test_derive_leaves_emitting_to_on_events(book: Book) -> None:
    book = having(book, Eager())
    with pytest.raises(PluginFailure, match="must not emit; do so in on_events"), committed(book) as clerk:
        clerk.found()


class Newer(Toll):
    """Tells its events of old in the words of today."""

    @hookimpl
    def upcast_event(self, event: Event) -> Event | None:
        return replace(event, version=3, payload={"fen": 1250}) if event.version == 2 else None


def test_old_events_are_told_in_todays_version(book: Book) -> None:
    told: list[Event] = []
    book = having(book, Newer(), Tally(subscribes=["toll.*"], react=lambda _, event: told.append(event)))
    happen(book, ("position", 7))
    Worker(book).drain()
    assert [(event.version, event.payload) for event in told] == [(3, {"fen": 1250})]
    assert [bill.version for bill in bills(book)] == [2]


def test_nobody_but_a_hook_emits(book: Book) -> None:
    with book.database.write() as session, pytest.raises(Refused, match="only be emitted by a hook"):
        emit(session, "toll.bill.issued", 1, DUE)
