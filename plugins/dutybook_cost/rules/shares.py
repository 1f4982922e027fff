"""Splitting money so that the fen add up."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from dutybook.api import BadInput
from dutybook_cost.rules.amounts import Exact


class WrongShares(BadInput):
    """Shares that are not a hundred per cent together (reading B12)."""

    def __init__(self, total: Decimal, place: str = "shares") -> None:
        zh = f"{place} 合计为 {total}%，联责比例必须合计 100%；请更正各岗位的比例。"
        super().__init__(
            zh, f"{place}: the shares add up to {total} %, they must make 100; correct them.", path=[place]
        )


def refuse_unless_whole(percents: Sequence[Decimal], place: str = "shares") -> None:
    """WrongShares unless they make 100."""
    if (total := sum(percents, Decimal())) != 100:
        raise WrongShares(total, place)


def largest_remainder(amount: int, weights: Sequence[Exact]) -> list[int]:
    """An amount in fen split by weights; what rounding leaves goes to the largest remainders, the first of equals.

    Without any weight nothing can be split, and the answer is all zeros.
    """
    exact = [Fraction(weight) for weight in weights]
    if not (whole := sum(exact, Fraction())):
        return [0] * len(exact)
    sign, size = (-1 if amount < 0 else 1), abs(amount)
    parts = [size * weight / whole for weight in exact]
    floors = [int(part) for part in parts]
    order = sorted(range(len(parts)), key=lambda at: (floors[at] - parts[at], at))
    for at in order[: size - sum(floors)]:
        floors[at] += 1
    return [sign * floor for floor in floors]
