"""GraphQL over HTTP: which requests are taken, and the status and media type of each answer."""

from dataclasses import dataclass
from functools import partial

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from dutybook.access.actor import Actor
from dutybook.errors import DutybookError
from dutybook.http.documents import Operation
from dutybook.http.engine import Answer, Engine, refused
from dutybook.http.hangup import unless_hung_up
from dutybook.http.metrics import Metrics
from dutybook.http.negotiation import GRAPHQL, answer_type, demand_json
from dutybook.http.once import Once, idempotency_of
from dutybook.http.params import Params, from_address, from_body
from dutybook.http.ports import Authenticate, Call, Stored
from dutybook.http.problems import (
    BodyTooLarge,
    CrossSite,
    HttpProblem,
    MethodRefused,
    Unauthenticated,
    language_of,
)

CLIENT_CLOSED_REQUEST = 499
VARY = "Accept, Accept-Language, Authorization, Cookie"
# An answer with one of these tells nothing about what would be answered next time.
PASSING = {"INTERNAL", "TIMEOUT"}


@dataclass(frozen=True, slots=True)
class GraphQLEndpoint:
    """The ASGI application at /graphql."""

    engine: Engine
    authenticate: Authenticate
    once: Once
    metrics: Metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        try:
            response = await self._respond(request)
        except ClientDisconnect:
            response = Response(status_code=CLIENT_CLOSED_REQUEST)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        """Cheap refusals first, then 401, and only then anything that the client wrote."""
        media = _demand_well_formed(request)
        actor = await self.authenticate(request.headers.get("authorization"), request.cookies)
        if actor is None:
            raise Unauthenticated
        language = language_of(request.headers.get("accept-language"))
        try:
            params = await self._params(request)
        except HttpProblem:
            raise
        except DutybookError as error:
            return _response(refused(error, language), media, 400)
        return await self._answer(request, params, actor, language, media)

    async def _params(self, request: Request) -> Params:
        depth = self.engine.limits.json_depth
        if request.method == "GET":
            return from_address(request.query_params, depth)
        return from_body(await _body(request, self.engine.limits.body), depth)

    async def _answer(self, request: Request, params: Params, actor: Actor, language: str, media: str) -> Response:
        refusal = 400 if media == GRAPHQL else 200
        try:
            operation = await self.engine.read(params, actor)
            if operation.is_mutation and request.method == "GET":
                raise MethodRefused("GET", "POST")
            idempotency = idempotency_of(request.headers.get("idempotency-key"), operation, params)
        except HttpProblem:
            raise
        except DutybookError as error:
            return _response(refused(error, language), media, refusal)
        call = Call(actor, request.state.request_id, language, idempotency)
        if operation.is_mutation:
            # It goes on when the client hangs up: whoever repeats it finds it done.
            return await self._mutation(operation, params, call, media)
        return _response(await unless_hung_up(request.receive, self._execute(operation, params, call)), media)

    async def _execute(self, operation: Operation, params: Params, call: Call) -> Answer:
        answer = await self.engine.execute(operation, params, call)
        self.metrics.operations.labels(operation.kind.value, min(answer.codes, default="OK")).inc()
        return answer

    async def _mutation(self, operation: Operation, params: Params, call: Call, media: str) -> Response:
        execute = partial(self._stored, operation, params, call, media)
        if call.idempotency is None:
            stored, _ = await execute()
        else:
            stored = await self.once.answer(call.actor, call.idempotency, execute)
        return Response(stored.body, stored.status, _headers(None), media)

    async def _stored(self, operation: Operation, params: Params, call: Call, media: str) -> tuple[Stored, bool]:
        answer = await self._execute(operation, params, call)
        final = answer.executed and answer.codes.isdisjoint(PASSING)
        return Stored(_status(answer, media), orjson.dumps(answer.payload)), final


def _demand_well_formed(request: Request) -> str:
    """The media type of the answer, if the request line and the headers are in order."""
    if request.method not in {"GET", "POST"}:
        raise MethodRefused(request.method, "GET", "POST")
    if request.method == "GET" and not {"authorization", "graphql-require-preflight"} & set(request.headers):
        raise CrossSite
    media = answer_type(request.headers.get("accept"))
    if request.method == "POST":
        demand_json(request.headers.get("content-type"), request.headers.get("content-encoding"))
    return media


async def _body(request: Request, limit: int) -> bytes:
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > limit:
        raise BodyTooLarge(limit)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise BodyTooLarge(limit)
    return bytes(body)


def _status(answer: Answer, media: str) -> int:
    """200 once resolvers ran; else the newer media type tells a refusal by its status as well."""
    if "TIMEOUT" in answer.codes and not answer.executed:
        return 503
    return 200 if answer.executed or media != GRAPHQL else 400


def _response(answer: Answer, media: str, status: int | None = None) -> Response:
    body = orjson.dumps(answer.payload)
    return Response(body, status or _status(answer, media), _headers(answer.max_age), media)


def _headers(max_age: int | None) -> dict[str, str]:
    return {"Cache-Control": "no-store" if max_age is None else f"private, max-age={max_age}", "Vary": VARY}
