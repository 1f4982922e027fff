"""There is always room between two ranks, and appending does not use it up."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dutybook.book.ranks import DIGITS, among, arranged, between, following, longest_rising, spread

ranks = st.text(DIGITS, min_size=1, max_size=5).map(lambda text: text + "V")


def rising(found: list[str]) -> bool:
    return all(low < high for low, high in pairwise(found))


@given(st.lists(st.integers(0, 10**6), max_size=40))
def test_newcomers_anywhere_find_their_place(places: list[int]) -> None:
    placed: list[str] = []
    for place in places:
        at = place % (len(placed) + 1)
        placed.insert(at, between(placed[at - 1] if at else None, placed[at] if at < len(placed) else None))
    assert rising(placed)


@given(ranks, ranks)
def test_a_rank_between_two_lies_between_them(one: str, other: str) -> None:
    low, high = sorted((one, other))
    if low != high:
        assert low < between(low, high) < high
    assert between(None, low) < low < following(low)


@given(ranks, ranks, st.integers(0, 50))
def test_many_ranks_between_two_lie_between_them_in_order(one: str, other: str, count: int) -> None:
    low, high = sorted((one, other))
    if low != high:
        found = among(low, high, count)
        assert len(found) == count
        assert rising([low, *found, high])


@pytest.mark.parametrize("count", [0, 1, 61, 62, 5000])
def test_a_spread_is_in_order(count: int) -> None:
    found = list(spread(count))
    assert len(found) == count
    assert rising(found)


def test_appending_keeps_ranks_short() -> None:
    placed: list[str] = []
    for _ in range(20_000):
        placed.append(following(placed[-1] if placed else None))
    assert rising(placed)
    assert [len(placed[499]), len(placed[-1])] == [3, 18]


def test_halving_at_one_place_grows_by_a_digit_for_every_six() -> None:
    low, high = "01V", "02V"
    for _ in range(300):
        high = between(low, high)
    assert len(high) < 65


@given(st.permutations(list(spread(12))))
def test_reordering_moves_as_few_as_possible(wanted: list[str]) -> None:
    found = arranged(wanted)
    assert rising(found)
    assert sum(new == old for new, old in zip(found, wanted, strict=True)) == len(longest_rising(wanted))


def test_newcomers_among_those_who_stay_get_ranks_between_them() -> None:
    found = arranged([None, "01V", None, None, "02V", "03V", None])
    assert rising(found)
    assert [found[1], *found[4:6]] == ["01V", "02V", "03V"]
