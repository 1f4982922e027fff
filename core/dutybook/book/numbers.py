"""Numbers of documents (文号) as they are compared: 〔2026〕12号, [2026] 12号 and ［２０２６］12号 are one."""

from functools import cache
from string import ascii_lowercase, ascii_uppercase

OPENING, CLOSING = "〔【〖﹝({「『〈《<〘", "〕】〗﹞)}」』〉》>〙"
BLANK = " \t\n\u3000\u00a0"


def _wide(text: str) -> str:
    """The full-width forms of printable ASCII."""
    return "".join(chr(ord(one) + 0xFEE0) for one in text)


_PLAIN = "".join(map(chr, range(0x21, 0x7F)))
_TABLE = {
    **dict(zip(ascii_uppercase, ascii_lowercase, strict=True)),
    **dict.fromkeys(OPENING, "["),
    **dict.fromkeys(CLOSING, "]"),
}
_WHOLE = {**_TABLE, **{_wide(one): _TABLE.get(one, one) for one in _PLAIN}}

WRITTEN = "".join(_WHOLE) + BLANK
SAME = "".join(_WHOLE.values())
"""What stands for what, place by place; what has no counterpart is left out. Databases know this as `translate`."""


def translated(text: str | None, written: str, same: str) -> str | None:
    """As PostgreSQL has it: each character of `written` becomes its counterpart, or nothing."""
    return None if text is None else text.translate(_table(written, same))


@cache
def _table(written: str, same: str) -> dict[int, str | None]:
    return {ord(one): same[at] if at < len(same) else None for at, one in enumerate(written)}


_NUMBERS = _table(WRITTEN, SAME)


def folded_number(number: str) -> str:
    """The form in which numbers are compared; a book keeps them as they are printed."""
    return number.translate(_NUMBERS)
