"""`dutybook staff import`: data on stdout, messages on stderr, 0 done, 1 refused, 2 for what cannot be read."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner, Result

from dutybook.access.actor import OPERATOR
from dutybook.cli import app
from dutybook.cli.context import Context
from dutybook.services.changesets import Proposal, apply_changes
from dutybook.settings import Settings
from tests.backends import Backend
from tests.flow.clerk import founded

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
"""What is stored is looked at elsewhere, on both databases."""

Run = Callable[..., Result]
PEOPLE = "工号,姓名,岗位,任职方式\nE0007,丙三,P0003,主岗\nE0001,甲一,P0001,主岗\n"
SPOILT = f"{PEOPLE}E0008,丁四,P0099,主岗\n"


@pytest.fixture
def at(backend: Backend) -> Iterator[Context]:
    with backend.database(founded) as url:
        context = Context(lambda: Settings(database_url=url, masters={"hr": ("assignment",)}))
        yield context
        context.database.dispose()


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: Context) -> Run:
    """Runs the command in a folder of its own, in English."""
    monkeypatch.setenv("DUTYBOOK_LANGUAGE", "en")
    monkeypatch.chdir(tmp_path)
    Path("people.csv").write_text(PEOPLE, encoding="utf-8")
    Path("spoilt.csv").write_text(SPOILT, encoding="utf-8")
    return lambda *words: CliRunner().invoke(app, ["staff", "import", *words], obj=at)


def test_a_dry_run_shows_what_an_import_then_does_once(run: Run) -> None:
    shown = run("people.csv", "--system", "hr", "--dry-run", "--json")
    assert [act["place"] for act in orjson.loads(shown.stdout)["proposal"]] == ["E0007 丙三"] * 2
    done = orjson.loads(run("people.csv", "--system", "hr", "--publish", "--json").stdout)
    assert done["summary"] == {"employee": {"new": 1}, "assignment": {"appointed": 1}}
    assert (done["changeSet"], done["revision"]) == (2, 2)
    again = run("people.csv", "--system", "hr")
    assert (again.exit_code, again.stdout, again.stderr) == (0, "", "Changes: none\n")


def test_bad_rows_are_told_and_good_ones_go_in_only_if_asked(run: Run) -> None:
    refused = run("spoilt.csv", "--system", "hr")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "spoilt.csv, row 4, 岗位 ('P0099')" in refused.stderr
    told = run("spoilt.csv", "--system", "hr", "--dry-run", "--json")
    assert (told.exit_code, [one["row"] for one in orjson.loads(told.stdout)["bad"]]) == (2, [4])
    assert run("spoilt.csv", "--system", "hr", "--skip-bad").stdout == "2\n"


def test_a_place_that_is_misspelt_is_told_with_what_nearly_reads_so_and_a_foot_is_no_person(run: Run) -> None:
    table = "工号,姓名,部门,岗位\nE0007,丙三,运维班,班长\nE0008,丁四,运行班,组长\n合计2人,,,\n"
    Path("misspelt.csv").write_text(table, encoding="utf-8")
    refused = run("misspelt.csv", "--system", "hr").stderr
    assert "did you mean 运行班?" in refused
    assert "did you mean P0003 班长?" in refused
    assert "row 4" not in refused


def test_a_dry_run_tells_of_a_quota_and_an_import_is_published_in_spite_of_it_with_a_reason(
    run: Run, at: Context
) -> None:
    Path("many.csv").write_text("工号,姓名,岗位\nE0007,丙三,P0001\n", encoding="utf-8")
    with at.database.write() as session:
        quota = {"openQuota": {"department": "D001", "reach": "OWN", "seats": 2}}
        apply_changes(session, at.book, OPERATOR, Proposal("编制", effective_on=date(2025, 1, 1)), [quota])
    shown = run("many.csv", "--system", "hr", "--dry-run", "--json")
    [told] = orjson.loads(shown.stdout)["objections"]
    assert (shown.exit_code, told["objection"], told["overridableBy"] is None) == (1, "core:QUOTA_EXCEEDED", False)
    assert (
        run("many.csv", "--system", "hr", "--dry-run", "--override", "core:QUOTA_EXCEEDED=党委会已同意").exit_code == 0
    )
    refused = run("many.csv", "--system", "hr", "--publish")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert '--override "core:QUOTA_EXCEEDED=…"' in refused.stderr
    done = run("many.csv", "--system", "hr", "--publish", "--override", "core:QUOTA_EXCEEDED=党委会已同意")
    assert (done.exit_code, done.stdout) == (0, "3\n")


def test_columns_that_another_system_is_the_master_of_are_ignored(run: Run) -> None:
    done = orjson.loads(run("people.csv", "--json").stdout)
    assert done["summary"] == {"employee": {"new": 1}}
    assert "mastered by hr" in done["notes"][0]["en"]


@pytest.mark.parametrize(
    "words", [["nowhere.csv"], ["people.csv", "--effective-on", "2026-02-30"], ["people.csv", "--organisation", "O99"]]
)
def test_what_cannot_be_taken_is_told(run: Run, words: list[str]) -> None:
    result = run(*words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert words[-1] in result.stderr
