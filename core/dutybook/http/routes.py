"""The whole HTTP side as one application."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from prometheus_client.registry import Collector
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Route, WebSocketRoute

from dutybook.errors import DutybookError
from dutybook.http.console import console_routes
from dutybook.http.ending import Ending
from dutybook.http.endpoint import GraphQLEndpoint
from dutybook.http.engine import Engine
from dutybook.http.forms import Forms
from dutybook.http.health import Readiness, livez
from dutybook.http.metrics import Metrics
from dutybook.http.middleware import Frame
from dutybook.http.once import Once
from dutybook.http.performing import Performer
from dutybook.http.ports import Authenticate, Check, IdempotencyStore
from dutybook.http.problems import on_expected_error, on_http_error
from dutybook.http.shared_stream import SharedStreams
from dutybook.http.sockets import SocketEndpoint


def build(
    engine: Engine,
    authenticate: Authenticate,
    store: IdempotencyStore,
    checks: Mapping[str, Check],
    routes: Sequence[BaseRoute] = (),
    lifespan: Callable[[Starlette], AbstractAsyncContextManager[None]] | None = None,
    collectors: Sequence[Collector] = (),
) -> Starlette:
    """The application: /graphql, /graphiql, /livez, /readyz, /metrics, then the `routes` of pages and plugins.

    Any route may raise a DutybookError (or starlette's HTTPException) and is answered with a problem document; what
    nobody expected is logged without its message and answered with 500 and the request id.
    """
    metrics, ending = Metrics(*collectors), Ending()
    performer, shared = Performer(engine, Once(store), metrics), SharedStreams(engine.limits, ending)

    @asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.enter_context(ending.heard())
            if lifespan:
                await stack.enter_async_context(lifespan(app))
            yield

    ours = [
        Route("/graphql", GraphQLEndpoint(performer, authenticate, ending, shared, Forms(engine.limits))),
        WebSocketRoute("/graphql", SocketEndpoint(performer, authenticate)),
        *console_routes(),
        Route("/livez", livez),
        Route("/readyz", Readiness(checks).page),
        Route("/metrics", metrics.page),
    ]
    return Starlette(
        routes=[*ours, *routes],
        middleware=[Middleware(Frame, metrics=metrics)],
        exception_handlers={DutybookError: on_expected_error, HTTPException: on_http_error},
        lifespan=life,
    )
