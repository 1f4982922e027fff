"""What speaks against changes of the book and against closing a month; what only wants to be known."""

from datetime import date, timedelta
from typing import Any

from toll_station import NOON, TOMORROW, Station, errors

from dutybook.testing.assertions import assert_objections
from dutybook.testing.book import TestBook

CLOSE = """mutation ($month: String!, $ok: [String!]) {
  closePeriod(input: {month: $month, acknowledge: $ok}) { userErrors { code message } }
}"""
OPEN = 'mutation { openPeriod(input: {month: "2026-03"}) { userErrors { code } } }'


def ended(station: Station) -> dict[str, Any]:
    return {"endAssignment": {"assignment": station.stint, "from": TOMORROW}}


def test_nobody_leaves_while_rostered_beyond_the_last_day(station: Station) -> None:
    station.rostered(NOON + timedelta(days=1))
    [objection] = station.book.refused(ended(station))
    assert objection.name == "toll:ROSTERED_BEYOND"
    assert objection.overridable_by == "toll.roster"
    assert "2026-03-11 12:00" in objection.message.en


def test_a_suspension_leaves_shifts_behind_as_well(station: Station) -> None:
    station.rostered(NOON + timedelta(days=1))
    suspended = {"setAssignment": {"assignment": station.stint, "suspended": True, "from": TOMORROW}}
    assert_objections(station.book.refused(suspended), "toll:ROSTERED_BEYOND")


def test_shifts_of_the_last_day_and_before_hold_nobody(station: Station) -> None:
    station.rostered()
    assert station.book.apply(ended(station)) > 0


def test_who_may_roster_may_let_somebody_go_all_the_same(station: Station) -> None:
    station.rostered(NOON + timedelta(days=1))
    assert errors(station.overrule(ended(station), "toll:ROSTERED_BEYOND")) == []


def test_a_further_position_of_somebody_rostered_is_pointed_out(station: Station) -> None:
    station.rostered()
    desk = station.book.position("文员", station.book.department("办公室"))
    acting = {"appoint": {"employee": station.first, "position": desk, "kind": "ACTING"}}
    assert_objections(station.book.refused(acting), "toll:ROSTERED_ELSEWHERE")
    assert station.book.apply(acting, acknowledging=["toll:ROSTERED_ELSEWHERE"]) > 0


def test_a_lane_stays_open_for_its_shifts(station: Station) -> None:
    station.rostered(NOON + timedelta(days=1))
    assert_objections(station.book.refused({"closeTollLane": {"tollLane": station.entry}}), "toll:LANE_ROSTERED")
    assert station.book.apply({"closeTollLane": {"tollLane": station.exit}}) > 0


def test_an_event_has_one_rule(station: Station) -> None:
    twice = {"openTollEventRule": {"event": "FORCED_PASSAGE", "report": False}}
    [objection] = station.book.refused(twice)
    assert (objection.name, "TR0001" in objection.message.en) == ("toll:RULED_TWICE", True)
    replaced = {"closeTollEventRule": {"tollEventRule": "TR0001"}}
    assert station.book.apply(replaced, twice) > 0


def test_a_station_does_not_close_on_what_is_unsettled(station: Station) -> None:
    shift = station.rostered()
    station.event(shift)
    closing = {"closeDepartment": {"department": station.department, "withDependents": True}}
    station.later(days=2)
    assert_objections(station.book.refused(closing), "toll:UNRECONCILED", "toll:UNREPORTED")
    station.count(shift, "1", "1")
    assert_objections(station.book.refused(closing), "toll:UNREPORTED")


def test_a_month_closes_when_all_is_reckoned_up_and_reported(station: Station) -> None:
    shift = station.rostered()
    event = station.event(shift)["event"]["id"]
    station.book.ask(OPEN)
    station.later(days=30)
    told = closed(station.book)
    assert [error["code"] for error in told] == ["UNRECONCILED", "UNREPORTED"]
    assert "2026-03-10 12:00" in told[0]["message"]
    station.report(event, lateReason="漏报")
    station.count(shift, "100", "95", explanation="短款五元")
    assert [error["code"] for error in closed(station.book)] == ["CASH_APART"]
    assert closed(station.book, "toll:CASH_APART") == []


def test_a_count_after_the_close_is_a_correction_of_the_month(station: Station) -> None:
    shift = station.rostered()
    station.book.ask(OPEN)
    station.later(days=30)
    station.count(shift, "100", "100")
    assert closed(station.book) == []
    station.count(shift, "100", "90", corrects=True, explanation="漏点十元")
    [correction] = station.book.rows(station.book.book.tables["period_correction"])
    assert (correction.plugin, correction.month) == ("toll", "2026-03")


def test_a_closed_month_takes_no_more_shifts(station: Station) -> None:
    station.book.ask(OPEN)
    station.later(days=30)
    assert closed(station.book) == []
    assert errors(station.shift(NOON)) == ["TOLL_MONTH_CLOSED"]


def test_a_shift_without_a_person_holds_up_no_month(station: Station) -> None:
    station.rostered(NOON + timedelta(days=1))
    station.lose_first()
    station.book.ask(OPEN)
    station.later(days=30)
    assert closed(station.book) == []


def test_a_preview_counts_the_shifts_that_would_stand_without_a_person(station: Station) -> None:
    for days in (1, 2):
        station.rostered(NOON + timedelta(days=days))
    found = station.book.preview(ended(station))
    assert [(plugin, it.before, it.after) for plugin, it in found.impacts] == [("toll", "0", "2")]
    assert station.book.preview({"setDepartment": {"department": station.department, "name": "东山站"}}).impacts == ()


def closed(book: TestBook, *acknowledged: str) -> list[dict[str, Any]]:
    """What is said against closing March."""
    found = book.ask(CLOSE, variables={"month": "2026-03", "ok": list(acknowledged)})
    errors: list[dict[str, Any]] = found["closePeriod"]["userErrors"]
    return errors


def test_the_days_of_a_month_are_the_enterprises(station: Station) -> None:
    """The last hours of February in UTC are March in Shanghai."""
    shift = station.rostered(NOON.replace(day=28, month=2) + timedelta(hours=13))
    station.book.ask(OPEN)
    station.later(days=30)
    assert [error["code"] for error in closed(station.book)] == ["UNRECONCILED"]
    assert date(2026, 3, 1).isoformat() in closed(station.book)[0]["message"], shift
