"""The servers under load, each a process of its own: how soon it answers, what memory and time it takes."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from time import monotonic, sleep

import orjson

from tests.postgres import free_port

PATIENCE = 30.0
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; `started` is how many seconds it took until it answered."""

    port: int
    pid: int
    started: float

    def ask(self, body: bytes) -> dict[str, object]:
        """One answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection.request("POST", "/graphql", body, {"Content-Type": "application/json", "Accept": "application/json"})
        answer: dict[str, object] = orjson.loads(connection.getresponse().read())
        connection.close()
        return answer

    def megabytes(self) -> float:
        """What it holds in memory now."""
        return memory(self.pid, "VmRSS")

    def cpu(self) -> float:
        """The processor seconds it has used."""
        spent = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(spent[11]) + int(spent[12])) / TICKS

    def load(self, bodies: Sequence[bytes], connections: int, seconds: float) -> dict[str, float]:
        """The figures of some seconds under load, with the milliseconds of processor time for one request."""
        command = [sys.executable, "-m", "tests.bench.load", str(self.port), str(connections), str(seconds)]
        before = self.cpu()
        said = subprocess.run(command, input=b"\n".join(bodies), check=True, capture_output=True).stdout
        figures: dict[str, float] = orjson.loads(said)
        return {**figures, "cpu": (self.cpu() - before) * 1000 / (figures["served"] or 1)}


def memory(pid: int | str, what: str) -> float:
    """A line of the kernel's on a process, in megabytes; the peak is that of its own program, not of who started it."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(f"{what}:"):
            return int(line.split()[1]) / 1024
    raise LookupError(what)


Command = tuple[list[str], dict[str, str]]


def ours(url: str, port: int) -> Command:
    """`dutybook serve` as it is installed, open to anonymous readers."""
    command = [sys.executable, "-m", "dutybook.cli", "serve", "--port", str(port)]
    return command, {**os.environ, "DUTYBOOK_DATABASE_URL": url, "DUTYBOOK_ANONYMOUS_ROLE": "reader"}


def reference(url: str, port: int) -> Command:
    """The program written by hand."""
    return [sys.executable, "-m", "tests.bench.reference", url, str(port)], dict(os.environ)


@contextmanager
def serving(make: Callable[[str, int], Command], url: str) -> Iterator[Server]:
    """A server until the block ends."""
    port = free_port()
    command, environment = make(url, port)
    began = monotonic()
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as child:
        try:
            yield Server(port, child.pid, _answers(child, port, began))
        finally:
            child.terminate()


def _answers(child: "subprocess.Popen[bytes]", port: int, began: float) -> float:
    """Waits for the first answer, and tells how long that was."""
    while child.poll() is None and monotonic() - began < PATIENCE:
        try:
            connection = HTTPConnection("127.0.0.1", port, timeout=1)
            connection.request("GET", "/livez")
            if connection.getresponse().status == 200:
                return monotonic() - began
        except OSError:
            sleep(0.005)
    raise TimeoutError(f"no server answers on port {port}")
