"""Shifts, crews and slips from XLSX or CSV: whole or not at all, every wrong row told by its place."""

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook

from dutybook.api import BadInput, DutybookError, Message, Refused
from dutybook_cost.services.desk import Desk
from dutybook_cost.services.recording import At, Output, Present, SlipSaid, record_member, record_shift, record_slip

Cells = Mapping[str, str]
SHOWN = 50
WHERE = {"成本中心": "centre", "日期": "day", "班次": "label"}


class UnreadableFile(BadInput):
    """A file, or a sheet of it, that holds no documents."""

    def __init__(self, place: str, zh: str, en: str) -> None:
        super().__init__(f"无法读取「{place}」：{zh}。", f"'{place}' cannot be read: {en}.", path=["file"])


class RowsRefused(Refused):
    """Every row that was refused, by sheet, line and field; nothing was stored."""

    code = "COST_ROWS_REFUSED"

    def __init__(self, wrong: Sequence[tuple[str, DutybookError]]) -> None:
        told = [(place, ".".join(error.path), error.message) for place, error in wrong[:SHOWN]]
        zh = "\n".join(f"{place} {field}：{message.zh}" for place, field, message in told)
        en = "\n".join(f"{place} {field}: {message.en}" for place, field, message in told)
        rest = len(wrong) - len(told)
        more = Message(f"\n另有 {rest} 行", f"\nand {rest} more rows") if rest else Message("", "")
        super().__init__(f"{zh}{more.zh}\n什么也没有存储。", f"{en}{more.en}\nNothing was stored.", path=["file"])


class NotADay(BadInput):
    """A cell that holds no day."""

    def __init__(self, text: str) -> None:
        zh = f"「{text[:40]}」不是日期；请写成 2026-03-05 的形式。"
        super().__init__(zh, f"'{text[:40]}' is no day; write it like 2026-03-05.", path=["day"])


@dataclass(frozen=True)
class Form:
    """A sort of documents: its sheet, its columns by Chinese names (English ones are taken too), and how a row is recorded."""

    sheet: str
    columns: Mapping[str, str]
    record: Callable[[Desk, Cells], int]
    needed: frozenset[str]


def _at(row: Cells) -> At:
    try:
        return At(row["centre"], date.fromisoformat(row["day"]), row["label"])
    except ValueError as reason:
        raise NotADay(row["day"]) from reason


def _shift(desk: Desk, row: Cells) -> int:
    return record_shift(desk, Output(_at(row), row["sections"] or None, row["tons_per_section"] or None))


def _member(desk: Desk, row: Cells) -> int:
    odd = row["odd"].lower() in {"是", "y", "yes", "true", "1"}
    return record_member(desk, Present(_at(row), row["employee"], row["position"], row["points"], odd))


def _slip(desk: Desk, row: Cells) -> int:
    users = [user for user in re.split(r"[;；、,，\s]+", row["users"]) if user]
    said = (row["number"], _at(row), row["material"], row["quantity"], row["sort"] or "ISSUE")
    return record_slip(
        desk, SlipSaid(*said, row["signed_by"] or None, row["person"] or None, users, row["late_reason"] or None)
    )


SHIFTS = Form(
    "班次",
    {**WHERE, "节数": "sections", "吨/节": "tons_per_section"},
    _shift,
    frozenset({"centre", "day", "label", "sections"}),
)
CREW = Form(
    "出勤",
    {**WHERE, "职工": "employee", "岗位": "position", "吃分": "points", "零活": "odd"},
    _member,
    frozenset({"centre", "day", "label", "employee", "position", "points"}),
)
SLIPS = Form(
    "单据",
    {
        "单号": "number",
        **WHERE,
        "材料": "material",
        "数量": "quantity",
        "类别": "sort",
        "签字": "signed_by",
        "领用人": "person",
        "使用人": "users",
        "迟到原因": "late_reason",
    },
    _slip,
    frozenset({"number", "centre", "day", "label", "material", "quantity"}),
)
FORMS = (SHIFTS, CREW, SLIPS)
"""In the order in which they rest on each other."""


def import_documents(desk: Desk, file: Path) -> int:
    """Records all documents of a file and gives how many; RowsRefused tells every wrong row."""
    wrong: list[tuple[str, DutybookError]] = []
    count = 0
    for form, place, row in _rows(file):
        try:
            form.record(desk, row)
            count += 1
        except DutybookError as error:
            wrong.append((place, error))
    if wrong:
        raise RowsRefused(wrong)
    return count


def _rows(file: Path) -> Iterator[tuple[Form, str, Cells]]:
    sheets = [(name, rows, _form(name, rows)) for name, rows in _sheets(file) if rows]
    if not sheets:
        raise UnreadableFile(file.name, "没有数据", "it holds no rows")
    for name, rows, form in sorted(sheets, key=lambda it: FORMS.index(it[2])):
        names = [form.columns.get(cell, cell) for cell in rows[0]]
        for line, cells in enumerate(rows[1:], start=2):
            if any(cells):
                row = dict(zip(names, cells, strict=False))
                yield form, f"{name} 第 {line} 行 row {line}", {it: row.get(it, "") for it in form.columns.values()}


def _form(name: str, rows: Sequence[Sequence[str]]) -> Form:
    """The form that a sheet's headings are of; the one that wants most columns goes first."""
    for form in sorted(FORMS, key=lambda it: -len(it.needed)):
        if form.needed <= {form.columns.get(cell, cell) for cell in rows[0]}:
            return form
    wanted = "；".join(f"{it.sheet}: {'、'.join(it.columns)}" for it in FORMS)
    zh, en = f"表头不符，应为 {wanted}", f"its headings are of no known sheet; known are {wanted}"
    raise UnreadableFile(name, zh, en)


def _sheets(file: Path) -> Iterator[tuple[str, list[list[str]]]]:
    try:
        content = file.read_bytes()
    except OSError as reason:
        raise UnreadableFile(str(file), str(reason.strerror), str(reason.strerror)) from reason
    if content.startswith(b"PK"):
        yield from _workbook(file, content)
    else:
        yield (
            file.name,
            [[cell.strip() for cell in row] for row in csv.reader(StringIO(_text(file, content), newline=""))],
        )


def _workbook(file: Path, content: bytes) -> Iterator[tuple[str, list[list[str]]]]:
    try:
        book = CalamineWorkbook.from_filelike(BytesIO(content))
        for name in book.sheet_names:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            yield name, [[_cell(cell) for cell in row] for row in rows]
    except CalamineError as reason:
        raise UnreadableFile(
            file.name, f"不是可读的 XLSX（{reason}）", f"it is no XLSX that can be read ({reason})"
        ) from reason


def _cell(cell: object) -> str:
    """A cell as text; a spreadsheet keeps numbers as floats, whose shortest form is what was typed."""
    if isinstance(cell, float):
        return format(Decimal(repr(cell)).normalize(), "f")
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return str(cell).strip()


def _text(file: Path, content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile(file.name, "既非 UTF-8 也非 GB18030", "it is neither UTF-8 nor GB18030")
