"""Who sits at which lane: one person and one lane at a time, and only who holds the position."""

from datetime import timedelta

from dutybook_toll.models import Shift
from toll_station import NOON, TOMORROW, Station, errors, message

from dutybook.testing.book import TestBook


def test_a_shift_belongs_to_the_day_of_the_enterprise_on_which_it_begins(station: Station) -> None:
    payload = station.shift(NOON + timedelta(hours=13))
    assert payload["shift"]["day"] == "2026-03-11"


def test_a_moment_in_any_zone_is_the_same_moment(station: Station) -> None:
    station.rostered(beginsAt="2026-03-10T12:00:00+08:00")
    [shift] = station.book.rows(Shift)
    assert shift.begins_at == NOON


def test_nobody_sits_at_two_lanes_at_once(station: Station) -> None:
    station.rostered()
    payload = station.shift(NOON + timedelta(hours=7), lane=station.exit)
    assert errors(payload) == ["TOLL_SHIFT_CLASH"]
    assert "2026-03-10 12:00 – 2026-03-10 20:00" in message(payload)


def test_a_lane_is_held_by_one_at_a_time_and_handed_over_at_the_very_moment(station: Station) -> None:
    station.rostered()
    assert errors(station.shift(NOON + timedelta(hours=7), employee=station.second)) == ["TOLL_SHIFT_CLASH"]
    assert errors(station.shift(NOON + timedelta(hours=8), employee=station.second)) == []


def test_who_does_not_hold_the_position_that_day_is_not_rostered(station: Station) -> None:
    stranger = station.book.employee("丙三")
    payload = station.shift(employee=stranger)
    assert errors(payload) == ["TOLL_NOT_ASSIGNED"]
    assert str(stranger) in message(payload)


def test_a_suspended_person_is_not_rostered(station: Station) -> None:
    station.book.apply({"setAssignment": {"assignment": station.stint, "suspended": True}})
    assert errors(station.shift()) == ["TOLL_NOT_ASSIGNED"]


def test_a_lane_that_is_not_open_yet_is_refused_by_its_name_and_day(station: Station) -> None:
    later = station.book.open(
        "toll_lane", name="三道", department=station.department, direction="EXIT", mode="ETC", on=TOMORROW
    )
    payload = station.shift(lane=later)
    assert errors(payload) == ["NOT_FOUND"]
    assert "2026-03-10" in message(payload)
    assert errors(station.shift(NOON + timedelta(days=1), lane=later)) == []


def test_a_position_of_another_department_does_not_sit_at_the_lane(station: Station) -> None:
    elsewhere = station.book.position("文员", station.book.department("办公室"))
    assert errors(station.shift(position=elsewhere)) == ["TOLL_OTHER_STATION"]


def test_a_shift_that_ends_before_it_begins_is_refused(station: Station) -> None:
    payload = station.shift(endsAt=NOON.isoformat())
    assert errors(payload) == ["BAD_USER_INPUT"]
    assert station.book.rows(Shift) == []


def test_an_unknown_lane_is_refused(station: Station) -> None:
    assert errors(station.shift(lane="L9999")) == ["NOT_FOUND"]


def test_who_may_roster_in_one_station_may_not_in_another(book: TestBook, station: Station) -> None:
    other = book.department("西山收费站")
    mutation = """mutation ($it: TollShiftInput!) { rosterTollShift(input: $it) { userErrors { code } } }"""
    hours = {"beginsAt": NOON.isoformat(), "endsAt": (NOON + timedelta(hours=8)).isoformat()}
    wanted = {"lane": station.entry, "position": station.post, "employee": station.first, **hours}
    found = book.ask(mutation, as_="publisher", within=other, variables={"it": wanted})
    assert errors(found["rosterTollShift"]) == ["FORBIDDEN"]
    found = book.ask(mutation, as_="reader", variables={"it": wanted})
    assert errors(found["rosterTollShift"]) == ["FORBIDDEN"]


def test_a_shift_without_a_person_is_taken_over_once(station: Station) -> None:
    lost = station.rostered(NOON + timedelta(days=1))
    assert errors(station.shift(NOON + timedelta(days=1), employee=station.second, insteadOf=lost)) == [
        "TOLL_SHIFT_CLASH"
    ]
    station.lose_first()
    hours = NOON + timedelta(days=1)
    assert errors(station.shift(hours, employee=station.second, insteadOf=lost)) == []
    assert errors(station.shift(hours, employee=station.second, insteadOf=lost, lane=station.exit)) == [
        "TOLL_SHIFT_CLASH"
    ]
