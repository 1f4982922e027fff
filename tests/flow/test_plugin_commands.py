"""Plugins on the command line: enabled, looked after and forgotten by it, and with commands of their own."""

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import httpx
import orjson
import pytest
from typer.testing import CliRunner, Result

from dutybook.cli import app
from dutybook.cli.context import Context
from dutybook.cli.enabling import settle_all
from dutybook.db import migrate
from dutybook.errors import BadInput
from dutybook.settings import Settings
from tests.backends import Backend
from tests.flow.clerk import founded
from tests.plugins.kept import plugin
from tests.plugins.kept.books import FOUND, filled
from tests.plugins.kept.dist import MODULE, environment
from tests.plugins.kept.plugin import noted
from tests.postgres import free_port

DUTYBOOK = [sys.executable, "-m", "dutybook.cli"]


@pytest.fixture
def url(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The company's book, which knows no plugin."""
    monkeypatch.setenv("DUTYBOOK_LANGUAGE", "en")
    with backend.database(founded) as url:
        yield url


def context(url: str, plugins: Sequence[str] = ("kept",), found: Mapping[str, Any] = FOUND) -> Context:
    return Context(lambda: Settings(database_url=url, plugins=tuple(plugins)), found=found)


def run(at: Context, *words: str) -> Result:
    """A command with that context; its connections are given back."""
    result = CliRunner().invoke(app, words, obj=at)
    if "database" in vars(at):
        at.database.dispose()
    return result


def its_notes(url: str) -> list[str]:
    return run(context(url), "kept", "notes").stdout.split("\n")[:-1]


def broken() -> object:
    raise ImportError("half of it is missing")


def test_upgrading_enables_and_disables_as_the_settings_say(url: str) -> None:
    first = run(context(url), "db", "upgrade")
    assert (first.exit_code, first.stdout) == (0, "")
    assert "Enabled the plugin kept." in first.stderr
    assert "Enabled" not in run(context(url), "db", "upgrade").stderr
    assert "Disabled the plugin kept" in run(context(url, ()), "db", "upgrade").stderr
    assert "Enabled the plugin kept." in run(context(url), "db", "upgrade").stderr
    assert its_notes(url) == ["enabled", "disabled", "enabled"]


def test_upgrading_tells_where_each_owner_stands(url: str) -> None:
    assert run(context(url), "db", "current").stdout.split("\n")[1] == "kept\t-"
    run(context(url), "db", "upgrade")
    rows = orjson.loads(run(context(url), "db", "current", "--json").stdout)
    assert [row["owner"] for row in rows] == ["core", "kept"]
    assert rows[1]["revision"] == "0002"
    checked = run(context(url), "db", "check", "--json")
    assert (checked.exit_code, orjson.loads(checked.stdout)["orphans"]) == (0, {})


def test_tables_of_a_plugin_that_is_not_enabled_are_told_and_are_no_error(url: str) -> None:
    run(context(url), "db", "upgrade")
    checked = run(context(url, ()), "db", "check")
    assert checked.exit_code == 0
    assert "kept, which is not enabled, is kept: plg_kept_alembic_version" in checked.stderr


def test_the_core_upgrades_also_when_an_enabled_plugin_is_gone(database_url: str, monkeypatch: Any) -> None:
    monkeypatch.setenv("DUTYBOOK_LANGUAGE", "en")
    gone = context(database_url, ["kept"], {})
    result = run(gone, "db", "upgrade")
    assert result.exit_code == 2
    assert "kept" in result.stderr
    assert run(context(database_url, ()), "db", "check").exit_code == 0


CHANGES = "{ changeSets(first: 5) { edges { node { changes { summary subject { id } attributes { name after } } } } } }"


def test_history_of_a_plugin_that_is_gone_can_still_be_read(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUTYBOOK_LANGUAGE", "en")
    with backend.database(filled) as url:
        gone = context(url, (), {})
        run(gone, "db", "upgrade")
        told = run(context(url, (), {}), "query", CHANGES)
        assert told.exit_code == 0
        sets = orjson.loads(told.stdout)["data"]["changeSets"]["edges"]
        [change] = sets[0]["node"]["changes"]
        assert (change["summary"], change["subject"]) == ("Change kept_shift #19: keeper, name", None)
        assert {"name": "name", "after": "白班"} in change["attributes"]
        refused = run(context(url, (), {}), "changes", "revert", "2")
        assert (refused.exit_code, "enable that plugin first" in refused.stderr) == (2, True)


def test_the_list_tells_what_is_installed_enabled_recorded_and_well(url: str) -> None:
    def listed(at: Context) -> dict[str, Any]:
        result = run(at, "plugin", "list", "--json")
        assert result.exit_code == 0
        [row] = orjson.loads(result.stdout)
        found: dict[str, Any] = row
        return found

    before = listed(context(url))
    assert (before["enabled"], before["state"], before["health"]) == (True, None, None)
    assert "dutybook db upgrade" in before["problem"]
    run(context(url), "db", "upgrade")
    after = listed(context(url))
    assert (after["version"], after["state"], after["migration"]) == ("1.2", "ENABLED", "0002")
    assert (after["health"], after["problem"]) == ("OK", None)
    run(context(url, ()), "db", "upgrade")
    assert (listed(context(url, (), {}))["installed"], listed(context(url, ()))["state"]) == (False, "DISABLED")
    assert run(context(url, ()), "plugin", "list").stdout == "kept\t1.2\tinstalled\t-\tDISABLED\t-\t-\n"


def test_the_doctor_is_content_or_tells_what_is_wrong(url: str) -> None:
    def told(at: Context) -> tuple[int, list[str]]:
        result = run(at, "plugin", "doctor", "--json")
        return result.exit_code, [it["code"] for it in orjson.loads(result.stdout)]

    assert told(context(url)) == (1, ["NOT_READY"])
    run(context(url), "db", "upgrade")
    assert told(context(url)) == (0, [])
    assert told(context(url, ["kept", "kpi"])) == (1, ["UNUSABLE"])
    assert told(context(url, ["kept"], {"kept": broken})) == (1, ["UNUSABLE"])
    assert told(context(url, ())) == (1, ["STILL_ENABLED", "ORPHAN"])
    run(context(url, ()), "db", "upgrade")
    assert told(context(url, ())) == (0, ["ORPHAN"])


def test_a_plugin_that_says_it_is_down_is_told(url: str) -> None:
    at = context(url)
    run(at, "db", "upgrade")
    with at.database.write() as session:
        at.book.hooks(session)
        noted(session, "ill")
    result = run(at, "plugin", "doctor")
    assert (result.exit_code, result.stdout) == (1, "! kept\tDOWN\tit is ill\n")


def test_list_and_doctor_work_without_a_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUTYBOOK_LANGUAGE", "en")
    nowhere = f"sqlite:///{tmp_path / 'no' / 'book.db'}"
    listed, doctor = (run(context(nowhere), "plugin", words) for words in ("list", "doctor"))
    assert (listed.exit_code, listed.stdout) == (0, "kept\t1.2\tinstalled\tenabled\t-\t-\t-\n")
    assert doctor.exit_code == 1
    assert "DATABASE" in doctor.stdout


def test_forgetting_is_refused_while_enabled_asked_for_and_then_done(url: str) -> None:
    run(context(url), "db", "upgrade")
    early = run(context(url), "plugin", "forget", "kept", "--yes")
    assert early.exit_code == 1
    assert "take it out of DUTYBOOK_PLUGINS" in early.stderr
    run(context(url, ()), "db", "upgrade")
    assert run(context(url, ()), "plugin", "forget", "kept").exit_code == 1
    done = run(context(url, ()), "plugin", "forget", "kept", "--yes", "--json")
    assert done.exit_code == 0
    assert "plg_kept_note" in orjson.loads(done.stdout)["dropped"]
    again = run(context(url, ()), "plugin", "forget", "kept", "--yes")
    assert (again.exit_code, "has nothing of a plugin 'kept'" in again.stderr) == (1, True)


def test_the_commands_of_a_plugin_are_there_while_it_is_enabled(url: str) -> None:
    run(context(url), "db", "upgrade")
    assert its_notes(url) == ["enabled"]
    assert "What is kept" in run(context(url), "kept", "--help").stdout
    absent = run(context(url, ()), "kept", "notes")
    assert (absent.exit_code, "installed but not enabled" in absent.stderr) == (2, True)


def test_the_list_of_commands_names_plugins_and_imports_none(url: str) -> None:
    shown = run(context(url, ["kept", "sick"], {"kept": broken, "sick": broken}), "--help")
    assert shown.exit_code == 0
    assert "Commands of the plugin kept" in shown.stdout
    called = run(context(url, ["kept"], {"kept": broken}), "kept", "notes")
    assert (called.exit_code, "half of it is missing" in called.stderr) == (2, True)


def test_help_works_without_settings_that_can_be_read() -> None:
    def refused() -> Settings:
        raise BadInput("坏", "bad")

    assert run(Context(refused), "--help").exit_code == 0
    assert run(Context(refused), "kept").exit_code == 2


def test_a_plugin_without_commands_says_so(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(plugin, "contribute_cli")
    result = run(context(url), "kept", "notes")
    assert (result.exit_code, result.stderr) == (2, "Plugin kept: it has no commands.\n")


def test_a_migration_is_written_only_when_there_is_something_to_write(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUTYBOOK_LANGUAGE", "en")
    nothing = run(context("sqlite://", ()), "plugin", "migrate", "kept", "-m", "Nothing")
    assert (nothing.exit_code, nothing.stdout) == (0, "")
    assert "no migration was written" in nothing.stderr
    unknown = run(context("sqlite://", ()), "plugin", "migrate", "kpi", "-m", "Nothing")
    assert (unknown.exit_code, "kpi: it is not installed" in unknown.stderr) == (2, True)


def test_the_demo_fills_the_tables_of_each_plugin_once(url: str) -> None:
    for plugins in (["kept"], [], ["kept"]):
        at = context(url, plugins)
        migrate.upgrade(at.database, at.plugins)
        settle_all(at, demo=True)
        at.database.dispose()
    assert its_notes(url) == ["enabled", "demo", "disabled", "enabled"]


def process(given: Mapping[str, str], folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*DUTYBOOK, *words], check=False, env=given, cwd=folder, capture_output=True, encoding="utf-8"
    )


def test_a_server_starts_when_the_database_is_ready_for_its_plugins_or_without_them(tmp_path: Path) -> None:
    at = f"sqlite:///{tmp_path / 'book.db'}"
    given = environment(tmp_path, {"kept": MODULE, "sick": "tests.plugins.kept.nowhere"}, database_url=at)
    bare = process(given, tmp_path, "serve")
    assert (bare.returncode, "run dutybook db upgrade first" in bare.stderr) == (1, True), bare.stderr
    assert process(given, tmp_path, "db", "upgrade").returncode == 0
    asked = {**given, "DUTYBOOK_PLUGINS": "kept"}
    for command in ("serve", "worker"):
        refused = process(asked, tmp_path, command)
        assert (refused.returncode, "run dutybook db upgrade" in refused.stderr) == (2, True)
    asked["DUTYBOOK_PLUGINS"] = "kept,sick"
    assert "sick" in process(asked, tmp_path, "serve").stderr
    assert process(asked, tmp_path, "--help").returncode == 0
    with degraded(asked, tmp_path) as told:
        left_out = {it["plugin"]: it["reason"] for it in told if it["event"] == "starting without a plugin"}
        assert set(left_out) == {"sick", "kept"}
        assert left_out["kept"].startswith("its tables stand at -")
        assert all(it["level"] and it["timestamp"].endswith("Z") for it in told)


def test_servers_that_upgrade_at_the_same_moment_take_turns(database_url: str, tmp_path: Path) -> None:
    given = environment(tmp_path, {"kept": MODULE}, database_url=database_url, plugins="kept")
    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(lambda _: process(given, tmp_path, "db", "upgrade"), range(3)))
    assert [it.returncode for it in done] == [0, 0, 0], "".join(it.stderr for it in done)
    assert "".join(it.stderr for it in done).count("Enabled the plugin kept.") == 1


@contextmanager
def degraded(given: Mapping[str, str], folder: Path) -> Iterator[list[dict[str, Any]]]:
    """Two processes that serve without what cannot be used; gives the lines that they have told so far, each of them JSON."""
    port, log = free_port(), folder / "log"
    words = [*DUTYBOOK, "serve", "--workers", "2", "--port", str(port), "--degraded"]
    with log.open("w") as out:
        server = subprocess.Popen(words, env=given, cwd=folder, stdout=out, stderr=out)
    try:
        end = monotonic() + 60
        while not alive(port):
            assert server.poll() is None, log.read_text()
            assert monotonic() < end, log.read_text()
            sleep(0.1)
        yield [orjson.loads(line) for line in log.read_text().splitlines()]
    finally:
        server.terminate()
        server.wait(20)


def alive(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/livez", trust_env=False).is_success
    except httpx.TransportError:
        return False
