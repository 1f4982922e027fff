"""Quotas: what is kept in reserve, what teams get of the rest, and what output makes of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from dutybook.api import BadInput
from dutybook_cost.rules.amounts import Exact

NONE, PROPORTIONAL, TABLE = "NONE", "PROPORTIONAL", "TABLE"
ADJUSTMENTS = (NONE, PROPORTIONAL, TABLE)
"""How a quota follows the month's output (reading B5): not at all, by actual over planned, or by a table of steps."""

PRODUCTION, ELECTROMECH = "PRODUCTION", "ELECTROMECH"
TEAMS = (PRODUCTION, ELECTROMECH)


@dataclass(frozen=True, slots=True)
class Split:
    """What is kept in reserve of a quota, and the shares of the two sorts of teams in the rest, each out of 1."""

    reserve: Decimal
    production: Decimal
    electromech: Decimal


ARTICLE_1 = Split(Decimal("0.1"), Decimal("0.6"), Decimal("0.4"))
"""Article 1, line 48: a tenth in reserve, three fifths and two fifths of the rest."""


@dataclass(frozen=True, slots=True)
class Rates:
    """A quota taken apart, in yuan per unit of output."""

    reserve: Decimal
    rest: Decimal
    production: Decimal
    electromech: Decimal

    def of(self, team: str) -> Decimal:
        """The rate of a sort of team."""
        return self.production if team == PRODUCTION else self.electromech


def decompose(quota: Decimal, split: Split = ARTICLE_1) -> Rates:
    """Takes a quota apart: the split is of the rate, so each team has its rate times its own output (readings B1, B2)."""
    rest = quota * (1 - split.reserve)
    return Rates(quota * split.reserve, rest, rest * split.production, rest * split.electromech)


class NoPlannedOutput(BadInput):
    """A planned output that nothing can be divided by."""

    def __init__(self, planned: object) -> None:
        zh = f"计划产量「{planned}」必须大于 0，否则无法按产量调整定额；请更正该月的计划产量。"
        en = f"The planned output '{planned}' must be above 0 to adjust quotas by it; correct the month's planned output."
        super().__init__(zh, en, path=["planned_output"])


def adjustment(how: str, planned: Exact, actual: Exact, steps: Sequence[tuple[Decimal, Decimal]] = ()) -> Fraction:
    """The factor on all rates of a month, once at its end (line 48, reading B5). `steps`: from which ratio on, which factor."""
    if how == NONE:
        return Fraction(1)
    if planned <= 0:
        raise NoPlannedOutput(planned)
    ratio = Fraction(actual) / Fraction(planned)
    if how == PROPORTIONAL:
        return ratio
    reached = [factor for start, factor in sorted(steps) if start <= ratio]
    return Fraction(reached[-1]) if reached else Fraction(1)
