"""The one filter: version tables are read through `db.in_force`, and every other place is named here with its reason."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]
FILTER = Path("core/dutybook/db")
ALLOWED = {
    "core/dutybook/lifecycle/loading.py": "names the tables of kinds, which no two plugins may both have; reads none",
    "core/dutybook/services/catalogue_state.py": "tells what a file changes against whole timelines; services.rights asks for the right",
    "core/dutybook/services/changesets.py": "rebases a set on whole timelines; its rights were asked for when it was drafted",
    "core/dutybook/services/conflicts.py": "compares a set with all that was published since its base, shown or not",
    "core/dutybook/services/drafts.py": "applies changes to whole timelines; services.rights has asked for the right first",
    "core/dutybook/services/inbox.py": "finds the departments that sets touch, to tell whose signature they wait for; shows none",
    "core/dutybook/services/plugin_data.py": "names records in what hooks say; hooks see the whole book",
    "core/dutybook/services/revert.py": "inverts whole timelines; the inverse set then passes services.rights",
    "core/dutybook/services/standards.py": "applies a set to whole timelines; only followers that the asker's scope shows are named",
    "core/dutybook/services/staff_state.py": "reconciles a table of people with whole timelines; who imports it keeps the whole book",
    "core/dutybook/services/write.py": "writes the versions, inside the publishing transaction",
}
UNFILTERED = {"Versions", "version_table", "name_of"}
"""What the data layer offers that reads or makes version tables without a scope."""


def mentions(source: str) -> Iterator[str]:
    """How a module gets at version tables: by attribute, by import, or by a table's name inside any string."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(attr="versions"):
                yield f"line {node.lineno}: .versions"
            case ast.Constant(value=str(text)) if "_version" in text:
                yield f"line {node.lineno}: {text!r}"
            case ast.ImportFrom(module=str(module), names=names) if module.startswith("dutybook.db"):
                unfiltered = {"versions"} if module == "dutybook.db" else UNFILTERED
                yield from (f"line {node.lineno}: {name.name}" for name in names if name.name in unfiltered)
            case ast.Import(names=names):
                yield from (f"line {node.lineno}: {name.name}" for name in names if name.name == "dutybook.db.versions")


def found() -> dict[str, list[str]]:
    """Every module outside the data layer that gets at version tables, the plugins' included; migrations make them."""
    paths = (
        path for root in ("core", "plugins") for path in (HOUSE / root).rglob("*.py") if "versions" not in path.parts
    )
    texts = {path.relative_to(HOUSE): path.read_text(encoding="utf-8") for path in paths}
    told = {str(path): list(mentions(text)) for path, text in texts.items() if FILTER not in path.parents}
    return {path: lines for path, lines in told.items() if lines}


def test_version_tables_are_read_through_the_filter_or_for_a_reason_given_here() -> None:
    assert {path: lines for path, lines in found().items() if path not in ALLOWED} == {}


def test_no_reason_is_given_for_a_place_that_is_gone() -> None:
    assert ALLOWED.keys() - found().keys() == set()


@pytest.mark.parametrize(
    "line",
    [
        'rows = book.tables.versions["position"]',
        "for table in tables.versions.values(): pass",
        'getattr(tables, "x")["duty_version"]',
        'text("select * from position_version")',
        'tables[f"{kind}_version"]',
        "from dutybook.db.versions import Versions as Lines",
        "from dutybook.db import versions",
        "import dutybook.db.versions",
        "from dutybook.db.names import name_of",
    ],
)
def test_every_way_around_the_filter_is_noticed(line: str) -> None:
    assert list(mentions(line))


def test_what_passes_the_filter_is_not_noticed() -> None:
    assert not list(mentions("from dutybook.db.in_force import in_force\nrows = in_force(tables, 'duty', time, scope)"))
