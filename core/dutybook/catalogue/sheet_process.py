"""A process of its own that reads one spreadsheet: bytes on stdin, JSON on stdout. It may die; whoever started it says so."""

import sys
from datetime import date, datetime
from io import BytesIO
from typing import Any

import orjson

MEMORY = 1 << 30
"""Bytes of address space. A sheet may claim to be billions of cells large, and a small file unpack to gigabytes."""

SECONDS = 60
OUTPUT = 200 * 1024 * 1024
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
    read = ((name, book.get_sheet_by_name(name).to_python(skip_empty_area=False)) for name in book.sheet_names)
    return [{"name": name, "rows": _trimmed([_cells(row) for row in rows])} for name, rows in read]


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
