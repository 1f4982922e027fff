"""Ranks when a list is put in order: as many as possible stay, and newcomers find room."""

from hypothesis import given
from hypothesis import strategies as st

from dutybook.book import ranks

RANKS = st.lists(st.sampled_from([*ranks.spread(12)]), unique=True)


@given(wanted=st.lists(st.one_of(st.none(), st.sampled_from([*ranks.spread(12)]))))
def test_ranks_rise_in_the_wanted_order(wanted: list[str | None]) -> None:
    placed = ranks.arranged(wanted)
    assert placed == sorted(set(placed))
    assert len(placed) == len(wanted)


@given(wanted=RANKS)
def test_what_is_in_order_already_keeps_its_ranks(wanted: list[str]) -> None:
    assert ranks.arranged(sorted(wanted)) == sorted(wanted)


def test_one_that_moves_is_the_only_one_to_get_another_rank() -> None:
    first, *rest = ranks.spread(6)
    placed = ranks.arranged([*rest, first])
    assert placed[:-1] == rest


def test_newcomers_stand_where_they_are_put() -> None:
    low, high = ranks.spread(2)
    placed = ranks.arranged([None, low, None, None, high, None])
    assert (placed[1], placed[4]) == (low, high)


@given(count=st.integers(0, 3000))
def test_ranks_between_two_stay_short_however_many_there_are(count: int) -> None:
    low, high = ranks.spread(2)
    between = ranks.among(low, high, count)
    assert [low, *between, high] == sorted({low, *between, high})
    assert max(map(len, between), default=0) <= 6
