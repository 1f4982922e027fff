"""GraphQL requests that bring files: `multipart/form-data`, as the GraphQL multipart request specification has it."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any

from anyio import to_thread
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from dutybook.access.actor import PROPOSE, Actor
from dutybook.errors import BadInput
from dutybook.http.limits import Limits
from dutybook.http.params import NotOneRequest, Params, Upload, from_map, parse_json
from dutybook.http.problems import BodyTooLarge, CrossSite, HttpProblem, UnsupportedMedia
from dutybook.services.rights import require

FORM = "multipart/form-data"
AT_ONCE = 4
"""Forms that come in at the same time, since each is held in memory; others wait their turn, unread."""

SECONDS = 300
"""For which one form may come in: a slow client keeps a place that others wait for."""

MOST_PARTS = 10


class FormTooLarge(BodyTooLarge):
    """Files beyond the limit."""

    def __init__(self, size: int, limit: int) -> None:
        super().__init__(limit)
        zh = f"文件有 {size:,} 字节，上限是 {limit:,}；请拆成几个文件分次上传，或由管理员调高 DUTYBOOK_FILE_LIMIT。"
        en = f"The file has {size:,} bytes, the limit is {limit:,}; send it in parts, or have DUTYBOOK_FILE_LIMIT raised."
        HttpProblem.__init__(self, zh, en)


class FormTooSlow(HttpProblem):
    """A form that took too long to come."""

    code, status = "TIMEOUT", 408
    headers: Mapping[str, str] = {"Connection": "close"}

    def __init__(self) -> None:
        super().__init__(f"请求在 {SECONDS} 秒内未能传完；请重试。", f"The form did not come within {SECONDS} seconds.")


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
                    parts = await self._parts(request)
            except TimeoutError:
                raise FormTooSlow from None
            return await to_thread.run_sync(self._read, parts)

    async def _parts(self, request: Request) -> Mapping[str, bytes]:
        """The parts of a form by their names."""
        parser = MultiPartParser(
            request.headers,
            self._bounded(request),
            max_files=MOST_PARTS,
            max_fields=MOST_PARTS,
            max_part_size=self.limits.body,
        )
        parser.spool_max_size = self.limits.upload + self.limits.body  # a table is full of people: nothing goes to disk
        try:
            form = await parser.parse()
        except MultiPartException as reason:
            raise NoForm("无法读取，或部分过多、过大", reason.message.rstrip(".")) from reason
        parts = {
            name: await part.read() if isinstance(part, UploadFile) else part.encode() for name, part in form.items()
        }
        await form.close()
        return parts

    async def _bounded(self, request: Request) -> AsyncGenerator[bytes, None]:
        """The body, up to the limit for files."""
        most, size = self.limits.upload + self.limits.body, 0
        announced = request.headers.get("content-length", "0")
        if announced.isdigit() and int(announced) > most:
            raise FormTooLarge(int(announced), self.limits.upload)
        async for chunk in request.stream():
            size += len(chunk)
            if size > most:
                raise FormTooLarge(size, self.limits.upload)
            yield chunk

    def _read(self, parts: Mapping[str, bytes]) -> Params:
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
