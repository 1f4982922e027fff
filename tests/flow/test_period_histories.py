"""Whatever is published later, the figures of a closed month stand; and corrections are just what touches closed months."""

from datetime import date
from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from dutybook.book.months import end_of, first_day
from dutybook.services.book import Book
from dutybook.services.periods import closed_months, known_at
from tests.flow.accountant import Accountant
from tests.flow.clerk import Clerk, undone
from tests.flow.histories import Act, Teller, revisions

MONTHS = [f"2025-{month:02}" for month in range(1, 13)]
KINDS = ("department", "position", "duty", "assignment")
SAMPLES = 1, 15, 28

Figures = dict[tuple[str, str, date], list[dict[str, object]]]
steps = st.lists(st.sampled_from(["close", "close", "reopen"]) | revisions, min_size=1, max_size=8)


def figures(clerk: Clerk, month: str, known: int) -> Figures:
    """What the book says of a month at a revision."""
    days = [first_day(month).replace(day=day) for day in SAMPLES]
    return {(month, kind, day): clerk.in_force(kind, day, known) for kind in KINDS for day in days}


def touched(clerk: Clerk, closed: list[str]) -> set[tuple[str, str, int]]:
    """The closed months and records that the newest revision speaks of, by its document."""
    revision = clerk.book.tables["revision"]
    newest = select(revision.c.changeset).order_by(revision.c.number.desc()).limit(1)
    found: set[tuple[str, str, int]] = set()
    for change in map(orjson.loads, clerk.changes(clerk.session.scalars(newest).one())):
        if change["verb"] not in {"link", "unlink"}:
            start, end = change["from"], change.get("to", "9999-12-31")
            within = (m for m in closed if start < end_of(m).isoformat() and first_day(m).isoformat() < end)
            found |= {(month, change["kind"], change["key"]) for month in within}
    return found


def differing(clerk: Clerk, closed: list[str], revision: int) -> set[tuple[str, str, int]]:
    """The closed months and records for which the book says something else since the newest revision."""
    found: set[tuple[str, str, int]] = set()
    for month in closed:
        before, after = figures(clerk, month, revision - 1), figures(clerk, month, revision)
        for (_, kind, day), rows in before.items():
            was, now = ({int(str(row["key"])): plain(row) for row in it} for it in (rows, after[month, kind, day]))
            found |= {(month, kind, key) for key in was.keys() | now.keys() if was.get(key) != now.get(key)}
    return found


def plain(row: dict[str, object]) -> dict[str, object]:
    """A record without the row that happens to hold it."""
    axes = {"id", "valid_from", "valid_to", "since_revision", "until_revision", "touched"}
    return {name: value for name, value in row.items() if name not in axes}


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=steps)
def test_closed_months_stand_and_their_corrections_are_what_touches_them(
    company: Book, steps: list[str | list[Act]]
) -> None:
    with undone(company) as clerk:
        it, teller, kept = Accountant(clerk).open(*MONTHS), Teller(clerk), dict[Any, Any]()
        for step in steps:
            closed = list(closed_months(it.session, it.book))
            if step == "close":
                month = MONTHS[len(closed)]
                it.close(month)
                kept |= figures(clerk, month, known_at(it.session, it.book, month))
            elif step == "reopen" and closed:
                it.reopen(closed[-1])
                kept = {at: rows for at, rows in kept.items() if at[0] != closed[-1]}
            elif isinstance(step, list) and teller.tell(step):
                revision = clerk.head.revision
                corrected = {(month, str(kind), key or 0) for month, kind, key in it.corrected(revision)}
                assert corrected == touched(clerk, closed)
                assert differing(clerk, closed, revision) <= corrected
        for month in closed_months(it.session, it.book):
            again = figures(clerk, month, known_at(it.session, it.book, month))
            assert again == {at: rows for at, rows in kept.items() if at[0] == month}
