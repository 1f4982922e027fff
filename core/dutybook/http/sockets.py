"""GraphQL over WebSockets: `graphql-transport-ws`, and nothing older."""

from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from urllib.parse import urlsplit
from uuid import uuid4

import structlog
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from structlog.contextvars import bound_contextvars

from dutybook.http.complaints import report
from dutybook.http.conversation import Closing, Conversation
from dutybook.http.performing import Performer
from dutybook.http.ports import Authenticate

log = structlog.stdlib.get_logger()

PROTOCOL = "graphql-transport-ws"
NOT_ACCEPTABLE, INTERNAL = Closing(4406, "Subprotocol not acceptable"), Closing(1011, "Internal error")


@dataclass(frozen=True, slots=True)
class SocketEndpoint:
    """The ASGI application for WebSockets at /graphql."""

    performer: Performer
    authenticate: Authenticate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Talk to one client until it goes."""
        socket = WebSocket(scope, receive, send)
        if not _is_of_this_site(socket.headers):
            # Browsers send cookies along wherever the page comes from, and let any page open a socket anywhere.
            await socket.close()
            return
        request_id = uuid4().hex
        with bound_contextvars(request_id=request_id):
            began = perf_counter()
            code = await self._talk(socket, request_id)
            log.info("socket closed", code=code, ms=round((perf_counter() - began) * 1000, 1))

    async def _talk(self, socket: WebSocket, request_id: str) -> int:
        if PROTOCOL not in socket.scope["subprotocols"]:
            await socket.accept()
            await socket.close(*NOT_ACCEPTABLE)
            return NOT_ACCEPTABLE.code
        await socket.accept(PROTOCOL)
        conversation = Conversation(self.performer, self.authenticate, socket, request_id)
        try:
            return await conversation.held()
        except Exception as error:
            # Not raised again: the server would print the message, which quotes values.
            report("socket failed", error, request_id)
            await conversation.close(INTERNAL)
            return INTERNAL.code


def _is_of_this_site(headers: Mapping[str, str]) -> bool:
    """Whether no page sends this, or one from this very host."""
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc.lower() == headers.get("host", "").lower()
