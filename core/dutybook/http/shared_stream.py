"""One event stream for many operations (graphql-sse, single connection): for browsers, which open few connections at once.

A stream is reserved by PUT, listened to by GET, fed by POST, and relieved of an operation by DELETE. It lives in one process.
"""

import asyncio
import secrets
from collections.abc import AsyncGenerator
from contextlib import aclosing

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from dutybook.http.ending import Ending
from dutybook.http.engine import Answer
from dutybook.http.event_stream import chunk, event, lasting, start
from dutybook.http.hangup import ended
from dutybook.http.limits import Limits
from dutybook.http.params import WrongParameter
from dutybook.http.problems import HttpProblem
from dutybook.http.refusals import TooManyRunning

TOKEN = "x-graphql-event-stream-token"  # noqa: S105  the name of a header


class NoSuchStream(HttpProblem):
    """A token that no stream was reserved under, here and for whoever asks."""

    code, status = "NOT_FOUND", 404

    def __init__(self, token: str) -> None:
        super().__init__(
            f"没有令牌「{token[:12]}…」对应的事件流：预留已过期，或由另一服务器进程持有；请改用每次订阅各自连接的方式。",
            f"There is no stream under the token '{token[:12]}…': it has expired, or another server process holds it; "
            "use a connection of its own for each subscription.",
        )


class StreamTaken(HttpProblem):
    """A second listener, or a second operation under the same id."""

    code, status = "CONFLICT", 409

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} 已在使用，请另取一个。", f"{what} is in use; take another one.")


class SharedStream:
    """The operations that tell their answers over one stream."""

    def __init__(self, owner: str, limits: Limits, ending: Ending) -> None:
        self.owner = owner
        self.is_open = False
        self._limits, self._ending = limits, ending
        self._send: asyncio.Future[Send] = asyncio.get_running_loop().create_future()
        self._running: dict[str, asyncio.Task[None]] = {}

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """The response to whoever listens; when that ends, so do all operations."""
        await start(send)
        self._send.set_result(send)
        never: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        try:
            await lasting(never, self._ending, self._limits.quiet_seconds, receive, send)
        finally:
            await ended(*self._running.values())

    def begin(self, name: object, answers: AsyncGenerator[Answer, None]) -> Response:
        """Another operation."""
        if not isinstance(name, str) or not name:
            raise WrongParameter("extensions.operationId", str, name)
        if name in self._running:
            raise StreamTaken(f"operationId '{name[:40]}'")
        if len(self._running) >= self._limits.running:
            raise TooManyRunning(self._limits.running)
        self._running[name] = asyncio.create_task(self._tell(name, answers))
        return Response(status_code=202)

    def complete(self, name: str) -> Response:
        """Enough of an operation."""
        if task := self._running.pop(name, None):
            task.cancel()
        return Response()

    def drop(self) -> None:
        """Nobody came to listen."""
        for task in self._running.values():
            task.cancel()

    async def _tell(self, name: str, answers: AsyncGenerator[Answer, None]) -> None:
        send = await asyncio.shield(self._send)
        async with aclosing(answers):
            async for answer in answers:
                await chunk(send, event("next", {"id": name, "payload": answer.payload}))
        del self._running[name]
        await chunk(send, event("complete", {"id": name}))


class SharedStreams:
    """The streams of this process by their tokens."""

    def __init__(self, limits: Limits, ending: Ending) -> None:
        self._limits, self._ending = limits, ending
        self._streams: dict[str, SharedStream] = {}

    def stream(self, token: str, owner: str) -> SharedStream:
        """The stream of a token, if it is the asker's own."""
        found = self._streams.get(token)
        if found is None or found.owner != owner:
            raise NoSuchStream(token)
        return found

    def respond(self, request: Request, owner: str) -> ASGIApp:
        """Reserves a stream, opens it, or ends an operation of it."""
        if request.method == "PUT":
            return Response(self._reserve(owner), 201, {"Cache-Control": "no-store"}, "text/plain")
        token = request.headers.get(TOKEN, "")
        stream = self.stream(token, owner)
        if request.method == "DELETE":
            return stream.complete(request.query_params.get("operationId", ""))
        if stream.is_open:
            raise StreamTaken(f"The stream '{token[:12]}…'")
        stream.is_open = True
        return self._listened_to(token, stream)

    def _reserve(self, owner: str) -> str:
        token = secrets.token_urlsafe()
        self._streams[token] = SharedStream(owner, self._limits, self._ending)
        asyncio.get_running_loop().call_later(self._limits.init_seconds, self._expire, token)
        return token

    def _expire(self, token: str) -> None:
        if token in self._streams and not self._streams[token].is_open:
            self._streams.pop(token).drop()

    def _listened_to(self, token: str, stream: SharedStream) -> ASGIApp:
        async def respond(scope: Scope, receive: Receive, send: Send) -> None:
            try:
                await stream(scope, receive, send)
            finally:
                del self._streams[token]

        return respond
