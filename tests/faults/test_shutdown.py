"""SIGTERM ends the server gracefully: soon, and with everything answered that it took in."""

import signal
import socket
from collections import Counter
from pathlib import Path
from select import select

import pytest

from tests.backends import Backend
from tests.faults.clients import Crowd
from tests.faults.company import audited, founded
from tests.faults.server_process import served

pytestmark = pytest.mark.faults

SECONDS = 5
ENDED = {0, -signal.SIGTERM}
BEGUN = (
    b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %b\r\n"
    b"Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_busy_server_ends_soon_and_what_it_did_not_answer_can_be_repeated(
    durable: Backend, workers: int, tmp_path: Path
) -> None:
    with (
        durable.database(founded) as url,
        audited(url) as auditor,
        served(url, tmp_path / "log", workers) as server,
    ):
        crowd = Crowd(auditor.token(), server.graphql)
        with crowd.busy(20):
            seconds = server.terminate()
        assert (seconds < SECONDS, server.process.returncode in ENDED) == (True, True)
        server.start()
        crowd.settle()
        assert auditor.published() == auditor.values() == Counter(crowd.answers.keys())


def test_a_client_that_never_finishes_its_request_does_not_hold_the_server_up(durable: Backend, tmp_path: Path) -> None:
    with (
        durable.database(founded) as url,
        audited(url) as auditor,
        served(url, tmp_path / "log") as server,
        socket.create_connection(("127.0.0.1", server.port)) as idler,
    ):
        idler.sendall(BEGUN % auditor.token().encode())
        assert not select([idler], [], [], 0.5)[0], "the server is to wait for the rest of the body"
        assert server.terminate() < SECONDS
        assert server.process.returncode in ENDED
