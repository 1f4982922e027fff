"""Documents: what a change set or a duty rests on, and their scans."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast

import orjson
import strawberry
from sqlalchemy import Row

from dutybook.book.nouns import INTERNAL
from dutybook.db.documents import DocumentFilter as DocumentsWanted
from dutybook.db.files import known
from dutybook.errors import BadInput
from dutybook.graphql.classification import Classification
from dutybook.graphql.context import View
from dutybook.graphql.describe import both, column, named, resolved
from dutybook.graphql.nodes import Dated, Node
from dutybook.graphql.records import record


async def _files(view: View, digests: Sequence[str]) -> Mapping[str, Row[Any] | None]:
    """Loads what is known of files, never their bytes."""
    rows = await view.rows(known(view.reading.database.tables, digests))
    return dict.fromkeys(digests) | {row.digest: row for row in rows}


@named("文件的一个扫描件。", "A scan of a document.")
class Scan:
    """A file under the name that its document gives it."""

    name: str = column("文件名。", "Its name.")
    digest: str = column("内容的 SHA-256，十六进制。", "The SHA-256 of its bytes, in hexadecimal.")
    view: strawberry.Private[View]

    @resolved(
        "媒体类型，按内容判断；内容缺失时为空。", "Its media type, told by its bytes; null where these are missing."
    )
    async def media_type(self) -> str | None:
        """The media type."""
        found = await self.view.load(_files, self.digest)
        return None if found is None else cast(str, found.media_type)

    @resolved("字节数；内容缺失时为空。", "How many bytes it has; null where these are missing.")
    async def size(self) -> int | None:
        """The size."""
        found = await self.view.load(_files, self.digest)
        return None if found is None else cast(int, found.size)

    @resolved("取得内容的地址，与本接口同源，权限同此文件。", "Where its bytes are, for whoever may see the document.")
    def url(self) -> str:
        """The address."""
        return f"/files/{self.digest}"


@record("document", "文件：变更单或职责的依据。", "What a change set or a duty rests on.")
class Document(Dated, Node):
    """One document."""

    __slots__ = ()

    number: str | None = column("文号，如所印。", "Its number, as printed.")
    title: str = column("标题。", "Its title.")
    issuer: str | None = column("发文单位。", "Who issued it.")
    decided_on: date | None = column("决定日。", "The day of the decision.")
    issued_on: date | None = column("发文日。", "The day of issue.")
    effective_on: date | None = column("生效日。", "The day it takes effect.")
    repealed_on: date | None = column("废止日。", "The day of its repeal.")

    @resolved(
        "密级；未注明的按内部对待。公开的所有读者可见，内部的登录者可见，商业秘密须有 documents.secret 权限。",
        "Its classification; INTERNAL unless said. Public ones are for all readers, internal ones for who is signed in, "
        "secret ones for who holds documents.secret.",
    )
    def classification(self) -> Classification:
        """The classification."""
        return Classification(self.row.classification or INTERNAL)

    @resolved("扫描件，按次序。", "Its scans, in order.")
    def scans(self) -> list[Scan]:
        """The scans."""
        said = orjson.loads(self.row.scans) if self.row.scans else ()
        return [Scan(name=scan["name"], digest=scan["digest"], view=self.view) for scan in said]


@strawberry.input(description=both("筛选文件；各项须同时满足。", "Which documents; all that is given must hold."))
class DocumentFilter:
    """A filter of documents."""

    number: str | None = column(
        "文号含有的文字；不论括号（〔〕［］[] 等）、全半角、空格和大小写。",
        "A part of the number, whatever its brackets (〔〕［］[] and so on), width, spaces and case.",
        default=None,
    )
    text: str | None = column("标题或文号含有的文字。", "A part of the title or of the number.", default=None)
    issuer: str | None = column("发文单位含有的文字。", "A part of the issuer.", default=None)

    def wanted(self) -> DocumentsWanted:
        """The same for the database."""
        return DocumentsWanted(self.number, self.text, self.issuer)


class SeveralDocuments(BadInput):
    """A number that more than one document bears."""

    def __init__(self, number: str, issuers: Sequence[str | None]) -> None:
        named = "、".join(sorted({issuer or "—" for issuer in issuers}))
        super().__init__(
            f"文号「{number}」对应多份文件（发文单位：{named}）；请用 issuer 指明，或用 documents 查询。",
            f"Several documents bear the number '{number}' (issued by {named}); name the issuer, or ask `documents`.",
            path=["number"],
        )
