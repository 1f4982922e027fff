"""Workers that are killed while they deliver lose no event, tell none twice, and keep the order of each aggregate."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from time import monotonic, sleep

import pytest

from dutybook.services.book import Book
from dutybook.services.delivery_traces import behind
from tests.backends import Backend
from tests.faults.company import audited, empty
from tests.faults.outbox_worker import READY, tallies
from tests.faults.server_process import PATIENCE
from tests.flow.tally import happen, happened, having

pytestmark = [pytest.mark.faults, pytest.mark.timeout(7200)]

HOUSE = Path(__file__).parents[2]
EVENTS = 250
"""That happen before each kill."""

SECONDS = 5
"""Within which a worker ends when it is asked to: two, and what a busy machine adds."""

AGGREGATES = [(kind, key) for kind in ("position", "department", "duty") for key in range(1, 15)]


class WorkerProcess:
    """A worker that can be killed."""

    def __init__(self, url: str, log: Path) -> None:
        words = [sys.executable, "-m", "tests.faults.outbox_worker", url]
        with log.open("ab") as errors:
            self.process = subprocess.Popen(words, cwd=HOUSE, stdout=subprocess.PIPE, stderr=errors, encoding="utf-8")
        self.ready = False

    def wait_until_ready(self) -> None:
        if not self.ready:
            assert self.process.stdout is not None
            assert self.process.stdout.readline().strip() == READY
            self.process.stdout.close()
            self.ready = True

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def terminate(self) -> float:
        """Ask it to end, and give the seconds that it took."""
        began = monotonic()
        self.process.terminate()
        self.process.wait(PATIENCE)
        return monotonic() - began


@contextmanager
def two_workers(url: str, log: Path) -> Iterator[list[WorkerProcess]]:
    workers = [WorkerProcess(url, log) for _ in range(2)]
    try:
        for worker in workers:
            worker.wait_until_ready()
        yield workers
    finally:
        for worker in workers:
            worker.kill()
            if worker.process.stdout:
                worker.process.stdout.close()


def test_killing_workers_loses_doubles_and_reorders_nothing(
    durable: Backend, fault_rounds: int, tmp_path: Path
) -> None:
    rng, log, plugins = Random(7), tmp_path / "worker.log", tallies()
    with durable.database(empty) as url, audited(url) as auditor:
        book = having(auditor.book, *plugins)
        with two_workers(url, log) as workers:
            for number in range(fault_rounds // 4):
                victim = number % 2  # the other one goes on, and has had a round to start
                workers[victim].wait_until_ready()
                happen(book, *rng.choices(AGGREGATES, k=EVENTS))
                sleep(rng.uniform(0, 0.4))
                workers[victim].kill()
                workers[victim] = WorkerProcess(url, log)
            wait_for(book)
            for worker in workers:
                worker.wait_until_ready()
                assert worker.terminate() < SECONDS
        for plugin in plugins:
            assert plugin.told(book) == happened(book)


def wait_for(book: Book) -> None:
    """Until everything is delivered."""
    end = monotonic() + 20 * PATIENCE
    while True:
        with book.database.read() as session:
            if not any(behind(session, book, plugin) for plugin in book.plugins):
                return
        assert monotonic() < end
        sleep(0.05)
