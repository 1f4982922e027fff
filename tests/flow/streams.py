"""Clients of streams: a socket that speaks graphql-transport-ws, and responses of server-sent events."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx
import orjson
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

PROTOCOL = "graphql-transport-ws"
EVENTS = "text/event-stream"
PATIENCE = 15
LARGEST = 1 << 22


class Socket:
    """One socket; messages go out and come in as the protocol writes them."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def say(self, type: str, **more: Any) -> None:  # noqa: A002
        self.connection.send(orjson.dumps({"type": type, **more}).decode())

    def hear(self, timeout: float = PATIENCE) -> dict[str, Any]:
        """The next message."""
        message: dict[str, Any] = orjson.loads(self.connection.recv(timeout))
        return message

    def greet(self, payload: Mapping[str, Any] | None = None) -> "Socket":
        self.say("connection_init", **({} if payload is None else {"payload": payload}))
        assert self.hear() == {"type": "connection_ack"}
        return self

    def begin(self, query: str, variables: Any = None, name: str = "1", **more: Any) -> None:
        self.say("subscribe", id=name, payload={"query": query, "variables": variables, **more})

    def told(self, timeout: float = PATIENCE) -> Any:
        """The data of the next answer, which is one without errors."""
        message = self.hear(timeout)
        assert message["type"] == "next", message
        assert "errors" not in message["payload"], message
        return message["payload"]["data"]

    def answers(self, query: str, variables: Any = None, **more: Any) -> list[Any]:
        """The data of all answers to one operation."""
        self.begin(query, variables, **more)
        found = []
        while (message := self.hear())["type"] == "next":
            assert "errors" not in message["payload"], message
            found.append(message["payload"]["data"])
        assert message == {"type": "complete", "id": "1"}, message
        return found

    def refusal(self, timeout: float = PATIENCE) -> str:
        """The code of the error that ends an operation, whatever was told before."""
        while (message := self.hear(timeout))["type"] == "next":
            pass
        assert message["type"] == "error", message
        code: str = message["payload"][0]["extensions"]["code"]
        return code

    def closed(self, timeout: float = PATIENCE) -> int:
        """The code with which the server closes."""
        try:
            while True:
                self.connection.recv(timeout)
        except ConnectionClosed:
            return self.connection.protocol.close_code or 0


@contextmanager
def opened(url: str, token: str | None = None, protocol: str | None = PROTOCOL, **headers: str) -> Iterator[Socket]:
    """A socket to `/graphql`, not greeted yet."""
    sent = {name.title(): value for name, value in headers.items()}
    if token:
        sent["Authorization"] = f"Bearer {token}"
    to = f"{url.replace('http', 'ws', 1)}/graphql"
    names: Any = [protocol] if protocol else None
    with connect(
        to, subprotocols=names, additional_headers=sent, max_size=LARGEST, proxy=None, compression=None, close_timeout=2
    ) as connection:
        yield Socket(connection)


class Events:
    """One response of server-sent events."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.iter_lines()
        self.signs = 0
        """Of life, that came between events."""

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        """Each event with its data."""
        name = ""
        for line in self._lines:
            self.signs += line == ":"
            key, _, value = line.partition(":")
            if key == "event":
                name = value.strip()
            elif key == "data":
                yield name, orjson.loads(value) if value.strip() else None

    def data(self) -> list[Any]:
        """The data of all answers; the stream has to be complete."""
        *answers, last = list(self)
        assert last == ("complete", None), last
        assert {name for name, _ in answers} <= {"next"}, answers
        return [answer["data"] for _, answer in answers]


@contextmanager
def streamed(
    url: str, query: object, headers: Mapping[str, str], method: str = "POST", timeout: float = PATIENCE
) -> Iterator[Events]:
    """The response to one operation, as a stream."""
    asked: dict[str, Any] = {"params": {"query": query}} if method == "GET" else {"json": {"query": query}}
    sent = {"Accept": EVENTS, **headers}
    with httpx.stream(method, f"{url}/graphql", headers=sent, timeout=timeout, verify=False, **asked) as response:
        yield Events(response)
