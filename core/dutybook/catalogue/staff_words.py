"""The words of staff tables: what the columns are called, and how their cells are read."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from dutybook.book import nouns
from dutybook.book.kinds import Field, Value
from dutybook.catalogue.staff_table import Cell
from dutybook.errors import Message

CLEARED = frozenset({"-", "--", "—", "——", "－", "清空", "clear"})
"""What a cell says to empty a field; an empty cell says nothing."""

ENDLESS = frozenset(["至今", "今", "现在", "长期", "无", "无固定期限", "present", "now", "current", "open"])
"""What a cell says of an end that is not in sight."""

LEAVING = frozenset(
    [
        "left",
        "leaver",
        "retired",
        "resigned",
        "dismissed",
        "terminated",
        "deceased",
        "离职",
        "已离职",
        "退休",
        "已退休",
        "离退",
        "离退休",
        "辞职",
        "辞退",
        "解聘",
        "解除合同",
        "终止合同",
        "合同终止",
        "调出",
        "调离",
        "离世",
        "去世",
        "死亡",
        "注销",
    ]
)
"""The states in which nobody holds a position."""

KINDS = {
    "PRIMARY": ["primary", "main", "主岗", "主任职", "主职", "主要岗位", "本岗", "全职"],
    "CONCURRENT": ["concurrent", "second", "兼岗", "兼职", "兼任", "兼"],
    "ACTING": ["acting", "interim", "代理", "代", "暂代", "主持工作", "临时主持"],
    "SECONDED": ["seconded", "secondment", "loan", "借调", "借用", "挂职", "帮扶"],
}
YES = frozenset(["yes", "true", "y", "1", "是", "√", "✓", "有", "停职", "suspended"])
NO = frozenset(["no", "false", "n", "0", "否", "×", "x", "无", "在岗", "active"])


class Unreadable(Exception):
    """A cell does not hold what its column should; the message says what it should."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.message = Message(zh, en)


def folded(text: str) -> str:
    """A word without width, case, spaces and marks of emphasis."""
    return re.sub(r"[\s_*:.。：-]+", "", unicodedata.normalize("NFKC", text)).casefold()


def text_of(cell: Cell) -> str:
    """What a cell shows."""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if cell is None:
        return ""
    text = str(cell)
    return text.strip() if text.isascii() else unicodedata.normalize("NFC", _UNSEEN.sub("", text)).strip()


_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
"""Marks without width, which come along when numbers are copied from other programs."""

_SPACED = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")
_POINTED = re.compile(r"(\d+)\.0+")
_ROUNDED = re.compile(r"\d(?:\.\d+)?[eE]\+\d+")
MOST_DIGITS = 15
"""So many digits of a number spreadsheet programs keep."""


def _plain(cell: Cell) -> Value:
    return re.sub(r"\s*\n\s*", " ", text_of(cell))


def _name(cell: Cell) -> Value:
    """A name without the spaces by which names of two characters are made as wide as those of three."""
    return re.sub(r"\s+", " ", _SPACED.sub("", text_of(cell)))


def _place(cell: Cell) -> Value:
    """A name or a code; a code of digits may have come as a quantity."""
    shown = str(_plain(cell))
    return found[1] if (found := _POINTED.fullmatch(shown)) else shown


def _code(cell: Cell) -> Value:
    """A number of a person or thing: as text, whatever width it was typed in, and not as the quantity that it is none of."""
    shown = unicodedata.normalize("NFKC", text_of(cell)).strip()
    if _ROUNDED.fullmatch(shown) or (isinstance(cell, int) and len(str(abs(cell))) > MOST_DIGITS):
        zh, en = "表格软件已丢失了它的末几位；请把该列设为文本，重新填写", "its last digits were lost as a quantity"
        raise Unreadable(zh, f"{en}; make the column text and enter it again")
    return found[1] if (found := _POINTED.fullmatch(shown)) else shown


_DAY = re.compile(
    r"(\d{4})(?:年|[-/.])(\d{1,2})(?:(?:月|[-/.])(\d{1,2})[日号]?|月)?(?:[ T]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
)
_APART = re.compile(r"\s*([年月日号/.-])\s*")
_WRITTEN = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SERIALS = range(10_000, 73_051)
"""Days as spreadsheets count them, 1927 to 2099: what is left of a day in a cell that lost its format."""


def _day(cell: Cell) -> Value:
    """2026-03-01, 2026/3/1, 2026.3.1, 20260301, 2026年3月1日, with or without an hour; a month stands for its first day."""
    shown = unicodedata.normalize("NFKC", text_of(cell))
    found = _WRITTEN.fullmatch(shown) or _DAY.fullmatch(shown) or _DAY.fullmatch(_APART.sub(r"\1", shown))
    if isinstance(cell, float) and shown.endswith(".1"):
        zh, en = "是数字，分不清是一月还是十月；请写成 2026-10 的形式", "is a quantity, of January or October"
        raise Unreadable(zh, f"{en}; write it like 2026-10")
    try:
        if found:
            return date(int(found[1]), int(found[2]), int(found[3] or 1)).isoformat()
        if isinstance(cell, int | float) and int(cell) in _SERIALS:
            return (date(1899, 12, 30) + timedelta(days=int(cell))).isoformat()
    except ValueError:
        pass
    raise Unreadable(
        "不是日历上的一天；请写成 2026-03-01 的形式", "is no day of the calendar; write it like 2026-03-01"
    )


def _end(cell: Cell) -> Value:
    """A day, or that there is none."""
    return None if folded(text_of(cell)) in ENDLESS else _day(cell)


def _last(cell: Cell) -> Value:
    """The day after a last day."""
    if folded(text_of(cell)) in ENDLESS:
        return None
    day = date.fromisoformat(str(_day(cell)))
    if day == date.max:
        raise Unreadable(
            "之后再无日期；没有末日请留空", "has no day after it; leave the cell empty where there is no last day"
        )
    return (day + timedelta(days=1)).isoformat()


def _share(cell: Cell) -> Value:
    """50, 50%, or a cell that holds 0.5 and shows 50%."""
    if isinstance(cell, float) and 0 < cell < 1:
        cell = round(cell * 100, 6)
    shown = unicodedata.normalize("NFKC", text_of(cell)).removesuffix("%").strip()
    found = re.fullmatch(r"(\d{1,3})(?:\.0+)?", shown)
    if not found or not 1 <= int(found[1]) <= 100:
        raise Unreadable("占比应为 1 至 100 的整数", "the share must be a whole number from 1 to 100")
    return int(found[1])


def _flag(cell: Cell) -> Value:
    word = folded(text_of(cell))
    if word not in YES | NO:
        raise Unreadable("应为 是 或 否", "yes or no is expected")
    return word in YES


def _kind(cell: Cell) -> Value:
    word = folded(text_of(cell))
    for kind, words in KINDS.items():
        if word in words:
            return kind
    known = "、".join(f"{words[2] if kind != 'ACTING' else '代理'} {kind}" for kind, words in KINDS.items())
    raise Unreadable(f"任职方式应为其一：{known}", f"one of {', '.join(KINDS)} is expected")


@dataclass(frozen=True, slots=True)
class Column:
    """One thing that a table may tell. `of` is the kind of record it belongs to; a `personal` value is not quoted aloud."""

    name: str
    of: str
    words: tuple[str, ...]
    read: Callable[[Cell], Value] = _plain
    personal: bool = False

    @property
    def field(self) -> Field | None:
        """The field of the book that holds it as it is, if one does."""
        return FIELDS.get(self.name)

    @property
    def longest(self) -> int:
        """How many characters it may have."""
        return self.field.longest if self.field else 0

    @property
    def shown(self) -> str:
        """Its names in both languages."""
        return f"{self.words[0]}/{self.words[-1]}"


def _column(
    name: str, of: str, words: str, read: Callable[[Cell], Value] = _plain, *, personal: bool = False
) -> Column:
    return Column(name, of, tuple(words.split(",")), read, personal)


EMPLOYEE, ASSIGNMENT, BOTH = "employee", "assignment", ""
NUMBER = Field("number", Message("工号", "Number"), longest=60)
FIELDS: Mapping[str, Field] = {
    **nouns.EMPLOYEE.by_name,
    "number": NUMBER,
    "external": replace(NUMBER, longest=200),
    "reason": nouns.ASSIGNMENT.by_name["reason"],
    "document": nouns.DOCUMENT.by_name["number"],
}

COLUMNS = (
    _column(
        "number",
        BOTH,
        "工号,编号,职工编号,员工编号,人员编号,职工号,员工号,employee number,employee no,staff number,number",
        _code,
    ),
    _column(
        "external", EMPLOYEE, "外部编号,系统编号,外部id,外部标识,external,externalid,external id", _code, personal=True
    ),
    _column("name", EMPLOYEE, "姓名,名字,职工姓名,员工姓名,full name,name", _name, personal=True),
    _column("employment_type", EMPLOYEE, "用工性质,用工形式,用工类型,用工类别,人员类别,employment,employment type"),
    _column("status", EMPLOYEE, "状态,人员状态,在职状态,员工状态,职工状态,status"),
    _column(
        "entered_on",
        EMPLOYEE,
        "入职日期,入职日,入职时间,参加工作日期,entry,entered,entered on,entry day",
        _day,
        personal=True,
    ),
    _column("left_on", EMPLOYEE, "离职日期,离职日,离职时间,退休日期,left,left on,leaving day", _end, personal=True),
    _column("office_phone", EMPLOYEE, "办公电话,电话,座机,办公室电话,phone,office phone", _code, personal=True),
    _column("short_number", EMPLOYEE, "短号,内线,内线号码,short,short number", _code, personal=True),
    _column("email", EMPLOYEE, "邮箱,电子邮箱,邮件,电子邮件,mail,e-mail,email", _code, personal=True),
    _column("room", EMPLOYEE, "房间,房间号,办公室,办公地点,office,room", _place, personal=True),
    _column(
        "organisation",
        BOTH,
        "单位,单位名称,单位编号,所属单位,所在单位,公司,公司名称,company,organization,organisation code,organisation",
        _place,
    ),
    _column("department", ASSIGNMENT, "部门,所在部门,部门名称,部门编号,department code,dept,department", _place),
    _column(
        "position", ASSIGNMENT, "岗位,岗位名称,岗位编号,任职岗位,现任岗位,post,title,position code,position", _place
    ),
    _column("kind", ASSIGNMENT, "任职方式,任职类型,任职类别,kind,assignment,assignment kind", _kind),
    _column("from", ASSIGNMENT, "任职起,任职开始,任职开始日期,任职日期,任职起始日期,起始日期,start,since,from", _day),
    _column("to", ASSIGNMENT, "任职止,任职结束,任职结束日期,免职日期,end,until,to", _end),
    _column("last", ASSIGNMENT, "任职末日,最后任职日,任职最后一天,任职截止,任职截止日期,last,last day", _last),
    _column("share", ASSIGNMENT, "占比,工时占比,任职占比,percent,share", _share),
    _column("suspended", ASSIGNMENT, "停职,是否停职,suspended", _flag),
    _column("reason", BOTH, "事由,原因,变动事由,变动原因,异动原因,备注事由,reason", personal=True),
    _column("document", BOTH, "文号,文件号,依据文件,任免文号,document,document no,document number", _code),
)
BY_NAME: Mapping[str, Column] = {column.name: column for column in COLUMNS}
BY_WORD: Mapping[str, Column] = {folded(word): column for column in COLUMNS for word in column.words}
KNOWN = "、".join(column.shown for column in COLUMNS)


def column_of(header: str) -> Column | None:
    """The column that a header names, also in both languages or where it explains itself: `姓名/name`, `工号（必填）`."""
    bare = re.sub(r"[(（\[【].*?[)）\]】]", "", header)
    if found := BY_WORD.get(folded(header)) or BY_WORD.get(folded(bare)):
        return found
    named = {
        BY_WORD.get(folded(word))
        for word in re.split(r"[/／|｜\n]|(?<=[^\x00-\x7f])\s+(?=[A-Za-z])", bare)
        if word.strip()
    }
    return named.pop() if len(named) == 1 else None


def is_code(column: Column, header: str) -> bool:
    """Whether a header promises the code of a place, where another column may hold its name."""
    return column.read is _place and re.search(r"编号|代码|编码|code", header, re.IGNORECASE) is not None


def is_leaving(status: Value) -> bool:
    """Whether nobody of this status holds a position."""
    return isinstance(status, str) and folded(status) in LEAVING
