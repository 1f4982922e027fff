"""What the tests share: a book with this plugin and no other, and a toll station in it."""

import pytest
from dutybook_toll import plugin
from toll_station import NOON, SETTINGS, Station, founded

from dutybook.testing.book import MakeBook, TestBook


@pytest.fixture
def book(registry: MakeBook) -> TestBook:
    """A book of an organisation, in which the plugin is enabled, at noon."""
    book = registry(plugins=[plugin], settings=SETTINGS)
    book.clock.moment = NOON
    return book


@pytest.fixture
def station(book: TestBook) -> Station:
    """The station, with a rule: a forced passage is reported within five minutes."""
    return founded(book)
