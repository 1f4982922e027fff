"""Ranks: texts whose order is the official order, with room between any two."""

from collections.abc import Iterator

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
        return between(low, None)
    number = 0
    for digit in head:
        number = number * BASE + DIGITS.index(digit)
    return _digits(number + 1).rjust(width, DIGITS[0]) + "V"
