"""Who bears an item: its users first, posts by their liability, the area where nothing was used, odd-job people at the average."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from dutybook_cost.rules.amounts import rounded
from dutybook_cost.rules.shares import largest_remainder

SECTION, REDISTRIBUTED = "SECTION", "REDISTRIBUTED"
ODD_JOBS = (SECTION, REDISTRIBUTED)
"""Who pays people on odd jobs (reading B9): the section's account, or the others out of their own."""

Bearer = tuple[int | None, int | None]
"""A person at a position; nobody there means the section's account."""

Weights = Sequence[tuple[Bearer, Fraction]]
NOBODY: Bearer = (None, None)


@dataclass(frozen=True, slots=True, order=True)
class Member:
    """Somebody who worked a shift: at which position, for how many points (吃分), on odd jobs or not."""

    person: int
    position: int
    points: Decimal
    odd: bool = False

    @property
    def bearer(self) -> Bearer:
        """Who bears what falls on them."""
        return self.person, self.position


def by_points(members: Collection[Member]) -> Weights:
    """In proportion to their points; nobody at all means the section's account."""
    return [(it.bearer, Fraction(it.points)) for it in members] or [(NOBODY, Fraction(1))]


def by_liability(members: Collection[Member], percents: Mapping[int, Decimal]) -> Weights:
    """Each position its percentage (line 32), within it by points; one that nobody held in the shift bears it without a name."""
    found: list[tuple[Bearer, Fraction]] = []
    for position, percent in sorted(percents.items()):
        there = [it for it in members if it.position == position]
        points = sum((Fraction(it.points) for it in there), Fraction())
        found += [(it.bearer, Fraction(percent) * Fraction(it.points) / points) for it in there]
        if not there:
            found.append(((None, position), Fraction(percent)))
    return found


def average(amounts: Sequence[int], points: Sequence[Decimal]) -> Fraction:
    """Fen per point over everybody with points (line 60, reading B10); nothing where there are no points."""
    whole = sum((Fraction(it) for it in points), Fraction())
    return Fraction(sum(amounts)) / whole if whole else Fraction()


def odd_jobs(mean: Fraction, odd: Sequence[Member]) -> list[int]:
    """What people on odd jobs get, in fen: the average times their own points."""
    return [rounded(mean * Fraction(it.points)) for it in odd]


def funded(total: int, how: str, others: Sequence[Member]) -> list[tuple[Bearer, int]]:
    """Who pays a total for odd jobs, in fen, as negative amounts."""
    if how == SECTION or not others:
        return [(NOBODY, -total)]
    parts = largest_remainder(-total, [it.points for it in others])
    return [(it.bearer, part) for it, part in zip(others, parts, strict=True)]
