"""`dutybook period`: 0 done, 1 refused, 2 for what cannot be read; data on stdout, messages on stderr."""

from collections.abc import Callable, Iterator

import orjson
import pytest
from typer.testing import CliRunner, Result

from dutybook.cli import app
from dutybook.cli.context import Context
from dutybook.services.book import Book
from dutybook.settings import Settings
from tests.backends import Backend
from tests.flow.catalogue_desk import migrated
from tests.flow.closing_plugin import OVERRIDABLE, ROUNDED, Late, with_plugin

Run = Callable[..., Result]


class Plugged(Context):
    """A command line whose book has the plugin."""

    late = Late()

    @property
    def book(self) -> Book:
        return with_plugin(super().book, self.late)


@pytest.fixture
def context(backend: Backend) -> Iterator[Plugged]:
    with backend.database(migrated) as url:
        context = Plugged(lambda: Settings(database_url=url))
        context.late = Late()
        yield context
        context.database.dispose()


@pytest.fixture
def run(context: Plugged, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a command in English."""
    monkeypatch.setenv("DUTYBOOK_LANGUAGE", "en")
    return lambda *words: CliRunner().invoke(app, ("period", *words), obj=context)


def test_months_are_opened_closed_reopened_and_listed(run: Run) -> None:
    assert orjson.loads(run("open", "2025-01", "--json").stdout)["state"] == "OPEN"
    assert run("open", "2025-02").stdout.startswith("2025-02\tOPEN")
    assert orjson.loads(run("close", "2025-01", "--json").stdout)["closing_revision"] == 0
    listed = [orjson.loads(line) for line in run("list", "--json").stdout.splitlines()]
    assert [(row["month"], row["state"]) for row in listed] == [("2025-02", "OPEN"), ("2025-01", "CLOSED")]
    assert run("reopen", "2025-01", "--reason", "漏记").stdout.startswith("2025-01\tOPEN")


def test_objections_are_told_by_the_name_that_decides_about_them(run: Run, context: Plugged) -> None:
    context.late.objections = [OVERRIDABLE, ROUNDED]
    run("open", "2025-01")
    refused = run("close", "2025-01")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr == "late:UNSIGNED: appraisals are unsigned\nlate:ROUNDED: fen were rounded\n"
    foretold = run("close", "2025-01", "--dry-run", "--json")
    assert foretold.exit_code == 1
    assert [orjson.loads(line)["objection"] for line in foretold.stderr.splitlines()] == [
        "late:UNSIGNED",
        "late:ROUNDED",
    ]
    decided = ("--acknowledge", "late:ROUNDED", "--override", "late:UNSIGNED=signed on paper")
    assert run("close", "2025-01", *decided).exit_code == 0


REFUSED = {
    "an unopened month": (("close", "2025-01"), 1, "period open 2025-01"),
    "what is no month": (("open", "2025-13"), 2, "2025-13"),
    "what is no month to close": (("close", "Jan"), 2, "Jan"),
    "an override without a reason": (("close", "2025-01", "--override", "late:UNSIGNED"), 2, "CODE=REASON"),
    "a reopening without a reason": (("reopen", "2025-01"), 2, "--reason"),
    "a reopening of what is not closed": (("reopen", "2025-01", "--reason", "x"), 1, "not closed"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_the_command_tells_of(run: Run, case: str) -> None:
    words, code, told = REFUSED[case]
    result = run(*words)
    assert (result.exit_code, result.stdout) == (code, "")
    assert told in result.stderr
