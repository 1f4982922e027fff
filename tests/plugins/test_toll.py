"""The example of `examples/`, as somebody would find it who installs it: its tests, its rules, its command."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from dutybook.access.actor import OPERATOR
from dutybook.cli import app
from dutybook.cli.context import Context
from dutybook.db import migrate
from dutybook.services.changesets import Proposal, apply_changes
from dutybook.settings import Settings
from dutybook.testing.databases import GIVEN, Backend
from dutybook.testing.verify.run import verify
from dutybook.testing.verify.subject import Subject, subject_of
from tests.flow.test_plugin_migrations import everything

EXAMPLE = Path(__file__).parents[2] / "examples" / "dutybook_toll"
FOUNDING: list[dict[str, dict[str, str]]] = [
    {"openOrganisation": {"name": "东山公路公司"}},
    {"openDepartment": {"name": "东山收费站"}},
    {"openPosition": {"title": "收费员", "department": "D001"}},
    {"openTollLane": {"name": "入口", "department": "D001", "direction": "ENTRY", "mode": "MANUAL"}},
    {"openEmployee": {"name": "甲一"}},
    {"appoint": {"employee": "E0001", "position": "P0001"}},
]
ROSTER = "车道,岗位,工号,开始,结束\nL0001,P0001,E0001,2027-03-01 08:00,2027-03-01 16:00\n"


@pytest.fixture(scope="module")
def toll() -> Iterator[Subject]:
    """The example from its folder, which is on the path as long as it is tried."""
    before = list(sys.path)
    yield subject_of(str(EXAMPLE))
    sys.path[:] = before


@pytest.mark.timeout(1200)
def test_the_example_passes_its_own_tests_on_both_databases(postgres_server: str) -> None:
    environment = {**os.environ, GIVEN: postgres_server}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "0"]
    done = subprocess.run(command, cwd=EXAMPLE, env=environment, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-4000:]


def test_the_example_keeps_what_every_plugin_has_to_keep(toll: Subject, backend: Backend) -> None:
    report = verify(toll, [backend])
    assert [it.message.en for it in report.findings] == []


def test_a_roster_is_imported_by_the_command_line(
    toll: Subject, backend: Backend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUTYBOOK_LANGUAGE", "en")
    file = tmp_path / "roster.csv"
    file.write_text(ROSTER, encoding="utf-8")
    with backend.database() as url:
        assert run(toll, url, "db", "upgrade").exit_code == 0
        found(toll, url)
        assert run(toll, url, "toll", "roster", str(file)).stdout == "1\n"
        again = run(toll, url, "toll", "roster", str(file))
    assert again.exit_code == 1
    assert "line 2: " in again.stderr
    assert "Nothing was stored." in again.stderr


def test_the_core_upgrades_while_the_example_is_uninstalled_and_its_data_waits(
    toll: Subject, backend: Backend, tmp_path: Path
) -> None:
    """The core goes one step back, as an older release left it, and then forward without the example's package."""
    (file := tmp_path / "roster.csv").write_text(ROSTER, encoding="utf-8")
    with backend.database() as url:
        run(toll, url, "db", "upgrade")
        found(toll, url)
        assert run(toll, url, "toll", "roster", str(file)).exit_code == 0
        before = told(toll, url)
        bare = Context(lambda: Settings(database_url=url), found={})
        assert "toll" in CliRunner().invoke(app, ["db", "upgrade"], obj=bare).stderr
        migrate.downgrade(bare.database, to="-1")
        assert CliRunner().invoke(app, ["db", "upgrade"], obj=bare).exit_code == 0
        assert migrate.current(bare.database) == migrate.newest(bare.database)
        bare.database.dispose()
        assert "toll" in run(toll, url, "db", "upgrade").stderr
        assert told(toll, url) == before
        assert run(toll, url, "plugin", "doctor").exit_code == 0


def told(toll: Subject, url: str) -> tuple[str, dict[str, list[object]]]:
    """What the book says of its lanes, and all its tables hold."""
    asked = run(toll, url, "query", "{ registry { tollLanes { edges { node { code name department { code } } } } } }")
    assert '"L0001"' in asked.stdout
    at = installation(toll, url)
    rows = everything(at.database.engine, of="toll")
    at.database.dispose()
    return asked.stdout, rows


def found(toll: Subject, url: str) -> None:
    """A station of one lane and one person."""
    at = installation(toll, url)
    with at.database.write() as session:
        apply_changes(session, at.book, OPERATOR, Proposal("设站", effective_on=date(2025, 1, 1)), FOUNDING)
    at.database.dispose()


def installation(toll: Subject, url: str) -> Context:
    """One that has the example enabled."""
    settings = Settings(database_url=url, plugins=("toll",), plugin={"toll": {"report_within_minutes": 30}})
    return Context(lambda: settings, found={"toll": toll.load})


def run(toll: Subject, url: str, *words: str) -> Result:
    """One command there."""
    at = installation(toll, url)
    try:
        return CliRunner().invoke(app, list(words), obj=at)
    finally:
        at.database.dispose()
