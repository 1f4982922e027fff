"""Files over HTTP: taken in at /files, given out at /files/<digest> to those who may see a document that names them."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from hashlib import sha256
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast
from urllib.parse import quote

import orjson
from anyio import to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from dutybook.access.actor import PROPOSE, Actor
from dutybook.db.files import File, part
from dutybook.errors import BadInput
from dutybook.http.endpoint import CLIENT_CLOSED_REQUEST
from dutybook.http.ports import Authenticate
from dutybook.http.problems import CrossSite, HttpProblem, TooLarge, TooSlow, Unauthenticated
from dutybook.services.book import Book
from dutybook.services.file_forms import SUFFIXES, media_type_of
from dutybook.services.files import NoFile, Shown, keep_file, shown_file
from dutybook.services.rights import require

IN_MEMORY = 256 << 10
"""Bytes of a file on its way that are kept in memory; the rest goes to the disk."""

RECEIVED_AT_ONCE, STORED_AT_ONCE = 8, 2
"""How many files come in, and go into the database, at the same time; others wait their turn, unread."""

SECONDS = 300
"""For which one file may come in: a slow client keeps a place that others wait for."""

DIGEST = re.compile(r"[0-9a-f]{64}")
KEPT = {
    "Cache-Control": "private, max-age=31536000, immutable",
    "Vary": "Authorization, Cookie",
    "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "Accept-Ranges": "none",
}


class FileTooLarge(TooLarge):
    """A file beyond the limit."""

    def __init__(self, limit: int) -> None:
        zh = f"文件超过 {limit} 字节；请压缩扫描件或分成几个文件，也可由管理员调高 DUTYBOOK_FILE_LIMIT。"
        en = f"The file has more than {limit} bytes; scan it smaller or in parts, or have DUTYBOOK_FILE_LIMIT raised."
        super().__init__(zh, en)


class UnsupportedFile(HttpProblem):
    """Bytes of no form that is taken."""

    code, status = "UNSUPPORTED_MEDIA_TYPE", 415

    def __init__(self, zh: str, en: str) -> None:
        known = ", ".join(sorted({ending[0][1:].upper() for ending in SUFFIXES.values()}))
        super().__init__(f"{zh}；可上传 {known}。", f"{en}; {known} are taken.")


@dataclass
class Receipt:
    """A file as it comes in."""

    spool: BinaryIO
    size: int = 0
    seen: Any = field(default_factory=sha256)

    def take(self, chunk: bytes) -> None:
        """Adds some bytes."""
        self.size += len(chunk)
        self.seen.update(chunk)
        self.spool.write(chunk)

    def file(self) -> File:
        """What came; UnsupportedFile where it is nothing that is taken, BadInput where it is nothing at all."""
        if not self.size:
            raise BadInput("文件是空的；请求正文应为文件内容。", "The file is empty; its bytes are to be the body.")
        media_type = media_type_of(self.spool, self.size)
        if media_type is None:
            raise UnsupportedFile("文件内容不属于任何可上传的格式", "The bytes are of no form that is taken")
        return File(self.seen.hexdigest(), self.size, media_type)


@dataclass(frozen=True)
class Files:
    """The pages of files."""

    book: Book
    authenticate: Authenticate
    limit: int
    receiving: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(RECEIVED_AT_ONCE))
    storing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(STORED_AT_ONCE))

    async def upload(self, request: Request) -> Response:
        """Takes in one file, the body of the request; 201 where it is new, 200 where it was there."""
        actor = await self._actor(request)
        if not {"authorization", "graphql-require-preflight"} & set(request.headers):
            raise CrossSite
        require(actor, PROPOSE)
        self._demand_bare_bytes(request)
        try:
            async with self.receiving:
                return await self._taken_in(request, actor)
        except ClientDisconnect:
            return Response(status_code=CLIENT_CLOSED_REQUEST)

    async def _taken_in(self, request: Request, actor: Actor) -> Response:
        with SpooledTemporaryFile(max_size=IN_MEMORY) as spool:
            receipt = Receipt(cast(BinaryIO, spool))
            try:
                async with asyncio.timeout(SECONDS):
                    await self._receive(request, receipt)
            except TimeoutError:
                raise TooSlow(SECONDS) from None
            async with self.storing:
                file, is_new = await to_thread.run_sync(self._keep, actor, receipt)
        told = {"digest": file.digest, "size": file.size, "mediaType": file.media_type}
        headers = {"Location": f"/files/{file.digest}", "Cache-Control": "no-store"}
        return Response(orjson.dumps(told), 201 if is_new else 200, headers, "application/json")

    def _demand_bare_bytes(self, request: Request) -> None:
        headers = request.headers
        announced = headers.get("content-length", "0")
        if announced.isdigit() and int(announced) > self.limit:
            raise FileTooLarge(self.limit)
        if headers.get("content-type", "").startswith(("multipart/", "application/x-www-form-urlencoded")):
            raise UnsupportedFile(
                "请求正文应为文件内容本身，而不是表单", "The body must be the file itself, not a form"
            )
        if headers.get("content-encoding", "identity") != "identity":
            raise UnsupportedFile("请求正文不得压缩（Content-Encoding）", "The body must come without Content-Encoding")

    async def _receive(self, request: Request, receipt: Receipt) -> None:
        async for chunk in request.stream():
            if receipt.size + len(chunk) > self.limit:
                raise FileTooLarge(self.limit)
            await to_thread.run_sync(receipt.take, chunk)

    def _keep(self, actor: Actor, receipt: Receipt) -> tuple[File, bool]:
        file = receipt.file()
        with self.book.database.write() as session:
            return file, keep_file(session, self.book, actor, file, receipt.spool)

    async def download(self, request: Request) -> Response:
        """Gives out one file, to be kept and never to be shown within a page."""
        actor, digest = await self._actor(request), str(request.path_params["digest"])
        if not DIGEST.fullmatch(digest):
            raise NoFile(digest)
        shown = await to_thread.run_sync(self._shown, actor, digest)
        tag = f'"{digest}"'
        headers = {**KEPT, "ETag": tag}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        headers |= {"Content-Length": str(shown.file.size), "Content-Disposition": _disposition(shown)}
        if request.method == "HEAD":
            return Response(None, 200, headers, shown.file.media_type)
        return StreamingResponse(self._parts(digest), 200, headers, shown.file.media_type)

    def _shown(self, actor: Actor, digest: str) -> Shown:
        with self.book.database.read() as session:
            return shown_file(session, self.book, actor, digest)

    async def _parts(self, digest: str) -> AsyncIterator[bytes]:
        ordinal, database = 0, self.book.database
        while rows := await database.rows(part(database.tables, digest, ordinal)):
            yield bytes(rows[0].content)
            ordinal += 1

    async def _actor(self, request: Request) -> Actor:
        actor = await self.authenticate(request.headers.get("authorization"), request.cookies)
        if actor is None:
            raise Unauthenticated
        return actor


def _disposition(shown: Shown) -> str:
    """As RFC 6266 has it: the digest for programs that know ASCII alone, the name for all others."""
    plain = f"{shown.file.digest[:12]}{SUFFIXES[shown.file.media_type][0]}"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(shown.name, safe='')}"


def file_routes(book: Book, authenticate: Authenticate, limit: int) -> list[BaseRoute]:
    """The addresses of files; none takes more than `limit` bytes."""
    files = Files(book, authenticate, limit)
    return [
        Route("/files", files.upload, methods=["POST"]),
        Route("/files/{digest}", files.download, methods=["GET"]),
    ]
