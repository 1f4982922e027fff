"""Plan against consumption: saving or overrun, the least that is to be consumed, and what hazards cost."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from dutybook_cost.rules.amounts import Exact, fen, rounded

FLOOR = Decimal("0.6")
"""Article 1, line 48: at least three fifths of the plan are to be consumed (reading B3: of the team's own plan)."""

HAZARD = Decimal("0.05")
"""Article 1, line 48: what each hazard from saving costs, of the unit price."""

CAP, FLAG = "CAP", "FLAG"
BELOW_MINIMUM = (CAP, FLAG)
"""What becomes of a saving below the least (reading B3): it counts down to the least only, or is only marked."""

QUOTA, MATERIAL = "QUOTA", "MATERIAL"
HAZARD_BASES = (QUOTA, MATERIAL)
"""Which unit price a hazard is reckoned on (reading B4): the quota's, times output; or that of the material saved."""


@dataclass(frozen=True, slots=True)
class Saving:
    """The outcome of one material in one shift, in fen."""

    plan: int
    actual: int
    floor: int
    below_minimum: bool
    saving: int
    hazard: int

    @property
    def net(self) -> int:
        """What is to be paid, or charged where negative."""
        return self.saving - self.hazard


def plan_of(rate: Exact, output: Exact) -> int:
    """The plan in fen: rate times output (line 54), rounded once."""
    return fen(Fraction(rate) * Fraction(output))


def saving_of(
    plan: int, actual: int, hazard: int = 0, *, below: str = CAP, floor: Decimal = FLOOR, idle: bool = False
) -> Saving:
    """Saving or overrun in fen. An item that nothing was issued for is idle: no least consumption is asked of it."""
    least = 0 if idle else rounded(plan * Fraction(floor))
    low = actual < least
    counted = max(actual, least) if below == CAP else actual
    return Saving(plan, actual, least, low, plan - counted, hazard)


def hazard_cost(times: int, *, plan: int, price: Exact = 0, quantity: Exact = 1, base: str = QUOTA) -> int:
    """Hazards add up and do not compound (reading B4). The quota's unit price times output is the plan itself."""
    unit = Fraction(plan) if base == QUOTA else Fraction(price) * Fraction(quantity) * 100
    return rounded(times * Fraction(HAZARD) * unit)
