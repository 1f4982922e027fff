"""One client's messages over a socket, and what is answered: the rules of `graphql-transport-ws`, to the closing code."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from typing import Any, NamedTuple

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from dutybook.access.actor import Actor
from dutybook.errors import DutybookError
from dutybook.http.complaints import unforeseen
from dutybook.http.engine import Answer, refused
from dutybook.http.hangup import ended
from dutybook.http.once import idempotency_of
from dutybook.http.params import Params, WrongParameter, from_map, parse_json
from dutybook.http.performing import Performer
from dutybook.http.ports import Authenticate, Call
from dutybook.http.problems import Unauthenticated, language_of
from dutybook.http.refusals import TooManyRunning

LONGEST_REASON = 120
"""Bytes: a closing frame holds no more."""


class Closing(NamedTuple):
    """Why a socket is closed; the words are the protocol's own, which clients look for."""

    code: int
    reason: str


class Over(Exception):
    """The client has broken the rules."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.closing = Closing(code, reason)


class Conversation:
    """One socket: first the client says who it is, then it begins and completes operations."""

    def __init__(self, performer: Performer, authenticate: Authenticate, socket: WebSocket, request_id: str) -> None:
        self.performer, self.authenticate, self.socket, self.request_id = performer, authenticate, socket, request_id
        self.limits = performer.engine.limits
        self.language = language_of(socket.headers.get("accept-language"))
        self.authorization = socket.headers.get("authorization")
        self.running: dict[str, asyncio.Task[None]] = {}
        self.leaving: set[asyncio.Task[None]] = set()

    async def held(self) -> int:
        """Until either side closes; gives the closing code. Nothing that the client asked for outlives it but mutations."""
        try:
            try:
                async with asyncio.timeout(self.limits.init_seconds):
                    await self._greeted()
            except TimeoutError:
                raise Over(4408, "Connection initialisation timeout") from None
            while True:
                await self._take(await self._message())
        except WebSocketDisconnect as gone:
            return gone.code
        except Over as over:
            await self.close(over.closing)
            return over.closing.code
        finally:
            await ended(*self.running.values(), *self.leaving)

    async def close(self, closing: Closing) -> None:
        """Says why, unless the client is gone already; nothing is said after it."""
        for task in self.running.values():
            task.cancel()
        if self.socket.client_state is self.socket.application_state is WebSocketState.CONNECTED:
            reason = closing.reason.encode()[:LONGEST_REASON].decode(errors="ignore")
            await self.socket.close(closing.code, reason)

    async def _message(self) -> dict[str, Any]:
        """The next message."""
        received = await self.socket.receive()
        if received["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(received.get("code", 1005))
        text = received.get("text")
        if text is None:
            raise Over(4400, "Messages must be text")
        if len(body := text.encode()) > self.limits.body:
            raise Over(1009, f"Message of {len(body)} bytes; at most {self.limits.body}")
        try:
            # The envelope adds a level to what a body may hold.
            message = parse_json("message", body, self.limits.json_depth + 1)
        except DutybookError as error:
            raise Over(4400, error.message.en) from None
        if not isinstance(message, dict) or not isinstance(message.get("type"), str):
            raise Over(4400, "A message is an object with a type")
        return message

    async def _greeted(self) -> None:
        """Until the client has said who it is."""
        while (message := await self._message())["type"] != "connection_init":
            if message["type"] == "subscribe":
                raise Over(4401, "Unauthorized")
            await self._take(message)
        payload = message.get("payload") or {}
        if not isinstance(payload, dict):
            raise Over(4400, "The payload of connection_init must be an object")
        said = payload.get("Authorization", payload.get("authorization"))
        if said is not None and not isinstance(said, str):
            raise Over(4400, "Authorization must be a string")
        self.authorization = said or self.authorization
        if await self._who() is None:
            raise Over(4403, "Forbidden")
        await self._send(type="connection_ack")

    async def _who(self) -> Actor | None:
        return await self.authenticate(self.authorization, self.socket.cookies)

    async def _take(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "ping":
                await self._send(type="pong")
            case "pong":
                pass
            case "subscribe":
                await self._subscribe(_name(message), message.get("payload"))
            case "complete":
                self._leave(_name(message))
            case "connection_init":
                raise Over(4429, "Too many initialisation requests")
            case unknown:
                raise Over(4400, f"Unknown message type '{unknown}'")

    async def _subscribe(self, name: str, payload: object) -> None:
        if name in self.running:
            raise Over(4409, f"Subscriber for {name} already exists")
        if not isinstance(payload, dict):
            raise Over(4400, "The payload of subscribe must be an object")
        try:
            params = from_map(payload)
        except WrongParameter as error:
            raise Over(4400, error.message.en) from None
        if len(self.running) + len(self.leaving) >= self.limits.running:
            await self._fail(name, refused(TooManyRunning(self.limits.running), self.language))
            return
        task = self.running[name] = asyncio.create_task(self._operate(name, params))
        task.add_done_callback(self.leaving.discard)

    def _leave(self, name: str) -> None:
        """The client wants no more of an operation; a mutation still comes to its end."""
        if task := self.running.pop(name, None):
            self.leaving.add(task)
            task.cancel()

    async def _operate(self, name: str, params: Params) -> None:
        """Tells the answers to one operation. Its name is free before the last message goes out."""
        with suppress(WebSocketDisconnect):
            async with aclosing(self._answers(params)) as answers:
                async for answer in answers:
                    if not answer.executed:
                        self.running.pop(name)
                        await self._fail(name, answer)
                        return
                    await self._send(type="next", id=name, payload=answer.payload)
            self.running.pop(name)
            await self._send(type="complete", id=name)

    async def _answers(self, params: Params) -> AsyncGenerator[Answer, None]:
        engine = self.performer.engine
        try:
            actor = await self._who()
            if actor is None:
                raise Unauthenticated
            params = engine.spelled_out(params)
            operation = await engine.read(params, actor, streams=True)
            key = idempotency_of(params.extensions.get("idempotencyKey"), operation, params)
        except DutybookError as error:
            yield refused(error, self.language)
            return
        except Exception as error:
            yield Answer({"errors": [unforeseen("operation failed", error, self.request_id)]})
            return
        call = Call(actor, self.request_id, self.language, key, self._who)
        async with aclosing(self.performer.answers(operation, params, call, "ws")) as answers:
            async for answer in answers:
                yield answer

    async def _fail(self, name: str, answer: Answer) -> None:
        await self._send(type="error", id=name, payload=answer.payload["errors"])

    async def _send(self, **message: object) -> None:
        """Waits while the client does not take what was sent before."""
        try:
            await self.socket.send_text(orjson.dumps(message).decode())
        except RuntimeError:
            # The server has closed the socket by itself: a frame was no frame, or it ends.
            raise WebSocketDisconnect(1006) from None


def _name(message: dict[str, Any]) -> str:
    """The name that the client gives an operation."""
    name = message.get("id")
    if not isinstance(name, str) or not name:
        raise Over(4400, f"The id of a {message['type']} must be a string")
    return name
