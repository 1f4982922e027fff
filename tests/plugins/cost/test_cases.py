"""The cases of article 1 come out of the rules, and out of a full settlement over GraphQL."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dutybook.testing.book import FOUNDED
from dutybook_cost.cli import app
from tests.plugins.cost.mine import Mine, paid, turn

P1, P2 = "P0001", "P0002"


def tried(inputs: object) -> Any:
    done = CliRunner().invoke(app, ["try", "-"], input=json.dumps(inputs))
    assert done.exit_code == 0, done.exception
    return json.loads(done.stdout)


def test_every_case_of_the_source_comes_out(shared: Path) -> None:
    cases = json.loads((shared / "cases" / "cost.json").read_text("utf-8"))["cases"]
    assert {case["id"]: tried(case["inputs"]) for case in cases} == {case["id"]: case["expected"] for case in cases}


OWN: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"sections": "0", "tons_per_section": "120", "rate": "1.35"}, {"output": "0", "plan": "0.00"}),
    ({"plan": "972.00", "actual": "1100.00"}, {"saving_or_overrun": "-128.00", "net": "-128.00"}),
    ({"plan": "972.00", "actual": "583.20"}, {"below_minimum": False, "net": "388.80"}),
    ({"plan": "972.00", "actual": "400.00", "cap_saving": False}, {"below_minimum": True, "net": "572.00"}),
    ({"rate": "1.35", "planned_output": "20000", "actual_output": "18000"}, {"factor": "0.9000", "plan": "21870.00"}),
    ({"part": "刮板", "price": "260.00", "due_shift": "A", "replaced_shift": "A"}, {"charge": {"A": "260.00"}}),
    ({"price": "320.00", "cause": "normal", "shares": ["50", "30", "20"]}, {"parts": ["160.00", "96.00", "64.00"]}),
    ({"price": "100.00", "shares": ["33.33", "33.33", "33.34"]}, {"parts": ["33.33", "33.33", "33.34"]}),
    ({"amount": "150.00", "signed": True, "person": "甲"}, {"person": {}, "team_actual": "150.00"}),
    ({"persons": {"甲": ["-30.00", "6"]}, "odd": [["零", "2"]]}, {"avg_per_point": "-5.00", "odd": {"零": "-10.00"}}),
    (
        {"cost": "48000.00", "decision": {"shares": {"甲": "70", "乙": "30"}, "sections": "2"}},
        {"charge": {"甲": "33600.00", "乙": "14400.00"}},
    ),
]


@pytest.mark.parametrize(("inputs", "expected"), OWN, ids=range(len(OWN)))
def test_the_other_sides_of_the_rules_come_out_too(inputs: dict[str, Any], expected: dict[str, Any]) -> None:
    found = tried(inputs)
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize(
    "inputs",
    [
        {"plan": "-1", "actual": "0"},
        {"plan": 9.5, "actual": "0"},
        {"price": "1", "shares": ["50", "49"]},
        {"rate": "1", "planned_output": "0", "actual_output": "1"},
        {"what": "ever"},
        [],
    ],
    ids=str,
)
def test_inputs_that_fit_no_rule_are_told(inputs: object) -> None:
    done = CliRunner().invoke(app, ["try", "-"], input=json.dumps(inputs))
    assert done.exit_code == 1
    assert getattr(done.exception, "code", None) == "BAD_USER_INPUT"


def test_plan_and_rate_are_those_of_cases_1_and_3(mine: Mine) -> None:
    mine.set()
    mine.material(quota="2.50")
    mine.shift()
    mine.shift(None, None, centre="CC0002")
    production, electromech = (it["lines"][0] for it in mine.settled())
    assert (production["rate"], production["plan"]) == ("1.3500", "972.00")
    assert (electromech["rate"], electromech["plan"]) == ("0.9000", "648.00")


@pytest.mark.parametrize(
    ("spent", "hazards", "below", "net"),
    [("800", 0, False, "172.00"), ("400", 0, True, "388.80"), ("800", 2, False, "74.80")],
)
def test_saving_least_and_hazards_are_those_of_cases_5_7_and_9(
    mine: Mine, spent: str, hazards: int, below: bool, net: str
) -> None:
    mine.set()
    material = mine.material(quota="2.50")
    at = mine.shift()
    mine.slip("L1", at, material, spent)
    if hazards:
        mine.done("recordCostHazard", shift=at, material=material, times=hazards, note="漏换护帮板")
    [line] = mine.settled()[0]["lines"]
    assert (line["floor"], line["belowMinimum"], line["net"]) == ("583.20", below, net)


@pytest.mark.parametrize(("sections", "plan"), [("220", "32670.00"), ("200", "27000.00")])
def test_quotas_follow_the_output_of_the_month_as_in_cases_11_and_13(mine: Mine, sections: str, plan: str) -> None:
    mine.set(quotaAdjustment="PROPORTIONAL")
    mine.material(quota="2.50")
    mine.done("recordCostTarget", centre="CC0001", month="2026-03", output="20000")
    mine.shift(sections, "100")
    assert mine.settled()[0]["plan"] == plan


def test_a_late_part_falls_twice_on_the_shift_before_as_in_case_15(mine: Mine) -> None:
    mine.set()
    part = mine.material("260", "2.50")
    due, replaced = mine.shift(label="A"), mine.shift(label="B")
    mine.done("recordCostPart", number="J1", shift=replaced, due=due, material=part)
    assert [it["actual"] for it in mine.settled()] == ["520.00", "0.00"]
    assert mine.shown()[0]["lines"][0]["parts"] == [{"number": "J1", "late": True}]


def test_what_somebody_broke_is_theirs_as_in_case_17(mine: Mine) -> None:
    mine.set()
    part = mine.material("320", size="COMMON")
    at = mine.shift(crew={"E0001": (P1, "6"), "E0003": (P2, "4")})
    mine.done("recordCostPart", number="J1", shift=at, material=part, cause="MISOPERATION", responsible="E0003")
    [settlement] = mine.settled()
    assert (paid(mine, settlement), settlement["actual"]) == ({"丙": "-320.00"}, "0.00")


def test_users_come_first_and_idle_items_go_by_area_as_in_case_19(mine: Mine) -> None:
    mine.set()
    used = mine.material("1", "0.617284", name="M1")
    mine.material("1", "0.128601", name="M2", area=[P2])
    crew = {"E0001": (P1, "6"), "E0002": (P1, "4"), "E0003": (P2, "1"), "E0004": (P2, "1"), "E0005": (P2, "1")}
    at = mine.shift(crew=crew)
    mine.slip("L1", at, used, "200", users=["E0001", "E0002"])
    [settlement] = mine.settled()
    assert [line["plan"] for line in settlement["lines"]] == ["240.00", "50.00"]
    assert paid(mine, settlement) == {"甲": "24.00", "乙": "16.00", "丙": "16.67", "丁": "16.67", "戊": "16.66"}


def test_odd_jobs_get_the_average_from_the_section_as_in_case_21(mine: Mine) -> None:
    mine.set()
    first, second = (mine.material("1", "0.617284", name=name) for name in ("M1", "M2"))
    crew = {"E0001": (P1, "6"), "E0002": (P1, "4"), "E0003": (P2, "5"), "E0006": (f"-{P2}", "3")}
    at = mine.shift(crew=crew)
    mine.slip("L1", at, first, "200", users=["E0001", "E0002"])
    mine.slip("L2", at, second, "250", users=["E0003"])
    [settlement] = mine.settled()
    assert paid(mine, settlement) == {"甲": "24.00", "乙": "16.00", "丙": "-10.00", "零": "6.00"}
    assert [it["amount"] for it in settlement["charges"] if it["reason"] == "ODD_JOB_FUND"] == ["-6.00"]


def test_a_hidden_part_waits_for_its_analysis_as_in_case_23(mine: Mine) -> None:
    mine.set()
    mine.material(quota="2.50")
    bearing = mine.material("48000", size="LARGE", visibility="HIDDEN", name="减速机轴承")
    at = mine.shift(crew={"E0001": (P1, "6"), "E0002": (P1, "4")})
    mine.done("recordCostPart", number="J1", shift=at, material=bearing)
    [pending] = mine.settled()
    assert (pending["plan"], paid(mine, pending, "DECISION")) == ("972.00", {})
    shares = [{"employee": "E0001", "percent": "70"}, {"employee": "E0002", "percent": "30"}]
    mine.done("decideCostPart", number="J1", finding="润滑不良", charges=shares, sections="2")
    [decided] = mine.settled()
    assert (decided["plan"], decided["cause"]) == ("648.00", "analysis of part J1")
    assert paid(mine, decided, "DECISION") == {"甲": "-33600.00", "乙": "-14400.00"}


def test_an_unsigned_slip_is_its_persons_as_in_case_25(mine: Mine) -> None:
    mine.set()
    hose = mine.material("150", "2.50", name="油管")
    at = mine.shift(crew={"E0001": (P1, "6")})
    mine.slip("L1", at, hose, "1", signedBy=None, person="E0001")
    [settlement] = mine.settled()
    assert (settlement["actual"], paid(mine, settlement, "UNSIGNED")) == ("0.00", {"甲": "-150.00"})


def test_a_whole_month_comes_out_as_in_case_27(mine: Mine) -> None:
    mine.set(quotaAdjustment="PROPORTIONAL")
    material = mine.material("1", "2.50")
    mine.done("recordCostTarget", centre="CC0001", month="2026-03", output="20000")
    mine.slip("L1", mine.shift("220", "100"), material, "30000")
    mine.slip("L2", mine.shift(None, None, centre="CC0002"), material, "24000")
    lines = [it["lines"][0] for it in mine.settled()]
    assert [(it["rate"], it["plan"], it["net"]) for it in lines] == [
        ("1.4850", "32670.00", "2670.00"),
        ("0.9900", "21780.00", "-2220.00"),
    ]


def test_settling_asks_for_a_setting_that_nobody_gave(mine: Mine) -> None:
    mine.book.apply({"openCostPolicy": {"quotaAdjustment": "NONE"}}, on=FOUNDED)
    mine.material(quota="2.50")
    mine.done("recordCostShift", shift=turn(), sections="6", tonsPerSection="120")
    [error] = mine.settle()["userErrors"]
    assert error["code"] == "COST_MISSING_SETTING"
    assert "below_minimum" in error["message"]
    assert "publisher" in error["message"]
