"""`dutybook catalogue`: data on stdout, messages on stderr, 0 done, 1 refused, 2 for what cannot be read."""

from collections.abc import Callable, Iterator
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner, Result

from dutybook.cli.catalogue import app
from dutybook.cli.context import Context
from dutybook.settings import Settings
from tests.backends import Backend
from tests.flow.catalogue_desk import COMPANY, Desk, migrated, printed

Run = Callable[..., Result]
LISTS = {"营业部": {"班长": ["抄录水表读数。", "清点库房备件。"]}}
CHANGED = {"营业部": {"班长": ["抄录水表读数。", "清点库房全部备件。"]}}


@pytest.fixture
def url(backend: Backend) -> Iterator[str]:
    with backend.database(migrated) as url:
        yield url


@pytest.fixture
def run(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs a command in a folder of its own, in English."""
    monkeypatch.setenv("DUTYBOOK_LANGUAGE", "en")
    monkeypatch.chdir(tmp_path)
    Path("roster.txt").write_text(printed(LISTS), encoding="utf-8")
    Path("changed.txt").write_text(printed(CHANGED), encoding="utf-8")
    Path("two.txt").write_text(f"第一篇：{printed(LISTS)}\n第二篇：{printed(CHANGED)}", encoding="utf-8")
    context = Context(lambda: Settings(database_url=url))
    yield lambda *words: CliRunner().invoke(app, words, obj=context)
    context.database.dispose()


@pytest.fixture
def revision(url: str) -> Iterator[Callable[[], int]]:
    desk = Desk(url)
    yield desk.revision
    desk.close()


def test_a_catalogue_is_read_and_nothing_is_stored(run: Run, revision: Callable[[], int]) -> None:
    [catalogue] = orjson.loads(run("read", "roster.txt", "--json").stdout)["catalogues"]
    assert catalogue["organisation"] == COMPANY
    assert "职责 2" in run("read", "roster.txt").stdout
    assert revision() == 0


def test_an_import_is_a_draft_unless_it_is_published(run: Run, revision: Callable[[], int]) -> None:
    done = orjson.loads(run("import", "roster.txt", "--json").stdout)
    assert (done["changeSet"], done["revision"], revision()) == (1, None, 0)
    done = orjson.loads(run("import", "roster.txt", "--organisation", "另一家公司", "--publish", "--json").stdout)
    assert (done["changeSet"], done["revision"], revision()) == (2, 1, 1)


def test_a_second_import_has_nothing_to_propose(run: Run) -> None:
    run("import", "roster.txt", "--publish")
    again = run("import", "roster.txt", "--publish")
    assert (again.exit_code, again.stdout, again.stderr) == (0, "", "Changes: none\n")
    assert orjson.loads(run("import", "roster.txt", "--json").stdout)["unchanged"]["duty"] == 2


def test_a_dry_run_shows_the_proposal_and_stores_nothing(run: Run, revision: Callable[[], int]) -> None:
    run("import", "roster.txt", "--publish")
    shown = run("import", "changed.txt", "--dry-run")
    assert shown.stdout == "duty reworded\t营业部/班长\t清点库房备件。\t清点库房全部备件。\n"
    told = orjson.loads(run("import", "changed.txt", "--dry-run", "--json").stdout)
    assert (len(told["proposal"]), told["summary"], revision()) == (1, {"duty": {"reworded": 1}}, 1)


def test_exports_can_be_imported_in_every_form(run: Run) -> None:
    run("import", "roster.txt", "--publish")
    for form in ("json", "yaml", "md"):
        assert run("export", "--format", form, "--out", f"out.{form}").exit_code == 0
        assert run("import", f"out.{form}").stderr == "Changes: none\n"


def test_several_files_make_one_change_set(run: Run) -> None:
    more = {"营业部": {"抄表员": ["抄表。"]}, "泵站": {"班长": ["值守。"]}}
    Path("more.txt").write_text(printed(more), encoding="utf-8")
    done = orjson.loads(run("import", "roster.txt", "more.txt", "--publish", "--json").stdout)
    assert {kind: counts["new"] for kind, counts in done["summary"].items() if kind != "organisation"} == {
        "department": 2,
        "position": 3,
        "duty": 4,
    }


BAD = {
    "an empty file": ("empty.txt", b"", [], "empty"),
    "a binary file": ("image.png", b"\x89PNG\r\n\x1a\n\0\0", [], "PNG"),
    "no file": ("nowhere.txt", None, [], "cannot be read"),
    "no duty list": ("letter.txt", "今天下午三点开会。\n请准时参加。\n".encode(), [], "no duty list"),
    "a day that is none": ("roster.txt", None, ["--effective-on", "2026-02-30"], "2026-02-30"),
    "an unknown code": ("roster.txt", None, ["--organisation", "O99"], "O99"),
    "a catalogue that is none": ("roster.txt", None, ["--catalogue", "2"], "no catalogue 2"),
    "JSON cut off": ("cut.json", b'{"format": "dutybook-catalogue/1", ', [], "1:"),
    "other JSON": ("other.json", b'{"a": 1}', [], "dutybook-catalogue/1 is expected"),
    "YAML cut off": ("cut.yaml", b"format: dutybook-catalogue/1\ndepartments: [", [], "not whole YAML"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_told_and_nothing_is_stored(run: Run, revision: Callable[[], int], case: str) -> None:
    name, content, words, told = BAD[case]
    if content is not None:
        Path(name).write_bytes(content)
    result = run("import", name, "--publish", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr
    assert revision() == 0


def test_one_of_several_catalogues_must_be_chosen(run: Run, shared: Path) -> None:
    [seed] = (shared / "seeds").glob("000_*.txt")
    assert "2 catalogues; choose by --catalogue: 1. 244–3495" in run("import", str(seed)).stderr
    assert run("import", str(seed), "--catalogue", "2").exit_code == 2
    assert run("import", str(seed), "--catalogue", "2", "--organisation", "某公司", "--publish").exit_code == 0


def test_what_an_export_cannot_find_is_told(run: Run) -> None:
    assert run("export").exit_code == 2
    run("import", "roster.txt", "--publish")
    for words in (("--department", "D099"), ("--organisation", "O99"), ("--format", "odt"), ("--as-of", "2026-13-01")):
        result = run("export", *words)
        assert (result.exit_code, result.stdout) == (2, "")
        assert words[1] in result.stderr
