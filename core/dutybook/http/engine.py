"""GraphQL without HTTP: from a request to the payload of its answer."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any

from graphql import ExecutionResult, GraphQLSchema, execute

from dutybook.access.actor import Actor
from dutybook.errors import DutybookError
from dutybook.http.complaints import complaint, complaints, refusal
from dutybook.http.documents import Documents, Operation, Rule, Unreadable
from dutybook.http.limits import Limits
from dutybook.http.params import Params
from dutybook.http.ports import Call, MakeContext, MayIntrospect
from dutybook.http.refusals import NoIntrospection, OutOfTime, PageTooLong, TooCostly


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

    async def read(self, params: Params, actor: Actor) -> Operation:
        """The operation that is asked for, once it is found readable, permitted and affordable."""
        operation = await self._documents.operation(params.query, params.operation_name)
        if operation.introspects and not self._may_introspect(actor):
            raise NoIntrospection
        self._demand_affordable(operation, params.variables)
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
        errors = complaints(result.errors or (), call)
        if result.data is None and all(error.path is None for error in result.errors or ()):
            return Answer({"errors": errors})
        if errors:
            return Answer({"errors": errors, "data": result.data})
        return Answer({"data": result.data}, None if operation.is_mutation else context.max_age())

    async def _run(self, operation: Operation, params: Params, context: object) -> ExecutionResult:
        result = execute(
            self._schema,
            operation.document,
            context_value=context,
            variable_values=params.variables,
            operation_name=operation.name,
        )
        return await result if isawaitable(result) else result


def refused(error: DutybookError, language: str) -> Answer:
    """The answer to a request that is not executed."""
    if isinstance(error, Unreadable):
        return Answer({"errors": [complaint(each, error.code) for each in error.errors]})
    return Answer({"errors": [refusal(error, language)]})
