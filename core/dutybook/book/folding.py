"""Texts as they are compared: compatibility forms and case folded away, and the way back to the characters as written."""

import unicodedata
from collections.abc import Iterator

HANGUL_PARTS = range(0x1160, 0x1200)
"""Vowels and final consonants: letters that join the syllable before them."""


MIXING = "\ud800"
"""Stands for a character that may become one with its neighbours; no text that is kept holds it."""


class _Folded(dict[int, str]):
    """What each character folds to by itself."""

    def __missing__(self, code: int) -> str:
        one = chr(code)
        folded = _fold(one)
        alone = MIXING if any(_joins(each) for each in one + folded) else folded
        if code < BEYOND:
            self[code] = alone
        return alone


BEYOND = 0x10000
"""Characters from here on are rare, and too many to be remembered."""

_FOLDED = _Folded()


def fold(text: str) -> str:
    """The form in which texts are compared: NFKC, case-folded, NFKC again since folding may take apart."""
    if text.isascii():
        return text.lower()
    folded = text.translate(_FOLDED)  # three times as fast, and right where each character stands for itself
    return _fold(text) if MIXING in folded else folded


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def located(text: str, folded: str) -> tuple[int, int] | None:
    """Where a text holds what folds to `folded`, and how long that is, in the text's own characters."""
    start = fold(text).find(folded)
    if start < 0:
        return None
    end, at, first, last = start + len(folded), 0, None, 0
    for begin, stop in _pieces(text):
        if at >= end:
            break
        at += len(fold(text[begin:stop]))
        if first is None and at > start:
            first = begin
        last = stop
    return (0 if first is None else first), last - (first or 0)


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """The smallest parts that fold by themselves: a character with all that joins it."""
    begin = 0
    for at in range(1, len(text)):
        if not _joins(text[at]):
            yield begin, at
            begin = at
    if text:
        yield begin, len(text)


def _joins(character: str) -> bool:
    """Whether a character may become one with what stands before it."""
    if character < "\u0300":
        return False
    first = unicodedata.normalize("NFKD", character)[0]
    return unicodedata.category(first).startswith("M") or ord(first) in HANGUL_PARTS


def is_sayable(text: str) -> bool:
    """Whether a text could stand in the book: without control characters and halves of surrogate pairs."""
    return not any(unicodedata.category(one) in {"Cc", "Cs"} and one not in "\t\n" for one in text)
