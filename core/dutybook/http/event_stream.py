"""Server-sent events: the answers to one operation as `next`, `next`, … `complete` (graphql-sse, distinct connections)."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

import orjson
from starlette.types import Receive, Scope, Send

from dutybook.http.ending import Ending
from dutybook.http.engine import Answer
from dutybook.http.hangup import ended, hung_up

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx would collect events until a page is full
]
ALIVE = b":\n\n"


def event(name: str, data: object = None) -> bytes:
    """One event; `data` stands also where there is none, else browsers pass over it."""
    return b"event: %b\ndata: %b\n\n" % (name.encode(), b"" if data is None else orjson.dumps(data))


@dataclass(frozen=True, slots=True)
class EventStream:
    """A response that lasts until the operation is complete, the client is gone, or the server ends."""

    answers: AsyncGenerator[Answer, None]
    ending: Ending
    quiet_seconds: float

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        await start(send)
        telling = asyncio.ensure_future(self._tell(send))
        await lasting(telling, self.ending, self.quiet_seconds, receive, send)

    async def _tell(self, send: Send) -> None:
        async with aclosing(self.answers) as answers:
            async for answer in answers:
                await chunk(send, event("next", answer.payload))
        await chunk(send, event("complete"))


async def start(send: Send) -> None:
    """The head of the response, and a first sign of life that gets it past whatever buffers on the way."""
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await chunk(send, ALIVE)


async def chunk(send: Send, text: bytes) -> None:
    """A part of the response; waits while the client does not take what was sent before."""
    await send({"type": "http.response.body", "body": text, "more_body": True})


async def lasting(
    telling: "asyncio.Future[None]", ending: Ending, quiet_seconds: float, receive: Receive, send: Send
) -> None:
    """Keeps a stream alive until it is told, the client is gone, or the server ends; then nothing of it is left.

    Where the server ends, the client misses `complete` and knows that there is more to come: it connects again.
    """
    gone = asyncio.ensure_future(hung_up(receive))
    others = [gone, asyncio.ensure_future(ending.wait()), asyncio.ensure_future(_beat(send, quiet_seconds))]
    try:
        await asyncio.wait({telling, *others}, return_when=asyncio.FIRST_COMPLETED)
        left = gone.done()
    finally:
        await ended(telling, *others)
    if not left:
        await send({"type": "http.response.body", "body": b"", "more_body": False})
    if not telling.cancelled():
        telling.result()


async def _beat(send: Send, seconds: float) -> None:
    while True:
        await asyncio.sleep(seconds)
        await chunk(send, ALIVE)
