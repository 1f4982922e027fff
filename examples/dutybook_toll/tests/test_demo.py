"""The demo has something of everything, the same each time."""

from typing import Any

from dutybook_toll import plugin
from dutybook_toll.kinds import SPECIALS
from dutybook_toll.models import CashCount, Shift, SpecialEvent
from toll_station import NOON, SETTINGS

from dutybook.testing.book import MakeBook, TestBook


def filled(registry: MakeBook) -> TestBook:
    """A book whose demo was made at noon."""
    book = registry(plugins=[plugin], settings=SETTINGS)
    book.clock.moment = NOON
    with book.book.database.write() as session:
        hooks = book.book.hooks(session)
        toll = hooks["toll"]
        hooks.ask(toll, "contribute_demo", session=session, writes=toll.tables, seconds=60)
    return book


def told(book: TestBook) -> list[Any]:
    return [book.rows(model) for model in (Shift, SpecialEvent, CashCount)]


def test_the_demo_is_the_same_each_time(registry: MakeBook) -> None:
    assert told(filled(registry)) == told(filled(registry))


def test_the_demo_has_two_weeks_of_shifts_and_every_sort_of_event(registry: MakeBook) -> None:
    book = filled(registry)
    shifts, events, counts = told(book)
    assert len(shifts) == 14 * 3 * 2
    assert {event.special for event in events} == set(SPECIALS)
    assert counts
    found = book.ask('{ registry { position(code: "TOLL-02") { onDuty { employee { name } } } } }')
    assert len(found["registry"]["position"]["onDuty"]) == 2
