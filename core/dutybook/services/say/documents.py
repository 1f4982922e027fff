"""What is said of documents: their scans have to be there before a document can name them."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from dutybook.book.kinds import Field
from dutybook.db.files import name
from dutybook.errors import DutybookError, Message, NotFound
from dutybook.services.drafts import Draft
from dutybook.services.say import plain
from dutybook.services.say.words import Words

DIGEST = re.compile(r"[0-9a-f]{64}")
NAME = Field("name", Message("文件名", "Name"), required=True, longest=200)
MOST = 100


def open_document(draft: Draft, words: Words) -> None:
    """A document begins; its scans are kept from now on."""
    _keep_scans(draft, words)
    plain.open_(draft.book.kinds["document"], draft, words)


def set_document(draft: Draft, words: Words) -> None:
    """Named fields of a document change."""
    _keep_scans(draft, words)
    plain.set_(draft.book.kinds["document"], draft, words)


def _keep_scans(draft: Draft, words: Words) -> None:
    scans = words.items("scans")
    if len(scans) > MOST:
        raise words.fail("scans", f"一份文件至多 {MOST} 个扫描件。", f"A document has at most {MOST} scans.")
    digests = [_digest(words, at, scan) for at, scan in enumerate(scans)]
    found = name(draft.session, draft.book.tables, digests) if digests else set()
    for at, digest in enumerate(digests):
        if digest not in found:
            zh = f"没有摘要为「{digest}」的文件；请先上传（POST /files 或 dutybook document add），再引用其摘要。"
            en = f"There is no file '{digest}'; upload it first (POST /files or dutybook document add), then name its digest."
            raise NotFound(zh, en, path=[*words.path, "scans", at, "digest"])


def _digest(words: Words, at: int, scan: Any) -> str:
    """The digest of one scan; BadInput where it is not a digest and a name."""
    if not isinstance(scan, Mapping) or set(scan) != {"digest", "name"}:
        zh = f"第 {at + 1} 个扫描件应恰有 digest 和 name。"
        raise words.fail("scans", zh, f"Scan {at + 1} must have a digest and a name, and nothing else.")
    try:
        called = str(NAME.check(scan["name"]))
    except DutybookError as error:
        error.path = (*words.path, "scans", str(at), "name")
        raise
    if set(called) & set('/\\\n\t:*?"<>|') or called.strip(". ") == "":
        zh = f'第 {at + 1} 个扫描件的名称「{called}」不能作为文件名，请去掉 / \\ : * ? " < > | 和换行。'
        en = f"Scan {at + 1}: '{called}' cannot be the name of a file; leave out / \\ : * ? \" < > | and line breaks."
        raise words.fail("scans", zh, en)
    digest = scan["digest"]
    if not isinstance(digest, str) or not DIGEST.fullmatch(digest):
        zh = f"第 {at + 1} 个扫描件的摘要「{str(digest)[:70]}」应为 64 位小写十六进制（上传时所答的 digest）。"
        en = f"Scan {at + 1}: '{str(digest)[:70]}' must be 64 lower-case hexadecimal digits, the digest that the upload answered."
        raise words.fail("scans", zh, en)
    return digest


SAYINGS: Mapping[str, Callable[[Draft, Words], None]] = {
    "openDocument": open_document,
    "setDocument": set_document,
}
