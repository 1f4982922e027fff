"""Executes what was read, whatever brought it: once, counted, and as often as a stream has something to tell."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass

import orjson

from dutybook.http.complaints import unforeseen
from dutybook.http.documents import Operation
from dutybook.http.engine import Answer, Engine
from dutybook.http.hangup import to_its_end
from dutybook.http.metrics import Metrics
from dutybook.http.once import Once
from dutybook.http.params import Params
from dutybook.http.ports import Call, Stored

# An answer with one of these tells nothing about what would be answered next time.
PASSING = {"INTERNAL", "TIMEOUT"}


@dataclass(frozen=True, slots=True)
class Performer:
    """The engine with the answers that it gave before."""

    engine: Engine
    once: Once
    metrics: Metrics

    async def execute(self, operation: Operation, params: Params, call: Call) -> Answer:
        """The answer to a query or a mutation."""
        answer = await self.engine.execute(operation, params, call)
        self._count(operation, answer)
        return answer

    async def mutate(self, operation: Operation, params: Params, call: Call, status: Callable[[Answer], int]) -> Stored:
        """The answer to a mutation: what went out under its key before, else that of now, with the status it has."""

        async def execute() -> tuple[Stored, bool]:
            answer = await self.execute(operation, params, call)
            final = answer.executed and answer.codes.isdisjoint(PASSING)
            return Stored(status(answer), orjson.dumps(answer.payload)), final

        if call.idempotency is None:
            return (await execute())[0]
        return await self.once.answer(call.actor, call.idempotency, execute)

    async def answers(
        self, operation: Operation, params: Params, call: Call, transport: str
    ) -> AsyncGenerator[Answer, None]:
        """Every answer to any operation; a mutation goes on when nobody waits for it any more."""
        try:
            async with aclosing(self._answers(operation, params, call, transport)) as answers:
                async for answer in answers:
                    yield answer
        except Exception as error:
            yield Answer({"errors": [unforeseen("operation failed", error, call.request_id)]})

    async def _answers(
        self, operation: Operation, params: Params, call: Call, transport: str
    ) -> AsyncGenerator[Answer, None]:
        if operation.is_mutation:
            stored = await to_its_end(self.mutate(operation, params, call, lambda _: 200))
            yield Answer(orjson.loads(stored.body))
        elif operation.is_subscription:
            async with aclosing(self._events(operation, params, call, transport)) as events:
                async for answer in events:
                    yield answer
        else:
            yield await self.execute(operation, params, call)

    async def _events(
        self, operation: Operation, params: Params, call: Call, transport: str
    ) -> AsyncGenerator[Answer, None]:
        last, sent = Answer({"data": None}), self.metrics.events.labels(transport)
        with self.metrics.streams.labels(transport).track_inprogress():
            try:
                async with aclosing(self.engine.stream(operation, params, call)) as answers:
                    async for last in answers:
                        yield last
                        sent.inc()
                        # Neither end may have to wait: all others get their turn, also to tell that the client is gone.
                        await asyncio.sleep(0)
            finally:
                self._count(operation, last)

    def _count(self, operation: Operation, answer: Answer) -> None:
        self.metrics.operations.labels(operation.kind.value, min(answer.codes, default="OK")).inc()
