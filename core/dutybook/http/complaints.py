"""Errors as GraphQL tells them: a message, a code, a place; the unexpected only by the number of the request."""

from collections.abc import Sequence
from typing import Any

import structlog
from graphql import GraphQLError
from strawberry.exceptions import StrawberryInputCoercionError

from dutybook.errors import DutybookError, causes
from dutybook.http.ports import Call
from dutybook.http.problems import told

log = structlog.stdlib.get_logger()


def refusal(error: DutybookError, language: str) -> dict[str, Any]:
    """An expected error that has no place in the answer."""
    extensions: dict[str, Any] = {"code": error.code}
    if error.path:
        extensions["path"] = error.path
    return {"message": told(error, language), "extensions": extensions}


def complaint(error: GraphQLError, code: str) -> dict[str, Any]:
    """An error that graphql-core worded, under a code of ours."""
    return {**error.formatted, "extensions": {"code": code}}


def complaints(errors: Sequence[GraphQLError], call: Call) -> list[dict[str, Any]]:
    """What went wrong while executing."""
    return [_complaint(error, call) for error in errors]


def _complaint(error: GraphQLError, call: Call) -> dict[str, Any]:
    original = error.original_error
    if isinstance(original, DutybookError):
        return {**error.formatted, **refusal(original, call.language)}
    if isinstance((error.extensions or {}).get("code"), str):
        return dict(error.formatted)
    if error.path is None or _is_of_arguments(original):
        # Of what happens while executing, only the coercion of variables has no place in the answer.
        return complaint(error, "BAD_USER_INPUT")
    return {**error.formatted, **unforeseen("resolver failed", original or error, call.request_id)}


def _is_of_arguments(error: Exception | None) -> bool:
    """Whether arguments could not be coerced: of all errors only those know their place in the document by themselves."""
    return isinstance(error, StrawberryInputCoercionError) or (isinstance(error, GraphQLError) and bool(error.nodes))


def unforeseen(event: str, error: BaseException, request_id: str) -> dict[str, Any]:
    """What is told of an error that nobody expected; the rest is in the log under that number."""
    report(event, error, request_id)
    return {
        "message": f"内部错误，请求编号 {request_id}。 / Internal error, request id {request_id}.",
        "extensions": {"code": "INTERNAL", "requestId": request_id},
    }


def report(event: str, error: BaseException, request_id: str) -> None:
    """Log where it happened, but no message: those quote values, and a wage is a value."""
    log.error(event, request_id=request_id, causes=causes(error))
