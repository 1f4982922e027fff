"""A month is settled, closed, and corrected by deltas that name what they come from."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dutybook.api import OPERATOR, call
from dutybook.services.refusals import RefusedByRules
from dutybook.testing.book import FOUNDED
from dutybook_cost.services.settling import due, settle_shifts
from tests.backends import Backend
from tests.plugins.cost.mine import APRIL, MARCH, Mine, codes, mine_on, paid, turn

P1, P2 = "P0001", "P0002"
CREW = {"E0001": (P1, "6"), "E0002": (P1, "4")}


@pytest.fixture
def worked(mine: Mine) -> Mine:
    """Two shifts of the first team, 800 yuan of consumption in the first."""
    mine.set()
    material = mine.material("2", "2.50")
    mine.slip("L1", mine.shift(crew=CREW), material, "400", users=["E0001", "E0002"])
    mine.shift(label="夜班", crew=CREW)
    return mine


def test_settling_again_changes_nothing(worked: Mine) -> None:
    first = worked.settled()
    assert worked.settle()["settled"] == 0
    assert worked.shown() == first


def test_a_new_fact_makes_the_settlement_anew_and_names_it(worked: Mine) -> None:
    worked.settled()
    worked.slip("L2", turn(), "M0001", "10", users=["E0001"])
    assert worked.shown()[0]["stale"] == "slip L2"
    early, night = worked.settled()
    assert (early["number"], early["cause"], early["actual"]) == (2, "slip L2", "820.00")
    assert (night["number"], night["stale"]) == (1, None)


def test_closing_with_unsettled_shifts_is_refused_by_name(worked: Mine) -> None:
    worked.settled()
    worked.slip("L2", turn(), "M0001", "10", users=["E0001"])
    with pytest.raises(RefusedByRules) as refusal:
        worked.close()
    [objection] = refusal.value.objections
    assert (objection.plugin, objection.code) == ("cost", "COST_UNSETTLED")
    assert "生产一班 2026-03-05 早班" in objection.message.en
    assert "夜班" not in objection.message.en
    worked.settled()
    worked.close()


def test_a_late_slip_becomes_a_delta_that_names_it(worked: Mine) -> None:
    worked.settled()
    worked.close()
    worked.open(APRIL)
    before = worked.shown()
    late: dict[str, Any] = {
        "shift": turn(),
        "material": "M0001",
        "quantity": "50",
        "signedBy": "区长",
        "users": ["E0001"],
    }
    assert codes(worked.do("recordCostSlip", number="L9", **late)) == ["COST_CLOSED_MONTH"]
    worked.done("recordCostSlip", number="L9", **late, lateReason="单据送交迟延")
    [delta] = worked.settled(APRIL)
    assert (delta["delta"], delta["cause"], delta["actual"], delta["net"]) == (True, "slip L9", "100.00", "-100.00")
    assert delta["lines"][0]["slips"] == [{"number": "L9", "amount": "100.00", "sort": "ISSUE"}]
    assert paid(worked, delta) == {"甲": "-60.00", "乙": "-40.00"}
    assert [{**it, "stale": None} for it in worked.shown(MARCH)] == before
    assert worked.settle(APRIL)["settled"] == 0
    worked.book.clock.moment = datetime(2026, 5, 2, 4, tzinfo=UTC)
    worked.close(APRIL)


def test_a_price_corrected_backwards_marks_exactly_what_it_touches(worked: Mine) -> None:
    worked.settled()
    worked.book.apply({"setCostMaterial": {"costMaterial": "M0001", "price": "2.10"}}, on=date(2026, 3, 1))
    early, night = worked.shown()
    assert "M0001" in early["stale"]
    assert night["stale"] is None
    early, _ = worked.settled()
    assert (early["actual"], early["lines"][0]["price"], early["number"]) == ("840.00", "2.1000", 2)


def test_a_price_of_another_day_or_a_new_name_marks_nothing(worked: Mine) -> None:
    worked.settled()
    worked.book.apply({"setCostMaterial": {"costMaterial": "M0001", "price": "9"}}, on=date(2026, 3, 6))
    worked.book.apply({"setCostMaterial": {"costMaterial": "M0001", "name": "截齿甲型"}}, on=date(2026, 3, 1))
    assert {it["stale"] for it in worked.shown()} == {None}


def test_a_price_corrected_in_a_closed_month_becomes_a_delta(worked: Mine) -> None:
    worked.settled()
    worked.close()
    worked.open(APRIL)
    worked.book.apply({"setCostMaterial": {"costMaterial": "M0001", "price": "2.10"}}, on=date(2026, 3, 1))
    [delta] = worked.settled(APRIL)
    assert (delta["actual"], delta["delta"]) == ("40.00", True)
    assert "M0001" in delta["cause"]


def test_a_position_that_moved_backwards_takes_its_cost_along(worked: Mine) -> None:
    worked.settled()
    worked.book.apply({"movePosition": {"position": P1, "department": "D004"}}, on=date(2026, 3, 1))
    assert {it["stale"] for it in worked.shown()} != {None}
    worked.settled()
    query = '{ registry { department(code: "D004") { cost(month: "2026-03") { cost } } } }'
    assert worked.book.ask(query)["registry"]["department"]["cost"] == {"cost": "800.00"}


def test_a_new_quota_marks_every_shift_it_holds_for(worked: Mine) -> None:
    worked.settled()
    worked.book.apply({"setCostQuota": {"costQuota": "Q0001", "rate": "2.40"}}, on=FOUNDED)
    assert all("Q0001" in it["stale"] for it in worked.shown())


def test_what_is_settled_before_the_month_is_over_is_settled_again_after_it(mine: Mine) -> None:
    mine.set(quotaAdjustment="PROPORTIONAL")
    mine.material(quota="2.50")
    mine.book.clock.moment = datetime(2026, 3, 20, 4, tzinfo=UTC)
    mine.done("recordCostTarget", centre="CC0001", month="2026-03", output="20000")
    mine.shift("220", "100")
    assert mine.settle() == {"settled": 1, "remaining": 1, "userErrors": []} or mine.shown()[0]["plan"] == "29700.00"
    mine.book.clock.moment = datetime(2026, 4, 2, 4, tzinfo=UTC)
    assert mine.settled()[0]["plan"] == "32670.00"


def test_a_figure_drills_down_to_its_slips_in_one_query(worked: Mine) -> None:
    worked.settled()
    query = """{ registry(asOf: "2026-03-31") {
      department(code: "D001") { cost { budget cost variance charges(first: 1) {
        reason cost slips { number amount } settlement { label } } } }
      position(code: "P0001") { cost { budget cost } costTrend(months: 2) { month cost }
        costByDuty { statement cost duties { cost } } }
      costCentre(code: "CC0001") { cost { cost } }
    } }"""
    found = worked.book.ask(query)["registry"]
    cost = found["department"]["cost"]
    assert (cost["budget"], cost["cost"], cost["variance"]) == ("1944.00", "800.00", "1144.00")
    assert cost["charges"] == [
        {
            "reason": "USERS",
            "cost": "480.00",
            "slips": [{"number": "L1", "amount": "800.00"}],
            "settlement": {"label": "早班"},
        }
    ]
    assert found["position"]["cost"] == {"budget": "1944.00", "cost": "800.00"}
    assert found["position"]["costTrend"] == [{"month": "2026-02", "cost": "0.00"}, {"month": MARCH, "cost": "800.00"}]
    assert "no weights set" in found["position"]["costByDuty"]["statement"]
    assert found["costCentre"]["cost"] == {"cost": "800.00"}


def test_duties_share_a_cost_where_weights_are_set(worked: Mine) -> None:
    worked.settled()
    duties = worked.book.ask('{ registry { position(code: "P0001") { duties { id } } } }')["registry"]["position"][
        "duties"
    ]
    for duty, percent in zip(duties, ("70", "30"), strict=True):
        worked.book.apply({"openCostDutyWeight": {"duty": duty["id"], "percent": percent}}, on=FOUNDED)
    query = '{ registry { position(code: "P0001") { costByDuty(month: "2026-03") { statement duties { percent cost } } } } }'
    assert worked.book.ask(query)["registry"]["position"]["costByDuty"] == {
        "statement": None,
        "duties": [{"percent": "70.00", "cost": "560.00"}, {"percent": "30.00", "cost": "240.00"}],
    }


def test_more_departments_cost_no_more_statements(worked: Mine) -> None:
    worked.settled()
    query = '{ registry { departments { cost(month: "2026-03") { cost charges(first: 5) { slips { number } } } } } }'
    worked.book.ask(query)
    before = len(worked.book.statements)
    worked.slip("L2", turn(label="夜班"), "M0001", "10", users=["E0001"])
    worked.settled()
    worked.book.ask(query)
    worked.book.assert_batches(before)


def test_money_of_people_is_shown_to_few(worked: Mine) -> None:
    worked.settled()
    query = '{ costPeriod(month: "2026-03") { settlements { charges { amount employee cost } } } }'
    shown = worked.book.ask(query, as_="editor")["costPeriod"]["settlements"][0]["charges"]
    assert {(it["amount"], it["employee"]) for it in shown} == {(None, None)}
    assert worked.book.ask(query, as_="reader")["costPeriod"] is None


def test_a_change_set_tells_what_it_does_to_costs(worked: Mine) -> None:
    worked.settled()
    new_quota = worked.book.preview({"setCostQuota": {"costQuota": "Q0001", "rate": "5.00"}})
    told = {(it.metric.en, it.kind, it.before, it.after) for _, it in new_quota.impacts}
    assert ("budget of 2026-03, had this been so", "position", "1944.00", "3888.00") in told
    moved = worked.book.preview({"movePosition": {"position": P1, "department": "D004"}})
    told = {(it.metric.en.split()[0], it.kind, it.before, it.after) for _, it in moved.impacts}
    assert {("cost", "department", "800.00", "0.00"), ("cost", "department", "0.00", "800.00")} <= told


def test_pay_items_name_their_documents(worked: Mine) -> None:
    worked.settled()
    wage = {"wage": "5000", "minimumWage": "2000"}
    worked.done(
        "recordCostAward", employee="E0002", position=P1, day="2026-03-09", amount="-100", reason="超计划领料", **wage
    )
    with worked.book.session() as session:
        items = [item for _, answer in call(session, "contribute_pay_items", month=MARCH) for item in answer]
    assert sum(it.amount_fen for it in items) == 17_200 + 97_200 - 10_000
    assert all("#" in it.source and it.number for it in items)
    assert {it.kind for it in items} == {"CostSettlement", "CostAward"}


def test_settling_goes_on_where_it_was_interrupted(worked: Mine) -> None:
    with worked.book.book.database.write() as session:
        worked.book.book.hooks(session)
        first, _ = wanted = due(session, MARCH)
        assert settle_shifts(session, OPERATOR, MARCH, [first], len(wanted)).made == 1
    assert worked.settle()["settled"] == 1


def test_a_month_is_not_closed_before_what_came_late_is_settled(worked: Mine) -> None:
    worked.settled()
    worked.close()
    worked.open(APRIL)
    late: dict[str, Any] = {
        "shift": turn(),
        "material": "M0001",
        "quantity": "50",
        "signedBy": "区长",
        "users": ["E0001"],
    }
    worked.done("recordCostSlip", number="L9", **late, lateReason="单据送交迟延")
    worked.book.clock.moment = datetime(2026, 5, 2, 4, tzinfo=UTC)
    with pytest.raises(RefusedByRules, match="2026-03-05 早班"):
        worked.close(APRIL)


def test_a_plan_that_was_never_used_is_on_its_planner(worked: Mine) -> None:
    plan: dict[str, Any] = {"centre": "CC0001", "month": MARCH, "material": "M0001"}
    month = worked.done("planCostMaterial", **plan, quantity="900")
    step = "mutation($p: ID!, $s: String!) { takeCostPlanStep(plan: $p, step: $s) { userErrors { code } } }"
    for name in ("CHECKED", "SIGNED", "FILED"):
        worked.book.ask(step, variables={"p": month, "s": name})
    day = worked.done("planCostMaterial", **plan, quantity="450.5", day="2026-03-05")
    for name in ("CHECKED", "SIGNED", "FILED"):
        worked.book.ask(step, variables={"p": day, "s": name})
    query = '{ costPeriod(month: "2026-03") { unusedPlans { leftMilli material { code } plannedBy } plans { step } } }'
    found = worked.book.ask(query)["costPeriod"]
    assert found["unusedPlans"] == [{"leftMilli": 50_500, "material": {"code": "M0001"}, "plannedBy": "administrator"}]
    assert [it["step"] for it in found["plans"]] == ["FILED", "FILED"]


SAID = st.lists(
    st.tuples(st.integers(1, 9), st.sampled_from([(), ("E0001",), ("E0001", "E0002")])), min_size=2, max_size=5
)


def _recorded(mine: Mine, slips: Sequence[tuple[int, tuple[int, Sequence[str]]]]) -> list[dict[str, Any]]:
    """Slips in this order, settled twice; without what the order of recording decides."""
    mine.set(rewardRate="0.7")
    mine.material("33.33", "2.50")
    mine.shift(crew={**CREW, "E0006": (f"-{P2}", "3")})
    for number, (quantity, users) in slips:
        mine.slip(f"L{number}", turn(), "M0001", str(quantity), users=users)
    first = mine.settled()
    assert mine.settle()["settled"] == 0
    assert mine.shown() == first
    for line in first[0]["lines"]:
        line["slips"].sort(key=lambda it: it["number"])
    return first


@settings(max_examples=4)
@given(SAID, st.randoms(use_true_random=False))
def test_documents_in_any_order_settle_alike_and_once(
    backend: Backend, said: list[tuple[int, Sequence[str]]], random: Random
) -> None:
    slips = list(enumerate(said))
    with mine_on(backend) as one, mine_on(backend) as other:
        assert _recorded(one, slips) == _recorded(other, random.sample(slips, len(slips)))
