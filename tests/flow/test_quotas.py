"""Quotas: what goes beyond one is objected to from its first day on, and only where a set makes it worse."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from datetime import date, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from dutybook.access.actor import OPERATOR, Actor, Grant
from dutybook.book.times import FOREVER
from dutybook.errors import DutybookError
from dutybook.services.book import Book
from dutybook.services.changesets import Proposal, apply_changes
from dutybook.services.publish import Publication, make_revision
from dutybook.services.refusals import RefusedByRules
from dutybook.services.say import Saying
from dutybook.services.verdicts import Verdicts
from tests.flow.clerk import NEW_YEAR, Clerk, undone
from tests.flow.histories import Act, Teller

MARCH, JUNE, SEPTEMBER = (date(2025, month, 1) for month in (3, 6, 9))
TYPES = ("合同制", "劳务派遣")
REASON = {"core:QUOTA_EXCEEDED": "总经理办公会已同意"}

Snapshot = Mapping[str, list[dict[str, Any]]]


class Beyond(NamedTuple):
    """What an objection tells."""

    kind: str
    key: int
    measure: str
    day: date
    used: int
    seats: int


def told(objections: Any) -> set[Beyond]:
    """The objections by what they say; each must say it all."""
    found = set()
    for objection in objections:
        assert objection.code == "QUOTA_EXCEEDED"
        match = re.search(r"from ([\d-]+) on (.*?)(\d+)(.*), beyond the quota of (\d+);", objection.message.en)
        assert match, objection.message.en
        measure = "SEATS" if match[2].startswith("the headcount") else "PEOPLE"
        kind, key, _ = objection.path
        found.add(Beyond(kind, int(key), measure, date.fromisoformat(match[1]), int(match[3]), int(match[5])))
    return found


# What ought to be told, found the simple way: every day by itself, from plain rows.


def on(rows: list[dict[str, Any]], day: date) -> Iterator[dict[str, Any]]:
    return (row for row in rows if row["valid_from"] <= day < row["valid_to"])


def overs(book: Snapshot, day: date) -> dict[tuple[str, int, str], tuple[int, int]]:
    """Of each quota in force on a day how much is used of how many seats."""
    parents = {row["key"]: row["parent"] for row in on(book["department"], day)}
    posts = {row["key"]: row for row in on(book["position"], day)}
    types = {row["key"]: row["employment_type"] for row in on(book["employee"], day)}
    held = [row for row in on(book["assignment"], day) if row["kind"] == "PRIMARY" and row["position"] in posts]

    def within(department: int | None, top: int) -> bool:
        while department is not None and department != top:
            department = parents.get(department)
        return department == top

    found = {}
    plain = [
        {"kind": "department", **row, "department": row["key"], "seats": row["quota"], "reach": "OWN"}
        | {"leading": None, "employment_type": None}
        for row in on(book["department"], day)
        if row["quota"] is not None
    ]
    for quota in [*plain, *on(book["quota"], day)]:
        ours = {
            key
            for key, row in posts.items()
            if (row["leading"] or not quota["leading"])
            and (
                row["department"] == quota["department"]
                or (quota["reach"] == "SUBTREE" and within(row["department"], quota["department"]))
            )
        }
        place = ("department" if "parent" in quota else "quota", quota["key"])
        wanted = quota["employment_type"]
        if wanted is None:
            found[*place, "SEATS"] = (sum(posts[key]["headcount"] for key in ours), quota["seats"])
        people = [row for row in held if row["position"] in ours and wanted in (None, types[row["employee"]])]
        found[*place, "PEOPLE"] = (len(people), quota["seats"])
    return found


def expected(before: Snapshot, after: Snapshot) -> set[Beyond]:
    """The first day on which each is exceeded by more than before, looking at every day of a year."""
    found: dict[tuple[str, int, str], Beyond] = {}
    for days in range(366):
        day = NEW_YEAR + timedelta(days)
        was = overs(before, day)
        for place, (used, seats) in overs(after, day).items():
            older, allowed = was.get(place, (0, 0))
            if place not in found and max(0, used - seats) > max(0, older - allowed):
                found[place] = Beyond(*place, day, used, seats)
    return set(found.values())


KINDS = ("department", "position", "employee", "assignment", "quota")


def snapshot(clerk: Clerk) -> Snapshot:
    return {kind: clerk.rows(kind) for kind in KINDS}


DAYS = [NEW_YEAR, date(2025, 2, 28), MARCH, JUNE, SEPTEMBER]
ACTS: dict[str, Any] = {
    "quota": lambda t, a: {
        "openQuota": {
            "department": t.id("department", a.one),
            "reach": "OWN" if a.other % 3 == 0 else "SUBTREE",
            "leading": a.other % 4 == 0,
            "employmentType": TYPES[a.one % 2] if a.other % 5 == 0 else None,
            "seats": a.other % 4,
            "from": a.start,
            "to": a.end,
        }
    },
    "seats": lambda t, a: {"setQuota": {"quota": t.id("quota", a.one), "seats": a.other % 4, "from": a.start}},
    "reach": lambda t, a: {
        "setQuota": {"quota": t.id("quota", a.one), "department": t.id("department", a.other), "from": a.start}
    },
    "total": lambda t, a: {
        "setDepartment": {"department": t.id("department", a.one), "quota": a.other % 4, "from": a.start, "to": a.end}
    },
    "parent": lambda t, a: {
        "setDepartment": {
            "department": t.id("department", a.one),
            "parent": t.id("department", a.other) if a.other % 3 else None,
            "from": a.start,
            "to": a.end,
        }
    },
    "position": lambda t, a: {
        "openPosition": {"title": "岗", "department": t.id("department", a.one), "leading": a.other % 2 == 0}
        | {"headcount": a.other % 3, "from": a.start, "to": a.end}
    },
    "headcount": lambda t, a: {
        "setPosition": {"position": t.id("position", a.one), "headcount": a.other % 4, "from": a.start, "to": a.end}
    },
    "leading": lambda t, a: {
        "setPosition": {"position": t.id("position", a.one), "leading": a.other % 2 == 0, "from": a.start}
    },
    "move": lambda t, a: {
        "movePosition": {
            "position": t.id("position", a.one),
            "department": t.id("department", a.other),
            "from": a.start,
        }
    },
    "type": lambda t, a: {
        "setEmployee": {"employee": t.id("employee", a.one), "employmentType": TYPES[a.other % 2], "from": a.start}
    },
    "appoint": lambda t, a: {
        "appoint": {
            "employee": t.id("employee", a.one),
            "position": t.id("position", a.other),
            "kind": "CONCURRENT" if a.other == 9 else "PRIMARY",
            "from": a.start,
            "to": a.end,
        }
    },
    "hire": lambda _, a: {
        "openEmployee": {"number": "N", "name": "丙", "employmentType": TYPES[a.one % 2], "from": a.start}
    },
    "end": lambda t, a: {"endAssignment": {"assignment": t.id("assignment", a.one), "from": a.start}},
    "transfer": lambda t, a: {
        "setAssignment": {
            "assignment": t.id("assignment", a.one),
            "position": t.id("position", a.other),
            "from": a.start,
        }
    },
}
acts = st.builds(
    Act,
    st.sampled_from(sorted(ACTS)),
    st.integers(0, 9),
    st.integers(0, 9),
    st.sampled_from(DAYS),
    st.none() | st.sampled_from([40, 100]),
)
START: list[Saying] = [
    {"setDepartment": {"department": "D003", "quota": 1}},
    {"openQuota": {"department": "D002", "reach": "SUBTREE", "seats": 2}},
    {"openQuota": {"department": "D001", "reach": "OWN", "leading": True, "seats": 1}},
    {"openQuota": {"department": "D001", "reach": "SUBTREE", "employmentType": TYPES[1], "seats": 1}},
    *({"openEmployee": {"number": f"E{n:04}", "name": "丙", "employmentType": TYPES[n % 2]}} for n in range(3, 9)),
    *(
        {"appoint": {"employee": f"E{n:04}", "position": f"P{n % 3 + 1:04}", "from": MARCH, "to": JUNE}}
        for n in range(3, 6)
    ),
]


def published(clerk: Clerk, sayings: list[Saying]) -> set[Beyond]:
    """Publishes whatever is objected, and gives that."""
    changeset = clerk.draft(*sayings)
    found: list[Any] = []
    publication = Publication(changeset, OPERATOR.name, clerk.book.clock.now())
    make_revision(clerk.session, clerk.book, publication, found.extend)
    return told(found)


@given(st.lists(st.lists(acts, min_size=1, max_size=4), min_size=1, max_size=5))
@settings(max_examples=25)
def test_what_is_objected_to_is_what_looking_at_every_day_finds(company: Book, history: list[list[Act]]) -> None:
    with undone(company) as clerk:
        published(clerk, START)
        for some in history:
            before, savepoint = snapshot(clerk), clerk.session.begin_nested()
            try:
                found = published(clerk, [ACTS[act.what](Teller(clerk), act) for act in some])
            except DutybookError:
                savepoint.rollback()
                continue
            savepoint.commit()
            assert found == expected(before, snapshot(clerk))


def objections(clerk: Clerk, *sayings: Saying, on: date = NEW_YEAR) -> set[Beyond]:
    refusal = clerk.refused(*sayings, on=on)
    assert isinstance(refusal, RefusedByRules)
    return told(refusal.objections)


def test_somebody_who_comes_as_another_leaves_goes_beyond_nothing(clerk: Clerk) -> None:
    clerk.apply(
        {"openQuota": {"department": "D002", "reach": "SUBTREE", "seats": 1}},
        {"appoint": {"employee": "E0001", "position": "P0003", "kind": "CONCURRENT"}},
        {"openEmployee": {"number": "E0003", "name": "丙"}},
        {"openEmployee": {"number": "E0004", "name": "丁"}},
        {"appoint": {"employee": "E0003", "position": "P0003", "from": MARCH, "to": JUNE}},
    )
    clerk.apply({"appoint": {"employee": "E0004", "position": "P0003", "from": JUNE}})
    earlier = {"appoint": {"employee": "E0004", "position": "P0003", "from": JUNE - timedelta(1), "to": JUNE}}
    assert objections(clerk, earlier) == {
        Beyond("quota", clerk.rows("quota")[0]["key"], "PEOPLE", JUNE - timedelta(1), 2, 1)
    }


def test_who_holds_the_permission_overrides_it_with_a_reason_that_is_kept(clerk: Clerk) -> None:
    beyond: Saying = {"openQuota": {"department": "D001", "reach": "OWN", "leading": True, "seats": 0}}
    leading: Saying = {"setPosition": {"position": "P0001", "leading": True}}
    clerk.apply(beyond)
    [seats, people] = clerk.refused(leading).objections  # type: ignore[attr-defined]
    assert {seats.name, people.name} == REASON.keys()
    assert seats.overridable_by == "quotas.override"
    assert "部门 D001 办公室（本部门，领导职数）" in seats.message.zh
    before = clerk.head.sequence
    apply_changes(clerk.session, clerk.book, OPERATOR, Proposal("变更"), [leading], Verdicts(overridden=REASON))
    assert Counter(clerk.events(before))["changeset.overridden"] == 2


@pytest.mark.parametrize(("own", "refused"), [("D002", False), ("D003", True)])
def test_a_quota_is_overridden_by_who_is_in_charge_of_its_department(clerk: Clerk, own: str, refused: bool) -> None:
    clerk.apply({"openQuota": {"department": "D002", "reach": "SUBTREE", "seats": 1}})
    publisher = Actor("科长", (Grant("publisher", department=clerk.key("department", own)),))
    more: Saying = {"setPosition": {"position": "P0003", "headcount": 2}}
    given = (clerk.session, clerk.book, publisher, Proposal("增员"), [more], Verdicts(overridden=REASON))
    with pytest.raises(RefusedByRules) if refused else nullcontext():
        apply_changes(*given)


def test_what_is_beyond_already_is_no_reason_against_what_makes_it_no_worse(clerk: Clerk) -> None:
    verdicts = Verdicts(overridden=REASON)
    low: Saying = {"setDepartment": {"department": "D001", "quota": 1}}
    assert objections(clerk, low) == {
        Beyond("department", clerk.key("department", "D001"), measure, NEW_YEAR, 2, 1)
        for measure in ("SEATS", "PEOPLE")
    }
    apply_changes(clerk.session, clerk.book, OPERATOR, Proposal("变更", effective_on=NEW_YEAR), [low], verdicts)
    clerk.apply({"setPosition": {"position": "P0002", "headcount": 0, "from": MARCH}})
    clerk.apply(
        {"endAssignment": {"assignment": clerk.id("assignment", 1), "from": JUNE}},
        {"openEmployee": {"number": "E0003", "name": "丙"}},
        {"appoint": {"employee": "E0003", "position": "P0002", "from": JUNE}},
    )
    clerk.apply({"setDepartment": {"department": "D001", "name": "综合办公室"}})


def test_a_quota_ends_with_its_department(clerk: Clerk) -> None:
    clerk.apply({"openQuota": {"department": "D003", "reach": "OWN", "seats": 9}})
    clerk.apply({"closeDepartment": {"department": "D003", "withDependents": True}}, on=MARCH)
    assert [row["valid_to"] for row in clerk.rows("quota")] == [MARCH]


@pytest.mark.parametrize(
    "becoming",
    [
        {"mergeDepartments": {"departments": ["D001"], "into": "D002"}},
        {"splitDepartment": {"department": "D001", "into": [{"name": "甲部", "positions": ["P0001", "P0002"]}]}},
    ],
)
def test_what_was_given_to_a_department_does_not_pass_to_whoever_takes_over(clerk: Clerk, becoming: Saying) -> None:
    clerk.apply(
        {"openQuota": {"department": "D001", "reach": "OWN", "seats": 2}},
        {"openQuota": {"department": "D001", "reach": "OWN", "seats": 9, "from": JUNE}},
        {"openQuota": {"department": "D003", "reach": "OWN", "seats": 9}},
    )
    clerk.apply(becoming, on=MARCH)
    ours = {clerk.key("department", "D001"): MARCH, clerk.key("department", "D003"): FOREVER}
    assert {row["department"]: row["valid_to"] for row in clerk.rows("quota")} == ours


def counting(clerk: Clerk, *sayings: Saying) -> list[str]:
    """The statements about quotas that a publication takes."""
    heard: list[str] = []

    def hear(_c: Any, _u: Any, statement: str, *_: Any) -> None:
        heard.append(statement)

    changeset = clerk.draft(*sayings)
    event.listen(clerk.book.database.engine, "before_cursor_execute", hear)
    try:
        make_revision(clerk.session, clerk.book, Publication(changeset, "x", clerk.book.clock.now()), lambda _: None)
    finally:
        event.remove(clerk.book.database.engine, "before_cursor_execute", hear)
    return [
        statement
        for statement in heard
        if "AS touched" in statement or "spans AS" in statement or "touched AS" in statement
    ]


@pytest.mark.parametrize("many", [1, 40])
def test_the_number_of_statements_does_not_depend_on_how_many_quotas_there_are(clerk: Clerk, many: int) -> None:
    opened = [{"openDepartment": {"code": f"X{n}", "name": f"部{n}", "parent": "D001"}} for n in range(many)]
    limited = [{"openQuota": {"department": f"X{n}", "reach": "SUBTREE", "seats": 0}} for n in range(many)]
    seats = [{"openPosition": {"title": "岗", "department": f"X{n}", "headcount": 2}} for n in range(many)]
    clerk.apply(*opened, *limited)
    assert len(counting(clerk, *seats)) == 3  # which quotas; who counts after it, and before it


def test_a_set_that_no_quota_depends_on_asks_for_none(clerk: Clerk) -> None:
    clerk.apply({"openQuota": {"department": "D001", "reach": "SUBTREE", "seats": 9}})
    assert counting(clerk, {"addDuty": {"position": "P0001", "text": "负责值班"}}) == []
    assert len(counting(clerk, {"openDepartment": {"name": "工会"}})) == 1
