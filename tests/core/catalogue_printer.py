"""Invents catalogues and prints them in any numbering system, clean or damaged."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from hypothesis import strategies as st

HAN = "一二三四五六七八九"
Tree: TypeAlias = list[tuple[str, str, str, list[str]]]
Numberer: TypeAlias = Callable[[int], str]


def han(number: int) -> str:
    """1..99 in Chinese numerals."""
    tens, ones = divmod(number, 10)
    head = "" if not tens else "十" if tens == 1 else HAN[tens - 1] + "十"
    return head + (HAN[ones - 1] if ones else "")


STYLES: dict[str, Numberer] = {
    "一、": lambda n: f"{han(n)}、",
    "(一)": lambda n: f"({han(n)})",
    "第章": lambda n: f"第{han(n)}章 ",
    "第节": lambda n: f"第{han(n)}节 ",
    "第条": lambda n: f"第{han(n)}条 ",
    "Ⅰ": lambda n: f"{chr(0x215F + n)}、",
    "1、": lambda n: f"{n}、",
    "1.": lambda n: f"{n}.",
    "1. ": lambda n: f"{n}. ",
    "1)": lambda n: f"{n})",
    "(1)": lambda n: f"({n})",
    "⒈": lambda n: chr(0x2487 + n),
    "①": lambda n: chr(0x245F + n),
    "⑴": lambda n: chr(0x2473 + n),
    "a)": lambda n: f"{chr(96 + n)})",
    "A、": lambda n: f"{chr(64 + n)}、",
    "none": lambda _: "",
    "#": lambda _: "# ",
    "##": lambda _: "## ",
    "###": lambda _: "### ",
}
CATEGORY_STYLES = ["一、", "第章", "Ⅰ", "#", "A、"]
DEPARTMENT_STYLES = ["none", "(一)", "一、", "第节", "1. ", "1、", "##"]
POSITION_STYLES = ["none", "(一)", "一、", "第条", "1、", "1.", "(1)", "###"]
DUTY_STYLES = ["1、", "1.", "1. ", "1)", "(1)", "⒈", "①", "⑴", "a)"]
SUFFIXES = ["岗位职责", "职责", "工作职责", "岗位责任制", "岗位工作职责"]

_WIDE = str.maketrans({char: chr(ord(char) + 0xFEE0) for char in ",;:()!?.0123456789"})

_CATEGORIES = ["机关类", "生产类", "营销类", "后勤类"]
_DEPARTMENTS = [
    "综合部",
    "工程科",
    "质检室",
    "化验所",
    "物流中心",
    "铸造车间",
    "巡线班",
    "养护站",
    "信息处",
    "客户服务中心",
    "财务部",
]
_TITLES = [
    "主任",
    "副主任",
    "场长(副场长)",
    "会计",
    "出纳",
    "电工",
    "焊工",
    "质检员",
    "调度员",
    "计量专责",
    "安全主管",
    "办公室文员",
]
_TITLES += [
    "高级工程师",
    "仪表一、二级专责",
    "票据、档案管理员",
    "驾驶员",
    "班长",
    "仓库保管员",
    "人事经理",
    "营销总监",
]
_VERBS = ["负责", "组织", "编制", "检查", "督促", "参与", "做好", "建立健全"]
_OBJECTS = [
    "设备台账",
    "年度计划",
    "安全工器具",
    "2、3号机组",
    "(含外包)现场",
    "用户资料",
    "10千伏线路",
    "“三会一课”记录",
    "各类报表",
    "车辆油料",
]
_TAILS = ["的登记工作", ",并按月上报", ",做到账物相符,手续齐全", "的日常维护,每日8:30前完成", "的汇总和归档", ""]


@dataclass(frozen=True)
class Print:
    """How a catalogue is printed."""

    category: str
    department: str
    position: str
    duty: str
    suffix: str
    stops: tuple[str, str]
    blank: str
    wide: bool

    def width(self, text: str) -> str:
        """The text with full-width punctuation and figures, if that is how the catalogue is printed."""
        return text.translate(_WIDE) if self.wide else text


@st.composite
def duties(draw: st.DrawFn) -> list[str]:
    """A few duties, all different."""
    parts = st.tuples(st.sampled_from(_VERBS), st.sampled_from(_OBJECTS), st.sampled_from(_TAILS))
    return ["".join(part) for part in draw(st.lists(parts, min_size=2, max_size=6, unique=True))]


@st.composite
def trees(draw: st.DrawFn, levels: int) -> Tree:
    """Positions under departments (from one level on) under categories (from two levels on)."""
    categories = (
        draw(st.lists(st.sampled_from(_CATEGORIES), min_size=1, max_size=2, unique=True)) if levels > 1 else [""]
    )
    names = st.lists(st.sampled_from(_DEPARTMENTS), min_size=1, max_size=3, unique=True)
    tree: Tree = []
    for category in categories:
        for department in draw(names) if levels else [""]:
            titles = draw(st.lists(st.sampled_from(_TITLES), min_size=2, max_size=4, unique=True))
            tree += [(category, department, title, draw(duties())) for title in titles]
    return tree


@st.composite
def prints(draw: st.DrawFn) -> Print:
    """A numbering system whose levels can be told apart."""
    styles = [
        draw(st.sampled_from(each)) for each in (CATEGORY_STYLES, DEPARTMENT_STYLES, POSITION_STYLES, DUTY_STYLES)
    ]
    numbered = [style.strip() for style in styles if style != "none"]
    if (
        len(set(numbered)) < len(numbered)
        or ("##" in styles[1:3] and styles[2] != "###")
        or (styles[2] == "###") > (styles[1] == "##")
    ):
        styles = ["一、", "none", "(一)", "1、"]
    stops = draw(st.sampled_from([(";", "。"), ("。", "。"), ("", "")]))
    category, department, position, duty = styles
    suffix, blank = draw(st.sampled_from(SUFFIXES)), draw(st.sampled_from(["\n", "\n\n"]))
    return Print(category, department, position, duty, suffix, stops, blank, draw(st.booleans()))


def printed_lines(tree: Tree, form: Print) -> list[str]:
    """The catalogue line by line."""
    lines: list[str] = []
    counts = [0, 0, 0]
    above: tuple[str, str] = ("", "")
    for category, department, title, texts in tree:
        if category != above[0]:
            counts = [counts[0] + 1, 0, 0]
            lines.append(STYLES[form.category](counts[0]) + category)
        if (category, department) != above:
            counts[1:] = [counts[1] + 1, 0]
            lines.append(STYLES[form.department](counts[1]) + department)
        above = (category, department)
        counts[2] += 1
        lines.append(STYLES[form.position](counts[2]) + title + form.suffix)
        lines += [STYLES[form.duty](no) + text for no, text in enumerate(stopped(texts, form), start=1)]
    return [form.width(line) for line in lines if line]


def stopped(texts: list[str], form: Print) -> list[str]:
    """Duties with the final punctuation of the print."""
    return [text + form.stops[no == len(texts)] for no, text in enumerate(texts, start=1)]


def expected(tree: Tree, form: Print) -> Tree:
    """What reading the print has to give."""
    return [
        (category, department, form.width(title), [form.width(text) for text in stopped(texts, form)])
        for category, department, title, texts in tree
    ]


def _duty_lines(lines: list[str]) -> list[int]:
    return [index for index, line in enumerate(lines) if any(verb in line[:12] for verb in _VERBS)]


def _heading_lines(lines: list[str], form: Print) -> list[int]:
    return [index for index, line in enumerate(lines) if line.endswith(form.suffix)]


def split_line(draw: st.DrawFn, lines: list[str], form: Print) -> list[str]:
    """A duty broken inside a word of its sentence."""
    index = draw(st.sampled_from(_duty_lines(lines)))
    place = next(lines[index].find(each) for each in _VERBS if each in lines[index][:12]) + 3
    return [*lines[:index], lines[index][:place], lines[index][place:], *lines[index + 1 :]]


def glued_duty(draw: st.DrawFn, lines: list[str], form: Print) -> list[str]:
    """Two duties on one line."""
    places = _duty_lines(lines)
    index = draw(st.sampled_from([place for place in places if place + 1 in places]))
    return [*lines[:index], lines[index] + lines[index + 1], *lines[index + 2 :]]


def glued_heading(draw: st.DrawFn, lines: list[str], form: Print) -> list[str]:
    """A heading on the line of the duty before it."""
    places = [index for index in _heading_lines(lines, form) if index - 1 in _duty_lines(lines)]
    index = draw(st.sampled_from(places)) if places else 0
    return [*lines[: index - 1], lines[index - 1] + lines[index], *lines[index + 1 :]] if places else lines


def lost_number(draw: st.DrawFn, lines: list[str], form: Print) -> list[str]:
    """A duty in the middle of a list without its number."""
    places = _duty_lines(lines)
    index = draw(st.sampled_from([place for place in places if place + 1 in places]))
    start = min(lines[index].find(verb) for verb in _VERBS if verb in lines[index][:12])
    return [*lines[:index], lines[index][start:], *lines[index + 1 :]]


def heading_suffix_doubled(draw: st.DrawFn, lines: list[str], form: Print) -> list[str]:
    """A heading that says twice what follows."""
    index = draw(st.sampled_from(_heading_lines(lines, form)))
    return [*lines[:index], lines[index] + "职责", *lines[index + 1 :]]


def heading_suffix_missing(draw: st.DrawFn, lines: list[str], form: Print) -> list[str]:
    """A heading that is but the title."""
    index = draw(st.sampled_from(_heading_lines(lines, form)))
    return [*lines[:index], lines[index].removesuffix(form.suffix), *lines[index + 1 :]]


def running_line(draw: st.DrawFn, lines: list[str], form: Print) -> list[str]:
    """Page headers inside lists."""
    places = [place for place in _duty_lines(lines) if place + 1 in _duty_lines(lines)]
    pages = sorted(draw(st.lists(st.sampled_from(places), min_size=1, unique=True)), reverse=True)
    for page, place in enumerate(pages if len(pages) > 2 else []):
        lines = [*lines[: place + 1], f"桂竹公司内部资料 第{page}页", *lines[place + 1 :]]
    return lines


@st.composite
def damaged(draw: st.DrawFn, kind: str, lines: list[str], form: Print) -> list[str]:
    """The lines with one damage of a kind, or unchanged where there is no room for it."""
    try:
        return DAMAGES[kind](draw, lines, form)
    except (ValueError, IndexError):
        return lines


DAMAGES = {
    each.__name__: each
    for each in (
        split_line,
        glued_duty,
        glued_heading,
        lost_number,
        heading_suffix_doubled,
        heading_suffix_missing,
        running_line,
    )
}
