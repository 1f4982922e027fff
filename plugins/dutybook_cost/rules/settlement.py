"""One shift settled: from its facts to a line for each material and a charge for each who bears something."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from dutybook_cost.rules.amounts import rounded
from dutybook_cost.rules.crew import NOBODY, Bearer, Member, Weights, average, by_liability, by_points, funded, odd_jobs
from dutybook_cost.rules.saving import Saving, hazard_cost, plan_of, saving_of
from dutybook_cost.rules.shares import largest_remainder

VERSION = "article-1/1"
"""The rules by which a settlement was made; it is kept with each."""

SHARES, USERS, AREA, CREW = "SHARES", "USERS", "AREA", "CREW"
RETAINED, ODD_JOB, ODD_JOB_FUND = "RETAINED", "ODD_JOB", "ODD_JOB_FUND"
UNSIGNED, DAMAGE, DECISION = "UNSIGNED", "DAMAGE", "DECISION"
REASONS = (SHARES, USERS, AREA, CREW, RETAINED, ODD_JOB, ODD_JOB_FUND, UNSIGNED, DAMAGE, DECISION)


@dataclass(frozen=True, slots=True)
class Policy:
    """What the source leaves open and the enterprise has set."""

    below: str
    hazard_base: str
    reward_rate: Decimal
    odd_jobs: str


@dataclass(frozen=True, slots=True)
class Item:
    """One material in one shift: the team's rate in yuan per unit of output, consumption in fen, and who used it."""

    material: int
    rate: Fraction
    price: Decimal = Decimal()
    actual: int = 0
    used: bool = False
    hazards: int = 0
    users: frozenset[int] = frozenset()
    area: frozenset[int] = frozenset()
    liability: Mapping[int, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, order=True)
class Direct:
    """What falls on one person outside of the team's plan, in fen."""

    person: int
    material: int
    amount: int
    reason: str


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a shift is settled from."""

    output: Fraction
    crew: Sequence[Member] = ()
    items: Sequence[Item] = ()
    direct: Sequence[Direct] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """The outcome of one material, in fen; `awarded` is what is paid of the net."""

    item: Item
    saving: Saving
    awarded: int


@dataclass(frozen=True, slots=True, order=True)
class Charge:
    """What one bearer has of one material, in fen: shares of plan and consumption, and money to be paid or charged."""

    person: int | None
    position: int | None
    material: int | None
    reason: str
    plan: int
    cost: int
    amount: int


@dataclass(frozen=True, slots=True)
class Settled:
    """A settlement."""

    lines: Sequence[Line]
    charges: Sequence[Charge]


def settle(facts: Facts, policy: Policy) -> Settled:
    """Settles a shift; the order in which facts are given makes no difference."""
    crew = sorted(facts.crew)
    lines = [line_of(item, facts.output, policy) for item in sorted(facts.items, key=lambda it: it.material)]
    charges = [charge for line in lines for charge in _charges(line, crew)]
    charges += _odd(charges, crew, policy)
    charges += _direct(sorted(facts.direct), crew)
    return Settled(lines, charges)


def line_of(item: Item, output: Fraction, policy: Policy) -> Line:
    """Plan against consumption of one material; a reward is paid at the rate that is set (reading B6)."""
    plan = plan_of(item.rate, output)
    hazard = hazard_cost(item.hazards, plan=plan, price=item.price, base=policy.hazard_base)
    saving = saving_of(plan, item.actual, hazard, below=policy.below, idle=not item.used)
    return Line(item, saving, awarded(saving.net, policy.reward_rate))


def awarded(net: int, rate: Decimal) -> int:
    """What is paid of a net, in fen: a saving at the rate, an overrun in full."""
    return rounded(net * Fraction(rate)) if net > 0 else net


def weights(item: Item, crew: Sequence[Member]) -> tuple[str, Weights]:
    """Who bears an item (lines 32, 58): posts by liability, its users, or its area where nothing was used; else everybody."""
    regular = [it for it in crew if not it.odd]
    if item.liability:
        return SHARES, by_liability(regular, item.liability)
    if users := [it for it in crew if it.person in item.users]:
        return USERS, by_points(users)
    if not item.used and (there := [it for it in regular if it.position in item.area]):
        return AREA, by_points(there)
    return CREW, by_points(regular)


def _charges(line: Line, crew: Sequence[Member]) -> Iterator[Charge]:
    reason, shares = weights(line.item, crew)
    each = [share for _, share in shares]
    sums = (line.saving.plan, line.saving.actual, line.awarded)
    parts = zip(*(largest_remainder(whole, each) for whole in sums), strict=True)
    for (bearer, _), (plan, cost, amount) in zip(shares, parts, strict=True):
        yield Charge(*bearer, line.item.material, reason, plan, cost, amount)
    if kept := line.saving.net - line.awarded:
        yield Charge(*NOBODY, line.item.material, RETAINED, 0, 0, kept)


def _odd(charges: Sequence[Charge], crew: Sequence[Member], policy: Policy) -> Iterator[Charge]:
    odd, regular = [it for it in crew if it.odd], [it for it in crew if not it.odd]
    names = {it.person for it in regular}
    mean = average([it.amount for it in charges if it.person in names], [it.points for it in regular])
    paid = odd_jobs(mean, odd)
    yield from (_money(it.bearer, None, ODD_JOB, amount) for it, amount in zip(odd, paid, strict=True))
    if total := sum(paid):
        yield from (
            _money(bearer, None, ODD_JOB_FUND, part) for bearer, part in funded(total, policy.odd_jobs, regular)
        )


def _direct(direct: Sequence[Direct], crew: Sequence[Member]) -> Iterator[Charge]:
    posts = {it.person: it.position for it in crew}
    for it in direct:
        yield _money((it.person, posts.get(it.person)), it.material, it.reason, -it.amount)


def _money(bearer: Bearer, material: int | None, reason: str, amount: int) -> Charge:
    return Charge(*bearer, material, reason, 0, 0, amount)
