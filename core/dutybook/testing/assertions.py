"""What tests of plugins say of objections and of the schema."""

from collections.abc import Iterable, Mapping

from dutybook.lifecycle.objections import Objection
from dutybook.testing.book import TestBook
from dutybook.testing.schema_delta import on_types_of_the_core


def assert_objections(objections: Iterable[Objection], *names: str) -> None:
    """Exactly these objections were raised, by the names `plugin:CODE`, in any order."""
    found = list(objections)
    told = "\n".join(f"  {it.name} {'/'.join(it.path)}: {it.message.en}" for it in found) or "  none"
    assert sorted(it.name for it in found) == sorted(names), f"expected {sorted(names)}, objected was:\n{told}"


def assert_schema_delta(book: TestBook, plugin: str, expected: Mapping[str, str]) -> None:
    """The plugin adds exactly these fields to types of the core, each with its type: `{"Position.shifts": "[TollShift!]!"}`."""
    found = on_types_of_the_core(book.book.plugins, plugin)
    assert found == dict(expected), f"{plugin} adds to the schema: {found}"
