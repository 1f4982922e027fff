"""Settings come from variables, files and dutybook.toml, and say what is wrong with them."""

from pathlib import Path

import pytest

from dutybook.book.masters import Masters
from dutybook.errors import BadInput
from dutybook.settings import load_settings


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory and an environment without settings."""
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE_URL", "DATABASE_URL_FILE", "PLUGINS", "TIMEZONE", "ANONYMOUS_ROLE", "PORT"):
        monkeypatch.delenv(f"DUTYBOOK_{name}", raising=False)
    return tmp_path


def write(folder: Path, text: str) -> None:
    (folder / "dutybook.toml").write_text(text, encoding="utf-8")


def test_without_any_settings_the_book_lives_in_a_file_here_and_is_closed_to_strangers() -> None:
    settings = load_settings()
    assert (settings.database_url, settings.anonymous_role) == ("sqlite:///dutybook.db", "")
    assert (settings.plugins, settings.timezone.key) == ((), "Asia/Shanghai")


def test_the_toml_file_is_read_from_the_working_directory(folder: Path) -> None:
    write(folder, 'plugins = ["cost", "kpi"]\nport = 8080\n')
    assert (load_settings().plugins, load_settings().port) == (("cost", "kpi"), 8080)


def test_a_variable_wins_over_the_toml_file_even_when_it_is_empty(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, 'anonymous_role = "reader"\n')
    monkeypatch.setenv("DUTYBOOK_ANONYMOUS_ROLE", "")
    assert load_settings().anonymous_role == ""


def test_what_is_given_wins_over_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUTYBOOK_PORT", "1")
    assert load_settings(port=2).port == 2


def test_plugins_are_a_list_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUTYBOOK_PLUGINS", "cost, kpi,")
    assert load_settings().plugins == ("cost", "kpi")


def test_a_secret_is_read_from_the_file_that_a_variable_names(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "url").write_text("postgresql://book:secret@db/book\n", encoding="utf-8")
    monkeypatch.setenv("DUTYBOOK_DATABASE_URL_FILE", str(folder / "url"))
    assert load_settings().database_url == "postgresql://book:secret@db/book"
    assert "secret" not in repr(load_settings())


def test_a_setting_given_twice_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUTYBOOK_DATABASE_URL", "sqlite://")
    monkeypatch.setenv("DUTYBOOK_DATABASE_URL_FILE", str(folder / "url"))
    with pytest.raises(BadInput, match="keep one"):
        load_settings()


def test_a_missing_file_of_a_secret_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUTYBOOK_DATABASE_URL_FILE", str(folder / "absent"))
    with pytest.raises(BadInput, match=r"DUTYBOOK_DATABASE_URL_FILE.*absent"):
        load_settings()


@pytest.mark.parametrize("zone", ["Asia/Shanghia", "", "../zoneinfo", "Asia"])
def test_an_unknown_time_zone_is_named_with_the_way_out(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUTYBOOK_TIMEZONE", zone)
    with pytest.raises(BadInput, match=rf"「{zone}」不是已知时区.*'{zone}' is not a known time zone.*Asia/Shanghai"):
        load_settings()


def test_an_unreadable_toml_file_is_named_with_the_line(folder: Path) -> None:
    write(folder, 'port = 8000\nplugins = ["cost"\nhost = 1\n')
    with pytest.raises(BadInput, match=r"dutybook\.toml.*line 3"):
        load_settings()


def test_a_toml_file_that_is_not_utf8_is_named(folder: Path) -> None:
    (folder / "dutybook.toml").write_bytes('host = "岗册"'.encode("gb18030"))
    with pytest.raises(BadInput, match=r"dutybook\.toml cannot be read"):
        load_settings()


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("prot = 1", "there is no setting prot; known are database_url"),
        ("port = 70000", "port: '70000' must be at most 65535"),
        ("port = -1", "port 的值「-1」不得小于 0"),
        ('port = "8o"', "port: '8o' must be a whole number"),
        ("read_seconds = 0", "read_seconds: '0' must be more than 0"),
        ("host = 1", "host cannot be read"),
    ],
)
def test_a_setting_that_cannot_be_is_named_with_its_value(folder: Path, line: str, told: str) -> None:
    write(folder, line)
    with pytest.raises(BadInput) as refused:
        load_settings()
    assert told in str(refused.value)


def test_everything_that_is_wrong_is_told_at_once(folder: Path) -> None:
    write(folder, "port = -1\nmax_depth = 0\n")
    with pytest.raises(BadInput, match=r"port: '-1'.*max_depth: '0'"):
        load_settings()


@pytest.mark.parametrize(
    "setting", [{"hr": ["employee.salary"]}, {"hr": ["position"]}, {"hr": ["assignment"], "oa": ["assignment"]}]
)
def test_a_setting_that_makes_no_sense_is_told(setting: dict[str, list[str]]) -> None:
    with pytest.raises(BadInput, match="masters"):
        Masters.of(setting)
