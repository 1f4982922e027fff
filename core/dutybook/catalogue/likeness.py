"""When two texts say the same, and how alike two that differ are."""

import re
import unicodedata
from collections.abc import Set as AbstractSet

from rapidfuzz.fuzz import ratio

ALIKE = 0.6
"""From here on a text counts as reworded and a name as renamed; what is less alike is another one."""

_SPACE = re.compile(r"\s+")
_MARKS = str.maketrans("。、；：，“”‘’【】《》〈〉—–－﹣", ".,;:,\"\"''[]<><>----")
_FINAL = ".,;:"


def plain(text: str) -> str:
    """A text without what copies of one print differ in: width of characters, spaces, line breaks, final punctuation."""
    folded = unicodedata.normalize("NFKC", text).translate(_MARKS)
    return _SPACE.sub("", folded).rstrip(_FINAL)


def likeness(one: str, other: str) -> float:
    """How much of two plain texts agrees, from 0 to 1."""
    return ratio(one, other) / 100


def overlap(some: AbstractSet[str], others: AbstractSet[str]) -> float:
    """How much of two sets of texts agrees, from 0 to 1; two empty sets agree in nothing."""
    size = len(some) + len(others)
    return 2 * len(some & others) / size if size else 0.0
