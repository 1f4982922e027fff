"""Checks, previews, panels: asked twice they answer the same, and nothing is changed by asking."""

from collections.abc import Iterator

from dutybook.access.actor import OPERATOR
from dutybook.errors import DutybookError
from dutybook.lifecycle.gifts import HOME, Panel
from dutybook.lifecycle.plugins import Loaded
from dutybook.services.periods import closing_objections, open_period
from dutybook.services.preview import preview
from dutybook.testing.made import Made
from dutybook.testing.verify.findings import Code, Finding, finding
from dutybook.testing.verify.specimens import Specimens
from dutybook.testing.verify.state import difference, state_of

MONTH = "2026-12"
AT = 2
"""Which of the specimens are previewed; others are published later."""


def try_checks(specimens: Specimens, plugin: Loaded) -> Iterator[Finding]:
    """Previews change sets of everything and the closing of a month, each twice, and draws every panel twice."""
    book = specimens.book.book
    asked = [(f"preview of {next(iter(sayings[0]))}", number) for sayings, number in _drafts(specimens, plugin)]
    with book.database.write() as session:
        open_period(session, book, OPERATOR, MONTH)
    tables = book.tables.metadata.tables.values()
    with specimens.book.session() as session:
        before = state_of(session, [*tables, *(model.__table__ for model in plugin.models)])
    for what, number in asked:
        yield from _twice(plugin, what, str(preview(book, number)), str(preview(book, number)))
    first, second = (str(closing_objections(book, OPERATOR, MONTH)) for _ in range(2))
    yield from _twice(plugin, "check_period_close", first, second)
    yield from _panels(specimens, plugin)
    with specimens.book.session() as session:
        after = state_of(session, [*tables, *(model.__table__ for model in plugin.models)])
    if changed := difference(before, after):
        yield finding(Code.IMPURE_CHECK, plugin.name, changed, changed)


def _drafts(specimens: Specimens, plugin: Loaded) -> Iterator[tuple[list[dict[str, object]], int]]:
    for sayings in specimens.changes(plugin, AT):
        try:
            yield [dict(saying) for saying in sayings], specimens.book.draft(*sayings)
        except DutybookError:
            specimens.refused += 1


def _panels(specimens: Specimens, plugin: Loaded) -> Iterator[Finding]:
    for panel in (panel for panel in plugin.panels if isinstance(panel, Panel)):
        row = None if panel.place == HOME else next(iter(specimens.lasting(panel.place)), None)
        about = Made(panel.place, row.key) if row else None
        if about is not None or panel.place == HOME:
            try:
                drawn = [specimens.book.draw(panel.name, about) for _ in range(2)]
            except DutybookError:
                continue  # the plugin's failure is remembered by whoever watches it
            yield from _twice(plugin, f"panel {panel.name}", *drawn)


def _twice(plugin: Loaded, what: str, first: str, second: str) -> Iterator[Finding]:
    if first != second:
        zh, en = "答案只应取决于账册和插件的表", "an answer may depend on nothing but the book and the plugin's tables"
        yield finding(Code.NOT_DETERMINISTIC, f"{plugin.name}: {what}", zh, en)
