"""The arithmetic holds for whatever happened in a shift."""

from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dutybook.api import BadInput
from dutybook_cost.journal import harmless
from dutybook_cost.rules.crew import ODD_JOBS, Member
from dutybook_cost.rules.gate import BeyondTheGate, WageNotKnown, most_deductible, refuse_beyond
from dutybook_cost.rules.quota import TABLE, adjustment
from dutybook_cost.rules.saving import BELOW_MINIMUM, HAZARD_BASES
from dutybook_cost.rules.settlement import DAMAGE, Direct, Facts, Item, Policy, settle
from dutybook_cost.rules.shares import largest_remainder

FEN = st.integers(-(10**9), 10**9)
COUNT = st.integers(0, 10**8)
POINTS = st.decimals("0.01", "20", places=2)
MEMBERS = st.lists(
    st.builds(Member, st.integers(1, 8), st.integers(1, 4), POINTS, st.booleans()),
    max_size=8,
    unique_by=lambda it: it.person,
)
LIABILITY = st.sampled_from([{}, {1: Decimal(100)}, {1: Decimal("33.33"), 2: Decimal("66.67")}])
ITEMS = st.lists(
    st.builds(
        Item,
        material=st.integers(1, 6),
        rate=st.fractions(0, 100, max_denominator=10**4),
        price=st.decimals("0", "9999", places=4),
        actual=COUNT,
        used=st.booleans(),
        hazards=st.integers(0, 3),
        users=st.frozensets(st.integers(1, 8), max_size=3),
        area=st.frozensets(st.integers(1, 4), max_size=2),
        liability=LIABILITY,
    ),
    max_size=6,
    unique_by=lambda it: it.material,
)
DIRECT = st.lists(st.builds(Direct, st.integers(1, 9), st.integers(1, 6), COUNT, st.just(DAMAGE)), max_size=4)
FACTS = st.builds(Facts, st.fractions(0, 10**5, max_denominator=10**3), MEMBERS, ITEMS, DIRECT)
POLICIES = st.builds(
    Policy,
    st.sampled_from(BELOW_MINIMUM),
    st.sampled_from(HAZARD_BASES),
    st.decimals("0", "1", places=4),
    st.sampled_from(ODD_JOBS),
)


@given(FEN, st.lists(st.fractions(0, 1000), min_size=1))
def test_what_is_split_adds_up(amount: int, weights: list[Fraction]) -> None:
    parts = largest_remainder(amount, weights)
    assert sum(parts) == (amount if sum(weights) else 0)
    assert all(abs(part) <= abs(amount) for part in parts)


@given(FACTS, POLICIES)
def test_the_fen_of_every_settlement_add_up(facts: Facts, policy: Policy) -> None:
    found = settle(facts, policy)
    assert sum(it.plan for it in found.charges) == sum(line.saving.plan for line in found.lines)
    assert sum(it.cost for it in found.charges) == sum(item.actual for item in facts.items)
    paid = sum(line.saving.net for line in found.lines) - sum(it.amount for it in facts.direct)
    assert sum(it.amount for it in found.charges) == paid


@given(FACTS, POLICIES, st.integers())
def test_the_order_of_documents_makes_no_difference(facts: Facts, policy: Policy, seed: int) -> None:
    again = Random(seed)
    crew = again.sample(list(facts.crew), len(facts.crew))
    items = again.sample(list(facts.items), len(facts.items))
    direct = again.sample(list(facts.direct), len(facts.direct))
    assert settle(Facts(facts.output, crew, items, direct), policy) == settle(facts, policy)


@given(st.integers(0, 10**8), st.integers(0, 10**8))
def test_the_gate_leaves_four_fifths_and_the_minimum_wage(wage: int, minimum: int) -> None:
    most = most_deductible(wage, minimum)
    assert most == 0 or (most * 5 <= wage and wage - most >= minimum)
    refuse_beyond(most, wage, minimum)
    with pytest.raises(BeyondTheGate):
        refuse_beyond(most + 1, wage, minimum)


@pytest.mark.parametrize(("wage", "minimum", "place"), [(None, 1, "wage"), (1, None, "minimumWage")])
def test_a_penalty_without_a_wage_to_hold_it_to_is_refused(wage: int | None, minimum: int | None, place: str) -> None:
    with pytest.raises(WageNotKnown) as refusal:
        refuse_beyond(1, wage, minimum)
    assert refusal.value.path == (place,)


def test_a_table_of_steps_takes_the_last_that_is_reached() -> None:
    steps = [(Decimal("1.1"), Decimal("1.05")), (Decimal("0.9"), Decimal("0.95"))]
    factors = [adjustment(TABLE, Decimal(100), Decimal(actual), steps) for actual in (80, 95, 120)]
    assert factors == [1, Fraction(19, 20), Fraction(21, 20)]
    with pytest.raises(BadInput):
        adjustment(TABLE, Decimal(0), Decimal(1), steps)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx"])
def test_no_cell_of_the_journal_is_taken_for_a_formula(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
