"""The header rows of staff tables: which columns stand where, and what is wrong or worth knowing about them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dutybook.catalogue.staff_table import Sheet
from dutybook.catalogue.staff_words import KNOWN, Column, column_of, text_of
from dutybook.errors import BadInput, Message

DEEPEST_HEADER = 30
"""Rows of a sheet in which its header is looked for, below titles and notes."""


@dataclass(frozen=True, slots=True)
class Headed:
    """A sheet whose header row was found: the columns by their places."""

    sheet: Sheet
    at: int
    columns: Mapping[int, Column]
    headers: Mapping[str, str]

    def tells_whose(self, system: str | None) -> bool:
        """Whether its rows say of whom they speak."""
        names = {column.name for column in self.columns.values()}
        return "number" in names or (system is not None and "external" in names)


def headed_sheet(sheet: Sheet) -> Headed | None:
    """A sheet by its header row, if it has one: the first that names two columns, or one and nothing else."""
    for at, row in enumerate(sheet.rows[:DEEPEST_HEADER]):
        found = {place: column for place, cell in enumerate(row) if (column := column_of(text_of(cell)))}
        if len(found) > 1 or (found and all(not text_of(cell) for place, cell in enumerate(row) if place not in found)):
            return Headed(sheet, at, found, {column.name: text_of(row[place]) for place, column in found.items()})
    return None


def refuse_lacking(one: Headed, system: str | None) -> None:
    """BadInput for a header that names a column twice, or none by which people are known."""
    place: list[str | int] = [one.sheet.name, one.at + 1]
    twice = [column for column, count in Counter(column.name for column in one.columns.values()).items() if count > 1]
    if twice:
        headers = "、".join(text_of(one.sheet.rows[one.at][p]) for p, c in one.columns.items() if c.name == twice[0])
        zh = f"{one.sheet.name} 第 {one.at + 1} 行：{headers} 是同一列；请只保留一个。"
        raise BadInput(
            zh, f"{one.sheet.name}, row {one.at + 1}: {headers} are one column; keep one of them.", path=place
        )
    if not one.tells_whose(system):
        zh = f"{one.sheet.name} 第 {one.at + 1} 行的表头缺少必需的列「工号/number」；认出的列有：{'、'.join(one.headers.values())}。"
        en = f"The header in {one.sheet.name}, row {one.at + 1}, lacks the column number; it names {', '.join(one.headers.values())}."
        raise BadInput(zh, en, path=[*place, "number"])


def header_notes(
    headed: Sequence[Headed], sheets: Sequence[Sheet], ignored: Mapping[str, str], system: str | None
) -> Iterator[Message]:
    """What people should know: sheets and columns that were not read."""
    for sheet in sheets:
        if sheet.rows and not any(one.sheet is sheet for one in headed):
            yield Message(
                f"工作表「{sheet.name}」没有含工号的表头，未读取。",
                f"Sheet '{sheet.name}' has no header with a number and was not read.",
            )
    for one in headed:
        row = one.sheet.rows[one.at]
        unknown = [text_of(cell) for place, cell in enumerate(row) if place not in one.columns and text_of(cell)]
        if unknown:
            listed = "、".join(unknown)
            zh = f"{one.sheet.name} 第 {one.at + 1} 行：不认识的列 {listed}，未读取；已知的列有：{KNOWN}。"
            yield Message(
                zh, f"{one.sheet.name}, row {one.at + 1}: unknown columns {listed} were not read; known are: {KNOWN}."
            )
    named = {column.name: column for one in headed for column in one.columns.values()}
    for name, master in ignored.items():
        if name in named:
            header = next(one.headers[name] for one in headed if name in one.headers)
            zh = f"列「{header}」以系统 {master} 为准，已忽略；请在 {master} 中修改。"
            yield Message(zh, f"Column '{header}' is mastered by {master} and was ignored; change it in {master}.")
    if "external" in named and not system:
        zh = "未用 --system 指明外部编号属于哪个系统，该列未读取。"
        yield Message(zh, "The external ids were not read: --system must say whose they are.")


def without(one: Headed, ignored: Mapping[str, str], system: str | None) -> Headed:
    """The same sheet without the columns that are ignored."""
    left_out = {*ignored, *(() if system else ("external",))}
    columns = {place: column for place, column in one.columns.items() if column.name not in left_out}
    return Headed(one.sheet, one.at, columns, one.headers)
