"""`dutybook user` and `dutybook token`: data on stdout, messages on stderr, 0 done, 1 refused, 2 wrong use."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
import typer
from typer.testing import CliRunner, Result

from dutybook.access.identity import authenticate_password, authenticate_token
from dutybook.access.passwords import Passwords
from dutybook.cli.context import Context
from dutybook.cli.users import tokens, users
from dutybook.errors import BadInput
from dutybook.settings import Settings
from tests.core.access_company import migrate

PASSWORD = "十个字以上的好密码啊"


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Context]:
    """The context of a command on a fresh book."""
    monkeypatch.setenv("DUTYBOOK_LANGUAGE", "en")
    url = f"sqlite:///{tmp_path / 'book.db'}"
    migrate(url)
    context = Context(lambda: Settings(database_url=url))
    yield context
    context.database.dispose()


def run(context: Context, app: typer.Typer, *words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(app, words, obj=context, input=typed)


def test_a_user_is_created_and_listed(context: Context) -> None:
    made = run(
        context, users, "create", "li", "--role", "reader", "--role", "editor", "--employee", "E0001", "--no-password"
    )
    assert (made.exit_code, made.stdout, made.stderr) == (0, "", "Created the user 'li'.\n")
    assert run(context, users, "list").stdout == "li\tE0001\treader editor\t-\n"
    [listed] = orjson.loads(run(context, users, "list", "--json").stdout)
    assert (listed["name"], listed["roles"], listed["disabled"]) == ("li", ["reader", "editor"], False)


def test_a_password_is_taken_from_standard_input(context: Context) -> None:
    assert run(context, users, "create", "li", "--password-stdin", typed=f"{PASSWORD}\n").exit_code == 0
    assert authenticate_password(context.database, Passwords(), "li", PASSWORD)


@pytest.mark.parametrize("words", [[], ["--no-password", "--password-stdin"]])
def test_how_a_user_comes_in_must_be_said(context: Context, words: list[str]) -> None:
    result = run(context, users, "create", "li", *words)
    assert (result.exit_code, result.stderr) == (2, "Give one of --password-stdin and --no-password.\n")


def test_roles_come_and_go_and_a_user_is_shut_out_and_let_in_again(context: Context) -> None:
    run(context, users, "create", "li", "--no-password")
    acts = (("grant", "li", "reader"), ("grant", "li", "editor"), ("revoke", "li", "reader"), ("disable", "li"))
    assert [run(context, users, *words).exit_code for words in acts] == [0] * 4
    assert run(context, users, "list").stdout == "li\t-\teditor\tdisabled\n"
    assert [run(context, users, "enable", name).exit_code for name in ("li", "wang")] == [0, 1]
    assert run(context, users, "list").stdout == "li\t-\teditor\t-\n"


def test_a_token_is_alone_on_standard_output(context: Context) -> None:
    run(context, users, "create", "li", "--role", "reader", "--no-password")
    made = run(context, tokens, "create", "li", "--days", "7", "--name", "portal")
    assert made.stderr == "The token is shown this once, and expires in 7 days.\n"
    with context.database.read() as session:
        assert authenticate_token(session, context.database.tables, context.clock, made.stdout.strip())
    assert run(context, tokens, "list").stdout.startswith(f"1\tli\t{made.stdout[:12]}…\tuntil ")


def test_a_token_is_revoked_by_its_beginning(context: Context) -> None:
    run(context, users, "create", "li", "--no-password")
    token = orjson.loads(run(context, tokens, "create", "li", "--json").stdout)["token"]
    assert run(context, tokens, "revoke", token[:12]).exit_code == 0
    [listed] = orjson.loads(run(context, tokens, "list", "--json").stdout)
    assert listed["revoked_at"]


def test_a_refusal_is_exit_code_1_in_the_language_of_the_shell(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DUTYBOOK_LANGUAGE")
    said = {}
    for language in ("zh_CN.UTF-8", "en_GB.UTF-8", "C.UTF-8"):
        monkeypatch.setenv("LANG", language)
        result = run(context, users, "disable", "li")
        said[language] = (result.exit_code, result.stdout, result.stderr.split("dutybook")[0])
    zh = (1, "", "没有名为「li」的用户，")
    assert said == {"zh_CN.UTF-8": zh, "en_GB.UTF-8": (1, "", "No user is called 'li'; "), "C.UTF-8": zh}


def test_with_json_an_error_is_json(context: Context) -> None:
    result = run(context, users, "grant", "li", "raeder", "--json")
    error = orjson.loads(result.stderr)
    assert (result.exit_code, result.stdout, error["code"], error["path"]) == (2, "", "BAD_USER_INPUT", ["role"])


def test_a_database_that_was_never_upgraded_says_what_to_run(tmp_path: Path, context: Context) -> None:
    empty = Context(lambda: Settings(database_url=f"sqlite:///{tmp_path / 'empty.db'}"))
    result = run(empty, users, "list")
    empty.database.dispose()
    assert (result.exit_code, result.stdout) == (1, "")
    assert "run dutybook db upgrade" in result.stderr


def test_settings_are_read_when_a_command_needs_them_and_not_for_its_help() -> None:
    def unreadable() -> Settings:
        raise BadInput("坏", "broken")

    help_, listed = (run(Context(unreadable), users, "list", *words) for words in (["--help"], []))
    assert (help_.exit_code, listed.exit_code) == (0, 2)


def test_signing_is_delegated_listed_and_revoked(context: Context) -> None:
    for name in ("ann", "bob"):
        run(context, users, "create", name, "--role", "approver", "--no-password")
    days = ("--from", "2026-11-26", "--to", "2100-01-01", "--reason", "出差")
    refused = run(context, users, "delegate", "ann", "bob", *days)
    assert (refused.exit_code, "366 days" in refused.stderr) == (2, True)
    today = context.clock.today()
    days = ("--from", str(today), "--to", str(today + timedelta(9)), "--reason", "出差")
    assert run(context, users, "delegate", "ann", "bob", *days).stdout == "1\n"
    assert run(context, users, "undelegate", "1").exit_code == 0
    [told] = orjson.loads(run(context, users, "delegations", "--json").stdout)
    assert (told["principal"], told["delegate"], told["reason"]) == ("ann", "bob", "出差")
    assert told["revoked_by"] == "operator"
    assert run(context, users, "delegations").stdout.startswith("1\tann\tbob\t-\t")
    assert run(context, users, "undelegate", "2").exit_code == 1
