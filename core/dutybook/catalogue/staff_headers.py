"""The header rows of staff tables: which columns stand where, and what is wrong or worth knowing about them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dutybook.catalogue.staff_table import Cell, Sheet
from dutybook.catalogue.staff_words import KNOWN, Column, column_of, is_code, text_of
from dutybook.errors import BadInput, Message

DEEPEST_HEADER = 30
"""Rows of a sheet in which its header is looked for, below titles and notes."""


@dataclass(frozen=True, slots=True)
class Headed:
    """A sheet whose header was found, which ends at a row: the columns by their places, and the words that are there."""

    sheet: Sheet
    at: int
    columns: Mapping[int, Column]
    headers: Mapping[str, str]
    texts: Mapping[int, str]

    def tells_whose(self, system: str | None) -> bool:
        """Whether its rows say of whom they speak."""
        names = {column.name for column in self.columns.values()}
        return "number" in names or (system is not None and "external" in names)


def headed_sheet(sheet: Sheet) -> Headed | None:
    """A sheet by its header, if it has one: the first row that names two columns, or one and nothing else.

    Rows below belong to it that name further columns, and say nothing else below those that are named.
    """
    for at, row in enumerate(sheet.rows[:DEEPEST_HEADER]):
        found, texts, last = _named(row), {place: text_of(cell) for place, cell in enumerate(row)}, at
        lonely = all(place in found for place, text in texts.items() if text)
        while found and last + 1 < len(sheet.rows) and (more := _further(found, texts, sheet.rows[last + 1])):
            texts |= {place: text_of(sheet.rows[last + 1][place]) for place in more}
            found, last = found | more, last + 1
        if len(found) > 1 or (found and lonely):
            # Where a code and a name of the same are given, the code decides, which therefore comes last.
            columns = dict(sorted(found.items(), key=lambda one: is_code(one[1], texts[one[0]])))
            return Headed(sheet, last, columns, {column.name: texts[place] for place, column in columns.items()}, texts)
    return None


def _named(row: Sequence[Cell]) -> dict[int, Column]:
    return {place: column for place, cell in enumerate(row) if (column := column_of(text_of(cell)))}


def _further(found: Mapping[int, Column], texts: Mapping[int, str], row: Sequence[Cell]) -> dict[int, Column]:
    """What a second row of a header names; nothing where the row is none, since it says something below what is named."""
    if any(text_of(row[place]) not in {"", texts[place]} for place in found if place < len(row)):
        return {}
    return {place: column for place, column in _named(row).items() if place not in found}


def refuse_lacking(one: Headed, system: str | None) -> None:
    """BadInput for a header that names a column twice, or none by which people are known."""
    place: list[str | int] = [one.sheet.name, one.at + 1]
    named = Counter((column.name, is_code(column, one.texts[place])) for place, column in one.columns.items())
    twice = [column for (column, _), count in named.items() if count > 1]
    if twice:
        headers = "、".join(one.texts[p] for p, c in one.columns.items() if c.name == twice[0])
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
        unknown = [text for place, text in one.texts.items() if place not in one.columns and text]
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
    return Headed(one.sheet, one.at, columns, one.headers, one.texts)
