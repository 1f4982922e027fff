"""A live server on a free loopback port over a small schema made for the tests."""

import asyncio
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from time import monotonic, sleep
from typing import Any

import httpx
import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dutybook.access.actor import Actor, Grant
from dutybook.errors import NotFound, Refused
from dutybook.http.engine import Engine
from dutybook.http.limits import Limits
from dutybook.http.negotiation import GRAPHQL
from dutybook.http.ports import Call, Check, Idempotency, Stored
from dutybook.http.routes import build
from tests.flow.http_schema import SCHEMA, Desk

READER = Actor("reader", (Grant("reader"),))
STRANGER = Actor("stranger", ())
TOKENS = {"Bearer reader": READER, "Bearer stranger": STRANGER}


class KeyReused(Refused):
    """The store of the tests refuses a key that came with another body."""

    code = "IDEMPOTENCY_KEY_REUSED"


@dataclass
class Memory:
    """An idempotency store that lives as long as its server."""

    kept: dict[tuple[str, str], tuple[str, Stored]] = field(default_factory=dict)

    async def look_up(self, actor: Actor, idempotency: Idempotency) -> Stored | None:
        fingerprint, stored = self.kept.get((actor.name, idempotency.key), (idempotency.fingerprint, None))
        if fingerprint != idempotency.fingerprint:
            raise KeyReused(
                f"键「{idempotency.key}」已用于另一请求。", f"Key '{idempotency.key}' stood for another body."
            )
        return stored

    async def complete(self, actor: Actor, idempotency: Idempotency, stored: Stored) -> Stored:
        return self.kept.setdefault((actor.name, idempotency.key), (idempotency.fingerprint, stored))[1]


async def authenticate(authorization: str | None, cookies: Mapping[str, str]) -> Actor | None:
    """A token, or the name of a user in a cookie."""
    return TOKENS.get(authorization or f"Bearer {cookies.get('session')}")


async def crash(_request: Request) -> Response:
    raise RuntimeError("月薪 12345.67")


async def missing(_request: Request) -> Response:
    raise NotFound("没有岗位 P9999。", "There is no position P9999.")


async def well() -> str | None:
    return None


class Server(uvicorn.Server):
    """A uvicorn server as it is in production; `desk` is what its resolvers see."""

    url = ""

    def __init__(self, limits: Limits, checks: Mapping[str, Check]) -> None:
        self.desk = Desk()
        engine = Engine(SCHEMA, self.context, limits, lambda actor: actor is READER)
        routes = [Route("/crash", crash), Route("/missing", missing)]
        app = build(engine, authenticate, Memory(), checks, routes)
        super().__init__(uvicorn.Config(app, loop="uvloop", http="httptools", access_log=False, log_level="warning"))

    async def context(self, call: Call) -> Desk:
        self.desk.calls.append(call)
        return self.desk

    def post(self, query: object, variables: object = None, timeout: float = 30, **headers: str) -> httpx.Response:
        """Ask as the reader, in the newer media type unless `accept` says otherwise."""
        sent = httpx.Headers({"Authorization": "Bearer reader", "Accept": GRAPHQL})
        sent.update({name.replace("_", "-"): value for name, value in headers.items()})
        # Certificates, which loopback has no use for, would take longer to load than an answer.
        return httpx.post(
            f"{self.url}/graphql", json=body(query, variables), headers=sent, timeout=timeout, verify=False
        )

    def get(self, path: str, **options: Any) -> httpx.Response:
        return httpx.get(self.url + path, verify=False, **options)


def body(query: object, variables: object = None) -> dict[str, object]:
    return {"query": query, "variables": variables}


@contextmanager
def serving(limits: Limits | None = None, checks: Mapping[str, Check] | None = None) -> Iterator[Server]:
    """A running server; `url` says where."""
    server = Server(limits or Limits(), checks or {"database": well})
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # A socket made by hand lacks it, and head and body of an answer then come 40 ms apart.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread = Thread(target=lambda: asyncio.run(server.serve([listener])), daemon=True)
        thread.start()
        until(lambda: server.started, seconds=10)
        try:
            yield server
        finally:
            server.should_exit = True
            thread.join()


def until(true: Callable[[], object], seconds: float) -> bool:
    """Whether it became true within so many seconds."""
    end = monotonic() + seconds
    while not true() and monotonic() < end:
        sleep(0.005)
    return bool(true())
