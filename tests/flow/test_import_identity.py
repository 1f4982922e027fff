"""Whatever the book said before: after an import it says what the file says, and the same file proposes nothing more."""

from datetime import date
from itertools import count
from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dutybook.catalogue.export import FORMAT
from dutybook.catalogue.export_read import roster_from
from dutybook.catalogue.roster import Roster
from tests.flow.catalogue_desk import Desk

NUMBERS = count(1)
DAYS = (date(2026, 1, 1), date(2026, 1, 1), date(2026, 2, 1))
TEXTS = st.sampled_from(
    [
        "抄表并核对读数。",
        "抄表并核对水量读数。",
        "巡查管线。",
        "完成领导交办的其他工作。",
        "值守泵房；",
        "清点库房备件。",
    ]
)
TAGS = st.one_of(st.none(), st.lists(st.sampled_from(["安全", "夜班"]), min_size=1, max_size=1))
DUTIES = st.lists(st.fixed_dictionaries({"text": TEXTS, "tags": TAGS}), max_size=5)
POSITIONS = st.lists(
    st.fixed_dictionaries(
        {
            "title": st.sampled_from(["班长", "副班长", "抄表员", "水泵工"]),
            "grade": st.sampled_from([None, "8", "9"]),
            "headcount": st.integers(0, 3),
            "note": st.sampled_from([None, "兼管车辆", "轮班\n含夜班"]),
            "duties": DUTIES,
        },
    ),
    max_size=3,
)
NAMES = st.sampled_from(["营业部", "营业一部", "泵站", "管网所"])


def held(tree: Any) -> bool:
    """Whether there is any position in it; a file without one is refused."""
    return any(department["positions"] or held(department.get("departments", [])) for department in tree)


def departments(depth: int) -> st.SearchStrategy[Any]:
    inner = {"departments": departments(depth - 1)} if depth else {}
    return st.lists(
        st.fixed_dictionaries({"name": NAMES, "positions": POSITIONS}, optional=inner), min_size=1, max_size=3
    )


TREES = departments(1).filter(held)
MANY = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)


def roster(tree: Any) -> Roster:
    read = roster_from("export.json", orjson.dumps({"format": FORMAT, "departments": tree}))
    assert read is not None
    return read


def bare(value: Any) -> Any:
    """A tree as it is compared: without codes and without what is null or empty."""
    if isinstance(value, list):
        return [bare(item) for item in value]
    if isinstance(value, dict):
        return {name: bare(item) for name, item in value.items() if name != "code" and item not in (None, [])}
    return value


def company() -> str:
    """A name that no example before has used, so that all examples share one book."""
    return f"第{next(NUMBERS)}自来水公司"


@MANY
@given(first=TREES, second=TREES, day=st.sampled_from(DAYS))
def test_the_book_says_what_the_last_complete_file_says(desk: Desk, first: Any, second: Any, day: date) -> None:
    to = company()
    desk.put(roster(first), to=to)
    assert bare(desk.tree(to=to)) == bare(first)
    desk.put(roster(second), to=to, on=day, complete=True)
    assert bare(desk.tree(to=to, on=day)) == bare(second)
    assert desk.proposal(roster(second), to=to, on=day) == []


@MANY
@given(tree=TREES)
def test_an_export_proposes_nothing_to_its_own_book(desk: Desk, tree: Any) -> None:
    to = company()
    desk.put(roster(tree), to=to)
    for form in ("json", "yaml"):
        assert desk.proposal(desk.export(form, to=to), to=to) == []


@MANY
@given(tree=TREES)
def test_an_export_makes_an_equal_catalogue_elsewhere(desk: Desk, tree: Any) -> None:
    here, there = company(), company()
    desk.put(roster(tree), to=here)
    desk.put(desk.export("yaml", to=here), to=there)
    assert desk.tree(to=there) == desk.tree(to=here)


@MANY
@given(first=TREES, second=TREES)
def test_a_revert_gives_back_what_was_and_the_file_restores_the_same_records(
    desk: Desk, first: Any, second: Any
) -> None:
    to = company()
    desk.put(roster(first), to=to)
    before = desk.tree(to=to)
    if desk.put(roster(second), to=to, complete=True).changeset is None:
        return
    after, known = desk.tree(to=to), desk.identities("position")
    desk.undo(desk.revision())
    assert desk.tree(to=to) == before
    desk.put(roster(second), to=to, complete=True)
    assert (desk.tree(to=to), desk.identities("position")) == (after, known)
