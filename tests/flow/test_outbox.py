"""Delivery after commit: every event once and in order; who fails waits alone."""

from collections.abc import Sequence
from threading import Event as Signal
from threading import Thread

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.orm import Session

from dutybook.lifecycle.events import Event
from dutybook.outbox import delivery, leases
from dutybook.outbox.delivery import Delivery
from dutybook.outbox.failures import outage
from dutybook.outbox.lanes import claim, lock
from dutybook.services.book import Book
from dutybook.services.delivery_traces import parked_of
from dutybook.services.worker import Worker
from tests.flow.tally import Tally, happen, happened, having, poisoned, statements, wait

P1, P2, P3, P5, D2 = ("position", 1), ("position", 2), ("position", 3), ("position", 5), ("department", 2)


def deliver(book: Book) -> None:
    Worker(book).drain()


def parked(book: Book, name: str = "tally") -> dict[tuple[str, int], int]:
    """The aggregates that wait, and for which event."""
    with book.database.read() as session:
        return {(it.aggregate, it.key): it.sequence for it in parked_of(session, book, book.plugins[name])}


class Died(BaseException):
    """What a killed process does not live to see."""


def die(*_: object) -> None:
    raise Died


def cursors(book: Book) -> Sequence[int]:
    lane = book.tables["lane"]
    with book.database.read() as session:
        return session.scalars(select(lane.c.cursor).order_by(lane.c.number)).all()


def test_every_event_is_told_once_and_in_the_order_of_its_aggregate(book: Book) -> None:
    tally = Tally()
    book = having(book, tally)
    for _ in range(3):
        happen(book, P1, P5, D2, P1, P2, P1)
        deliver(book)
        deliver(book)
    assert tally.told(book) == happened(book)


def test_a_plugin_enabled_later_is_told_the_history(book: Book) -> None:
    early, late = Tally("early"), Tally("late")
    happen(book, P1, P2)
    deliver(having(book, early))
    happen(book, P1)
    book = having(book, early, late)
    deliver(book)
    assert early.told(book) == late.told(book) == happened(book)


def test_a_worker_that_dies_between_effect_and_acknowledgement_leaves_neither(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    tally = Tally()
    book = having(book, tally)
    happen(book, P1, P2, P1)
    with monkeypatch.context() as patch:
        patch.setattr(delivery, "move", die)
        with pytest.raises(Died):
            deliver(book)
    assert tally.batches
    assert not tally.told(book)
    deliver(book)
    assert tally.told(book) == happened(book)


@pytest.mark.parametrize(
    ("subscribes", "wanted"), [(["position.*"], {P1, P3}), (["department.changed"], {D2}), (["*"], {P1, P3, D2})]
)
def test_a_plugin_is_told_the_types_that_it_subscribes_to(
    book: Book, subscribes: Sequence[str], wanted: set[tuple[str, int]]
) -> None:
    tally = Tally(subscribes=subscribes)
    book = having(book, tally)
    happen(book, P1, D2, P3)
    deliver(book)
    assert tally.told(book).keys() == wanted


def test_an_event_that_fails_keeps_back_its_own_aggregate_only(book: Book) -> None:
    tally, other = Tally(react=poisoned(P1)), Tally("other")
    book = having(book, tally, other)
    happen(book, *[P2, P5, P3] * 30, P1, *[P5, P1, D2] * 30)
    deliver(book)
    everything = happened(book)
    assert other.told(book) == everything
    assert tally.told(book) == {which: told for which, told in everything.items() if which != P1}
    assert parked(book) == {P1: everything[P1][0]}
    assert parked(book, "other") == {}


def test_what_was_kept_back_follows_in_order_once_the_plugin_can_take_it(book: Book) -> None:
    tally = Tally(react=poisoned(P1))
    book = having(book, tally)
    happen(book, P1, P2, P1)
    deliver(book)
    tally.react = poisoned()
    happen(book, P1)
    deliver(book)
    assert P1 not in tally.told(book), "it is tried again after a pause only"
    wait(book, seconds=1)
    deliver(book)
    assert tally.told(book) == happened(book)
    assert parked(book) == {}


def test_an_aggregate_is_tried_eight_times_ever_more_seldom(book: Book) -> None:
    tally = Tally(react=poisoned(P1))
    book = having(book, tally)
    happen(book, P1)
    deliver(book)
    waits = [1, 4, 16, 64, 256, 1024, 3600]
    for seconds in waits:
        wait(book, seconds=seconds - 0.001)
        tried = len(tally.batches)
        deliver(book)
        assert len(tally.batches) == tried
        wait(book, seconds=0.001)
        deliver(book)
        assert len(tally.batches) == tried + 1
    with book.database.read() as session:
        [left] = parked_of(session, book, book.plugins["tally"])
    assert (left.dead, left.attempts) == (True, 8)
    assert left.error == "on_events：抛出 Poison / on_events: it raised Poison"
    wait(book, days=1)
    tried = len(tally.batches)
    deliver(book)
    assert len(tally.batches) == tried


def test_a_transaction_that_a_plugin_has_spoilt_is_its_failure(book: Book) -> None:
    def twice(session: Session, event: Event) -> None:
        if (event.aggregate, event.key) == P1:
            row = session.execute(select(tally.table.c.id).limit(1)).scalar_one()
            try:
                session.execute(insert(tally.table).values(id=row))
            except IntegrityError:
                return

    tally = Tally(react=twice)
    book = having(book, tally)
    happen(book, P1, P5, P2)
    deliver(book)
    # SQLite takes back the one statement only, and a plugin may go on after it.
    kept_back = {} if book.database.is_sqlite else {P1: 1}
    assert parked(book) == kept_back
    assert tally.told(book).keys() == {P1, P5, P2} - kept_back.keys()


class Deadlock(Exception):
    """Looks like psycopg's."""

    sqlstate = "40P01"


def test_an_outage_of_the_database_is_not_held_against_the_plugin(book: Book) -> None:
    def out(_: Session, __: Event) -> None:
        raise OperationalError("UPDATE", None, Deadlock())

    tally = Tally(react=out)
    book = having(book, tally)
    happen(book, P1)
    with pytest.raises(OperationalError):
        deliver(book)
    assert parked(book) == {}
    tally.react = poisoned()
    deliver(book)
    assert tally.told(book) == happened(book)


def test_a_plugin_that_hangs_delays_nobody_else(book: Book) -> None:
    go_on = Signal()

    def hang(_: Session, event: Event) -> None:
        if (event.aggregate, event.key) == P1:
            go_on.wait(20)

    slow, other = Tally("slow", react=hang), Tally("other")
    book = having(book, slow, other)
    worker = Worker(book)
    for loop in worker.loops:
        if isinstance(step := loop.step.__self__, Delivery):  # type: ignore[attr-defined]
            step.seconds = 0.2
    happen(book, P1, P2)
    worker.drain()
    assert other.told(book) == happened(book)
    assert slow.told(book) == {}
    assert parked(book, "slow") == {P1: 1}, "nothing is held against other events while the call goes on"
    go_on.set()
    hung = book.plugins.measures.of("slow", "on_events").left
    assert hung is not None
    hung.join()
    worker.drain()
    assert slow.told(book) == {P2: [2]}


def test_two_workers_share_a_subscriber(book: Book) -> None:
    tally = Tally()
    book = having(book, tally)
    happen(book, *[("position", number % 17) for number in range(400)])
    stop = Signal()
    workers = [Thread(target=Worker(book).run, args=[stop]) for _ in range(2)]
    for worker in workers:
        worker.start()
    everything = happened(book)
    for _ in range(1_000):
        if sum(map(len, tally.told(book).values())) >= 400:
            break
        stop.wait(0.02)
    stop.set()
    for worker in workers:
        worker.join()
    assert tally.told(book) == everything


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_a_worker_that_is_cut_off_loses_its_lane(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "SLACK", 0.1)
    book = having(book, Tally())
    deliver(book)
    plugin = book.plugins["tally"]
    with Session(book.database.engine) as cut_off, book.database.write() as session:
        assert claim(cut_off, book, plugin, 1, seconds=0.1)
        assert claim(session, book, plugin, 1, seconds=5) is None
        lock(session, book.tables, "tally", 1)
        with pytest.raises(DBAPIError) as lost:
            cut_off.execute(select(1))
        assert outage(lost.value), "it is not the plugin's failure"


def test_an_idle_look_is_one_statement_and_a_batch_three_more_for_its_lane(book: Book) -> None:
    book = having(book, Tally())
    deliver(book)
    it = Delivery(book, book.plugins["tally"])
    assert len(statements(book, it.step)) == 1
    happen(book, *[P1] * 400)
    assert len(statements(book, it.step)) == 1 + 3


def test_a_lane_in_which_nothing_waits_is_written_to_only_after_many_events_of_others(book: Book) -> None:
    book = having(book, Tally(subscribes=["department.*"]))
    happen(book, *[P1] * 1_000)
    deliver(book)
    assert cursors(book) == [0] * 4
    happen(book, P1)
    deliver(book)
    assert cursors(book) == [1_001] * 4


def test_a_batch_holds_five_hundred_events_and_shrinks_where_one_fails(book: Book) -> None:
    tally = Tally(react=poisoned(P5))
    book = having(book, tally)
    happen(book, *[P1] * 600, P5, *[P1] * 3)
    deliver(book)
    assert tally.batches[:4] == [500, 104, 13, 26]
    assert tally.batches.count(1) >= 1
    assert tally.told(book).keys() == {P1}
