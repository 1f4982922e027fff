"""The legal gate: what may be taken from a month's wage for damage (wage payment rules, article 16)."""

from fractions import Fraction

from dutybook.api import BadInput, Refused
from dutybook_cost.rules.amounts import yuan

LARGEST_SHARE = Fraction(1, 5)
LIMIT = "The law allows 20 % of the month's wage, never below the minimum wage."


class WageNotKnown(BadInput):
    """A penalty for somebody whose wage of the month is not known."""

    def __init__(self, place: str) -> None:
        zh = f"未给出 {place}，无法核对扣款上限（当月工资的 20%，且余额不低于最低工资）；请给出后再记录。"
        en = f"{place} is not known, so the limit of a penalty cannot be held; give it. {LIMIT}"
        super().__init__(zh, en, path=[place])


class BeyondTheGate(Refused):
    """A penalty that goes beyond what the law lets a month bear."""

    code = "COST_BEYOND_LEGAL_GATE"

    def __init__(self, wanted: int, most: int) -> None:
        zh = f"当月扣款合计 {yuan(wanted)} 元超过上限 {yuan(most)} 元（工资的 20%，且余额不低于最低工资）；请减少或分月。"
        en = f"Penalties of {yuan(wanted)} yuan exceed the month's {yuan(most)}; reduce or spread them. {LIMIT}"
        super().__init__(zh, en, path=["amount"])


def most_deductible(wage: int, minimum: int) -> int:
    """The most, in fen, that penalties may take from a month's wage."""
    fifth = int(wage * LARGEST_SHARE)
    return max(0, min(fifth, wage - minimum))


def refuse_beyond(penalties: int, wage: int | None, minimum: int | None) -> None:
    """Refuses penalties of a month, in fen and positive, that go beyond the gate; also where it cannot be told."""
    if wage is None or minimum is None:
        raise WageNotKnown("wage" if wage is None else "minimumWage")
    if penalties > (most := most_deductible(wage, minimum)):
        raise BeyondTheGate(penalties, most)
