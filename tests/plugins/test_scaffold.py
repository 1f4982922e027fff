"""`plugin new` writes a plugin that runs, keeps every rule, and passes its own tests."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from dutybook.cli import app

BIN = Path(sys.executable).parent
HOUSE = Path(__file__).parents[2]
SEATS = '''"""Seats that may be added."""


def test_seats(book):
    post = book.position("收费员", book.department("收费站"), headcount=2)
    book.open("gate51_limit", position=post, most=4)
    answer = book.ask('{ registry { position(code: "P0001") { gate51SeatsLeft } } }')
    assert answer["registry"]["position"] == {"gate51SeatsLeft": 2}
'''
STRANGE = ["x", "Toll", "toll-booth", "toll_booth", "9toll", "收费", "core", "dutybook", "t" * 32]


def new(name: str, into: Path) -> Result:
    return CliRunner().invoke(app, ["plugin", "new", name, "--into", str(into)])


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new plugin whose name holds digits, installed by nothing but what an installer leaves in a folder."""
    folder = tmp_path_factory.mktemp("new")
    assert new("gate51", folder).exit_code == 0
    info = folder / "dutybook_gate51" / "dutybook_gate51-0.1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: dutybook-gate51\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text("[dutybook.plugins]\ngate51 = dutybook_gate51.plugin\n")
    return folder / "dutybook_gate51"


def run(project: Path, *command: str, **more: str) -> str:
    """What a command prints, with the project on the path; it must succeed."""
    path = os.pathsep.join([str(project), *filter(None, [os.environ.get("PYTHONPATH")])])
    here = {**os.environ, "PYTHONPATH": path, "NO_COLOR": "1", **more}
    done = subprocess.run(command, cwd=project, env=here, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def dutybook(project: Path, *words: str, **more: str) -> str:
    return run(project, sys.executable, "-m", "dutybook.cli", *words, DUTYBOOK_LANGUAGE="en", **more)


def test_its_own_tests_pass(project: Path) -> None:
    assert "13 passed" in run(project, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")


def test_it_keeps_the_rules_of_the_house(project: Path) -> None:
    assert "All checks passed" in run(project, str(BIN / "ruff"), "check", "--no-cache", ".")
    assert "already formatted" in run(project, str(BIN / "ruff"), "format", "--no-cache", "--check", ".")
    assert "no issues found" in run(project, str(BIN / "mypy"), f"--cache-dir={os.devnull}")


def test_it_passes_the_verification(project: Path) -> None:
    assert "gate51 0.1.0 passed" in dutybook(project, "plugin", "verify", ".")


def test_the_commands_that_are_printed_lead_to_an_answer(project: Path, tmp_path: Path) -> None:
    printed = new("gate52", tmp_path).stdout.splitlines()
    assert [line.split()[0] for line in printed] == ["pip", "export", "dutybook", "dutybook"]
    book = {"DUTYBOOK_DATABASE_URL": f"sqlite:///{tmp_path}/book.db", "DUTYBOOK_PLUGINS": "gate51"}
    dutybook(project, "db", "upgrade", **book)
    query = printed[3].partition("'")[2].rstrip("'").replace("gate52", "gate51")
    assert '"totalCount": 0' in dutybook(project, "query", query, **book)


def test_the_field_that_the_readme_adds_answers(project: Path, tmp_path: Path) -> None:
    """A copy of the project, changed as plugins/README.md says."""
    shutil.copytree(project, tmp_path / "copy")
    module = tmp_path / "copy/dutybook_gate51/graphql.py"
    said = (HOUSE / "plugins/README.md").read_text(encoding="utf-8").split("Now a field of your own.")[1]
    added = said.split("```python\n")[1].split("```")[0].replace("toll", "gate51")
    imports = "from collections.abc import Mapping, Sequence\nfrom dutybook.api import View, asked\nfrom sqlalchemy import select\n"
    title, rest = module.read_text(encoding="utf-8").split("\n", 1)
    module.write_text(f"{title}\n{imports}{rest.rpartition('FIELDS')[0]}{added}", encoding="utf-8")
    (tmp_path / "copy/tests/test_seats.py").write_text(SEATS, encoding="utf-8")
    assert "1 passed" in run(tmp_path / "copy", sys.executable, "-m", "pytest", "-q", "tests/test_seats.py")


@pytest.mark.parametrize("name", ["ab", "g" + "1" * 30])
def test_names_of_any_length_leave_the_code_in_form(tmp_path: Path, name: str) -> None:
    assert new(name, tmp_path).exit_code == 0
    run(tmp_path / f"dutybook_{name}", str(BIN / "ruff"), "check", "--no-cache", ".")
    run(tmp_path / f"dutybook_{name}", str(BIN / "ruff"), "format", "--no-cache", "--check", ".")


@pytest.mark.parametrize("name", STRANGE)
def test_a_name_that_no_plugin_can_have_is_refused(tmp_path: Path, name: str) -> None:
    done = new(name, tmp_path)
    assert (done.exit_code, list(tmp_path.iterdir())) == (2, [])
    assert name in done.stderr


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "dutybook_toll").mkdir()
    done = new("toll", tmp_path)
    assert (done.exit_code, list((tmp_path / "dutybook_toll").iterdir())) == (2, [])


def test_a_folder_that_is_a_file_is_refused_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = new("toll", tmp_path / "file")
    assert done.exit_code == 2
    assert "--into" in done.stderr
