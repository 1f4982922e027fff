"""What a file is by its first bytes, whatever its name says: the forms in which documents are scanned and kept."""

import struct
from collections.abc import Iterator, Mapping
from typing import BinaryIO

PDF, PNG, JPEG, TIFF = "application/pdf", "image/png", "image/jpeg", "image/tiff"
OFD = "application/ofd"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

BEGINNINGS: Mapping[bytes, str] = {
    b"%PDF-": PDF,
    b"\x89PNG\r\n\x1a\n": PNG,
    b"\xff\xd8\xff": JPEG,
    b"II*\x00": TIFF,
    b"MM\x00*": TIFF,
}
PACKED: Mapping[str, str] = {"OFD.xml": OFD, "word/document.xml": DOCX, "xl/workbook.xml": XLSX}
"""Archives by the member that makes them what they are."""

SUFFIXES: Mapping[str, tuple[str, ...]] = {
    PDF: (".pdf",),
    PNG: (".png",),
    JPEG: (".jpg", ".jpeg"),
    TIFF: (".tif", ".tiff"),
    OFD: (".ofd",),
    DOCX: (".docx",),
    XLSX: (".xlsx",),
}

ZIP = b"PK\x03\x04"
_END = struct.Struct("<4s4H2LH")
_MEMBER = struct.Struct("<4s6H3L5H2L")
MOST_MEMBERS = 10_000
LARGEST_DIRECTORY = 4 << 20
MOST_UNPACKED = 100
"""How many times its own size an archive may come to: whoever opens it later shall not be surprised."""
ROOM = 16 << 20
"""What any archive may come to."""


def media_type_of(file: BinaryIO, size: int) -> str | None:
    """The media type of a file that is taken, None for any other. Archives are not unpacked: their list of members tells."""
    file.seek(0)
    beginning = file.read(16)
    for mark, media in BEGINNINGS.items():
        if beginning.startswith(mark):
            return media
    return _packed(file, size) if beginning.startswith(ZIP) else None


def _packed(file: BinaryIO, size: int) -> str | None:
    names, unpacked = set[str](), 0
    for name, length in _members(file, size):
        names.add(name)
        unpacked += length
    if unpacked > max(ROOM, MOST_UNPACKED * size):
        return None
    return next((media for name, media in PACKED.items() if name in names), None)


def _members(file: BinaryIO, size: int) -> Iterator[tuple[str, int]]:
    """The names and unpacked lengths in an archive's own list; nothing where it has none, or too long a one."""
    tail = min(size, _END.size + 0xFFFF)
    file.seek(size - tail)
    last = file.read(tail)
    at = last.rfind(b"PK\x05\x06")
    if at < 0 or len(last) - at < _END.size:
        return
    _, _, _, _, count, length, offset, _ = _END.unpack_from(last, at)
    if count > MOST_MEMBERS or length > LARGEST_DIRECTORY or offset + length > size:
        return
    file.seek(offset)
    yield from _listed(file.read(length), count)


def _listed(directory: bytes, count: int) -> Iterator[tuple[str, int]]:
    at = 0
    for _ in range(count):
        if len(directory) - at < _MEMBER.size or directory[at : at + 4] != b"PK\x01\x02":
            return
        fields = _MEMBER.unpack_from(directory, at)
        unpacked, name, extra, comment = fields[9], fields[10], fields[11], fields[12]
        at += _MEMBER.size
        yield directory[at : at + name].decode("utf-8", "replace"), unpacked
        at += name + extra + comment
