"""What is built from the log: built twice or anew it is the same."""

from datetime import timedelta
from typing import Any

from dutybook_toll.models import Tally, Vacancy
from toll_station import NOON, TOMORROW, Station


def built(station: Station) -> tuple[Any, ...]:
    return tuple(station.book.rows(Vacancy)), tuple(station.book.rows(Tally))


def busy(station: Station) -> None:
    """Two shifts, one of which loses its person; three events."""
    today, _ = station.rostered(), station.rostered(NOON + timedelta(days=1))
    event = station.event(today)["event"]["id"]
    station.report(event)
    station.event(today, "U_TURN")
    station.later(minutes=6)
    station.event(today, happenedAt=NOON.isoformat(), lateReason="对讲机故障")
    station.lose_first()


def test_the_end_of_an_assignment_frees_the_shifts_after_it(station: Station) -> None:
    station.rostered()
    station.rostered(NOON + timedelta(days=1))
    station.lose_first()
    assert [row.shift for row in station.book.rows(Vacancy)] == [2]


def test_an_end_that_is_taken_back_gives_the_shifts_back(station: Station) -> None:
    station.rostered(NOON + timedelta(days=1))
    station.lose_first()
    subject = {"subject": station.stint, "from": TOMORROW, "attributes": ["closing"]}
    station.book.apply({"rescind": subject})
    station.book.drain()
    assert station.book.rows(Vacancy) == []


def test_the_tally_counts_what_was_recorded_reported_and_late(station: Station) -> None:
    busy(station)
    told = {row.special: (row.recorded, row.reported, row.late) for row in station.book.rows(Tally)}
    assert told == {"FORCED_PASSAGE": (2, 1, 0), "U_TURN": (1, 0, 0)}


def test_what_is_built_anew_is_the_same(station: Station) -> None:
    busy(station)
    before = built(station)
    station.book.rebuild("toll")
    assert built(station) == before != ((), ())


def test_a_crash_between_effect_and_acknowledgement_loses_and_doubles_nothing(station: Station) -> None:
    busy(station)
    before = built(station)
    station.event("VG9sbFNoaWZ0OjE=", "DISPUTE")
    station.book.crash_after("effect")
    station.book.drain()
    assert built(station) == before
    station.book.drain()
    assert {row.special for row in station.book.rows(Tally)} == {"FORCED_PASSAGE", "U_TURN", "DISPUTE"}
