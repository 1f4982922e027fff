"""The power company's roster and the IT company's duties, as a careful clerk keyed them."""

import json
import time
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from dutybook.catalogue.document import reading_json
from dutybook.catalogue.read import read_file

SHARED = Path(__file__).parents[2].parent / "shared"
pytestmark = pytest.mark.skipif(
    not (SHARED / "gold").is_dir(), reason="the seed and its gold stand beside the checkout only"
)


@cache
def seed() -> dict[str, Any]:
    """The reading of the seed in its JSON form."""
    (path,) = (SHARED / "seeds").glob("000_*.txt")
    return reading_json(read_file(path))


def gold(name: str) -> Any:
    """What the clerk keyed."""
    return json.loads((SHARED / "gold" / name).read_text("utf-8"))


def keyed(categories: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Every position with all that both the clerk and the reader say of it."""
    return [
        (category["name"], department["name"], position["title"], position["printed_heading"], position.get("note"),
         [(duty["no"], duty["printed_no"], duty["text"]) for duty in position["duties"]])
        for category in categories
        for department in category["departments"]
        for position in department["positions"]
    ]  # fmt: skip


def test_two_catalogues_are_found_among_ten_articles_and_the_rest_is_skipped_with_a_reason() -> None:
    assert [catalogue["span"] for catalogue in seed()["catalogues"]] == [[244, 3495], [3886, 5235]]
    assert len(seed()["skipped"]) == 8
    assert all("no duty list" in skipped["reason"] for skipped in seed()["skipped"])


def test_the_roster_is_read_as_the_clerk_keyed_it() -> None:
    power, roster = gold("power.json"), seed()["catalogues"][0]
    assert keyed(roster["categories"]) == keyed(power["categories"])
    assert roster["organisation"] == power["organisation"]


def test_the_second_company_has_29_positions_and_278_duties() -> None:
    positions = keyed(seed()["catalogues"][1]["categories"])
    assert (len(positions), sum(len(position[5]) for position in positions)) == (29, 278)


def test_second_copies_are_duplicates_and_never_positions() -> None:
    roster, duties = (catalogue["duplicates"] for catalogue in seed()["catalogues"])
    assert (len(roster), len(duties)) == (92, 29)
    assert sum(twin["same_duties"] for twin in roster) == 701
    assert sum(twin["same_duties"] for twin in duties) == 275
    assert not [twin for twin in [*roster, *duties] if twin["other_duties"]]
    assert roster[0] == {"of": roster[0]["of"], "lines": [1877], "same_duties": 11, "other_duties": 0}


def test_nearly_all_listed_damages_are_told_and_little_else() -> None:
    told = {(told["kind"], told["line"]) for catalogue in seed()["catalogues"] for told in catalogue["warnings"]}
    listed = [{(damage["kind"], line) for line in damage["lines"]} for damage in gold("damages.json")]
    assert sum(bool(each & told) for each in listed) >= 105
    assert len(told - set().union(*listed)) <= 15


def test_the_seed_is_read_in_well_under_a_second() -> None:
    seed.cache_clear()
    start = time.perf_counter()
    seed()
    assert time.perf_counter() - start < 1.0
