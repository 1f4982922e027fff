"""Parts: who answers for wear, for damage, and for what nobody can see from outside."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from dutybook_cost.rules.shares import largest_remainder, refuse_unless_whole

WEAR, MISOPERATION, MAINTENANCE = "WEAR", "MISOPERATION", "MAINTENANCE"
CAUSES = (WEAR, MISOPERATION, MAINTENANCE)
"""Line 32: wear is shared by posts; careless work, loss and neglected upkeep fall on whoever answers for them."""

PENDING, DECIDED, CHARGED = "pending_analysis", "decided", "charged"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an analysis of a large or hidden part found: fen for each who answers, and sections taken off the team."""

    charges: Sequence[tuple[str, int]] = ()
    sections: Decimal = Decimal()


@dataclass(frozen=True, slots=True)
class Judged:
    """What becomes of a part: its status, and fen for each who answers."""

    status: str
    charge: dict[str, int] = field(default_factory=dict)
    sections: Decimal = Decimal()


def late(price: int, due: str, replaced: str) -> dict[str, int]:
    """A visible part in fen by shift (line 40): in time it falls on its shift, late on the earlier one, twice (B7, B8)."""
    return {due: price} if due == replaced else {due: 2 * price, replaced: 0}


def damage(price: int, cause: str, percents: Sequence[Decimal], responsible: int | None) -> list[int]:
    """A common part in fen by post (line 32): wear by the shares of liability, else wholly on the one responsible."""
    if cause == WEAR or responsible is None:
        refuse_unless_whole(percents)
        return largest_remainder(price, percents)
    return [price if at == responsible else 0 for at in range(len(percents))]


def judged(cost: int, verdict: Verdict | None) -> Judged:
    """A large or hidden part (lines 34, 42): nothing without a recorded analysis, which is split as it says (B11)."""
    if verdict is None:
        return Judged(PENDING)
    names = [name for name, _ in verdict.charges]
    parts = largest_remainder(cost, [share for _, share in verdict.charges])
    return Judged(DECIDED, dict(zip(names, parts, strict=True)), verdict.sections)
