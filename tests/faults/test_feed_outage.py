"""A database that is away for a while: streams wait for it, and nobody who listens has to do anything."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from time import sleep

import pytest
from sqlalchemy import make_url

from dutybook.access.actor import OPERATOR
from dutybook.services.changesets import Proposal, apply_changes
from tests.backends import Backend
from tests.faults.company import Auditor, audited, founded
from tests.faults.server_process import served
from tests.flow.streams import opened

pytestmark = [pytest.mark.faults, pytest.mark.parametrize("durable", ["postgresql"], indirect=True)]

NEW_POST = {"openPosition": {"department": "D001", "title": "专责"}}


class Line:
    """What lies between a server and its database, and can be cut."""

    def __init__(self, host: str, port: int) -> None:
        self.to = host, port
        self.ends: list[socket.socket] = []
        self.mend(0)

    def mend(self, port: int) -> None:
        self.door = socket.create_server(("127.0.0.1", port))
        self.port = self.door.getsockname()[1]
        Thread(target=self._serve, args=[self.door], daemon=True).start()

    def cut(self) -> None:
        """Every connection breaks, and none is taken any more."""
        for end in (self.door, *self.ends):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self.ends.clear()

    def _serve(self, door: socket.socket) -> None:
        with suppress(OSError):
            while True:
                near, far = door.accept()[0], socket.create_connection(self.to)
                self.ends += near, far
                for one, other in ((near, far), (far, near)):
                    Thread(target=_pass_on, args=[one, other], daemon=True).start()


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(1 << 16):
            other.sendall(data)
    for end in (one, other):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


@contextmanager
def through_a_line(url: str) -> Iterator[tuple[Line, str]]:
    real = make_url(url)
    line = Line(real.host or "127.0.0.1", real.port or 5432)
    try:
        yield line, real.set(host="127.0.0.1", port=line.port).render_as_string(hide_password=False)
    finally:
        line.cut()


def publish(auditor: Auditor) -> None:
    with auditor.book.database.write() as session:
        apply_changes(session, auditor.book, OPERATOR, Proposal("变更"), [NEW_POST])


def test_a_stream_outlives_an_outage_of_its_database(durable: Backend, tmp_path: Path) -> None:
    with (
        durable.database(founded) as url,
        audited(url) as auditor,
        through_a_line(url) as (line, cut_url),
        served(cut_url, tmp_path / "server.log") as server,
        opened(server.graphql.removesuffix("/graphql"), auditor.token()) as stream,
    ):
        before = auditor.head().sequence
        stream.greet().begin("subscription ($a: Int!) { changes(after: $a) { sequence } }", {"a": before})
        publish(auditor)
        heard = [stream.told()["changes"]["sequence"] for _ in range(auditor.head().sequence - before)]
        line.cut()
        publish(auditor)
        sleep(5)
        line.mend(line.port)
        heard += [stream.told()["changes"]["sequence"] for _ in range(auditor.head().sequence - before - len(heard))]
        assert heard == [*range(before + 1, auditor.head().sequence + 1)]
