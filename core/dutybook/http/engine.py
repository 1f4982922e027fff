"""GraphQL without HTTP: from a request to the payload of its answer."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any

from graphql import (
    ExecutionResult,
    Executor,
    GraphQLSchema,
    create_source_event_stream,
    execute_subscription_event,
    map_source_to_response_event,
)

from dutybook.access.actor import Actor
from dutybook.errors import DutybookError
from dutybook.http.complaints import complaint, complaints, refusal
from dutybook.http.documents import Documents, Operation, Rule, Unreadable
from dutybook.http.limits import Limits
from dutybook.http.params import Params, demand_no_nul
from dutybook.http.persisted import Persisted
from dutybook.http.ports import Call, MakeContext, MayIntrospect
from dutybook.http.refusals import NoIntrospection, NoStreaming, OutOfTime, PageTooLong, TooCostly


@dataclass(frozen=True, slots=True)
class Answer:
    """The payload for the client; without `data` where nothing was executed."""

    payload: dict[str, Any]
    max_age: int | None = None

    @property
    def executed(self) -> bool:
        """Whether resolvers ran."""
        return "data" in self.payload

    @property
    def codes(self) -> set[str]:
        """The codes of all errors."""
        return {error["extensions"]["code"] for error in self.payload.get("errors", ())}


class Engine:
    """One schema with its documents, its limits and the context of its resolvers."""

    def __init__(
        self,
        schema: GraphQLSchema,
        make_context: MakeContext,
        limits: Limits,
        may_introspect: MayIntrospect,
        rules: Sequence[Rule] = (),
    ) -> None:
        self.limits = limits
        self._schema = schema
        self._make_context = make_context
        self._may_introspect = may_introspect
        self._documents = Documents(schema, limits, rules)
        self._persisted = Persisted()

    def spelled_out(self, params: Params) -> Params:
        """The request with its document, where it only names one."""
        return self._persisted.resolve(params)

    async def read(self, params: Params, actor: Actor, *, streams: bool = False) -> Operation:
        """The operation that is asked for, once it is found readable, permitted and affordable."""
        operation = await self._documents.operation(params.query, params.operation_name)
        if operation.is_subscription and not streams:
            raise NoStreaming
        if operation.introspects and not self._may_introspect(actor):
            raise NoIntrospection
        demand_no_nul(params)
        self._demand_affordable(operation, params.variables)
        self._persisted.keep(params)
        return operation

    def _demand_affordable(self, operation: Operation, variables: dict[str, Any]) -> None:
        page = max(operation.weight.pages(variables, self.limits.page), default=0)
        if page > self.limits.page:
            raise PageTooLong(page, self.limits.page)
        cost = operation.weight.worth(variables, self.limits.page)
        if cost > self.limits.cost:
            raise TooCostly(cost, self.limits.cost)

    async def execute(self, operation: Operation, params: Params, call: Call) -> Answer:
        """Run the resolvers, within the deadline."""
        seconds = self.limits.write_seconds if operation.is_mutation else self.limits.read_seconds
        try:
            async with asyncio.timeout(seconds):
                context = await self._make_context(call)
                result = await self._run(operation, params, context)
        except TimeoutError:
            return refused(OutOfTime(seconds), call.language)
        age = None if operation.is_mutation or result.errors else context.max_age()
        context.close()
        return Answer(_payload(result, call), age)

    async def _run(self, operation: Operation, params: Params, context: object) -> ExecutionResult:
        executor = self._executor(operation, params, context)
        if isinstance(executor, ExecutionResult):
            return executor
        found: Any = executor.execute_operation()
        result: ExecutionResult = await found if isawaitable(found) else found
        # They refer to the executor, which would wait with all that it remembers for the collector of cycles.
        del executor.async_helpers
        return result

    def _executor(self, operation: Operation, params: Params, context: object) -> Executor[Any] | ExecutionResult:
        """What executes an operation, or why nothing does."""
        made = Executor.build(
            self._schema,
            operation.document,
            context_value=context,
            raw_variable_values=params.variables,
            operation_name=operation.name,
        )
        return made if isinstance(made, Executor) else ExecutionResult(None, made)

    async def stream(self, operation: Operation, params: Params, call: Call) -> AsyncGenerator[Answer, None]:
        """The answers of a subscription: the next event is read when the answer about the last one was taken.

        The last answer is one that was not executed, where the stream did not end by itself.
        """
        try:
            async with aclosing(self._answers(operation, params, call)) as answers:
                async for answer in answers:
                    yield answer
        except TimeoutError:
            yield refused(OutOfTime(self.limits.read_seconds), call.language)
        except DutybookError as error:
            yield refused(error, call.language)

    async def _answers(self, operation: Operation, params: Params, call: Call) -> AsyncGenerator[Answer, None]:
        executor = self._executor(operation, params, await self._make_context(call))
        events = await _source(executor) if isinstance(executor, Executor) else executor
        if isinstance(events, ExecutionResult):
            yield Answer({"errors": complaints(events.errors or (), call)})
            return
        assert isinstance(executor, Executor)
        async with aclosing(map_source_to_response_event(executor, events, self._on_event)) as results:
            async for result in results:
                yield Answer(_payload(result, call))

    async def _on_event(self, executor: Executor[Any]) -> ExecutionResult:
        """What is selected of one event, within the deadline of a query."""
        async with asyncio.timeout(self.limits.read_seconds):
            result = execute_subscription_event(executor)
            return await result if isawaitable(result) else result


async def _source(executor: Executor[Any]) -> AsyncIterable[Any] | ExecutionResult:
    """The events of a subscription, or why there are none."""
    source = create_source_event_stream(executor)
    return await source if isawaitable(source) else source


def _payload(result: ExecutionResult, call: Call) -> dict[str, Any]:
    errors = complaints(result.errors or (), call)
    if result.data is None and all(error.path is None for error in result.errors or ()):
        return {"errors": errors}
    return {"errors": errors, "data": result.data} if errors else {"data": result.data}


def refused(error: DutybookError, language: str) -> Answer:
    """The answer to a request that is not executed."""
    if isinstance(error, Unreadable):
        return Answer({"errors": [complaint(each, error.code) for each in error.errors]})
    return Answer({"errors": [refusal(error, language)]})
