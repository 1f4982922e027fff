"""An event that a plugin cannot take delays no other: neither of this plugin nor of another."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event as Signal
from threading import Thread
from time import sleep

import pytest
from sqlalchemy.orm import Session

from dutybook.lifecycle.events import Event
from dutybook.services.book import Book
from dutybook.services.worker import Worker
from tests.backends import Backend
from tests.faults.company import audited, empty
from tests.flow.tally import Poison, Tally, happen, having

pytestmark = pytest.mark.faults

POISONED = ("position", 3)
OTHERS = [("position", key) for key in range(20) if key != 3]
ROUNDS = 20

MOST_SECONDS = 2.0
PATIENT = 10.0
"""Where other work goes on beside it, as in CI."""


@contextmanager
def at_work(book: Book) -> Iterator[None]:
    stop = Signal()
    worker = Thread(target=Worker(book).run, args=[stop])
    worker.start()
    try:
        yield
    finally:
        stop.set()
        worker.join()


def test_a_poisoned_aggregate_delays_no_other(durable: Backend, fault_rounds: int) -> None:
    delays: list[float] = []

    def measured(_: Session, event: Event) -> None:
        if (event.aggregate, event.key) == POISONED:
            raise Poison
        delays.append((book.clock.now() - event.recorded_at).total_seconds())

    with durable.database(empty) as url, audited(url) as auditor:
        book = having(auditor.book, Tally("ill", react=measured), Tally("well", react=measured))
        with at_work(book):
            for _ in range(ROUNDS):
                happen(book, *OTHERS, POISONED, *OTHERS)
                sleep(0.1)
            for _ in range(600):
                if len(delays) >= 2 * ROUNDS * 2 * len(OTHERS):
                    break
                sleep(0.05)
    assert len(delays) >= 2 * ROUNDS * 2 * len(OTHERS)
    assert max(delays) < (MOST_SECONDS if fault_rounds > 20 else PATIENT)
