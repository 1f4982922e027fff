"""Months open, close and reopen; a closed one keeps its figures, and corrections in it name their cause."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import orjson
import pytest
from sqlalchemy import event, select

from dutybook.access.actor import OPERATOR, Actor, Grant
from dutybook.book.months import NotAMonth, end_of, first_day, month_numbered, number_of, parse_month
from dutybook.db import periods as reads
from dutybook.errors import BadInput, DutybookError, Forbidden
from dutybook.services.book import Book
from dutybook.services.corrections import WrongPeriod, carried_to, month_for, note_fact
from dutybook.services.periods import (
    attempt_close,
    close_period,
    closed_months,
    closing_objections,
    known_at,
    open_period,
    reopen_period,
)
from dutybook.services.refusals import RefusedByRules
from dutybook.services.verdicts import NONE, Verdicts
from tests.flow.clerk import Clerk, committed
from tests.flow.closing_plugin import OVERRIDABLE, ROUNDED, UNSIGNED, Late, with_plugin

WINTER = ("2025-01", "2025-02", "2025-03")
TITLE = {"setPosition": {"position": "P0001", "title": "主任科员"}}


class Accountant:
    """Somebody who manages periods at the company's book."""

    def __init__(self, clerk: Clerk, book: Book | None = None, actor: Actor = OPERATOR) -> None:
        self.clerk, self.session, self.book, self.actor = clerk, clerk.session, book or clerk.book, actor

    def open(self, *months: str) -> "Accountant":
        for month in months:
            open_period(self.session, self.book, self.actor, month)
        return self

    def close(self, *months: str, verdicts: Verdicts = NONE) -> "Accountant":
        for month in months:
            close_period(self.session, self.book, self.actor, month, verdicts)
        return self

    def reopen(self, month: str, reason: str = "漏记") -> "Accountant":
        reopen_period(self.session, self.book, self.actor, month, reason)
        return self

    def rows(self, table: str) -> Sequence[Any]:
        it = self.book.tables[table]
        return self.session.execute(select(it).order_by(*it.primary_key)).all()

    def corrected(self, revision: int | None = None) -> list[tuple[str, str | None, int | None]]:
        """Month, kind and key of each correction."""
        rows = self.rows("period_correction")
        return [(row.month, row.kind, row.key) for row in rows if revision in {None, row.revision}]


@pytest.fixture
def accountant(clerk: Clerk) -> Accountant:
    return Accountant(clerk)


def test_a_month_has_days_and_a_number() -> None:
    assert (first_day("2025-12"), end_of("2025-12")) == (date(2025, 12, 1), date(2026, 1, 1))
    assert end_of("2024-02") == date(2024, 3, 1)
    assert month_numbered(number_of("2025-03")) == "2025-03"


@pytest.mark.parametrize(
    "text", ["2025-3", "2025-13", "2025-00", "202503", "2025-03-01", "", "０２５-03", "9999-12", "x" * 99]
)
def test_what_is_no_month_is_told(text: str) -> None:
    with pytest.raises(NotAMonth, match="2026-03") as refusal:
        parse_month(text)
    assert text[:60] in refusal.value.message.en


def test_a_closed_month_keeps_the_revision_it_was_closed_at(accountant: Accountant) -> None:
    closing = accountant.clerk.head.revision
    accountant.open("2025-01").close("2025-01")
    accountant.clerk.apply(TITLE, on=date(2025, 1, 10))
    assert known_at(accountant.session, accountant.book, "2025-01") == closing
    assert closed_months(accountant.session, accountant.book) == ["2025-01"]
    [row] = accountant.rows("period")
    assert (row.state, row.closing_revision, row.closed_by, row.version) == ("CLOSED", closing, "operator", 3)


def test_what_is_done_to_a_month_is_on_record_and_told(accountant: Accountant) -> None:
    before = accountant.clerk.head.sequence
    accountant.open("2025-01").close("2025-01").reopen("2025-01", " 漏记一班 ").close("2025-01")
    names = ["opened", "closing", "closed", "reopened", "closing", "closed"]
    assert accountant.clerk.events(before) == [f"period.{name}" for name in names]
    acts = [(row.act, row.reason, row.revision) for row in accountant.rows("period_act")]
    assert acts == [("OPENED", None, 1), ("CLOSED", None, 1), ("REOPENED", "漏记一班", 1), ("CLOSED", None, 1)]
    log = accountant.book.tables["event"]
    keys = select(log.c.aggregate, log.c.key).where(log.c.sequence > before).distinct()
    assert [tuple(row) for row in accountant.session.execute(keys)] == [("period", 202501)]


Act = Callable[[Accountant], object]
REFUSED: dict[str, tuple[Act, str]] = {
    "opened twice": (lambda it: it.open("2025-04"), "2025-04"),
    "opened among closed ones": (lambda it: it.open("2024-12"), "2025-01"),
    "opened when it is closed": (lambda it: it.open("2025-01"), "reopen"),
    "closed unopened": (lambda it: it.close("2025-06"), "period open 2025-06"),
    "closed twice": (lambda it: it.close("2025-02"), "reopen"),
    "closed before an earlier one": (lambda it: it.close("2025-05"), "2025-04"),
    "reopened before a later one": (lambda it: it.reopen("2025-01"), "2025-02, 2025-03"),
    "reopened when it is open": (lambda it: it.reopen("2025-04"), "not closed"),
    "reopened unopened": (lambda it: it.reopen("2025-06"), "not closed"),
    "read for good while it is open": (lambda it: known_at(it.session, it.book, "2025-04"), "2025-04"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_no_month_is(accountant: Accountant, case: str) -> None:
    act, told = REFUSED[case]
    accountant.open(*WINTER, "2025-04", "2025-05").close(*WINTER)
    before = accountant.rows("period")
    with pytest.raises(WrongPeriod) as refusal:
        act(accountant)
    assert told in refusal.value.message.en
    assert refusal.value.month in refusal.value.message.zh
    assert refusal.value.path == ("month",)
    assert accountant.rows("period") == before


def test_reopening_wants_a_reason(accountant: Accountant) -> None:
    accountant.open("2025-01").close("2025-01")
    with pytest.raises(BadInput, match="reason"):
        accountant.reopen("2025-01", "  ")


@pytest.mark.parametrize(
    "grant", [Grant("editor"), Grant("approver"), Grant("publisher", department=1), Grant("reader")]
)
def test_periods_are_of_those_who_manage_them_for_the_whole_book(clerk: Clerk, grant: Grant) -> None:
    with pytest.raises(Forbidden, match=r"periods\.manage"):
        Accountant(clerk, actor=Actor("甲", (grant,))).open("2025-01")
    Accountant(clerk, actor=Actor("乙", (Grant("publisher"),))).open("2025-01")


def test_a_month_that_is_not_over_is_closed_only_knowingly(accountant: Accountant) -> None:
    accountant.open("2026-01")
    savepoint = accountant.session.begin_nested()
    with pytest.raises(RefusedByRules, match="2026-02-01") as refusal:
        accountant.close("2026-01")
    savepoint.rollback()
    [name] = [objection.name for objection in refusal.value.objections]
    accountant.close("2026-01", verdicts=Verdicts(frozenset({name})))
    assert closed_months(accountant.session, accountant.book) == ["2026-01"]


def objecting(accountant: Accountant, late: Late) -> Accountant:
    return Accountant(accountant.clerk, with_plugin(accountant.book, late), accountant.actor)


def test_plugins_are_asked_while_the_month_is_closing(accountant: Accountant) -> None:
    late = Late()
    objecting(accountant, late).open("2025-02").close("2025-02")
    [(period, dry_run)] = late.asked
    assert (period.month, period.start, period.end) == ("2025-02", date(2025, 2, 1), date(2025, 3, 1))
    assert (period.state, dry_run) == ("CLOSING", False)


@pytest.mark.parametrize(
    ("objection", "verdicts", "passes"),
    [
        (UNSIGNED, NONE, False),
        (UNSIGNED, Verdicts(overridden={"late:UNSIGNED": "已线下签字"}), False),
        (OVERRIDABLE, Verdicts(overridden={"late:UNSIGNED": "已线下签字"}), True),
        (OVERRIDABLE, Verdicts(overridden={"late:UNSIGNED": ""}), False),
        (OVERRIDABLE, Verdicts(frozenset({"late:UNSIGNED"})), False),
        (ROUNDED, NONE, False),
        (ROUNDED, Verdicts(frozenset({"late:ROUNDED"})), True),
        (ROUNDED, Verdicts(frozenset({"other:ROUNDED"})), False),
    ],
)
def test_objections_hold_unless_they_are_decided_about(
    accountant: Accountant, objection: Any, verdicts: Verdicts, passes: bool
) -> None:
    it = objecting(accountant, Late([objection])).open("2025-01")
    if not passes:
        with pytest.raises(RefusedByRules) as refusal:
            it.close("2025-01", verdicts=verdicts)
        assert [against.name for against in refusal.value.objections] == [f"late:{objection.code}"]
        return
    it.close("2025-01", verdicts=verdicts)
    [kept] = orjson.loads(it.rows("period_act")[-1].objections)
    assert (kept["objection"], kept["zh"]) == (f"late:{objection.code}", objection.message.zh)
    assert kept["reason"] == verdicts.overridden.get(f"late:{objection.code}")


def test_only_who_holds_the_permission_overrides(accountant: Accountant) -> None:
    publisher = Actor("乙", (Grant("publisher"),))
    it = Accountant(accountant.clerk, with_plugin(accountant.book, Late([OVERRIDABLE])), publisher).open("2025-01")
    with pytest.raises(RefusedByRules, match="unsigned"):
        it.close("2025-01", verdicts=Verdicts(overridden={"late:UNSIGNED": "已线下签字"}))


@pytest.fixture
def objected(book: Book) -> tuple[Book, Late]:
    """A committed book with an open month and a plugin."""
    late = Late([UNSIGNED])
    plugged = with_plugin(book, late)
    with committed(plugged) as clerk:
        Accountant(clerk).open("2025-01")
    return plugged, late


def counts(book: Book) -> dict[str, int]:
    with committed(book) as clerk:
        return dict(clerk.counts())


def test_a_refused_closing_is_on_record_and_changes_nothing_else(objected: tuple[Book, Late]) -> None:
    book, _ = objected
    before = counts(book)
    outcome = attempt_close(book, OPERATOR, None, "2025-01", NONE)
    assert [(trouble.plugin, trouble.code) for trouble in outcome.troubles] == [("late", "UNSIGNED")]
    assert counts(book) == {**before, "period_act": before["period_act"] + 1}
    with committed(book) as clerk:
        it = Accountant(clerk)
        assert [row.state for row in it.rows("period")] == ["OPEN"]
        assert orjson.loads(it.rows("period_act")[-1].objections)[0]["objection"] == "late:UNSIGNED"


def test_asking_what_stands_against_closing_leaves_no_trace(objected: tuple[Book, Late]) -> None:
    book, late = objected
    before = counts(book)
    assert [it.name for it in closing_objections(book, OPERATOR, "2025-01")] == ["late:UNSIGNED"]
    assert [(period.state, dry_run) for period, dry_run in late.asked] == [("CLOSING", True)]
    assert counts(book) == before
    assert [it.code for it in closing_objections(book, OPERATOR, "2025-02")] == ["WRONG_PERIOD"]


def test_a_plugin_that_fails_keeps_the_month_open(objected: tuple[Book, Late]) -> None:
    book, late = objected
    late.objections = [object()]  # type: ignore[list-item]
    before = counts(book)
    outcome = attempt_close(book, OPERATOR, None, "2025-01", NONE)
    assert [trouble.code for trouble in outcome.troubles] == ["PLUGIN_FAILURE"]
    assert [it.plugin for it in closing_objections(book, OPERATOR, "2025-01")] == ["late"]
    assert counts(book) == before


JAN, FEB, MAR = WINTER
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
    event.listen(connection, "before_cursor_execute", listen)
    try:
        act()
    finally:
        event.remove(connection, "before_cursor_execute", listen)
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
