"""A catalogue printed in any numbering system is read back as it was."""

import dataclasses

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dutybook.catalogue.document import Catalogue
from dutybook.catalogue.read import read_bytes
from tests.core import catalogue_printer as printer


def keyed(catalogue: Catalogue) -> list[tuple[str, str, str, list[str]]]:
    """Category, department, title and duty texts of every position."""
    return [
        (category.name, department.name, position.title, [duty.text for duty in position.duties])
        for category in catalogue.categories
        for department in category.departments
        for position in department.positions
    ]


@settings(max_examples=150, deadline=None)
@given(st.data(), st.integers(0, 2), printer.prints())
def test_a_clean_print_is_read_exactly_and_without_warning(
    data: st.DataObject, levels: int, form: printer.Print
) -> None:
    tree = data.draw(printer.trees(levels))
    text = form.blank.join(printer.printed_lines(tree, form))
    (catalogue,) = read_bytes("print.txt", text.encode()).catalogues
    assert keyed(catalogue) == printer.expected(tree, form)
    assert catalogue.warnings == ()


@settings(max_examples=50, deadline=None)
@pytest.mark.parametrize("kind", printer.DAMAGES)
@given(st.data(), st.integers(0, 2), printer.prints())
def test_a_damaged_print_is_repaired_and_the_damage_told(
    kind: str, data: st.DataObject, levels: int, form: printer.Print
) -> None:
    form = dataclasses.replace(form, stops=(form.stops[0] or "；", "。"))
    tree, clean = (drawn := data.draw(printer.trees(levels))), printer.printed_lines(drawn, form)
    lines = data.draw(printer.damaged(kind, clean, form))
    assume(lines != clean)
    (catalogue,) = read_bytes("print.txt", form.blank.join(lines).encode()).catalogues
    assert keyed(catalogue) == printer.expected(tree, form)
    assert kind in {damage.kind for damage in catalogue.warnings}


@settings(max_examples=80, deadline=None)
@given(st.data(), st.integers(0, 2), printer.prints())
def test_two_copies_with_different_damage_repair_each_other(
    data: st.DataObject, levels: int, form: printer.Print
) -> None:
    tree = data.draw(printer.trees(levels))
    copies = [printer.printed_lines(tree, form) for _ in range(2)]
    for number, kinds in enumerate((("split_line", "heading_suffix_missing"), ("glued_duty", "lost_number"))):
        for kind in kinds:
            copies[number] = data.draw(printer.damaged(kind, copies[number], form))
    (catalogue,) = read_bytes("print.txt", form.blank.join(copies[0] + copies[1]).encode()).catalogues
    assert keyed(catalogue) == printer.expected(tree, form)
    assert len(catalogue.duplicates) == len(tree)
    assert "duplicate_catalogue" in {damage.kind for damage in catalogue.warnings}
