"""Panels, the way to them, and how the plugin says it is."""

from dutybook_toll.plugin import health
from toll_station import Station

from dutybook.testing.book import TestBook


def test_the_panel_of_a_position_shows_its_shifts_and_what_came_up(station: Station) -> None:
    station.event(station.rostered(), vehicle="<b>云A</b>")
    drawn = station.book.draw("position", station.post)
    assert "12:00–20:00" in drawn
    assert "12:00 forced passage &lt;b&gt;云A&lt;/b&gt; (to be reported)" in drawn
    assert "L0001 入口" in drawn
    assert "E0001" in drawn


def test_a_panel_speaks_the_readers_language(station: Station) -> None:
    station.rostered()
    assert "当班人" in station.book.draw("today", language="zh")
    assert "On duty" in station.book.draw("today")


def test_a_day_without_shifts_says_so(book: TestBook) -> None:
    assert "No shifts today." in book.draw("today")


def test_the_plugin_is_well_until_an_escalated_event_stays_unreported(station: Station) -> None:
    event = station.event(station.rostered())["event"]["id"]
    station.book.drain()
    assert states(station) == "OK"
    station.later(days=1)
    station.book.drain()
    assert states(station) == "WARN"
    station.report(event, lateReason="漏报")
    assert states(station) == "OK"


def states(station: Station) -> str:
    with station.book.session() as session:
        return health(session).state
