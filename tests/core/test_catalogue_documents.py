"""One grammar reads documents of many shapes."""

import importlib.util
from pathlib import Path

import pytest

from dutybook.catalogue.document import Catalogue, Position
from dutybook.catalogue.read import read_bytes

_spec = importlib.util.spec_from_file_location("catalogue_samples", Path(__file__).with_name("catalogue_samples.py"))
assert _spec
assert _spec.loader
_samples = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_samples)
SAMPLES = _samples.SAMPLES


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
@pytest.mark.parametrize("name", SAMPLES)
def test_a_document_gives_what_a_careful_clerk_would_key(name: str, wide: bool) -> None:
    text, positions, kinds = (part.translate(_WIDE) if wide else part for part in SAMPLES[name])
    catalogues = read_bytes("sample.txt", text.encode()).catalogues
    found = [outline(catalogue) for catalogue in catalogues]
    assert [part.translate(_WIDE) if wide else part for part in found] == [positions.strip()]
    told = {damage.kind for damage in catalogues[0].warnings}
    assert set(kinds.split()) <= told
    if not kinds:
        assert told <= {"running_line"}
