"""`dutybook` as processes of their own: servers that can be killed, and commands."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import httpx

from tests.postgres import free_port

DUTYBOOK = [sys.executable, "-m", "dutybook.cli"]
PATIENCE = 60


def environment(database_url: str) -> dict[str, str]:
    return {**os.environ, "DUTYBOOK_DATABASE_URL": database_url, "DUTYBOOK_LANGUAGE": "en"}


def command(database_url: str, *words: str) -> subprocess.CompletedProcess[str]:
    """A command that has run to its end."""
    done = [*DUTYBOOK, *words]
    return subprocess.run(done, check=False, env=environment(database_url), capture_output=True, encoding="utf-8")


class ServerProcess:
    """`dutybook serve` at one port: started, killed and started again."""

    def __init__(self, database_url: str, log: Path, workers: int = 1) -> None:
        self.port = free_port()
        self.log = log
        self._words = [*DUTYBOOK, "serve", "--port", str(self.port), "--workers", str(workers)]
        self._environment = environment(database_url)

    @property
    def graphql(self) -> str:
        return f"http://127.0.0.1:{self.port}/graphql"

    def start(self) -> None:
        """Start, and wait until it is ready."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self._words, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )
        end = monotonic() + PATIENCE
        while not self._ready():
            assert self.process.poll() is None, self.log.read_text()
            assert monotonic() < end, self.log.read_text()
            sleep(0.02)

    def _ready(self) -> bool:
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/readyz", verify=False, trust_env=False).is_success
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        """Kill the server and all its workers at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def terminate(self) -> float:
        """Ask it to end, and give the seconds that it took."""
        began = monotonic()
        self.process.terminate()
        self.process.wait(PATIENCE)
        return monotonic() - began


@contextmanager
def served(database_url: str, log: Path, workers: int = 1) -> Iterator[ServerProcess]:
    """A running server, which does not outlive the block."""
    server = ServerProcess(database_url, log, workers)
    server.start()
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.kill()
