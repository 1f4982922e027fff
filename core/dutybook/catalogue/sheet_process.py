"""A process of its own that reads one spreadsheet: bytes on stdin, JSON on stdout. It may die; whoever started it says so."""

import re
import sys
import zipfile
from collections.abc import Iterator
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
    from python_calamine import CalamineWorkbook  # noqa: PLC0415 - needed in this process only

    book = CalamineWorkbook.from_filelike(BytesIO(data))
    names = book.sheet_names
    found = [_rows(book.get_sheet_by_name(name)) for name in names]
    for rows, errors in zip(found, _errors(data), strict=False):
        for at, place, shown in errors:
            if at < len(rows):
                _put(rows[at], place, shown)
    return [{"name": name, "rows": rows} for name, rows in zip(names, found, strict=True)]


def _rows(sheet: Any) -> list[list[Any]]:
    rows = _trimmed([_cells(row) for row in sheet.to_python(skip_empty_area=False)])
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


def _errors(data: bytes) -> Iterator[list[tuple[int, int, str]]]:
    """The formulas of each sheet of an XLSX that came to an error, by row and column: the reader takes them for empty."""
    if not data.startswith(b"PK"):
        return
    with zipfile.ZipFile(BytesIO(data)) as packed:
        names = set(packed.namelist())
        if not {WORKBOOK, LINKS} <= names:
            return
        # What this could do to a process may be done to this one.
        links = {link.get("Id"): link.get("Target", "") for link in ET.fromstring(packed.read(LINKS))}  # noqa: S314
        for sheet in ET.fromstring(packed.read(WORKBOOK)).iter():  # noqa: S314
            if sheet.tag.endswith("}sheet"):
                target = next((links.get(value, "") for name, value in sheet.items() if name.endswith("}id")), "")
                part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
                yield [_error(found) for found in ERROR.finditer(packed.read(part))] if part in names else []


def _error(found: re.Match[bytes]) -> tuple[int, int, str]:
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


def main() -> int:
    """Reads, and tells by its exit code what was wrong."""
    limit()
    try:
        found = sheets(sys.stdin.buffer.read())
    except Exception as reason:
        sys.stderr.write(f"{type(reason).__name__}: {reason}"[:300])
        return PROTECTED if "password" in str(reason).lower() else BROKEN
    answer = orjson.dumps(found)
    if len(answer) > OUTPUT:
        return TOO_MUCH
    sys.stdout.buffer.write(answer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
