"""Documents and printable forms on the command line."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner

from dutybook.cli import app
from dutybook.cli.context import Context
from dutybook.settings import Settings
from tests.backends import Backend
from tests.flow.clerk import founded

PDF = b"%PDF-1.7 scan"


@pytest.fixture
def run(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setenv("DUTYBOOK_LANGUAGE", "en")
    with backend.database(founded) as url:

        def run(*words: str, code: int = 0) -> str:
            context = Context(lambda: Settings(database_url=url, file_limit=1_000))
            result = CliRunner().invoke(app, list(words), obj=context)
            context.database.dispose()
            assert result.exit_code == code, result.output
            return result.stdout if code == 0 else result.output

        yield run


def test_a_document_is_added_with_its_scan_found_by_number_printed_and_saved(run: Any, tmp_path: Path) -> None:
    scan, copy = tmp_path / "通知.pdf", tmp_path / "copy.pdf"
    scan.write_bytes(PDF)
    said = ("--title", "关于|调整", "--number", "青电人〔2026〕9号", "--issued-on", "2026-02-01", "--publish", "--json")
    made = orjson.loads(run("document", "add", str(scan), *said))
    [listed] = [orjson.loads(line) for line in run("document", "list", "--number", "(2026)9", "--json").splitlines()]
    assert (listed["key"], listed["title"], listed["issued_on"]) == (made["document"], "关于|调整", "2026-02-01")
    shown = orjson.loads(run("document", "show", str(made["document"]), "--json"))
    [kept] = shown["scans"]
    run("document", "save", kept["digest"], "--out", str(copy))
    assert (kept["name"], copy.read_bytes()) == ("通知.pdf", PDF)
    printed = run("changes", "print", str(made["changeSet"]))
    assert printed.startswith(f"# Change set {made['changeSet']}: 关于\\|调整\n")
    assert "| Document | “关于\\|调整” (青电人〔2026〕9号) |" in printed
    assert run("catalogue", "sheet", "P0001").startswith("# 主任 Job sheet\n")
    assert orjson.loads(run("verify-book"))["scans"] == []


@pytest.mark.parametrize(
    ("content", "told"), [(b"MZ", "is no PDF"), (b"%PDF-" + b"0" * 1_000, "more than 1000 bytes"), (None, "cannot be read")]
)  # fmt: skip
def test_a_file_that_cannot_be_taken_is_named_and_nothing_is_stored(
    run: Any, tmp_path: Path, content: bytes | None, told: str
) -> None:
    good, bad = tmp_path / "good.pdf", tmp_path / "bad.pdf"
    good.write_bytes(PDF)
    if content is not None:
        bad.write_bytes(content)
    output = run("document", "add", str(good), str(bad), "--title", "通知", code=2)
    assert "bad.pdf" in output
    assert told in output
    assert run("document", "list") == ""
    assert len(run("changes", "list").splitlines()) == 1
