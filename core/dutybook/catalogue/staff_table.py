"""CSV and spreadsheets as tables of cells, read so that no upload can take more memory or time than it may."""

import csv
import io
import re
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from dutybook.catalogue.decode import decode
from dutybook.catalogue.sheet_process import PROTECTED, SECONDS, TOO_MUCH
from dutybook.errors import BadInput

Cell = str | int | float | bool | None

MAX_BYTES = 32 * 1024 * 1024
MAX_UNPACKED = 512 * 1024 * 1024
MAX_RATIO = 200
SMALL = 4 * 1024 * 1024
"""However well a file is packed, so much unpacked is no danger."""

MAX_PARTS = 2_000
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
DELIMITERS = ",\t;|"
LONG_ENOUGH = 5_000
"""Characters of a line that tell how its columns are parted."""

SHIELDED = re.compile(r'="(.*)"|\'(\d+)')
MARKUP = re.compile(r"\s*<(!doctype|html|\?xml|table|meta)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table; the first row is row 1 of the sheet, as people see it."""

    name: str
    rows: Sequence[Sequence[Cell]]


def read_sheets(file: str, data: bytes) -> list[Sheet]:
    """All tables of a CSV, XLSX, XLS or ODS file; BadInput for what is none."""
    if len(data) > MAX_BYTES:
        zh = f"文件「{file}」有 {len(data):,} 字节，上限是 {MAX_BYTES:,}；请拆成几个文件。"
        en = f"'{file}' has {len(data):,} bytes, the limit is {MAX_BYTES:,}; split it into several files."
        raise BadInput(zh, en, path=[file])
    if not data.strip():
        raise BadInput(
            f"文件「{file}」是空的；请给出职工表。", f"'{file}' is empty; a staff table is wanted.", path=[file]
        )
    if data.startswith((ZIP, OLE)):
        _refuse_bomb(file, data)
        return _spreadsheet(file, data)
    text = decode(file, data).text
    if MARKUP.match(text):
        zh = f"「{file}」是网页或 XML，不是表格（有些系统这样导出 .xls）；请用表格软件打开后另存为 XLSX。"
        en = f"'{file}' is a web page or XML, whatever its name says; open it in a spreadsheet program and save it as XLSX."
        raise BadInput(zh, en, path=[file])
    return [_csv(file, text)]


def _csv(file: str, text: str) -> Sheet:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    rows: list[list[str]] = []
    try:
        for row in reader:
            rows.append([_bare(cell) for cell in row])  # noqa: PERF401 - how far it came is told
    except csv.Error as reason:
        at = len(rows) + 1
        zh = f"「{file}」第 {at} 行起不是完整的 CSV（{reason}）；请检查该行的引号是否成对，或另存为 XLSX。"
        en = f"'{file}' is not whole CSV from row {at} on ({reason}); check the quotes of that row, or save it as XLSX."
        raise BadInput(zh, en, path=[file, at]) from reason
    return Sheet(file, rows)


def _bare(cell: str) -> str:
    """A cell without what keeps spreadsheet programs from taking its digits for a quantity: `="0012"`, `'0012`."""
    found = SHIELDED.fullmatch(cell)
    return next(part for part in found.groups() if part is not None) if found else cell


def _delimiter(text: str) -> str:
    """The one that a first line `sep=;` names, else the one by which most of the first lines have equally many columns."""
    lines = [line[:LONG_ENOUGH] for line in text.splitlines()[:20]]
    if lines and (said := re.fullmatch(r"sep=(.)", lines[0].strip("\ufeff\"'"), re.IGNORECASE)):
        return said[1]

    def agreeing(mark: str) -> tuple[int, int]:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=mark) if len(row) > 1)
        width, count = widths.most_common(1)[0] if widths else (0, 0)
        return count, width

    return max(DELIMITERS, key=agreeing)


def _refuse_bomb(file: str, data: bytes) -> None:
    """BadInput for a ZIP that would unpack to far more than it should."""
    if not data.startswith(ZIP):
        return
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            parts = packed.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as reason:
        raise _broken(file, str(reason)) from reason
    size = sum(part.file_size for part in parts)
    if len(parts) > MAX_PARTS or size > max(SMALL, min(MAX_UNPACKED, len(data) * MAX_RATIO)):
        zh = f"「{file}」解压后有 {size:,} 字节、{len(parts)} 个部分，超过所允许的；请另存为 CSV 再试。"
        en = f"'{file}' would unpack to {size:,} bytes in {len(parts)} parts, more than is allowed; save it as CSV."
        raise BadInput(zh, en, path=[file])


def _spreadsheet(file: str, data: bytes) -> list[Sheet]:
    command = [sys.executable, "-P", "-m", "dutybook.catalogue.sheet_process"]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603
    except subprocess.TimeoutExpired as reason:
        raise _too_much(file) from reason
    if done.returncode == PROTECTED:
        zh = f"「{file}」有密码保护；请取消密码后再试。"
        raise BadInput(zh, f"'{file}' is protected by a password; remove it and try again.", path=[file])
    if done.returncode < 0 or done.returncode == TOO_MUCH or b"MemoryError" in done.stderr:
        raise _too_much(file)
    if done.returncode:
        raise _broken(file, done.stderr.decode("utf-8", "replace"))
    return [Sheet(sheet["name"], sheet["rows"]) for sheet in orjson.loads(done.stdout)]


def _too_much(file: str) -> BadInput:
    zh = f"「{file}」读取时超过了所允许的内存或时间；请删去表格末尾多余的行和列，或另存为 CSV 再试。"
    en = (
        f"Reading '{file}' takes more memory or time than is allowed; delete stray rows and columns, or save it as CSV."
    )
    return BadInput(zh, en, path=[file])


def _broken(file: str, reason: str) -> BadInput:
    zh = f"「{file}」不能作为表格读取（{reason}）；请用表格软件打开后另存为 XLSX 或 CSV。"
    en = f"'{file}' cannot be read as a spreadsheet ({reason}); open it and save it as XLSX or CSV."
    return BadInput(zh, en, path=[file])
