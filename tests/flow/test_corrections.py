"""Corrections: a revision names what it touches in closed months, and an open month takes the delta."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from time import sleep
from typing import Any

import orjson
import pytest
from sqlalchemy import event as hear
from sqlalchemy.orm import Session

from dutybook.db import periods as reads
from dutybook.errors import BadInput, DutybookError
from dutybook.lifecycle.events import Event
from dutybook.services import plugin_periods
from dutybook.services.book import Book
from dutybook.services.corrections import WrongPeriod, carried_to, month_for, note_fact
from dutybook.services.periods import known_at
from dutybook.services.refusals import RefusedByRules
from tests.flow.accountant import FEB, JAN, MAR, TITLE, WINTER, Accountant, objecting
from tests.flow.clerk import Clerk, committed
from tests.flow.closing_plugin import Late

TOUCHES: dict[str, tuple[dict[str, Any], date, tuple[str, ...]]] = {
    "a change without an end": (TITLE, date(2025, 2, 28), (FEB, MAR)),
    "a change from before all": (TITLE, date(2025, 1, 1), WINTER),
    "a change of some days": (
        {"setPosition": {"position": "P0001", "title": "代主任", "to": "2025-02-02"}},
        date(2025, 1, 31),
        (JAN, FEB),
    ),
    "a change until the first of a month": (
        {"setPosition": {"position": "P0001", "title": "代主任", "to": "2025-02-01"}},
        date(2025, 1, 15),
        (JAN,),
    ),
    "a change after all": (TITLE, date(2025, 4, 1), ()),
    "a record of some days": (
        {"openPosition": {"title": "干事", "department": "D001", "to": "2025-03-02"}},
        date(2025, 2, 3),
        (FEB, MAR),
    ),
    "an end": ({"endAssignment": {"assignment": None}}, date(2025, 3, 1), (MAR,)),
}


@pytest.mark.parametrize("what", TOUCHES)
def test_a_correction_concerns_the_closed_months_whose_days_are_touched(accountant: Accountant, what: str) -> None:
    saying, day, months = TOUCHES[what]
    if "endAssignment" in saying:
        saying = {"endAssignment": {"assignment": accountant.clerk.id("assignment", 0)}}
    accountant.open(*WINTER, "2025-04").close(*WINTER)
    revision = accountant.clerk.apply(saying, on=day)
    rows = accountant.rows("period_correction")
    assert [row.month for row in rows] == list(months)
    assert {(row.revision, row.day, row.carried_to, row.changes) for row in rows} <= {(revision, day, "2025-04", 1)}


def test_a_correction_names_its_cause_once_for_each_record(accountant: Accountant) -> None:
    accountant.open(JAN, FEB).close(JAN)
    grade = {"setPosition": {"position": "P0001", "grade": "12", "from": "2025-01-20"}}
    revision = accountant.clerk.apply(TITLE, grade, {"setPosition": {"position": "P0002", "grade": "9"}})
    one, other = (accountant.clerk.key("position", code) for code in ("P0001", "P0002"))
    assert accountant.corrected(revision) == [(JAN, "position", one), (JAN, "position", other)]
    first, _ = accountant.rows("period_correction")
    assert (first.changes, first.day) == (2, date(2025, 1, 1))
    assert first.changeset == max(row.id for row in accountant.rows("changeset"))


def test_lineage_alone_corrects_nothing_and_what_is_said_with_it_does(accountant: Accountant) -> None:
    accountant.open(JAN, FEB).close(JAN)
    split = {"splitDuty": {"duty": accountant.clerk.id("duty", 2), "into": ["负责甲", "负责乙"]}}
    revision = accountant.clerk.apply(split, on=date(2025, 1, 10))
    assert {kind for _, kind, _ in accountant.corrected(revision)} == {"duty"}
    changes = [orjson.loads(text) for text in accountant.clerk.changes(max(r.id for r in accountant.rows("changeset")))]
    dated = {change["key"] for change in changes if change["verb"] not in {"link", "unlink"}}
    assert {key for _, _, key in accountant.corrected(revision)} == dated


def test_a_correction_waits_until_a_month_is_open(accountant: Accountant) -> None:
    accountant.open(JAN).close(JAN)
    accountant.clerk.apply(TITLE)
    assert [row.carried_to for row in accountant.rows("period_correction")] == [None]
    accountant.open(FEB, MAR)
    assert [row.carried_to for row in accountant.rows("period_correction")] == [FEB]
    accountant.close(FEB)
    accountant.clerk.apply(TITLE, on=date(2025, 1, 2))
    [_, *later] = [(row.month, row.carried_to) for row in accountant.rows("period_correction")]
    assert later == [(JAN, MAR), (FEB, MAR)]


def test_a_reopened_month_is_worked_out_anew_and_leaves_no_delta(accountant: Accountant) -> None:
    accountant.open(JAN, FEB).close(JAN)
    accountant.clerk.apply(TITLE)
    assert [it.month for it in carried_to(accountant.session, accountant.book, FEB)] == [JAN]
    accountant.reopen(JAN)
    assert carried_to(accountant.session, accountant.book, FEB) == []
    assert accountant.clerk.apply({"setPosition": {"position": "P0001", "grade": "9"}}) == 3
    accountant.close(JAN)
    assert known_at(accountant.session, accountant.book, JAN) == 3
    assert accountant.corrected(3) == []


def test_a_large_revision_is_one_correction_for_each_month_and_kind(
    accountant: Accountant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reads, "MANY", 5)
    accountant.open(JAN, FEB, MAR).close(JAN, FEB)
    many = [{"openPosition": {"title": f"干事{n}", "department": "D001"}} for n in range(5)]
    revision = accountant.clerk.apply(*many, {"setDepartment": {"department": "D001", "name": "综合办"}})
    one = accountant.clerk.key("department", "D001")
    expected = [(month, kind, key) for month in (JAN, FEB) for kind, key in (("department", one), ("position", None))]
    assert sorted(accountant.corrected(revision), key=str) == sorted(expected, key=str)
    assert {row.changes for row in accountant.rows("period_correction") if row.key is None} == {5}


def test_a_plugin_notes_facts_of_its_own(accountant: Accountant) -> None:
    accountant.open(JAN, MAR).close(JAN)
    session, book = accountant.session, accountant.book
    assert note_fact(session, book, "late", JAN, "一班补报 3 吨", date(2025, 1, 9)) == MAR
    [it] = carried_to(session, book, MAR)
    assert (it.plugin, it.subject, it.kind, it.key, it.day) == ("late", "一班补报 3 吨", None, None, date(2025, 1, 9))
    with pytest.raises(WrongPeriod, match="2025-03"):
        note_fact(session, book, "late", MAR, "一班补报")
    with pytest.raises(BadInput, match="subject"):
        note_fact(session, book, "late", JAN, "")


def test_plugins_read_periods_and_note_corrections_as_they_derive(accountant: Accountant) -> None:
    told: list[Any] = []

    def derive(session: Session, events: Sequence[Event]) -> None:
        if any(event.type == "position.changed" for event in events):
            [month] = plugin_periods.closed_months(session)
            told.append(plugin_periods.period_known_at(session, month))
            told.append(plugin_periods.open_month_for(session, date(2025, 1, 9)))
            told.append(plugin_periods.note_correction(session, month, "late", "一班补报"))
            told.append([it.plugin for it in plugin_periods.corrections_carried_to(session, FEB)])

    it = objecting(accountant, Late(deriving=derive)).open(JAN, FEB).close(JAN)
    Clerk(it.session, it.book).apply(TITLE)
    assert told == [1, FEB, FEB, [None, "late"]]


def test_plugins_are_told_of_periods_as_they_derive(accountant: Accountant) -> None:
    told: list[tuple[str, int, object]] = []

    def derive(_: Session, events: Sequence[Event]) -> None:
        told.extend((event.type, event.key, event.payload.get("revision")) for event in events)

    objecting(accountant, Late(deriving=derive)).open(JAN).close(JAN)
    assert told == [("period.opened", 202501, None), ("period.closing", 202501, None), ("period.closed", 202501, 1)]


def test_a_check_only_reads(accountant: Accountant) -> None:
    late = Late(checking=lambda session: plugin_periods.note_correction(session, JAN, "late", "一班补报"))
    it = objecting(accountant, late).open(JAN, FEB)
    with pytest.raises(RefusedByRules, match="only reads"):
        it.close(JAN)


def test_closing_waits_for_a_publication_that_is_under_way(book: Book) -> None:
    with committed(book) as clerk:
        Accountant(clerk.found()).open(JAN, FEB)
    published = threading.Event()

    def publish() -> None:
        with committed(book) as clerk:
            clerk.apply(TITLE)
            published.set()
            sleep(0.3)

    def close() -> None:
        published.wait(5)
        with committed(book) as clerk:
            Accountant(clerk).close(JAN)

    with ThreadPoolExecutor(2) as both:
        for task in [both.submit(publish), both.submit(close)]:
            task.result(20)
    with committed(book) as clerk:
        assert known_at(clerk.session, book, JAN) == clerk.head.revision == 2
        assert Accountant(clerk).corrected() == []


def test_a_fact_is_accounted_for_in_its_own_month_or_the_next_open_one(accountant: Accountant) -> None:
    accountant.open(JAN, MAR, "2025-05").close(JAN)
    days = [date(2025, month, 9) for month in (1, 2, 3, 4, 6)]
    found = [month_for(accountant.session, accountant.book, day) for day in days]
    assert found == [MAR, MAR, MAR, "2025-05", None]


def said_by(accountant: Accountant, act: Callable[[], object]) -> list[str]:
    """The statements of an act that name periods."""
    said: list[str] = []

    def listen(*given: Any) -> None:
        said.append(given[2])

    connection = accountant.session.connection()
    hear.listen(connection, "before_cursor_execute", listen)
    try:
        act()
    finally:
        hear.remove(connection, "before_cursor_execute", listen)
    return [statement for statement in said if "period" in statement]


def test_a_publication_pays_one_statement_for_periods_and_two_for_corrections(accountant: Accountant) -> None:
    clerk = accountant.clerk
    many = [{"openPosition": {"title": f"干事{n}", "department": "D001"}} for n in range(30)]
    [asked] = said_by(accountant, lambda: clerk.apply(TITLE))
    assert asked.startswith("SELECT")
    accountant.open(*WINTER, "2025-04").close(JAN)
    assert len(said_by(accountant, lambda: clerk.apply(TITLE))) == 2
    accountant.close(FEB, MAR)
    assert len(said_by(accountant, lambda: clerk.apply(*many))) == 2
    assert len(said_by(accountant, lambda: clerk.apply(TITLE, on=date(2025, 4, 1)))) == 1


def test_a_set_that_is_refused_corrects_nothing(accountant: Accountant) -> None:
    accountant.open(JAN, FEB).close(JAN)
    error: DutybookError = accountant.clerk.refused({"setPosition": {"position": "P0001", "reportsTo": "P0001"}})
    assert error.code == "RULE_BROKEN"
    assert accountant.corrected() == []
