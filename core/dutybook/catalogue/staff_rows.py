"""Rows of staff tables as people: a person is all rows of one number; whatever is wrong is told with its place."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from dutybook.book.kinds import InvalidValue, Value
from dutybook.book.times import FOREVER
from dutybook.catalogue.staff_headers import Headed, headed_sheet, header_notes, refuse_lacking, without
from dutybook.catalogue.staff_table import Cell, Sheet
from dutybook.catalogue.staff_words import (
    BY_NAME,
    CLEARED,
    COLUMNS,
    EMPLOYEE,
    KNOWN,
    Column,
    Unreadable,
    column_of,
    is_leaving,
    text_of,
)
from dutybook.errors import BadInput, Message

QUOTED = 60
FOOT = re.compile(
    r"\s*(合\s*计|总\s*计|小\s*计|共计|制表|填表|填报|审核|审批|total|subtotal|prepared by)", re.IGNORECASE
)
TOTAL = re.compile(r"(合\s*计|总\s*计|小\s*计|共\s*计|total|subtotal)\s*[:：]?", re.IGNORECASE)
FAILED = re.compile(r"#(N/A|REF!|VALUE!|DIV/0!|NAME\?|NULL!|NUM!|SPILL!|CALC!)")
BY_ID = "\0"
"""What no number begins with."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """What is wrong with a row; `value` is what its cell holds. `personal` values are quoted to the command line alone."""

    sheet: str
    row: int
    column: str
    value: str
    reason: Message
    personal: bool = False

    @property
    def path(self) -> tuple[str, str, str]:
        """Its place."""
        return self.sheet, str(self.row), self.column

    def message(self, *, quoting: bool) -> Message:
        """The sentence, with the place and, where it may be quoted, the value."""
        shown = f"{self.value[:QUOTED]}…" if len(self.value) > QUOTED else self.value
        hidden = self.personal and not quoting
        zh = f"{self.sheet} 第 {self.row} 行「{self.column}」{'' if hidden else f'的值「{shown}」'}：{self.reason.zh}。"
        en = f"{self.sheet}, row {self.row}, {self.column}{'' if hidden else f' ({shown!r})'}: {self.reason.en}."
        return Message(zh, en)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: what it says by column, None where it clears; `headers` are the words its sheet uses, `cells` as they are."""

    sheet: str
    number: int
    said: Mapping[str, Value]
    headers: Mapping[str, str]
    cells: Mapping[str, str]

    def bad(self, column: str, zh: str, en: str) -> BadRow:
        """What is wrong with one cell of it."""
        header = self.headers.get(column, BY_NAME[column].words[0])
        return BadRow(
            self.sheet, self.number, header, self.cells.get(column, ""), Message(zh, en), BY_NAME[column].personal
        )

    def day(self, column: str) -> date | None:
        """A day, where said."""
        return date.fromisoformat(str(value)) if (value := self.said.get(column)) else None


@dataclass(slots=True)
class Person:
    """All that a table says of one person; `values` are the fields of the employee that it says."""

    number: str
    external: str | None
    rows: list[Row]
    values: dict[str, Value] = field(default_factory=dict)

    @property
    def tells_positions(self) -> bool:
        """Whether it says on which positions the person is, if only that there is none."""
        return any("position" in row.said for row in self.rows)

    @property
    def tenures(self) -> list[Row]:
        """The rows that name a position."""
        return [row for row in self.rows if row.said.get("position")]

    @property
    def left_on(self) -> date | None:
        """The day of leaving that the table tells; one before the entry is that of an earlier employment."""
        left, entered = self.values.get("left_on"), self.values.get("entered_on")
        return date.fromisoformat(str(left)) if left and not (entered and str(entered) > str(left)) else None

    @property
    def is_leaving(self) -> bool:
        """Whether the table says that the person leaves or has left."""
        return is_leaving(self.values.get("status")) or self.left_on is not None


@dataclass(frozen=True, slots=True)
class Read:
    """A table as read, row by row; `bad` are its bad cells, `notes` what people should know."""

    rows: Sequence[Row]
    bad: Sequence[BadRow]
    notes: Sequence[Message]


@dataclass(frozen=True, slots=True)
class Staff:
    """Rows as people: those whose rows are sound, those who have a bad one, and what is wrong beyond single cells."""

    people: Sequence[Person]
    spoilt: Sequence[Person]
    bad: Sequence[BadRow]


def read_rows(file: str, sheets: Sequence[Sheet], ignored: Mapping[str, str], system: str | None) -> Read:
    """The rows of tables; the columns of `ignored` are left out, each told with the system that masters it."""
    headed = [found for sheet in sheets if (found := headed_sheet(sheet))]
    if not headed:
        zh = f"「{file}」中没有找到表头；首行应写明列名，已知的列有：{KNOWN}。"
        en = f"'{file}' has no header row; its first row must name the columns; known are: {KNOWN}."
        raise BadInput(zh, en, path=[file])
    headed = [one for one in headed if one.tells_whose(system)] or headed  # a workbook may hold other lists besides
    for one in headed:
        refuse_lacking(one, system)
    told = list(header_notes(headed, sheets, ignored, system))
    kept = [without(one, ignored, system) for one in headed]
    rows, bad = list[Row](), list[BadRow]()
    for one in kept:
        for row, wrong in _rows(one):
            rows.append(row)
            bad += wrong
    return Read(rows, bad, told)


def _rows(one: Headed) -> Iterator[tuple[Row, list[BadRow]]]:
    """The rows below the header, each with what is wrong in its cells; empty ones are passed over."""
    percent = _is_percent(one)
    for at, cells in enumerate(one.sheet.rows[one.at + 1 :], start=one.at + 2):
        given = {c: cells[p] for p, c in one.columns.items() if p < len(cells) and text_of(cells[p])}
        if not given or _is_foot(cells, given) or all(column_of(text_of(cell)) is c for c, cell in given.items()):
            continue  # the last is a header once more, as at the top of a printed page
        shown = {column.name: text_of(cell) for column, cell in given.items()}
        said, wrong = dict[str, Value](), list[BadRow]()
        row = Row(one.sheet.name, at, said, one.headers, shown)
        for column, cell in given.items():
            try:
                said[column.name] = _read(column, _percent(cell) if percent and column.name == "share" else cell)
            except Unreadable as reason:
                wrong.append(row.bad(column.name, *reason.message))
        yield row, wrong


def _is_foot(cells: Sequence[Cell], given: Mapping[Column, Cell]) -> bool:
    """Whether a row has one cell that sums up or is to be signed, or begins with a sum, as the foot of a printed list does."""
    first = next(text for cell in cells if (text := text_of(cell)))
    return TOTAL.fullmatch(first) is not None or (
        len(given) == 1 and FOOT.match(text_of(next(iter(given.values())))) is not None
    )


def _read(column: Column, cell: Cell) -> Value:
    if isinstance(cell, str) and cell.strip().casefold() in CLEARED:
        return None
    if isinstance(cell, str) and FAILED.fullmatch(cell):
        raise Unreadable("是公式的错误值；请修正公式，或填入值", "a formula failed here; mend it, or enter the value")
    value = column.read(cell)
    try:
        return column.field.check(value) if column.field else value
    except InvalidValue as reason:  # its own message would quote the value
        zh, en = (
            f"过长（最多 {column.longest} 字）或含控制字符",
            f"longer than {column.longest} characters, or with control characters",
        )
        raise Unreadable(zh, en) from reason


def _percent(cell: Cell) -> Cell:
    return round(cell * 100, 6) if isinstance(cell, int | float) else cell


def _is_percent(one: Headed) -> bool:
    """Whether cells hold fractions that show as percent: all numbers of the column are at most one."""
    places = [place for place, column in one.columns.items() if column.name == "share"]
    rows = one.sheet.rows[one.at + 1 :]
    held = [row[place] for place in places for row in rows if place < len(row)]
    numbers = [cell for cell in held if isinstance(cell, int | float)]
    return bool(numbers) and all(0 < number <= 1 for number in numbers)


def staff_of(rows: Sequence[Row], wrong: Sequence[BadRow]) -> Staff:
    """The people of one organisation; of whoever has a row that is wrong nothing is to be done."""
    spoilt, bad = {(one.sheet, one.row) for one in wrong}, list[BadRow]()
    people: dict[str, Person] = {}
    failed: set[str] = set()
    both = [row for row in rows if row.said.get("number") and row.said.get("external")]
    numbers = {str(row.said["external"]): row for row in reversed(both)}
    for row in rows:
        name = _identity(row, numbers)
        if name is None:
            if not row.cells.get("number"):  # else it is told already what is wrong with it
                bad.append(row.bad("number", "缺少工号；每行都要写明", "the number is missing; every row needs it"))
            continue
        external = row.said.get("external")
        person = people.setdefault(
            name, Person("" if name.startswith(BY_ID) else name, str(external) if external else None, [])
        )
        if (other := numbers.get(str(external))) and other.said["number"] != name:
            zh = f"{other.sheet} 第 {other.number} 行另一工号已有此外部编号；请更正其一"
            en = f"row {other.number} of {other.sheet} has this external id with another number; correct one of them"
            bad.append(row.bad("external", zh, en))
            failed.add(name)
        if all(row.said != other.said for other in person.rows):
            person.rows.append(row)
        if (row.sheet, row.number) in spoilt:
            failed.add(name)
    for name, person in people.items():
        if told := [*_merged(person), *_contradictions(person)]:
            failed.add(name)
            bad += told
    sound, spoilt_ones = ([p for name, p in people.items() if (name in failed) is out] for out in (False, True))
    return Staff(sound, spoilt_ones, bad)


def _identity(row: Row, numbers: Mapping[str, Row]) -> str | None:
    """What makes rows those of one person: the number, which another row may tell of an external id, else that id."""
    if number := row.said.get("number"):
        return str(number)
    external = row.said.get("external")
    if external and (other := numbers.get(str(external))):
        return str(other.said["number"])
    return f"{BY_ID}{external}" if external else None


def _merged(person: Person) -> Iterator[BadRow]:
    """Gathers the employee's fields from all rows; rows that contradict one another are bad."""
    for row in person.rows:
        for column in COLUMNS:
            if column.of != EMPLOYEE or column.name not in row.said:
                continue
            value = row.said[column.name]
            if column.name == "external":
                person.external = person.external or (str(value) if value else None)
                known: Value = person.external
            else:
                known = person.values.setdefault(column.name, value)
            if known != value:
                first = next(one for one in person.rows if column.name in one.said)
                zh = f"与 {first.sheet} 第 {first.number} 行所写不同，而两行的工号都是 {person.number}；请改成一致，或更正工号"
                en = f"it differs from {first.sheet}, row {first.number}, though both are of {person.number}; correct one of them"
                yield row.bad(column.name, zh, en)
    reason = [row for row in person.rows if not row.said.get("position")]
    for row in person.rows if person.is_leaving else reason:
        for name, to in (("reason", "status_reason"), ("document", "status_document")):
            if name in row.said:
                person.values.setdefault(to, row.said[name])


def _contradictions(person: Person) -> Iterator[BadRow]:
    if "name" in person.values and person.values["name"] is None:
        yield _row_with(person, "name").bad("name", "姓名不能清空", "a name cannot be cleared")
    for row in person.tenures:
        start, end = row.day("from"), row.day("to") or row.day("last")
        if start and end and end <= start:
            column = "to" if row.day("to") else "last"
            zh = f"早于或等于任职起 {start}；请更正其一"
            yield row.bad(column, zh, f"it is not after the beginning, {start}; correct one of them")
        if row.day("to") and row.day("last"):
            yield row.bad("last", "与「任职止」重复；只写其一", "an end is given twice; give one")
    yield from _second_primaries(person)


def _row_with(person: Person, column: str) -> Row:
    return next(row for row in person.rows if column in row.said)


def _second_primaries(person: Person) -> Iterator[BadRow]:
    """Rows that make somebody primary on a second position on the same days."""
    primary = [row for row in person.tenures if row.said.get("kind", "PRIMARY") == "PRIMARY"]
    for one, other in pairwise(sorted(primary, key=lambda row: row.day("from") or date.min)):
        start, end = other.day("from") or date.min, one.day("to") or one.day("last") or FOREVER
        if start < end:
            column = "kind" if "kind" in other.said else "position"
            zh = f"同一天有两个主岗，另一个在 {one.sheet} 第 {one.number} 行；请把其一写成兼岗、代理或借调，或写明任职起止"
            en = f"a second primary position on one day, beside row {one.number} of {one.sheet}; make one concurrent, or say when each ends"
            yield other.bad(column, zh, en)
