"""What compare finds by the changes, by departments or by looking through all versions is what differs between two times."""

from datetime import date
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from dutybook.access.actor import OPERATOR
from dutybook.book.times import Time
from dutybook.db import compare
from dutybook.db.engine import KEYS
from dutybook.db.in_force import EVERYTHING, Scope
from dutybook.db.reads import Reading, sent
from dutybook.services.book import Book
from dutybook.services.changesets import remove_change
from tests.flow.clerk import Clerk, undone
from tests.flow.histories import DAYS, Act, histories, tell

KINDS = ("organisation", "department", "position", "duty", "assignment", "employee")
Rows = dict[int, tuple[Any, ...]]


class Question(NamedTuple):
    """Two times, by day and by revision counted from the head, and how they are compared."""

    one: tuple[int, int]
    other: tuple[int, int]
    seen: list[int] | None
    department: int | None
    named: bool


times = st.tuples(st.integers(0, len(DAYS) - 1), st.integers(0, 4))
departments = st.integers(0, 4)
questions = st.builds(
    Question, times, times, st.none() | st.lists(departments, min_size=1), st.none() | departments, st.booleans()
)


def standing(clerk: Clerk, reading: Reading, kind: str, places: list[int] | None) -> Rows:
    """What is seen of a kind at a time in some departments, or anywhere."""
    known = clerk.book.kinds[kind]
    rows = {row.key: row for row in clerk.session.execute(select(reading.source(kind)))}
    if places is not None and known.scope == "position":
        inside = standing(clerk, reading, "position", places)
        rows = {key: row for key, row in rows.items() if row.position in inside}
    elif places is not None:
        rows = {key: row for key, row in rows.items() if getattr(row, str(known.scope)) in places}
    return {key: tuple(getattr(row, field.name) for field in known.fields) for key, row in rows.items()}


def differing(before: Rows, after: Rows) -> dict[int, str]:
    """The verdict on each record that is not the same."""
    verdicts = {key: compare.ADDED if key not in before else compare.CHANGED for key in after}
    verdicts |= dict.fromkeys(before.keys() - after.keys(), compare.REMOVED)
    return {key: verdict for key, verdict in verdicts.items() if before.get(key) != after.get(key)}


def found(clerk: Clerk, sides: compare.Sides, kind: str, places: list[int]) -> dict[int, str]:
    """What compare finds."""
    database, given = clerk.book.database, {KEYS: sent(clerk.book.database, places)} if sides.placed else {}
    if sides.named:
        one, other = (reading.time for reading in sides.readings)
        look = compare.published if one.as_of == other.as_of else compare.altered
        named = compare.by_kind(clerk.session.execute(look(database, one, other)).all())
        assert named is not None
        if not compare.may_differ(sides, kind, named):
            return {}
        given |= compare.given(sides, kind, named)
    rows = clerk.session.execute(compare.differences(sides, kind), given).all()
    assert len({row.key for row in rows}) == len(rows)
    return {row.key: row.verdict for row in rows}


@given(histories, st.lists(questions, min_size=1, max_size=4))
@settings(max_examples=12)
def test_what_is_found_is_what_differs(company: Book, history: list[list[Act]], asked: list[Question]) -> None:
    with undone(company) as clerk:
        tell(clerk, history)
        table, head = clerk.book.tables.identities["department"], clerk.head.revision
        keys = clerk.session.scalars(select(table.c.key).order_by(table.c.key)).all()
        for question in asked:
            scope = Scope(frozenset(keys[at % len(keys)] for at in question.seen)) if question.seen else EVERYTHING
            one, other = (
                Reading(clerk.book.database, Time(DAYS[day], max(0, head - back)), scope)
                for day, back in (question.one, question.other)
            )
            places = None if question.department is None else [keys[question.department % len(keys)]]
            sides = compare.Sides(one, other, placed=places is not None, named=question.named)
            for kind in KINDS if places is None else KINDS[1:5]:
                expected = differing(*(standing(clerk, reading, kind, places) for reading in sides.readings))
                assert found(clerk, sides, kind, places or []) == expected


@pytest.mark.parametrize("seen", [True, False])
def test_what_belongs_to_a_position_comes_and_goes_with_it(clerk: Clerk, seen: bool) -> None:
    place = clerk.key("department", "D002")
    clerk.apply({"movePosition": {"position": "P0002", "department": "D002"}})
    head, scope = clerk.head.revision, Scope(frozenset({place})) if seen else EVERYTHING
    one, other = (Reading(clerk.book.database, Time(DAYS[0], head - back), scope) for back in (1, 0))
    [duty] = [row["key"] for row in clerk.in_force("duty") if row["text"] == "负责收发文件"]
    for named in (True, False):
        came = compare.Sides(one, other, placed=not seen, named=named)
        assert found(clerk, came, "duty", [place]) == {duty: compare.ADDED}
        assert found(clerk, came._replace(one=other, other=one), "duty", [place]) == {duty: compare.REMOVED}


def test_a_set_whose_first_changes_were_taken_back_is_compared_too(
    clerk: Clerk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compare, "FEW", 2)
    sayings = [{"setPosition": {"position": "P0001", "grade": str(grade)}} for grade in range(4)]
    changeset = clerk.draft(*sayings, {"setPosition": {"position": "P0002", "grade": "9"}})
    for ordinal in range(4):
        remove_change(clerk.session, clerk.book, OPERATOR, changeset, ordinal)
    clerk.publish(changeset)
    day, database = date(2031, 1, 1), clerk.book.database
    looked = compare.published(database, Time(day, 1), Time(day, clerk.head.revision))
    named = compare.by_kind(clerk.session.execute(looked).all())
    assert named is None or named == {"position": {clerk.key("position", "P0002")}}
