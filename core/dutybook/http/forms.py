"""GraphQL requests that bring files: `multipart/form-data`, as the GraphQL multipart request specification has it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from anyio import to_thread
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import File, create_form_parser
from starlette.datastructures import Headers
from starlette.requests import Request

from dutybook.access.actor import PROPOSE, Actor
from dutybook.errors import BadInput
from dutybook.http.limits import Limits
from dutybook.http.params import NotOneRequest, Params, Upload, from_map, parse_json
from dutybook.http.problems import BodyTooLarge, CrossSite, TooLarge, TooSlow, UnsupportedMedia
from dutybook.services.rights import require

FORM = "multipart/form-data"
AT_ONCE = 4
"""Forms that come in at the same time, since each is held in memory; others wait their turn, unread."""

SECONDS = 300
"""For which one form may come in: a slow client keeps a place that others wait for."""

MOST_PARTS = 10


class FormTooLarge(TooLarge):
    """Files beyond the limit."""

    def __init__(self, size: int, limit: int) -> None:
        zh = f"文件有 {size:,} 字节，上限是 {limit:,}；请拆成几个文件分次上传，或由管理员调高 DUTYBOOK_FILE_LIMIT。"
        en = f"The file has {size:,} bytes, the limit is {limit:,}; send it in parts, or have DUTYBOOK_FILE_LIMIT raised."
        super().__init__(zh, en)


class NoForm(BadInput):
    """A form that does not hold one GraphQL request with its files."""

    def __init__(self, zh: str, en: str) -> None:
        way = "operations, map, 0, 1, …"
        super().__init__(f"表单有误：{zh}；各部分依次为 {way}。", f"The form is wrong: {en}; its parts are {way}.")


def is_form(content_type: str | None) -> bool:
    """Whether a body of this type is a form."""
    return (content_type or "").partition(";")[0].strip().lower() == FORM


def demand_own_form(headers: Headers) -> None:
    """Let no form in that a page of another site could have sent, and none that is compressed."""
    if not {"authorization", "graphql-require-preflight"} & set(headers):
        raise CrossSite
    if headers.get("content-encoding", "identity") != "identity":
        raise UnsupportedMedia(f"{FORM}; {headers['content-encoding']}")


@dataclass(frozen=True)
class Forms:
    """Reads forms: files up to their own limit, all else as in any other request. They are for those who may propose."""

    limits: Limits
    receiving: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    async def params(self, request: Request, actor: Actor) -> Params:
        """The request that a form brings, with the files in the places of its variables."""
        require(actor, PROPOSE)
        async with self.receiving:
            try:
                async with asyncio.timeout(SECONDS):
                    body = await self._body(request)
            except TimeoutError:
                raise TooSlow(SECONDS) from None
            return await to_thread.run_sync(self._read, body, request.headers["content-type"])

    async def _body(self, request: Request) -> bytes:
        most = self.limits.upload + self.limits.body
        announced = request.headers.get("content-length", "0")
        if announced.isdigit() and int(announced) > most:
            raise FormTooLarge(int(announced), self.limits.upload)
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > most:
                raise FormTooLarge(len(body), self.limits.upload)
        return bytes(body)

    def _read(self, body: bytes, content_type: str) -> Params:
        parts = parts_of(body, content_type)
        operations = self._json("operations", parts)
        if not isinstance(operations, dict):
            raise NotOneRequest(operations)
        places = self._json("map", parts)
        if not isinstance(places, dict):
            raise NoForm("map 应为对象", "map must be an object")
        for name, paths in places.items():
            if name not in parts:
                raise NoForm(f"没有 map 所说的部分「{name}」", f"the part '{name}' that map names is not there")
            if len(parts[name]) > self.limits.upload:
                raise FormTooLarge(len(parts[name]), self.limits.upload)
            for path in paths if isinstance(paths, list) else [paths]:
                _put(operations, path, Upload(parts[name]))
        return from_map(operations)

    def _json(self, name: str, parts: Mapping[str, bytes]) -> object:
        if name not in parts:
            raise NoForm(f"缺少部分「{name}」", f"the part '{name}' is missing")
        if len(parts[name]) > self.limits.body:
            raise BodyTooLarge(self.limits.body)
        return parse_json(name, parts[name], self.limits.json_depth)


def parts_of(body: bytes, content_type: str) -> Mapping[str, bytes]:
    """The parts of a form by their names, as they came. In memory alone: a table is full of people."""
    parts: dict[str, bytes] = {}

    def put(name: bytes | None, content: bytes) -> None:
        if len(parts) == MOST_PARTS:
            raise NoForm(f"多于 {MOST_PARTS} 个部分", f"it has more than {MOST_PARTS} parts")
        parts[(name or b"").decode("utf-8", "replace")] = content

    def put_file(file: File) -> None:
        file.file_object.seek(0)
        put(file.field_name, file.file_object.read())

    headers, config = {"Content-Type": content_type.encode("latin-1")}, {"MAX_MEMORY_FILE_SIZE": len(body) + 1}
    try:
        parser = create_form_parser(headers, lambda it: put(it.field_name, it.value or b""), put_file, config)
        parser.write(body)
        parser.finalize()
    except FormParserError as reason:
        raise NoForm(f"无法读取（{reason}）", f"it cannot be read ({reason})") from reason
    return parts


def _put(operations: dict[str, Any], path: object, upload: Upload) -> None:
    """Puts a file where the request has null for it."""
    *steps, last = str(path).split(".")
    at: Any = operations
    for step in steps:
        at = at.get(step) if isinstance(at, dict) else None
    if not (steps and steps[0] == "variables" and isinstance(at, dict) and at.get(last, upload) is None):
        zh = f"map 的「{path}」应指向 operations 中值为 null 的变量，如 variables.input.table"
        en = f"'{path}' in map must lead to a variable that is null in operations, such as variables.input.table"
        raise NoForm(zh, en)
    at[last] = upload
