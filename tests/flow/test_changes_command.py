"""`dutybook changes`: a set is previewed with all that plugins say, and published in spite of what may be overridden."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy.orm import Session
from typer.testing import CliRunner, Result

from dutybook.access.actor import OPERATOR
from dutybook.cli import app
from dutybook.cli.context import Context
from dutybook.errors import Message
from dutybook.lifecycle.objections import Objection
from dutybook.lifecycle.states import PositionChange
from dutybook.lifecycle.views import ChangeSetView, Impact
from dutybook.services.accounts import create_user
from dutybook.services.changesets import Proposal, add_changes, open_changeset, submit
from dutybook.services.verdicts import Verdicts
from dutybook.settings import Settings
from tests.backends import Backend
from tests.flow.catalogue_desk import printed
from tests.flow.clerk import founded
from tests.made_plugins import found, made

Run = Callable[..., Result]


def check_position(session: Session, changes: Sequence[PositionChange], dry_run: bool) -> Iterable[Objection] | None:
    message = Message("定员过多", "too many seats")
    return [
        Objection("SEATS", message, ("position", str(change.key)), overridable_by="changes.apply") for change in changes
    ]


def preview_changeset(session: Session, changeset: ChangeSetView) -> Iterable[Impact] | None:
    return [Impact(Message("定员", "Seats"), "1", "9", "人")]


@pytest.fixture
def at(backend: Backend) -> Iterator[Context]:
    with backend.database(founded) as url:
        settings = Settings(database_url=url, plugins=("seats",))
        context = Context(lambda: settings, found=found(made("seats", check_position, preview_changeset)))
        yield context
        context.database.dispose()


@pytest.fixture
def run(at: Context) -> Run:
    return lambda *words: CliRunner().invoke(app, ["changes", *words], obj=at)


@pytest.fixture
def number(at: Context) -> str:
    with at.database.write() as session:
        changeset = open_changeset(session, at.book, OPERATOR, Proposal("定员", effective_on=date(2025, 1, 1)))
        add_changes(session, at.book, OPERATOR, changeset, [{"setPosition": {"position": "P0001", "headcount": 9}}])
    return str(changeset)


def told(result: Result) -> Any:
    return orjson.loads(result.stdout)


def test_a_preview_tells_objections_impacts_and_events(run: Run, number: str) -> None:
    result = run("preview", number)
    seen = told(result)
    assert result.exit_code == 1
    [objection] = seen["objections"]
    assert (objection["objection"], objection["severity"], objection["overridableBy"]) == (
        "seats:SEATS",
        "BLOCK",
        "changes.apply",
    )
    assert [(it["plugin"], it["before"], it["after"]) for it in seen["impacts"]] == [("seats", "1", "9")]
    assert seen["events"] == ["position.changed"]


def test_a_preview_prints_who_follows_a_standard_that_the_set_touches(run: Run, at: Context) -> None:
    with at.database.write() as session:
        changeset = open_changeset(session, at.book, OPERATOR, Proposal("标准", effective_on=date(2025, 1, 1)))
        add_changes(session, at.book, OPERATOR, changeset, [{"addDuty": {"standard": "S001", "text": "填写日志"}}])
    followers = told(run("preview", str(changeset)))["followers"]
    assert (followers["total"], followers["reached"], followers["departments"]) == (1, 1, {"D003": 1})
    [first] = followers["first"]
    assert (first["position"], first["standard"]) == ("P0003", "S001")
    assert first["after"] == [*first["before"], "填写日志"] == ["主持班前会", "检查安全工器具", "填写日志"]


def test_whatever_publishes_takes_reasons_for_what_is_objected_to(run: Run, at: Context, tmp_path: Path) -> None:
    roster = tmp_path / "roster.txt"
    roster.write_text(printed({"营业部": {"班长": ["抄录水表读数。"]}}), encoding="utf-8")
    because = ("--override", "seats:SEATS=会议定的")
    for words in (["catalogue", "import", str(roster), "--publish"], ["changes", "revert", "2", "--publish"]):
        refused = CliRunner().invoke(app, words, obj=at)
        assert (refused.exit_code, '--override "seats:SEATS=…"' in refused.stderr) == (1, True), refused.output
        done = CliRunner().invoke(app, [*words, *because], obj=at)
        assert done.exit_code == 0, done.output


def test_what_waits_for_a_user_is_listed(run: Run, at: Context, number: str) -> None:
    with at.database.write() as session:
        for name, role in (("ann", "approver"), ("bob", "editor")):
            create_user(session, at.book, OPERATOR, name, [role])
        submit(session, at.book, OPERATOR, int(number), Verdicts(overridden={"seats:SEATS": "已批准"}))
    listed = run("list", "--waiting", "--as", "ann", "--json")
    assert told(listed)["id"] == int(number)
    assert run("list", "--waiting", "--as", "bob").stdout == ""


def test_a_set_is_published_in_spite_of_what_is_overridden(run: Run, number: str) -> None:
    assert run("publish", number).exit_code == 1
    assert run("publish", number, "--override", "seats:SEATS").exit_code == 2
    published = run("publish", number, "--override", "seats:SEATS=for the summer", "--json")
    assert (published.exit_code, told(published)["revision"]) == (0, 2)


def test_a_draft_tells_the_steps_that_it_would_go_by_and_a_submitted_set_its_own(
    at: Context, run: Run, number: str
) -> None:
    steps = {"ordinal": 0, "name": None, "signers": ["role:approver"], "routes": []}
    assert told(run("route", number, "--json")) == steps
    with at.database.write() as session:
        submit(session, at.book, OPERATOR, int(number))
    assert run("route", number).stdout == "0\t-\trole:approver\t-\n"
