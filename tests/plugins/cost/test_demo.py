"""The demo is the same each time, shows every rule, and drills down from a figure to its slips."""

from collections.abc import Iterator

import pytest

from dutybook.api import key_of
from dutybook.testing.book import TestBook, opened, prepared
from dutybook.testing.made import Made
from dutybook_cost import plugin
from dutybook_cost.models import Charge, Part, Settlement, Slip
from dutybook_cost.rules.settlement import (
    AREA,
    DAMAGE,
    DECISION,
    ODD_JOB,
    ODD_JOB_FUND,
    RETAINED,
    SHARES,
    UNSIGNED,
    USERS,
)
from tests.backends import Backend
from tests.plugins.cost.mine import AFTER

PLUGINS, _found = prepared([plugin])


def _with_demo(url: str) -> None:
    _found(url)
    with opened(url, PLUGINS) as book:
        book.clock.moment = AFTER
        with book.book.database.write() as session:
            hooks = book.book.hooks(session)
            hooks.ask(hooks["cost"], "contribute_demo", session=session, writes=hooks["cost"].tables, seconds=60)


@pytest.fixture
def demo(backend: Backend) -> Iterator[TestBook]:
    """A book with the brick works."""
    with backend.database(_with_demo) as url, opened(url, PLUGINS) as book:
        book.clock.moment = AFTER
        yield book


def test_six_months_are_worked_and_all_but_the_last_are_settled(demo: TestBook) -> None:
    months = {it.month for it in demo.rows(Settlement)}
    assert months == {"2025-10", "2025-11", "2025-12", "2026-01", "2026-02"}
    period = demo.ask('{ costPeriod(month: "2026-03") { unsettled } }')["costPeriod"]
    assert len(period["unsettled"]) == 16


def test_every_rule_is_seen_at_work(demo: TestBook) -> None:
    reasons = {it.reason for it in demo.rows(Charge)}
    assert {SHARES, USERS, AREA, RETAINED, ODD_JOB, ODD_JOB_FUND, UNSIGNED, DAMAGE, DECISION} <= reasons
    assert any(it.shift != it.due_shift for it in demo.rows(Part))
    assert {it.sort for it in demo.rows(Slip)} >= {"ISSUE"}


def test_a_figure_leads_to_the_slips_that_make_it_in_one_query(demo: TestBook) -> None:
    query = """{ registry { department(code: "KILN") { cost(month: "2025-11") { cost
      charges(first: 200) { cost material { code } slips { number amount } } } } } }"""
    cost = demo.ask(query)["registry"]["department"]["cost"]
    assert sum(round(float(it["cost"]) * 100) for it in cost["charges"]) == round(float(cost["cost"]) * 100)
    spent = [it for it in cost["charges"] if it["cost"] != "0.00" and it["material"]["code"] in {"C-02", "C-03"}]
    assert spent
    assert all(it["slips"] for it in spent)


def test_the_panels_are_drawn_in_both_languages(demo: TestBook) -> None:
    with demo.session() as session:
        works, post = (
            Made(kind, key_of(session, kind, code)) for kind, code in (("department", "KILN"), ("position", "KILN-01"))
        )
    assert "<svg" in demo.draw("trend", works)
    assert "2026-02" in demo.draw("department", works)
    assert "<th>Budget</th>" in demo.draw("position", post)
    assert "<th>部门</th>" in demo.draw("home", language="zh")
