"""Numbers before a block: 1. 1、 1) (1) ① ⒈ 一、 (一) 第一条 Ⅰ、 a) 1.1 and bullets, in full or half width."""

import re
from collections.abc import Callable
from functools import cache

from dutybook.catalogue.document import Marker

_GAP = r"[ \t\u3000\xa0]*"
_ARABIC = r"[0-9０-９]{1,3}"
_HAN = r"[〇零一二三四五六七八九十百两壹贰叁肆伍陆柒捌玖拾]{1,5}"
_UNITS = "年月日号个名人次万千百元岁楼%％"
_MARK = re.compile(
    rf"""(?:
    (?P<glyph>[⒈-⒛①-⑳⑴-⒇㈠-㈩㊀-㊉❶-❿㉑-㉟㊱-㊿Ⅰ-Ⅻⅰ-ⅻ])[、.．,，]?
  | (?P<open>[(（\[［【〔]){_GAP}(?P<inner>{_ARABIC}|{_HAN}|[A-Za-z]){_GAP}[)）\]］】〕][、.．:：]?
  | 第{_GAP}(?P<nth>{_ARABIC}|{_HAN}){_GAP}(?:(?P<unit>[条章节篇款项]|部分)[、.．:：]?|(?P<comma>[、,，]))
  | (?P<path>\d{{1,2}}(?:[.．]\d{{1,2}}){{1,3}})(?:[、.．](?!\d)|(?=[ \t\u3000\u4e00-\u9fff]))
  | (?P<figure>[0-9０-９]{{1,2}})[.．](?=\d+(?:\.\d+)?[a-zA-Z%])
  | (?P<n>{_ARABIC}){_GAP}(?P<mark>[.．](?!\d)|[、)）]|[,，:：](?!\d)|(?=[(（《“"]))
  | (?P<han>{_HAN}){_GAP}(?P<hanmark>[、.．)）]|(?=[ \t\u3000]))
  | (?P<letter>[A-Za-z]|[IVX]{{2,4}}|[ivx]{{2,4}})(?P<lettermark>[、.．)）])(?![A-Za-z0-9])
  | (?P<bare>[0-9０-９]{{1,2}})(?:[ \t\u3000]+|(?=[\u4e00-\u9fff])(?![{_UNITS}]))
  | (?P<bullet>[●■◆★▪•·○◇►▶√◎※]|[-*–—](?=[ \t\u3000\u4e00-\u9fff]))
    ){_GAP}""",
    re.VERBOSE,
)
_FIRST = frozenset("⒈⒉⒊⒋⒌⒍⒎⒏⒐⒑⒒⒓⒔⒕⒖⒗⒘⒙⒚⒛(（【[［〔第●■◆★▪•·○◇►▶√◎※-*–—〇零一二三四五六七八九十百两壹贰叁肆伍陆柒捌玖拾")
_GLYPHS = (
    ("⒈", "⒛", "dotted", 1),
    ("①", "⑳", "circled", 1),
    ("⑴", "⒇", "(glyph)", 1),
    ("㈠", "㈩", "(han glyph)", 1),
    ("㊀", "㊉", "circled han", 1),
    ("❶", "❿", "black circled", 1),
    ("㉑", "㉟", "circled", 21),
    ("㊱", "㊿", "circled", 36),
    ("Ⅰ", "Ⅻ", "roman glyph", 1),
    ("ⅰ", "ⅻ", "small roman glyph", 1),
)
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_DIGITS |= {char: value for value, char in enumerate("壹贰叁肆伍陆柒捌玖", start=1)}
_ROMAN = {"I": 1, "V": 5, "X": 10}
_WIDTH = str.maketrans("０１２３４５６７８９．）：，()[]【】〔〕（）［］", "0123456789.):,()()()()()()")

_cache: dict[tuple[str, str | None], Marker] = {}


def split_marker(line: str) -> tuple[Marker | None, str]:
    """The number before a line, if any, and the rest of the line."""
    first = line[:1]
    if not (first in _FIRST or first.isdigit() or first.isnumeric() or first < "{"):
        return None, line
    found = _MARK.match(line)
    if found is None:
        return None, line
    prefix = found.group()
    key = prefix, found.lastgroup
    marker = _cache.get(key)
    if marker is None:
        marker = _marker(found, prefix)
        if len(_cache) < 20_000:
            _cache[key] = marker
    return marker, line[found.end() :]


def _marker(found: "re.Match[str]", prefix: str) -> Marker:
    style, number, weak = _read(found)
    return Marker(style, number, prefix.strip(), prefix, weak)


def _read(found: "re.Match[str]") -> tuple[str, int, bool]:
    """Style, value and weakness of what matched."""
    kind = next(name for name in _READERS if found[name] is not None)
    return _READERS[kind](found)


def _marked(found: "re.Match[str]", name: str, mark: str, weak: frozenset[str]) -> tuple[str, int, bool]:
    printed = found[mark].translate(_WIDTH)
    return f"{_family(found[name])}{printed}", value(found[name]), printed in weak


def _nth(found: "re.Match[str]") -> tuple[str, int, bool]:
    return f"第{found['unit'] or ('、' if found['comma'] else '部分')}", value(found["nth"]), False


def _stepped(found: "re.Match[str]") -> tuple[str, int, bool]:
    steps = found["path"].translate(_WIDTH).split(".")
    return f"1{'.1' * (len(steps) - 1)}", int(steps[-1]), False


_READERS: dict[str, Callable[["re.Match[str]"], tuple[str, int, bool]]] = {
    "glyph": lambda found: (*_glyph(found["glyph"]), False),
    "inner": lambda found: (f"({_family(found['inner'])})", value(found["inner"]), False),
    "nth": _nth,
    "path": _stepped,
    "n": lambda found: _marked(found, "n", "mark", frozenset({"", ",", ":"})),
    "figure": lambda found: ("1.", value(found["figure"]), True),
    "han": lambda found: _marked(found, "han", "hanmark", frozenset({""})),
    "letter": lambda found: _marked(found, "letter", "lettermark", frozenset()),
    "bare": lambda found: ("1", value(found["bare"]), True),
    "bullet": lambda found: (f"bullet {found['bullet']}", 0, False),
}


def _glyph(char: str) -> tuple[str, int]:
    for low, high, style, start in _GLYPHS:
        if low <= char <= high:
            return style, ord(char) - ord(low) + start
    raise AssertionError(char)


def _family(text: str) -> str:
    if text[0].isdecimal():
        return "1"
    if text[0] in _DIGITS or text[0] in "十百拾":
        return "一"
    if set(text.upper()) <= set("IVX") and (len(text) > 1 or text in "Ii"):
        return "I" if text.isupper() else "i"
    return "A" if text.isupper() else "a"


def value(text: str) -> int:
    """The number that digits, Chinese numerals, Roman numerals or a letter stand for."""
    family = _family(text)
    if family == "1":
        return int(text)
    if family == "一":
        return _han(text)
    if family in {"I", "i"}:
        return _roman(text.upper())
    return ord(text.upper()) - ord("A") + 1


def _han(text: str) -> int:
    total, digit = 0, 0
    for char in text:
        if char in "十拾百":
            total += (digit or 1) * (100 if char == "百" else 10)
            digit = 0
        else:
            digit = _DIGITS[char]
    return total + digit


def _roman(text: str) -> int:
    values = [_ROMAN[char] for char in text]
    return sum(-here if here < after else here for here, after in zip(values, [*values[1:], 0], strict=True))


def han(number: int) -> str:
    """1..99 in Chinese numerals."""
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else "十" if tens == 1 else "零一二三四五六七八九"[tens] + "十"
    return head + ("" if ones == 0 and tens else "零一二三四五六七八九"[ones])


@cache
def figures(number: int) -> tuple[str, ...]:
    """The forms in which a number may stand inside a text, its marks aside."""
    arabic = str(number)
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in arabic)
    glyphs = [chr(start + number) for start in (0x245F, 0x2473, 0x2487)] if number <= 20 else []
    letters = [chr(0x60 + number)] if number <= 26 else []
    return (arabic, wide, *glyphs, *letters)
