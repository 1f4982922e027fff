"""A catalogue printed in any numbering system is read back as it was."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

from hypothesis import given, settings
from hypothesis import strategies as st

from dutybook.catalogue.document import Catalogue
from dutybook.catalogue.read import read_bytes


def _beside(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec
    assert spec.loader
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


printer = _beside("catalogue_printer")


def keyed(catalogue: Catalogue) -> list[tuple[str, str, str, list[str]]]:
    """Category, department, title and duty texts of every position."""
    return [
        (category.name, department.name, position.title, [duty.text for duty in position.duties])
        for category in catalogue.categories
        for department in category.departments
        for position in department.positions
    ]


@settings(max_examples=300, deadline=None)
@given(st.data(), st.integers(0, 2), printer.prints())
def test_a_clean_print_is_read_exactly_and_without_warning(data: st.DataObject, levels: int, form: object) -> None:
    tree = data.draw(printer.trees(levels))
    text = form.blank.join(printer.printed_lines(tree, form))
    (catalogue,) = read_bytes("print.txt", text.encode()).catalogues
    assert keyed(catalogue) == printer.expected(tree, form)
    assert catalogue.warnings == ()
