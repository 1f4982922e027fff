"""GraphQL over HTTP: which requests are taken, and the status and media type of each answer."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from functools import partial

import orjson
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from dutybook.access.actor import Actor
from dutybook.errors import DutybookError
from dutybook.http.ending import Ending
from dutybook.http.engine import Answer, Engine, refused
from dutybook.http.event_stream import EventStream
from dutybook.http.forms import Forms, demand_own_form, is_form
from dutybook.http.hangup import unless_hung_up
from dutybook.http.negotiation import EVENTS, GRAPHQL, answer_type, demand_json
from dutybook.http.once import idempotency_of
from dutybook.http.params import Params, from_address, from_body
from dutybook.http.performing import Performer
from dutybook.http.ports import Authenticate, Call
from dutybook.http.problems import (
    BodyTooLarge,
    CrossSite,
    HttpProblem,
    MethodRefused,
    Unauthenticated,
    language_of,
)
from dutybook.http.shared_stream import TOKEN, SharedStreams

CLIENT_CLOSED_REQUEST = 499
VARY = "Accept, Accept-Language, Authorization, Cookie"


@dataclass(frozen=True, slots=True)
class GraphQLEndpoint:
    """The ASGI application at /graphql."""

    performer: Performer
    authenticate: Authenticate
    ending: Ending
    shared: SharedStreams
    forms: Forms

    @property
    def engine(self) -> Engine:
        """What executes."""
        return self.performer.engine

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        try:
            response = await self._respond(request)
        except ClientDisconnect:
            response = Response(status_code=CLIENT_CLOSED_REQUEST)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> ASGIApp:
        """Cheap refusals first, then 401, and only then anything that the client wrote."""
        if request.method in {"PUT", "DELETE"} or (request.method == "GET" and TOKEN in request.headers):
            return self.shared.respond(request, (await self._actor(request)).name)
        media = _demand_well_formed(request)
        actor = await self._actor(request)
        language = language_of(request.headers.get("accept-language"))
        try:
            params = await self._params(request, actor)
        except HttpProblem:
            raise
        except DutybookError as error:
            return self._response(refused(error, language), media, 400)
        return await self._answer(request, params, actor, language, media)

    async def _actor(self, request: Request) -> Actor:
        actor = await _again(self.authenticate, request)
        if actor is None:
            raise Unauthenticated
        return actor

    async def _params(self, request: Request, actor: Actor) -> Params:
        depth = self.engine.limits.json_depth
        if request.method == "GET":
            return from_address(request.query_params, depth)
        if is_form(request.headers.get("content-type")):
            return await self.forms.params(request, actor)
        return from_body(await _body(request, self.engine.limits.body), depth)

    async def _answer(self, request: Request, params: Params, actor: Actor, language: str, media: str) -> ASGIApp:
        stream = self.shared.stream(request.headers[TOKEN], actor.name) if TOKEN in request.headers else None
        refusal = 400 if stream or media == GRAPHQL else 200
        try:
            params = self.engine.spelled_out(params)
            operation = await self.engine.read(params, actor, streams=bool(stream) or media == EVENTS)
            if operation.is_mutation and request.method == "GET":
                raise MethodRefused("GET", "POST")
            idempotency = idempotency_of(request.headers.get("idempotency-key"), operation, params)
        except HttpProblem:
            raise
        except DutybookError as error:
            return self._response(refused(error, language), media, refusal)
        renew = partial(_again, self.authenticate, request)
        call = Call(actor, request.state.request_id, language, idempotency, renew)
        if stream:
            return stream.begin(
                params.extensions.get("operationId"), self.performer.answers(operation, params, call, "sse")
            )
        if media == EVENTS:
            return self._stream(self.performer.answers(operation, params, call, "sse"))
        if operation.is_mutation:
            # It goes on when the client hangs up: whoever repeats it finds it done.
            stored = await self.performer.mutate(operation, params, call, partial(_status, media=media))
            return Response(stored.body, stored.status, _headers(None), media)
        answer = await unless_hung_up(request.receive, self.performer.execute(operation, params, call))
        return self._response(answer, media, _status(answer, media))

    def _stream(self, answers: AsyncGenerator[Answer, None]) -> EventStream:
        return EventStream(answers, self.ending, self.engine.limits.quiet_seconds)

    def _response(self, answer: Answer, media: str, status: int) -> ASGIApp:
        """One answer. In a stream it is an event too: browsers tell nothing of a response that is none."""
        if media == EVENTS:
            return self._stream(_only(answer))
        return Response(orjson.dumps(answer.payload), status, _headers(answer.max_age), media)


async def _again(authenticate: Authenticate, request: Request) -> Actor | None:
    return await authenticate(request.headers.get("authorization"), request.cookies)


async def _only(answer: Answer) -> AsyncGenerator[Answer, None]:
    yield answer


def _demand_well_formed(request: Request) -> str:
    """The media type of the answer, if the request line and the headers are in order."""
    if request.method not in {"GET", "POST"}:
        raise MethodRefused(request.method, "GET", "POST", "PUT", "DELETE")
    if request.method == "GET" and not {"authorization", "graphql-require-preflight"} & set(request.headers):
        raise CrossSite
    media = answer_type(request.headers.get("accept"))
    if request.method == "POST" and is_form(request.headers.get("content-type")):
        demand_own_form(request.headers)
    elif request.method == "POST":
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


def _headers(max_age: int | None) -> dict[str, str]:
    return {"Cache-Control": "no-store" if max_age is None else f"private, max-age={max_age}", "Vary": VARY}
