"""Bytes to text: which encoding, and what is no plain text at all."""

import codecs
from typing import NamedTuple

from charset_normalizer import from_bytes

from dutybook.errors import BadInput

MAX_BYTES = 64 * 1024 * 1024
MAX_LINE = 20_000

_MAGIC = (
    (b"%PDF-", "PDF"),
    (b"PK\x03\x04", "ZIP (docx, xlsx, odt)"),
    (b"\xd0\xcf\x11\xe0", "doc/xls (OLE)"),
    (b"{\\rtf", "RTF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"\x1f\x8b", "gzip"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7z"),
    (b"SQLite format 3", "SQLite"),
    (b"\x7fELF", "ELF"),
    (b"MZ\x90", "EXE"),
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class Decoded(NamedTuple):
    """Text and the encoding it was read with."""

    text: str
    encoding: str


def decode(name: str, data: bytes) -> Decoded:
    """BOM, then UTF-8, GB18030, UTF-16 without BOM, then the best guess; BadInput when nothing fits."""
    refuse_size(name, len(data))
    _refuse_binary(name, data)
    decoded = _by_bom(name, data) or _by_trial(name, data)
    if not decoded.text.strip():
        raise BadInput(
            f"文件“{name}”是空的({len(data)} 字节):请给出含岗位职责的文本文件。",
            f"The file “{name}” is empty ({len(data)} bytes): give a text file that holds duty lists.",
            path=(name,),
        )
    return decoded


def refuse_size(name: str, size: int) -> None:
    if size > MAX_BYTES:
        raise BadInput(
            f"文件“{name}”有 {size} 字节,上限是 {MAX_BYTES}:请拆成几个文件。",
            f"The file “{name}” has {size} bytes, the limit is {MAX_BYTES}: split it into several files.",
            path=(name,),
        )


def _refuse_binary(name: str, data: bytes) -> None:
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            _refuse_kind(name, kind, 0)


def _refuse_kind(name: str, kind: str, offset: int) -> None:
    raise BadInput(
        f"文件“{name}”在第 {offset} 字节处看是 {kind} 而不是纯文本:这里读纯文本(.txt、.md),请另存为文本再试。",
        f"The file “{name}” is {kind}, not plain text (byte {offset}): plain text is expected here, save it as .txt or .md.",
        path=(name,),
    )


def _by_bom(name: str, data: bytes) -> Decoded | None:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            try:
                return Decoded(data.decode(encoding), encoding.removesuffix("-sig"))
            except UnicodeDecodeError as error:
                _refuse_encoding(name, data, error)
    return None


def _by_trial(name: str, data: bytes) -> Decoded:
    if b"\0" in data[:65536]:
        return _utf16(name, data)
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as error:
        mistake = error
    return _chinese(data) or _guessed(name, data, mistake)


def _utf16(name: str, data: bytes) -> Decoded:
    """UTF-16 without BOM: its NULs all stand on one side of ASCII characters."""
    sides = data[0:65536:2].count(0), data[1:65536:2].count(0)
    encoding = "utf-16-be" if sides[0] > sides[1] else "utf-16-le"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = "\0"
    if "\0" in text or not _plausible(text):
        _refuse_kind(name, "二进制/binary (NUL)", data.index(0))
    return Decoded(text, encoding)


def _chinese(data: bytes) -> Decoded | None:
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return None
    return Decoded(text, "gb18030") if _plausible(text) else None


def _plausible(text: str) -> bool:
    """Whether nearly all of a sample are characters that Chinese office texts use."""
    sample = [char for char in text[:20_000] if not char.isspace()]
    odd = sum(1 for char in sample if char > "\x7f" and not _common(char))
    return odd * 20 <= len(sample)


def _common(char: str) -> bool:
    try:
        char.encode("gb2312")
    except UnicodeEncodeError:
        return "\u2000" <= char <= "\u33ff" or "\uff00" <= char <= "\uffef"
    return True


def _guessed(name: str, data: bytes, mistake: UnicodeDecodeError) -> Decoded:
    best = from_bytes(data[:200_000]).best()
    if best is not None and any("\u4e00" <= char <= "\u9fff" for char in str(best)[:2000]):
        try:
            return Decoded(data.decode(best.encoding), best.encoding.replace("_", "-"))
        except UnicodeDecodeError as error:
            mistake = error
    return _refuse_encoding(name, data, mistake)


def _refuse_encoding(name: str, data: bytes, mistake: UnicodeDecodeError) -> Decoded:
    found = data[mistake.start : mistake.start + 4].hex(" ")
    raise BadInput(
        f"文件“{name}”的编码无法识别:第 {mistake.start} 字节处的 {found} 不合 {mistake.encoding},"
        "也不合 GB18030、UTF-16;请另存为 UTF-8 再试。",
        f"The encoding of “{name}” is unknown: {found} at byte {mistake.start} is not {mistake.encoding}, "
        "nor is the file GB18030 or UTF-16; save it as UTF-8.",
        path=(name,),
    ) from None
