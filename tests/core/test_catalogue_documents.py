"""One grammar reads documents of many shapes."""

from pathlib import Path

import pytest

from dutybook.catalogue.document import Catalogue, Position
from dutybook.catalogue.read import read_bytes

SAMPLES = sorted(Path(__file__).with_name("catalogues").glob("*.txt"))
"""Each a document, the positions it holds (`category/department/title: duty | duty`), and damages that must be told."""


def outline(catalogue: Catalogue) -> str:
    """The positions of a catalogue, one per line, in the short form of the samples."""
    return "\n".join(
        f"{category.name}/{department.name}/{_line(position)}"
        for category in catalogue.categories
        for department in category.departments
        for position in department.positions
    )


def _line(position: Position) -> str:
    duties = " | ".join(duty.text.replace("\n", "⏎") for duty in position.duties)
    return f"{position.title}: {duties}" + (f" # {position.note}" if position.note else "")


_WIDE = str.maketrans({char: chr(ord(char) + 0xFEE0) for char in ",;:()!?"})


@pytest.mark.parametrize("wide", [False, True], ids=["half width", "full width"])
@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_document_gives_what_a_careful_clerk_would_key(sample: Path, wide: bool) -> None:
    text, positions, kinds = (
        part.translate(_WIDE) if wide else part for part in sample.read_text("utf-8").split("=====\n")
    )
    catalogues = read_bytes("sample.txt", text.encode()).catalogues
    found = [outline(catalogue) for catalogue in catalogues]
    assert [part.translate(_WIDE) if wide else part for part in found] == [positions.strip()]
    told = {damage.kind for damage in catalogues[0].warnings}
    assert set(kinds.split()) <= told
    if not kinds.strip():
        assert told <= {"running_line"}
