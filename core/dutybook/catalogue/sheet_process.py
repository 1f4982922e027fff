"""A process of its own that reads one spreadsheet: bytes on stdin, JSON on stdout. It may die; whoever started it says so."""

import re
import sys
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from io import BytesIO
from typing import Any
from xml.etree import ElementTree as ET

import orjson

MEMORY = 1 << 30
"""Bytes of address space. A sheet may claim to be billions of cells large, and a small file unpack to gigabytes."""

SECONDS = 60
OUTPUT = 200 * 1024 * 1024
WORKBOOK, LINKS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
ERROR = re.compile(rb'<c r="([A-Z]+)(\d+)"(?=[^>]* t="e")[^>]*>(?:<f[^>]*/>|<f[^>]*>[^<]*</f>)?<v>(#[^<]{1,20})</v>')
Failed = tuple[int, int, str]
"""Row and column of a formula, and the error that it came to."""

BROKEN, PROTECTED, TOO_MUCH = 3, 4, 5


def limit() -> None:
    """From here on this process can have no more than it is allowed, where the system knows such limits."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - not on every system

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def sheets(data: bytes) -> list[dict[str, Any]]:
    """Every sheet with its rows; empty ones between others stay, so that rows count as people see them."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum  # noqa: PLC0415 - needed in this process only

    book, failed = CalamineWorkbook.from_filelike(BytesIO(data)), dict(_failed(data))
    names = [sheet.name for sheet in book.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    return [{"name": name, "rows": _rows(book.get_sheet_by_name(name), failed.get(name, ()))} for name in names]


def _rows(sheet: Any, failed: Iterable[Failed]) -> list[list[Any]]:
    rows = _trimmed([_cells(row) for row in sheet.to_python(skip_empty_area=False)])
    for at, place, shown in failed:
        if at < len(rows):
            _put(rows[at], place, shown)
    for (top, left), (bottom, _) in sheet.merged_cell_ranges or ():
        some = rows[top : bottom + 1]
        # What stands once for several rows is said of each; of several columns it is said of the first alone.
        if some and left < len(some[0]) and some[0][left] != "":
            for row in some[1:]:
                _put(row, left, some[0][left])
    return rows


def _put(row: list[Any], place: int, value: Any) -> None:
    row += [""] * (place + 1 - len(row))
    row[place] = value


def _failed(data: bytes) -> Iterator[tuple[str, list[Failed]]]:
    """The formulas of each sheet of an XLSX that came to an error: the reader takes them for empty."""
    if not data.startswith(b"PK"):
        return
    with zipfile.ZipFile(BytesIO(data)) as packed:
        names = set(packed.namelist())
        if not {WORKBOOK, LINKS} <= names:
            return
        # What this could do to a process may be done to this one.
        links = {link.get("Id"): link.get("Target", "") for link in ET.fromstring(packed.read(LINKS))}  # noqa: S314
        for sheet in ET.fromstring(packed.read(WORKBOOK)).iter():  # noqa: S314
            target = next((links.get(value, "") for name, value in sheet.items() if name.endswith("}id")), "")
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if sheet.tag.endswith("}sheet") and part in names:
                yield sheet.get("name", ""), [_error(found) for found in ERROR.finditer(packed.read(part))]


def _error(found: re.Match[bytes]) -> Failed:
    place = 0
    for letter in found[1]:
        place = place * 26 + letter - ord("A") + 1
    return int(found[2]) - 1, place - 1, found[3].decode()


def _cells(row: list[Any]) -> list[Any]:
    return _trimmed([_cell(value) for value in row])


def _trimmed(items: list[Any]) -> list[Any]:
    """Without what is empty at the end: a sheet may claim any size."""
    while items and items[-1] in ("", []):
        items.pop()
    return items


def _cell(value: Any) -> str | int | float | bool:
    """Days as ISO text; whole numbers without a point, since a number of a person is no quantity."""
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value if isinstance(value, str | int | float) else str(value)


def _is_encrypted(data: bytes) -> bool:
    """Whether a file that cannot be read is one with a password: encrypted as a whole, as XLS, or as ODS."""
    if data.startswith(b"PK"):
        with zipfile.ZipFile(BytesIO(data)) as packed:
            return "META-INF/manifest.xml" in packed.namelist() and b":encryption-data" in packed.read(
                "META-INF/manifest.xml"
            )
    first = data.find(b"\x09\x08\x10\x00")  # the beginning of an XLS workbook, which FILEPASS may follow
    return "EncryptedPackage".encode("utf-16-le") in data or (
        first >= 0 and data[first + 20 : first + 22] == b"\x2f\x00"
    )


def main() -> int:
    """Reads, and tells by its exit code what was wrong."""
    limit()
    data = sys.stdin.buffer.read()
    try:
        found = sheets(data)
    except Exception as reason:
        sys.stderr.write(f"{type(reason).__name__}: {reason}"[:300])
        return PROTECTED if "password" in str(reason).lower() or _is_encrypted(data) else BROKEN
    answer = orjson.dumps(found)
    if len(answer) > OUTPUT:
        return TOO_MUCH
    sys.stdout.buffer.write(answer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
