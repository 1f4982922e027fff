"""Bad input is told by its place and stores nothing; documents come from files as well."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from dutybook.testing.book import FOUNDED
from dutybook_cost.cli import app
from dutybook_cost.imports import RowsRefused
from dutybook_cost.models import MODELS, Slip
from tests.plugins.cost.mine import DAY, Mine, codes, turn
from tests.plugins.cost.workbook import write

P1 = "P0001"
SHIFTS = "成本中心,日期,班次,节数,吨/节\nCC0001,2026-03-05,早班,6,120\nD003,2026-03-05,早班,,\n"
SLIPS = "单号,成本中心,日期,班次,材料,数量,签字,使用人\n"


@pytest.fixture
def begun(mine: Mine) -> Mine:
    """A shift with somebody, a material with a quota and one without, one without a price."""
    mine.set()
    mine.material("2", "2.50")
    mine.material("2", name="无定额")
    mine.material(None, name="无单价")
    mine.shift(crew={"E0001": (P1, "6")})
    return mine


def stored(mine: Mine) -> int:
    return sum(len(mine.book.rows(model)) for model in MODELS)


GOOD: dict[str, Any] = {"number": "L1", "shift": turn(), "material": "M0001", "quantity": "1", "signedBy": "区长"}


@pytest.mark.parametrize(
    ("wrong", "code", "place"),
    [
        ({"quantity": "-1"}, "BAD_USER_INPUT", "quantity"),
        ({"quantity": "many"}, "BAD_USER_INPUT", "quantity"),
        ({"material": "M9999"}, "NOT_FOUND", "material"),
        ({"material": "M0002"}, "COST_MISSING_QUOTA", "material"),
        ({"material": "M0003"}, "COST_PRICE_GAP", "material"),
        ({"shift": turn(label="中班")}, "NOT_FOUND", "shift"),
        ({"shift": turn(centre="CC9999")}, "NOT_FOUND", "centre"),
        ({"sort": "LENT"}, "BAD_USER_INPUT", "sort"),
        ({"signedBy": None}, "BAD_USER_INPUT", "person"),
        ({"users": ["E9999"]}, "NOT_FOUND", "users"),
        ({"number": " "}, "BAD_USER_INPUT", "number"),
    ],
    ids=str,
)
def test_a_bad_slip_is_told_by_its_place_and_stores_nothing(
    begun: Mine, wrong: dict[str, Any], code: str, place: str
) -> None:
    before = stored(begun)
    [error] = begun.do("recordCostSlip", **{**GOOD, **wrong})["userErrors"]
    assert (error["code"], error["path"]) == (code, [place])
    assert stored(begun) == before


def test_a_slip_is_recorded_once(begun: Mine) -> None:
    begun.done("recordCostSlip", **GOOD)
    assert codes(begun.do("recordCostSlip", **GOOD)) == ["COST_RECORDED_BEFORE"]


def test_a_month_that_was_never_opened_takes_no_documents(begun: Mine) -> None:
    payload = begun.do("recordCostShift", shift={**turn(), "day": "2026-05-05"}, sections="1", tonsPerSection="1")
    assert codes(payload) == ["COST_NOT_OPENED"]
    assert "dutybook period open 2026-05" in payload["userErrors"][0]["message"]


def test_a_user_without_points_stops_the_settlement_by_name(begun: Mine) -> None:
    begun.done("recordCostSlip", **GOOD, users=["E0002"])
    [error] = begun.settle()["userErrors"]
    assert error["code"] == "COST_MISSING_POINTS"
    assert "E0002" in error["message"]


def test_liability_shares_make_a_hundred_per_cent_or_are_refused(begun: Mine) -> None:
    share = {"openCostShare": {"costMaterial": "M0001", "material": "M0001", "position": P1, "percent": "60"}}
    del share["openCostShare"]["costMaterial"]
    [objection] = begun.book.refused(share, on=FOUNDED)
    assert (objection.plugin, objection.code) == ("cost", "COST_SHARES_NOT_WHOLE")
    rest = {"openCostShare": {"material": "M0001", "position": "P0002", "percent": "40"}}
    begun.book.apply(share, rest, on=FOUNDED)


def test_worn_common_parts_fall_on_posts_by_their_shares(begun: Mine) -> None:
    part = begun.material("100", "0.10", size="COMMON", name="轴销")
    said: dict[str, Any] = {"number": "J1", "shift": turn(), "material": part}
    assert codes(begun.do("recordCostPart", **said)) == ["COST_MISSING_SHARES"]
    shares = [
        {"openCostShare": {"material": part, "position": post, "percent": percent}}
        for post, percent in ((P1, "60"), ("P0002", "40"))
    ]
    begun.book.apply(*shares, on=FOUNDED)
    begun.done("recordCostPart", **said)
    [settlement] = begun.settled()
    shown = [(it["position"]["code"], it["cost"]) for it in settlement["charges"] if it["reason"] == "SHARES"]
    assert shown == [(P1, "60.00"), ("P0002", "40.00")]


def test_a_second_quota_for_the_same_is_refused(begun: Mine) -> None:
    again = {"material": "M0001", "rate": "1", "per": "吨", "reserve": "10", "production": "60", "electromech": "40"}
    [objection] = begun.book.refused({"openCostQuota": again}, on=FOUNDED)
    assert objection.code == "COST_SAID_TWICE"


def test_penalties_stop_at_the_legal_gate(begun: Mine) -> None:
    said: dict[str, Any] = {"employee": "E0001", "position": P1, "day": DAY.isoformat(), "reason": "违章"}
    wage = {"wage": "3000", "minimumWage": "2500"}
    assert codes(begun.do("recordCostAward", **said, amount="-100")) == ["BAD_USER_INPUT"]
    begun.done("recordCostAward", **said, amount="-300", **wage)
    assert codes(begun.do("recordCostAward", **said, amount="-300", **wage)) == ["COST_BEYOND_LEGAL_GATE"]
    begun.done("recordCostAward", **said, amount="200")


def test_plans_go_through_their_steps_and_bound_the_days(begun: Mine) -> None:
    plan: dict[str, Any] = {"centre": "CC0001", "month": "2026-03", "material": "M0001"}
    day = {**plan, "day": DAY.isoformat()}
    assert codes(begun.do("planCostMaterial", **day, quantity="5")) == ["COST_OUTSIDE_MONTHLY_PLAN"]
    month = begun.done("planCostMaterial", **plan, quantity="10")
    step = "mutation($p: ID!, $s: String!) { takeCostPlanStep(plan: $p, step: $s) { userErrors { code } } }"

    def take(name: str) -> Any:
        return begun.book.ask(step, variables={"p": month, "s": name})["takeCostPlanStep"]["userErrors"]

    assert take("SIGNED") == [{"code": "BAD_USER_INPUT"}]
    assert [take(name) for name in ("CHECKED", "SIGNED", "FILED")] == [[], [], []]
    begun.done("planCostMaterial", **day, quantity="6")
    assert codes(begun.do("planCostMaterial", **day, quantity="5")) == ["COST_OUTSIDE_MONTHLY_PLAN"]


def test_what_lies_on_site_is_not_planned_again(begun: Mine) -> None:
    begun.done("recordCostSlip", **{**GOOD, "quantity": "5"})
    begun.done("recordCostSlip", **{**GOOD, "number": "L2", "quantity": "3", "sort": "CONSUMED"})
    plan = {"centre": "CC0001", "month": "2026-03", "material": "M0001", "quantity": "1", "day": DAY.isoformat()}
    assert codes(begun.do("planCostMaterial", **plan)) == ["COST_STOCK_ON_SITE"]
    assert begun.settled()[0]["actual"] == "6.00"


def test_an_editor_may_record_and_not_settle(begun: Mine) -> None:
    query = 'mutation { settleCost(month: "2026-03") { userErrors { code } } }'
    assert begun.book.ask(query, as_="editor")["settleCost"]["userErrors"] == [{"code": "FORBIDDEN"}]


def run(mine: Mine, *words: str) -> Result:
    return CliRunner().invoke(app, words, obj=SimpleNamespace(book=mine.book.book))


def test_documents_come_from_csv_and_a_department_means_its_centre(begun: Mine, tmp_path: Path) -> None:
    (tmp_path / "shifts.csv").write_text(SHIFTS.replace("早班", "夜班"), "utf-8")
    assert run(begun, "import", str(tmp_path / "shifts.csv")).stdout == "2\n"
    row = "L7,CC0001,2026-03-05,夜班,M0001,2.5,区长,\n"
    (tmp_path / "slips.csv").write_bytes((SLIPS + row).encode("gb18030"))
    assert run(begun, "import", str(tmp_path / "slips.csv")).stdout == "1\n"
    assert [(it.number, it.quantity_milli) for it in begun.book.rows(Slip)] == [("L7", 2500)]


def test_every_wrong_row_is_told_and_nothing_is_stored(begun: Mine, tmp_path: Path) -> None:
    rows = (
        "L1,CC0001,2026-03-05,早班,M0001,1,区长,",
        "L2,CC0001,2026-03-05,早班,M0001,-1,区长,",
        "L3,CC0001,明天,早班,M0001,1,区长,",
    )
    (tmp_path / "slips.csv").write_text(SLIPS + "\n".join(rows), "utf-8")
    before = stored(begun)
    done = run(begun, "import", str(tmp_path / "slips.csv"))
    assert isinstance(done.exception, RowsRefused)
    assert "row 3 quantity: quantity: '-1'" in done.exception.message.en
    assert "第 4 行 row 4 day：「明天」" in done.exception.message.zh
    assert stored(begun) == before


def test_a_sheet_of_something_else_is_told(begun: Mine, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("姓名,年龄\n甲,3\n", "utf-8")
    done = run(begun, "import", str(tmp_path / "x.csv"))
    assert getattr(done.exception, "code", None) == "BAD_USER_INPUT"


def test_the_command_settles_with_progress_and_the_journal_balances(begun: Mine, tmp_path: Path) -> None:
    begun.done("recordCostSlip", **GOOD, users=["E0001"])
    done = run(begun, "settle", "2026-03")
    assert (done.exception, done.stdout) == (None, "2026-03\t1\t1\t0\n")
    assert "2026-03 1/1" in done.stderr
    assert run(begun, "settle", "2026-03").stdout == "2026-03\t1\t0\t1\n"
    assert run(begun, "journal", "2026-03", "--out", str(tmp_path / "j.csv")).exit_code == 0
    rows = [line.split(",") for line in (tmp_path / "j.csv").read_text("utf-8-sig").splitlines()[1:]]
    debit, credit = (sum(int(row[at].replace(".", "") or 0) for row in rows) for at in (5, 6))
    assert debit == credit > 0


def test_a_workbook_brings_shifts_crews_and_slips_together(begun: Mine, tmp_path: Path) -> None:
    at = ("CC0001", "2026-03-06", "早班")
    sheets: dict[str, list[list[str | float]]] = {
        "单据": [
            ["单号", "成本中心", "日期", "班次", "材料", "数量", "签字", "使用人"],
            ["L1", *at, "M0001", 2.5, "区长", "E0001；E0002"],
        ],
        "出勤": [
            ["成本中心", "日期", "班次", "职工", "岗位", "吃分"],
            [*at, "E0001", P1, 8],
            [*at, "E0002", P1, 8],
        ],
        "班次": [["成本中心", "日期", "班次", "节数", "吨/节"], [*at, 6, 120]],
    }
    write(tmp_path / "march.xlsx", sheets)
    assert run(begun, "import", str(tmp_path / "march.xlsx")).stdout == "4\n"
    assert [it["actual"] for it in begun.settled()] == ["0.00", "5.00"]


def test_a_wrong_row_of_a_workbook_is_told_by_its_sheet(begun: Mine, tmp_path: Path) -> None:
    rows: list[list[str | float]] = [
        ["成本中心", "日期", "班次", "节数", "吨/节"],
        ["CC0001", "2026-03-06", "早班", -6, 120],
    ]
    write(tmp_path / "march.xlsx", {"班次": rows})
    done = run(begun, "import", str(tmp_path / "march.xlsx"))
    assert isinstance(done.exception, RowsRefused)
    assert "班次 第 2 行 row 2 sections" in done.exception.message.en
    (tmp_path / "march.xlsx").write_bytes(b"PK rubbish")
    assert "XLSX" in str(run(begun, "import", str(tmp_path / "march.xlsx")).exception)
