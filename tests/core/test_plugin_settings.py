"""Which plugins are enabled and what they are set to: read like all settings, and never stored with a secret."""

from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import BaseModel, Field, PostgresDsn, SecretStr

from dutybook.cli.context import Context
from dutybook.errors import BadInput, Message
from dutybook.lifecycle.loading import PluginsRefused
from dutybook.services.plugins import shown_settings
from dutybook.settings import load_settings
from tests.plugins.kept import plugin
from tests.plugins.kept.plugin import Settings

FOUND = {"kept": lambda: plugin}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory whose settings enable the plugin."""
    monkeypatch.chdir(tmp_path)
    for name in ("PLUGINS", "PLUGIN", "DEGRADED", "HOOK_SECONDS", "KEPT_RATE", "KEPT_PASSWORD", "KEPT_PASSWORD_FILE"):
        monkeypatch.delenv(f"DUTYBOOK_{name}", raising=False)
    (tmp_path / "dutybook.toml").write_text('plugins = ["kept"]\n[plugin.kept]\nrate = 3\n', "utf-8")
    return tmp_path


def settings_of_kept() -> Any:
    return Context(found=FOUND).plugins["kept"].settings


def test_a_table_of_the_toml_file_sets_a_plugin() -> None:
    assert settings_of_kept() == Settings(rate=3)


def test_a_variable_wins_over_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUTYBOOK_KEPT_RATE", "4")
    assert settings_of_kept().rate == 4


def test_a_secret_is_read_from_a_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "password").write_text("swordfish\n", "utf-8")
    monkeypatch.setenv("DUTYBOOK_KEPT_PASSWORD_FILE", str(folder / "password"))
    assert settings_of_kept().password.get_secret_value() == "swordfish"
    monkeypatch.setenv("DUTYBOOK_KEPT_PASSWORD", "another")
    with pytest.raises(PluginsRefused, match="DUTYBOOK_KEPT_PASSWORD_FILE"):
        settings_of_kept()


def test_what_a_plugin_cannot_be_set_to_is_refused_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUTYBOOK_KEPT_RATE", "plenty")
    with pytest.raises(PluginsRefused, match=r"rate.*\[plugin\.kept\].*DUTYBOOK_KEPT_RATE"):
        settings_of_kept()


def test_a_table_of_a_plugin_that_is_not_enabled_does_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUTYBOOK_PLUGINS", "")
    assert list(Context(found=FOUND).plugins) == []


def test_what_is_no_table_is_refused(folder: Path) -> None:
    (folder / "dutybook.toml").write_text("[plugin]\nkept = 3\n", "utf-8")
    with pytest.raises(BadInput, match=r"plugin\.kept"):
        load_settings()


def test_secrets_of_plugins_are_not_shown_with_the_settings(folder: Path) -> None:
    (folder / "dutybook.toml").write_text('[plugin.kept]\npassword = "swordfish"\n', "utf-8")
    assert "swordfish" not in repr(load_settings())


def test_hooks_have_the_deadline_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Context(found=FOUND).plugins.deadline == 5
    monkeypatch.setenv("DUTYBOOK_HOOK_SECONDS", "0.5")
    assert Context(found=FOUND).plugins.deadline == 0.5


def test_the_book_has_the_kinds_of_its_plugins() -> None:
    at = Context(found=FOUND)
    assert "kept_shift" in at.book.kinds
    assert at.book.plugins is at.plugins


def test_what_cannot_be_loaded_is_refused_or_in_degraded_mode_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUTYBOOK_PLUGINS", "kept,absent")
    with pytest.raises(PluginsRefused, match=r"absent.*--degraded"):
        _ = Context(found=FOUND).plugins
    monkeypatch.setenv("DUTYBOOK_DEGRADED", "1")
    plugins = Context(found=FOUND).plugins
    assert ([it.name for it in plugins], [*plugins.broken]) == (["kept"], ["absent"])


def test_degraded_mode_holds_for_the_processes_that_are_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUTYBOOK_DEGRADED", "")
    monkeypatch.delenv("DUTYBOOK_DEGRADED")
    monkeypatch.setenv("DUTYBOOK_PLUGINS", "absent")
    assert [*Context(found=FOUND).degraded().plugins.broken] == ["absent"]
    assert [*Context(found=FOUND).plugins.broken] == ["absent"]


def test_whoever_is_left_out_is_told_of() -> None:
    at = Context(found=FOUND).without({"kept": Message("迟", "late")})
    assert (list(at.plugins), at.plugins.broken) == ([], {"kept": Message("迟", "late")})
    assert "kept_shift" not in at.book.kinds


class Inner(BaseModel):
    """Settings within settings."""

    token: SecretStr = SecretStr("hidden")
    days: tuple[int, ...] = (1, 2)


class Outer(BaseModel):
    """Every way in which a secret may be kept."""

    inner: Inner = Inner()
    servers: dict[str, SecretStr] = {"a": SecretStr("hidden")}
    database: PostgresDsn = PostgresDsn("postgresql://user:hidden@host/name")
    url: str = "https://user:hidden@host/path"
    key: Annotated[str, Field(repr=False)] = "hidden"
    share: float = 0.5


def test_settings_are_stored_without_what_is_secret() -> None:
    assert shown_settings(Outer()) == (
        '{"database":"postgresql://user:***@host/name",'
        '"inner":{"days":[1,2],"token":"***"},'
        '"key":"***","servers":{"a":"***"},"share":"0.5","url":"https://user:***@host/path"}'
    )


def test_a_serialiser_that_gives_a_secret_away_is_not_asked() -> None:
    assert "sesame" in Settings().model_dump_json()
    assert "sesame" not in shown_settings(Settings())
