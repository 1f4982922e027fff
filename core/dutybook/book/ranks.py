"""Ranks: texts whose order is the official order, with room between any two."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import groupby

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
BASE = len(DIGITS)


def spread(count: int) -> Iterator[str]:
    """`count` ranks in order, none ending in the lowest digit, so that there is room before each."""
    width = max(2, len(_digits(count)))
    return (_digits(number).rjust(width, DIGITS[0]) + "V" for number in range(1, count + 1))


def between(low: str | None, high: str | None) -> str:
    """A rank after `low` and before `high`; None stands for either end."""
    low, prefix = low or "", ""
    while True:
        floor = DIGITS.index(low[len(prefix)]) if len(prefix) < len(low) else 0
        ceiling = DIGITS.index(high[len(prefix)]) if high is not None and len(prefix) < len(high) else BASE
        if ceiling - floor > 1:
            return prefix + DIGITS[(floor + ceiling) // 2]
        # Once the digit chosen is below `high`'s, the rest of `high` no longer binds.
        if ceiling > floor:
            high = None
        prefix += DIGITS[floor]


def _digits(number: int) -> str:
    text = ""
    while number:
        number, digit = divmod(number, BASE)
        text = DIGITS[digit] + text
    return text or DIGITS[0]


def following(low: str | None) -> str:
    """A short rank after `low`: appending grows the number instead of halving what room is left."""
    if low is None:
        return next(spread(1))
    width, highest = max(2, len(low) - 1), DIGITS[-1]
    head = low[:width].ljust(width, DIGITS[0])
    if head == highest * width:
        return highest * (width + 1) + next(spread(1))
    number = 0
    for digit in head:
        number = number * BASE + DIGITS.index(digit)
    return _digits(number + 1).rjust(width, DIGITS[0]) + "V"


def among(low: str | None, high: str | None, count: int) -> list[str]:
    """`count` ranks in order after `low` and before `high`."""
    if high is None:
        return list(_behind(low, count))
    if not count:
        return []
    middle, first = between(low, high), count // 2
    return [*among(low, middle, first), middle, *among(middle, high, count - first - 1)]


def _behind(low: str | None, count: int) -> Iterator[str]:
    if low is None:
        yield from spread(count)
        return
    for _ in range(count):
        low = following(low)
        yield low


def arranged(ranks: Sequence[str | None]) -> list[str]:
    """Ranks for items in their wanted order: as many as possible keep the one they have; None is a newcomer."""
    kept = longest_rising(ranks)
    placed: list[str] = []
    for stays, run in groupby(range(len(ranks)), key=kept.__contains__):
        indexes = list(run)
        if stays:
            placed += [str(ranks[index]) for index in indexes]
        else:
            high = ranks[indexes[-1] + 1] if indexes[-1] + 1 < len(ranks) else None
            placed += among(placed[-1] if placed else None, high, len(indexes))
    return placed


def longest_rising(ranks: Sequence[str | None]) -> set[int]:
    """The indexes of a longest rising subsequence: those that may stay where they are."""
    tails: list[int] = []
    lasts: list[str] = []
    previous: dict[int, int | None] = {}
    for index, rank in enumerate(ranks):
        if rank is None:
            continue
        at = bisect_left(lasts, rank)
        previous[index] = tails[at - 1] if at else None
        tails[at : at + 1], lasts[at : at + 1] = [index], [rank]
    kept: set[int] = set()
    last = tails[-1] if tails else None
    while last is not None:
        kept.add(last)
        last = previous[last]
    return kept
