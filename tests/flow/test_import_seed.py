"""The real roster: all of it goes in, and no other print of it proposes anything."""

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path
from textwrap import wrap
from typing import Any

import orjson
import pytest

from dutybook.catalogue.read import read_file
from dutybook.catalogue.roster import Roster, roster_of
from tests.backends import Backend, Fill
from tests.flow.catalogue_desk import Desk, migrated, read

COMPANY, LATER = "宣恩县电力公司", date(2026, 2, 1)
FIRST_COPY, SECOND_COPY = slice(243, 1871), slice(1872, 3495)


@pytest.fixture(scope="module")
def seed(shared: Path) -> Path:
    [file] = (shared / "seeds").glob("000_*.txt")
    return file


@pytest.fixture(scope="module")
def roster(seed: Path) -> Roster:
    reading = read_file(seed)
    return roster_of(reading.catalogues[0], reading.file)


@pytest.fixture(scope="module")
def fill(roster: Roster) -> Fill:
    def fill(url: str) -> None:
        migrated(url)
        with closing(Desk(url)) as desk:
            desk.put(roster, to=COMPANY)

    return fill


@pytest.fixture
def filled(backend: Backend, fill: Fill) -> Iterator[Desk]:
    with backend.database(fill) as url, closing(Desk(url)) as desk:
        yield desk


def lines(seed: Path, part: slice) -> list[str]:
    return seed.read_text(encoding="utf-8").splitlines()[part]


def outline(tree: Any) -> list[Any]:
    """Category, department, title, note and texts of every position."""
    return [
        (department["category"], department["name"], position["title"], position.get("note"), texts(position))
        for department in tree
        for position in department["positions"]
    ]


def texts(position: Any) -> list[str]:
    return [duty["text"] for duty in position["duties"]]


def test_the_book_says_what_the_clerk_keyed(filled: Desk, shared: Path) -> None:
    gold = orjson.loads((shared / "gold" / "power.json").read_bytes())
    keyed = [
        {"category": category["name"], **department}
        for category in gold["categories"]
        for department in category["departments"]
    ]
    assert outline(filled.tree(to=COMPANY)) == outline(keyed)
    assert len(filled.keys()) > 600


def test_it_proposes_nothing_again(filled: Desk, roster: Roster) -> None:
    assert filled.proposal(roster, on=LATER, to=COMPANY) == []


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8-sig"])
def test_it_proposes_nothing_in_another_encoding(filled: Desk, seed: Path, encoding: str) -> None:
    whole = "\n".join(lines(seed, slice(243, 3495)))
    assert filled.proposal(read(whole.encode(encoding)), to=COMPANY) == []


@pytest.mark.parametrize("printed", [FIRST_COPY, SECOND_COPY], ids=["first copy", "second copy"])
def test_neither_printed_copy_alone_proposes_anything(filled: Desk, seed: Path, printed: slice) -> None:
    assert filled.proposal(read("\n".join(lines(seed, printed))), to=COMPANY) == []


def test_the_copy_that_stops_early_is_told(filled: Desk, seed: Path) -> None:
    done = filled.put(read("\n".join(lines(seed, SECOND_COPY))), to=COMPANY)
    assert (done.changeset, len(done.notes)) == (None, 1)


@pytest.mark.parametrize("width", [40, 60, 100])
def test_it_proposes_nothing_when_lines_are_wrapped_elsewhere(filled: Desk, seed: Path, width: int) -> None:
    wrapped = [part for line in lines(seed, slice(243, 3495)) for part in wrap(line, width) or [""]]
    assert filled.proposal(read("\n".join(wrapped)), to=COMPANY) == []


def test_after_a_revert_everything_comes_back_once(filled: Desk, roster: Roster) -> None:
    before, keys = filled.tree(to=COMPANY), filled.identities("duty")
    filled.undo(1)
    done = filled.put(roster, to=COMPANY)
    assert (done.done["position", "restored"], done.done["duty", "restored"]) == (92, 704)
    assert (filled.tree(to=COMPANY), filled.identities("duty")) == (before, keys)


@pytest.mark.parametrize("form", ["json", "yaml", "md"])
def test_its_exports_are_the_same_catalogue(filled: Desk, form: str) -> None:
    export = filled.export(form, to=COMPANY)
    assert filled.proposal(export, to=COMPANY) == []
    filled.put(export, to="另一家电力公司")
    assert outline(filled.tree(to="另一家电力公司")) == outline(filled.tree(to=COMPANY))


def test_a_catalogue_without_departments_hangs_on_one_named_like_the_organisation(desk: Desk, seed: Path) -> None:
    reading = read_file(seed)
    second = roster_of(reading.catalogues[1], reading.file)
    desk.put(second, to="某科技公司")
    [department] = desk.tree(to="某科技公司")
    assert (department["name"], len(department["positions"])) == ("某科技公司", 29)
    assert desk.proposal(second, to="某科技公司") == []
