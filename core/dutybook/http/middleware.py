"""Around every request: a number, a log line, counters, security headers, and an answer to the unexpected."""

import re
from time import perf_counter
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from dutybook.http.complaints import report
from dutybook.http.metrics import Metrics
from dutybook.http.negotiation import EVENTS
from dutybook.http.problems import fault

log = structlog.stdlib.get_logger()

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
}
"""What every answer says unless its own route says otherwise; pages bring a policy of their own."""


class Frame:
    """The outermost layer of the application."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; lifespan and websockets pass untouched."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        exchange = _Exchange(scope, send)
        scope.setdefault("state", {})["request_id"] = exchange.request_id
        with bound_contextvars(request_id=exchange.request_id), self.metrics.in_flight.track_inprogress():
            await self._answer(scope, receive, exchange)
            self._record(scope, exchange)

    async def _answer(self, scope: Scope, receive: Receive, exchange: "_Exchange") -> None:
        try:
            await self.app(scope, receive, exchange.send)
        except Exception as error:
            # Not raised again: the server would print the message, which quotes values.
            report("request failed", error, exchange.request_id)
            await exchange.apologise(scope, receive)

    def _record(self, scope: Scope, exchange: "_Exchange") -> None:
        """Count and log by the route's pattern: the address itself may hold a document and its variables."""
        route, seconds = getattr(scope.get("route"), "path", "other"), perf_counter() - exchange.began
        method = scope["method"] if scope["method"] in METHODS else "other"
        self.metrics.requests.labels(route, method, exchange.status).inc()
        if not exchange.streams:
            self.metrics.seconds.labels(route).observe(seconds)
        log.info("answered", method=method, route=route, status=exchange.status, ms=round(seconds * 1000, 1))


class _Exchange:
    """One request and what became of its answer."""

    def __init__(self, scope: Scope, send: Send) -> None:
        given = Headers(scope=scope).get("x-request-id", "")
        self.request_id = given if REQUEST_ID.fullmatch(given) else uuid4().hex
        self.began = perf_counter()
        self.status = 500
        self.started = False
        self.streams = False
        """Whether it lasts as long as somebody listens, which says nothing about how long answers take."""
        self._send = send

    async def send(self, message: Message) -> None:
        """Pass a message on; the first one gets the headers."""
        if message["type"] == "http.response.start":
            self.started, self.status = True, int(message["status"])
            headers = MutableHeaders(scope=message)
            self.streams = headers.get("content-type", "").startswith(EVENTS)
            headers["X-Request-ID"] = self.request_id
            for name, value in SECURITY.items():
                headers.setdefault(name, value)
        await self._send(message)

    async def apologise(self, scope: Scope, receive: Receive) -> None:
        """A problem document, unless a part of the answer is already out."""
        if not self.started:
            await fault(self.request_id)(scope, receive, self.send)
