"""Errors outside GraphQL, as RFC 9457 problem documents."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import ClassVar

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from dutybook.errors import DutybookError, Message, Refused

PROBLEM = "application/problem+json"
STATUSES = {
    "BAD_USER_INPUT": 400,
    "FORBIDDEN": 403,
    "NOT_FOUND": 404,
    "IDEMPOTENCY_KEY_REUSED": 422,
}
"""The status of an expected error by its code; any other refusal is 409."""

ROUTER = {
    404: Message("没有这个地址", "there is nothing at this address"),
    405: Message("此处不接受这种方法", "this method is not taken here"),
}


class HttpProblem(Refused):
    """A request that HTTP itself refuses, before GraphQL or a page is asked."""

    status: ClassVar[int] = 400
    headers: Mapping[str, str] = {}


class Unauthenticated(HttpProblem):
    """Nobody known is asking."""

    code, status = "UNAUTHENTICATED", 401
    headers: Mapping[str, str] = {"WWW-Authenticate": "Bearer"}

    def __init__(self) -> None:
        super().__init__(
            "未登录，或令牌无效、已过期；请携带请求头 Authorization: Bearer <令牌>，或先登录。",
            "Nobody is signed in, or the token is unknown or expired; send Authorization: Bearer <token>, or sign in.",
        )


class CrossSite(HttpProblem):
    """A GET that any foreign page could have sent with the reader's cookies."""

    code = "PREFLIGHT_REQUIRED"

    def __init__(self) -> None:
        super().__init__(
            "GET 请求须携带 Authorization 或请求头 GraphQL-Require-Preflight: 1，也可改用 POST。"
            "在浏览器中查询请打开 /graphiql。",
            "A GET needs Authorization or the header GraphQL-Require-Preflight: 1; or use POST. "
            "To ask from a browser open /graphiql.",
        )


class MethodRefused(HttpProblem):
    """A method that this address, or this kind of operation, does not take."""

    code, status = "METHOD_NOT_ALLOWED", 405

    def __init__(self, method: str, *allowed: str) -> None:
        names = ", ".join(allowed)
        super().__init__(f"此处不接受 {method}，请改用 {names}。", f"{method} is not taken here; use {names}.")
        self.headers = {"Allow": names}


class NotAcceptable(HttpProblem):
    """The client takes none of the media types that an answer can have."""

    code, status = "NOT_ACCEPTABLE", 406

    def __init__(self, accept: str, offered: tuple[str, ...]) -> None:
        names = ", ".join(offered)
        super().__init__(
            f"请求头 Accept 为「{accept[:100]}」，而应答只有 {names}。",
            f"Accept is '{accept[:100]}'; answers are {names}.",
        )


class TooLarge(HttpProblem):
    """More bytes than may come; the connection is closed, since nobody reads the rest."""

    code, status = "BODY_TOO_LARGE", 413
    headers: Mapping[str, str] = {"Connection": "close"}


class BodyTooLarge(TooLarge):
    """More bytes than one request may bring."""

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"请求正文超过 {limit} 字节，请分成几次提交；职工表等文件请以 multipart/form-data 上传。",
            f"The body has more than {limit} bytes; send it in parts, and files such as staff tables as multipart/form-data.",
        )


class TooSlow(HttpProblem):
    """A file that took too long to come."""

    code, status = "TIMEOUT", 408
    headers: Mapping[str, str] = {"Connection": "close"}

    def __init__(self, seconds: int) -> None:
        zh = f"文件在 {seconds} 秒内未能传完；请重试，或压缩、拆分后再传。"
        super().__init__(
            zh, f"The file did not come within {seconds} seconds; try again, with a smaller one or in parts."
        )


class UnsupportedMedia(HttpProblem):
    """A body in a form that is not read."""

    code, status = "UNSUPPORTED_MEDIA_TYPE", 415

    def __init__(self, given: str) -> None:
        super().__init__(
            f"正文类型为「{given[:100]}」，须为 UTF-8 编码、未压缩的 application/json；带文件时为 multipart/form-data。",
            f"The body is '{given[:100]}'; it must be application/json in UTF-8, not compressed, or multipart/form-data with files.",
        )


def problem(
    status: int,
    code: str,
    detail: str,
    request_id: str,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """One problem document."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "requestId": request_id,
    }
    return Response(orjson.dumps(body), status, {"Cache-Control": "no-store", **(headers or {})}, PROBLEM)


def told(error: DutybookError, language: str) -> str:
    """The message for whoever asked: in the language named, in both where none is."""
    return error.message.pick(language) if language else str(error)


def problem_of(error: DutybookError, request_id: str, language: str) -> Response:
    """The problem document of an expected error."""
    if isinstance(error, HttpProblem):
        return problem(error.status, error.code, told(error, language), request_id, error.headers)
    return problem(STATUSES.get(error.code, 409), error.code, told(error, language), request_id)


def fault(request_id: str) -> Response:
    """The problem document of an error that nobody expected."""
    detail = (
        f"内部错误，报告时请附请求编号 {request_id}。 / Internal error; report it with the request id {request_id}."
    )
    return problem(500, "INTERNAL", detail, request_id)


def language_of(accept_language: str | None) -> str:
    """The first language that a client names; empty where it does not care."""
    first = (accept_language or "").split(",")[0].split(";")[0].strip()
    return "" if first == "*" else first


async def on_expected_error(request: Request, error: Exception) -> Response:
    """The answer of any route to an error that is told to the user."""
    assert isinstance(error, DutybookError)
    return problem_of(error, request.state.request_id, language_of(request.headers.get("accept-language")))


async def on_http_error(request: Request, error: Exception) -> Response:
    """The answer to what the router itself refuses."""
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    zh, en = ROUTER.get(status, Message(error.detail, error.detail))
    detail = f"{request.method} {request.url.path}：{zh} / {en}"
    return problem(status, status.name, detail, request.state.request_id, error.headers)
