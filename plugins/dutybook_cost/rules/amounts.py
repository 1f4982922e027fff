"""Numbers: exact decimals in, whole fen inside, yuan with two decimals out."""

import re
from decimal import Decimal
from fractions import Fraction

from dutybook.api import BadInput

Exact = Decimal | Fraction | int
"""Numbers that are never rounded before the end."""

_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,8})?", re.ASCII)


class NotANumber(BadInput):
    """A text that is no number, or one of the wrong sign."""

    def __init__(self, text: object, place: str, *, least: Decimal | None = None) -> None:
        low = "" if least is None else f"，且不小于 {least}"
        below = "" if least is None else f", at least {least}"
        zh = f"{place}「{str(text)[:40]}」不是可用的数字；请写成 1234.50 的形式{low}。"
        super().__init__(
            zh, f"{place}: '{str(text)[:40]}' is no usable number; write it like 1234.50{below}.", path=[place]
        )


def number(text: object, place: str, least: Decimal | None = None) -> Decimal:
    """The decimal that a text says; NotANumber names its place. `least` is the smallest that is accepted."""
    plain = str(text).strip()
    if isinstance(text, bool | float) or not _NUMBER.fullmatch(plain):
        raise NotANumber(text, place, least=least)
    found = Decimal(plain)
    if least is not None and found < least:
        raise NotANumber(text, place, least=least)
    return found


def rounded(amount: Exact) -> int:
    """The nearest whole number, halves away from zero."""
    exact = Fraction(amount)
    whole = (abs(exact.numerator) * 2 + exact.denominator) // (exact.denominator * 2)
    return whole if exact >= 0 else -whole


def fen(amount: Exact) -> int:
    """The fen of an amount in yuan, rounded once."""
    return rounded(Fraction(amount) * 100)


def value_of(quantity_milli: int, price_myriad: int) -> int:
    """The fen of a quantity in thousandths at a price in ten-thousandths of a yuan: whole numbers, for many slips."""
    return (2 * quantity_milli * price_myriad + 100_000) // 200_000


def yuan(amount: int) -> str:
    """An amount in fen as yuan."""
    return f"{'-' if amount < 0 else ''}{abs(amount) // 100}.{abs(amount) % 100:02d}"


def shown(amount: Exact, places: int) -> str:
    """A number with so many decimals, halves away from zero."""
    scaled = rounded(Fraction(amount) * 10**places)
    whole, rest = divmod(abs(scaled), 10**places)
    return f"{'-' if scaled < 0 else ''}{whole}.{rest:0{places}d}"
