"""Months open, close and reopen, and plugins may object."""

from collections.abc import Callable
from datetime import date
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from dutybook.access.actor import OPERATOR, Actor, Grant
from dutybook.book.months import NotAMonth, end_of, first_day, month_numbered, number_of, parse_month
from dutybook.errors import BadInput, Forbidden
from dutybook.services.book import Book
from dutybook.services.corrections import WrongPeriod
from dutybook.services.periods import attempt_close, closed_months, closing_objections, known_at
from dutybook.services.refusals import RefusedByRules
from dutybook.services.verdicts import NONE, Verdicts
from tests.flow.accountant import TITLE, WINTER, Accountant, objecting
from tests.flow.clerk import Clerk, committed
from tests.flow.closing_plugin import OVERRIDABLE, ROUNDED, UNSIGNED, Late, with_plugin


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
    with pytest.raises(RefusedByRules, match="through 2026-01-31") as refusal:
        accountant.close("2026-01")
    savepoint.rollback()
    [name] = [objection.name for objection in refusal.value.objections]
    accountant.close("2026-01", verdicts=Verdicts(frozenset({name})))
    assert closed_months(accountant.session, accountant.book) == ["2026-01"]


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
    assert counts(book) == {**before, "period_act": before["period_act"] + 1}  # the attempt is on record
