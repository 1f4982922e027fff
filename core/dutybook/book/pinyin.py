"""Names as people type them: in pinyin, whole or by initials."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from dutybook.book.folding import fold


@lru_cache(maxsize=20_000)
def syllables(text: str) -> tuple[str, ...]:
    """The pinyin of each character; a character that is not Chinese stands for itself."""
    # Its dictionaries take a moment and some memory, which only who writes or types names pays.
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415

    each: Any = list  # what is not Chinese, character by character; the package says that it wants a text here
    return tuple(fold(one) for one in lazy_pinyin(text, style=Style.NORMAL, errors=each))


def spellings(text: str) -> tuple[str, str]:
    """A text in whole pinyin and by its initials; both empty where nothing in it is Chinese."""
    parts = syllables(text)
    whole = "".join(parts)
    return ("", "") if whole == fold(text) else (whole, "".join(part[:1] for part in parts))


def spelt_at(text: str, typed: str) -> tuple[int, int] | None:
    """Which characters of a text were typed by pinyin or initials: where they begin, and how many they are."""
    parts = syllables(text)
    for forms in (parts, [part[:1] for part in parts]):
        start = "".join(forms).find(typed)
        if start >= 0:
            return _covered(forms, start, start + len(typed))
    return None


def _covered(forms: Sequence[str], start: int, end: int) -> tuple[int, int]:
    at, held = 0, []
    for place, form in enumerate(forms):
        if at < end and at + len(form) > start:
            held.append(place)
        at += len(form)
    return held[0], len(held)
