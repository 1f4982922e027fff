"""A plugin that breaks one rule is told exactly that one, and one that keeps them all passes."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from dutybook.cli import app
from dutybook.testing.databases import Postgres, Sqlite
from dutybook.testing.verify.findings import Code
from dutybook.testing.verify.report import Report, digest
from dutybook.testing.verify.run import verify
from dutybook.testing.verify.subject import NoPlugin, subject_of

BAD = Path(__file__).parent / "bad"

BROKEN = {
    "signature": ("HOOK_LINT", "signature: UNKNOWN_ARGUMENT"),
    "unguarded": ("UNGUARDED_FIELD", "Position.unguardedCode"),
    "oneby": ("N_PLUS_ONE", "Position.onebyDuties"),
    "writer": ("HOOK_OFFENCE", "writer.check_position"),
    "moody": ("NOT_DETERMINISTIC", "moody: preview of setPosition"),
    "forgets": ("REBUILD_DIFFERS", "forgets.on_events"),
    "recalls": ("CRASH_DIFFERS", "recalls.on_events"),
    "leaves": ("DOWNGRADE_LEAVES", "leaves"),
    "network": ("NETWORK_IN_HOOK", "network.check_position"),
    "undated": ("TIME_IGNORED", "Position.undatedNewest"),
    "inside": ("FOREIGN_IMPORT", "dutybook_inside/plugin.py:4"),
    "changed": ("CONTRACT_CHANGED", "contract.json"),
}


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> Sqlite:
    return Sqlite(tmp_path_factory.mktemp("verify"))


@pytest.fixture(scope="module")
def server(postgres_server: str) -> Iterator[Postgres]:
    with closing(Postgres(postgres_server)) as backend:
        yield backend


def found(report: Report) -> list[tuple[str, str]]:
    return [(it.code.name, it.place) for it in report.findings]


@pytest.mark.parametrize("name", BROKEN)
def test_each_bad_plugin_is_told_what_it_breaks_and_nothing_else(books: Sqlite, name: str) -> None:
    report = verify(subject_of(str(BAD / f"dutybook_{name}")), [books])
    assert [BROKEN[name]] == found(report)[:1]
    assert {code for code, _ in found(report)} == {BROKEN[name][0]}
    assert not report.passed


def test_every_bad_plugin_is_tried() -> None:
    assert {folder.name.removeprefix("dutybook_") for folder in BAD.glob("dutybook_*")} == set(BROKEN)


@pytest.mark.parametrize("name", ["forgets", "network", "oneby", "undated", "writer"])
def test_the_same_is_told_on_postgresql(server: Postgres, name: str) -> None:
    report = verify(subject_of(str(BAD / f"dutybook_{name}")), [server])
    assert (found(report), list(report.databases)) == ([BROKEN[name]], ["postgresql"])


def test_a_report_has_a_digest_over_all_the_rest(books: Sqlite) -> None:
    document = verify(subject_of(str(BAD / "dutybook_inside")), [books]).document()
    told = orjson.loads(orjson.dumps(document))
    assert told.pop("digest") == digest(told)
    told["passed"] = True
    assert document["digest"] != digest(told)


def test_what_cannot_be_loaded_is_told_by_the_command_with_exit_code_1() -> None:
    done = CliRunner().invoke(app, ["plugin", "verify", str(BAD / "dutybook_signature"), "--json"])
    told = orjson.loads(done.stdout)
    assert (done.exit_code, told["passed"], told["findings"][0]["code"]) == (1, False, "HOOK_LINT")


def test_a_name_of_nothing_is_wrong_use() -> None:
    with pytest.raises(NoPlugin, match="no folder of one"):
        subject_of("nothing")
    assert CliRunner().invoke(app, ["plugin", "verify", "nothing"]).exit_code == 2


def test_every_code_is_explained_to_authors() -> None:
    page = (Path(__file__).parents[2] / "core/dutybook/testing/README.md").read_text(encoding="utf-8")
    assert [code.name for code in Code if f"`{code.name}`" not in page] == []
