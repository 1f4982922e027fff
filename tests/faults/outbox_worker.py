"""A worker as a process of its own, with plugins that take their time: `python -m tests.faults.outbox_worker URL`."""

import signal
import sys
from collections.abc import Sequence
from threading import Event as Signal
from time import sleep

from sqlalchemy.orm import Session

from dutybook.book.nouns import CORE
from dutybook.db.engine import Database
from dutybook.lifecycle.events import Event
from dutybook.services.book import Book
from dutybook.services.worker import Worker
from tests.flow.tally import Tally, having

NAMES = ("one", "two", "three")
READY = "ready"


def tallies() -> Sequence[Tally]:
    """Slow enough for a kill to find them between effect and acknowledgement."""
    return [Tally(name, react=dawdle) for name in NAMES]


def dawdle(_: Session, __: Event) -> None:
    sleep(0.001)


def main(url: str) -> None:
    stop = Signal()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    worker = Worker(having(Book(Database(url, CORE)), *tallies()))
    print(READY, flush=True)  # noqa: T201  whoever started it waits for this line
    worker.run(stop)


if __name__ == "__main__":
    main(sys.argv[1])
