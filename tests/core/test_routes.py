"""Which route a place picks, whatever the order in which routes are looked at; and how several become one."""

from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from dutybook.book.routes import Place, Route, Signer, Step, fits, joined, most_specific

KINDS = ("position", "duty", "department")
SIGNERS = st.sampled_from(["user:a", "user:b", "role:approver", "role:approver@O1/D1"])
STEPS = st.lists(st.builds(Step, st.lists(SIGNERS, min_size=1, max_size=3).map(tuple)), min_size=1, max_size=4)
ROUTES = st.lists(
    st.builds(
        Route,
        st.integers(1, 99),
        st.text("路线", min_size=1, max_size=3),
        STEPS.map(tuple),
        st.none() | st.integers(1, 2),
        st.none() | st.integers(1, 4),
        st.none() | st.frozensets(st.sampled_from(KINDS), min_size=1),
        st.integers(-2, 2),
    ),
    unique_by=lambda route: route.key,
    max_size=8,
)
PLACES = st.builds(
    Place,
    st.sampled_from(KINDS),
    st.lists(st.integers(1, 4), unique=True, max_size=4).map(tuple),
    st.none() | st.integers(1, 2),
)


@given(ROUTES, PLACES, st.randoms())
def test_the_most_specific_route_wins_in_whatever_order_they_come(
    routes: list[Route], place: Place, random: Random
) -> None:
    found = most_specific(routes, place)
    random.shuffle(routes)
    assert most_specific(routes, place) == found
    fit = [route for route in routes if fits(route, place)]
    assert (found is None) == (not fit)
    for other in fit:
        assert found == other or (found is not None and beats(found, other, place))


def beats(one: Route, other: Route, place: Place) -> bool:
    """Told from the first thing in which two routes differ, in the order of the rule."""
    heights = [place.departments.index(it.department) if it.department else 99 for it in (one, other)]
    if heights[0] != heights[1]:
        return heights[0] < heights[1]
    for name in ("organisation", "kinds"):
        if (getattr(one, name) is None) != (getattr(other, name) is None):
            return getattr(one, name) is not None
    return (-one.priority, one.key) < (-other.priority, other.key)


@given(ROUTES)
def test_joined_routes_ask_for_all_that_each_asks_for_in_its_order_and_end_together(routes: list[Route]) -> None:
    steps = joined(routes)
    assert len(steps) == max((len(route.steps) for route in routes), default=0)
    for route in routes:
        for mine, whole in zip(route.steps[::-1], steps[::-1], strict=False):
            assert Counter(mine.signers) <= Counter(whole.signers)
            assert route.name in whole.routes
    for at, whole in enumerate(steps[::-1]):
        asked = [Counter(route.steps[::-1][at].signers) for route in routes if at < len(route.steps)]
        assert all(count == max(one[signer] for one in asked) for signer, count in Counter(whole.signers).items())


def test_a_signer_is_a_user_a_role_or_a_role_that_reaches_a_place() -> None:
    written = ["user:alice", "user:a@b", "role:approver", "role:approver@D001", "role:approver@O01/D001"]
    assert [str(Signer.read(text)) for text in written] == written
    assert Signer.read("user:a@b") == Signer("user", "a@b")
    assert [Signer.read(text) for text in ("alice", "user:", "role:", "role:@D1", "role:approver@", "group:x")] == [
        None
    ] * 6
