"""Load from a process of its own: raw HTTP over kept connections, so that the client is not what is measured."""

import asyncio
import sys
from collections.abc import Sequence
from itertools import cycle
from time import perf_counter
from typing import Any

import orjson
import uvloop

WARM_UP = 0.3
SENT = b"POST /graphql HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\naccept: application/json\r\n"


class Connection(asyncio.Protocol):
    """Sends the next request as soon as an answer is whole; keeps when each was sent and how long it took."""

    def __init__(self, requests: "cycle[bytes]") -> None:
        self._requests = requests
        self._wanted, self._held = 0, bytearray()
        self._sent = 0.0
        self.took: list[tuple[float, float]] = []
        self.failed = 0
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = transport
        self._ask()

    def _ask(self) -> None:
        self._held.clear()
        self._wanted, self._sent = 0, perf_counter()
        self._transport.write(next(self._requests))

    def data_received(self, data: bytes) -> None:
        """Some bytes of an answer."""
        self._held += data
        if not self._wanted and (end := self._held.find(b"\r\n\r\n")) >= 0:
            self._wanted = end + 4 + _length(bytes(self._held[:end]))
            self.failed += not self._held.startswith(b"HTTP/1.1 200")
        if self._wanted and len(self._held) >= self._wanted:
            self.took.append((self._sent, perf_counter() - self._sent))
            self._ask()


def _length(head: bytes) -> int:
    return int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])


async def load(port: int, bodies: Sequence[bytes], connections: int, seconds: float) -> dict[str, float]:
    """Asks for so many seconds; requests a second, p50 and p99 in milliseconds, how many were served and failed."""
    requests = cycle([SENT + b"content-length: %d\r\n\r\n%b" % (len(body), body) for body in bodies])
    loop = asyncio.get_running_loop()
    made = [await loop.create_connection(lambda: Connection(requests), "127.0.0.1", port) for _ in range(connections)]
    began = perf_counter() + WARM_UP
    await asyncio.sleep(WARM_UP + seconds)
    until = perf_counter()
    for transport, _ in made:
        transport.abort()
    took = sorted(lasted for _, one in made for sent, lasted in one.took if began <= sent + lasted <= until)
    place = [took[int(len(took) * share)] * 1000 if took else float("nan") for share in (0.5, 0.99)]
    served, failed = sum(len(one.took) for _, one in made), sum(one.failed for _, one in made)
    return {"rate": len(took) / (until - began), "p50": place[0], "p99": place[1], "served": served, "failed": failed}


if __name__ == "__main__":
    _, port, connections, seconds = sys.argv
    bodies = [line for line in sys.stdin.buffer.read().split(b"\n") if line]
    figures = uvloop.run(load(int(port), bodies, int(connections), float(seconds)))
    sys.stdout.write(orjson.dumps(figures).decode())
