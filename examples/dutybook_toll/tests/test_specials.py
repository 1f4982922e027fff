"""Every special event is recorded, and those that a rule names are reported in time."""

from datetime import timedelta

from dutybook_toll.models import SpecialEvent
from toll_station import NOON, Station, errors, message


def test_what_no_rule_names_needs_no_report(station: Station) -> None:
    payload = station.event(station.rostered(), "U_TURN")
    assert (errors(payload), payload["event"]["dueAt"]) == ([], None)


def test_what_just_happened_may_still_be_reported(station: Station) -> None:
    payload = station.event(station.rostered())
    assert payload["event"]["dueAt"] == (NOON + timedelta(minutes=5)).isoformat()
    station.later(minutes=4)
    assert errors(station.report(payload["event"]["id"])) == []


def test_a_rule_without_minutes_takes_those_of_the_settings(station: Station) -> None:
    payload = station.event(station.rostered(), "NO_CARD")
    assert payload["event"]["dueAt"] == (NOON + timedelta(minutes=30)).isoformat()


def test_an_overdue_event_is_refused_until_it_says_when_it_was_reported_or_why_not(station: Station) -> None:
    shift = station.rostered()
    station.later(minutes=10)
    happened = {"happenedAt": NOON.isoformat()}
    payload = station.event(shift, **happened)
    assert errors(payload) == ["TOLL_REPORT_DUE"]
    assert "2026-03-10 12:05" in message(payload)
    assert "lateReason" in message(payload)
    assert errors(station.event(shift, **happened, reportedAt=(NOON + timedelta(minutes=3)).isoformat())) == []
    assert errors(station.event(shift, **happened, lateReason="对讲机故障")) == []


def test_a_late_report_says_why(station: Station) -> None:
    event = station.event(station.rostered())["event"]["id"]
    station.later(minutes=6)
    assert errors(station.report(event)) == ["TOLL_REPORT_DUE"]
    assert errors(station.report(event, lateReason="对讲机故障")) == []


def test_an_event_is_reported_once(station: Station) -> None:
    event = station.event(station.rostered())["event"]["id"]
    station.report(event)
    payload = station.report(event)
    assert errors(payload) == ["TOLL_NOTHING_TO_REPORT"]
    assert "2026-03-10 12:00" in message(payload)


def test_an_event_lies_within_its_shift(station: Station) -> None:
    shift = station.rostered(NOON - timedelta(hours=8))
    payload = station.event(shift)
    assert errors(payload) == ["TOLL_OUTSIDE_SHIFT"]


def test_nothing_is_recorded_before_it_happens(station: Station) -> None:
    shift = station.rostered()
    assert errors(station.event(shift, happenedAt=(NOON + timedelta(hours=1)).isoformat())) == ["BAD_USER_INPUT"]


def test_an_event_is_recorded_with_the_lane_of_its_shift(station: Station) -> None:
    shift = station.rostered()
    assert errors(station.event(shift, lane=station.exit)) == ["TOLL_OTHER_LANE"]
    assert errors(station.event(shift, lane=station.entry)) == []


def test_a_shift_that_is_reconciled_takes_no_more_events(station: Station) -> None:
    shift = station.rostered(NOON - timedelta(hours=8))
    station.count(shift, "100", "100")
    payload = station.event(shift, "U_TURN", happenedAt=(NOON - timedelta(hours=1)).isoformat())
    assert errors(payload) == ["TOLL_SHIFT_SETTLED"]


def test_an_id_of_something_else_is_no_shift(station: Station) -> None:
    payload = station.event(station.post.id)
    assert (errors(payload), payload["userErrors"][0]["path"]) == (["BAD_USER_INPUT"], ["shift"])


def test_a_new_rule_moves_the_deadline_of_what_is_still_unreported(station: Station) -> None:
    event = station.event(station.rostered())["event"]["id"]
    station.book.apply({"setTollEventRule": {"tollEventRule": "TR0001", "withinMinutes": 45}})
    [row] = station.book.rows(SpecialEvent)
    assert row.due_at == NOON + timedelta(minutes=45)
    station.later(minutes=40)
    assert errors(station.report(event)) == []


def test_each_record_and_report_is_told_to_the_log(station: Station) -> None:
    station.report(station.event(station.rostered())["event"]["id"])
    events = station.book.rows(station.book.book.tables["event"])
    assert [row.type for row in events if row.type.startswith("toll.")] == [
        "toll.event.recorded",
        "toll.event.reported",
    ]


def test_what_stays_unreported_is_escalated_at_night_once(station: Station) -> None:
    station.event(station.rostered())
    station.book.drain()
    for _ in range(2):
        station.later(days=1)
        station.book.drain()
    [row] = station.book.rows(SpecialEvent)
    assert row.escalated_at is not None
    events = station.book.rows(station.book.book.tables["event"])
    assert [row.type for row in events].count("toll.event.escalated") == 1
