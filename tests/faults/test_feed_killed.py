"""Subscribers and servers that are killed: whoever resumes by sequence hears every event once and in order."""

import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from random import Random
from threading import Event, Thread
from time import monotonic, sleep

import pytest
from sqlalchemy import select

from dutybook.access.actor import OPERATOR
from dutybook.services.changesets import Proposal, apply_changes
from tests.backends import Backend
from tests.faults.company import Auditor, audited, founded
from tests.faults.feed_subscriber import heard
from tests.faults.server_process import PATIENCE, ServerProcess, served
from tests.flow.streams import opened, streamed

pytestmark = [pytest.mark.faults, pytest.mark.timeout(7200)]

told = logging.getLogger(__name__)
HOUSE = Path(__file__).parents[2]
A_SECOND = 20
"""Publications, where the machine has nothing else to do."""


@contextmanager
def subscriber(server: ServerProcess, token: str, log: Path, errors: Path) -> Iterator[None]:
    """A subscriber, which is killed at the end of the block."""
    words = [
        sys.executable,
        "-m",
        "tests.faults.feed_subscriber",
        server.graphql.removesuffix("/graphql"),
        token,
        str(log),
    ]
    with errors.open("ab") as file:
        process = subprocess.Popen(words, cwd=HOUSE, stdout=file, stderr=file)
    try:
        yield
        assert process.poll() is None, errors.read_text()
    finally:
        process.kill()
        process.wait()


@contextmanager
def publishing(auditor: Auditor) -> Iterator[None]:
    """A block during which so much is published every second, by a process that is no server."""
    stop, sent = Event(), Proposal("变更")

    def publish() -> None:
        due = monotonic()
        while not stop.is_set():
            with auditor.book.database.write() as session:
                said = {"setPosition": {"position": "P0001", "grade": str(monotonic())}}
                apply_changes(session, auditor.book, OPERATOR, sent, [said])
            due += 1 / A_SECOND
            sleep(max(0.0, due - monotonic()))

    thread = Thread(target=publish)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def logged(auditor: Auditor) -> list[tuple[int, str]]:
    event = auditor.book.tables["event"]
    with auditor.book.database.read() as session:
        rows = session.execute(select(event.c.sequence, event.c.type).order_by(event.c.sequence))
        return [(sequence, type_) for sequence, type_ in rows]


def caught_up(log: Path, events: list[tuple[int, str]]) -> bool:
    """Whether everything is heard in the end."""
    end = monotonic() + PATIENCE
    while len(heard(log)) < len(events) and monotonic() < end:
        sleep(0.05)
    return heard(log) == events


@pytest.mark.parametrize("workers", [1, 2])
def test_killing_subscribers_and_servers_loses_doubles_and_reorders_nothing(
    durable: Backend, workers: int, fault_rounds: int, tmp_path: Path
) -> None:
    rng, log, errors = Random(11), tmp_path / "heard", tmp_path / "subscriber.log"
    with (
        durable.database(founded) as url,
        audited(url) as auditor,
        served(url, tmp_path / "server.log", workers) as server,
    ):
        token = auditor.token()
        with publishing(auditor):
            before, began = auditor.head().revision, monotonic()
            for round_ in range(max(4, fault_rounds // 4)):
                with subscriber(server, token, log, errors):
                    sleep(rng.uniform(0.3, 1.5))
                    if round_ % 4 == 3:
                        server.kill()
                        server.start()
                        sleep(0.5)
            done = auditor.head().revision - before
            told.info("%d publications, %.1f a second", done, done / (monotonic() - began))
        with subscriber(server, token, log, errors):
            assert caught_up(log, logged(auditor))


@pytest.mark.parametrize("workers", [1, 2])
def test_a_server_that_ends_lets_go_of_its_listeners_at_once(durable: Backend, workers: int, tmp_path: Path) -> None:
    with (
        durable.database(founded) as url,
        audited(url) as auditor,
        served(url, tmp_path / "server.log", workers) as server,
        ExitStack() as stack,
    ):
        token, address = auditor.token(), server.graphql.removesuffix("/graphql")
        sockets = [stack.enter_context(opened(address, token)) for _ in range(20)]
        for socket in sockets:
            socket.greet().begin("subscription { changes(after: 0) { sequence } }")
            socket.told()
        events = stack.enter_context(
            streamed(address, "subscription { changes(after: 0) { sequence } }", signed(token))
        )
        answers = iter(events)
        assert next(answers)[0] == "next"
        assert server.terminate() < 5
        assert {socket.closed() for socket in sockets} == {1012}
        # The response ends as a response does, but does not say that it is complete: whoever listens comes back.
        assert {name for name, _ in answers} == {"next"}


def signed(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
