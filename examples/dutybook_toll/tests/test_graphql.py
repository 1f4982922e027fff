"""What the schema shows of a station, to whom, and at what cost."""

from datetime import timedelta

import pytest
from toll_station import NOON, Station

from dutybook.testing.answers import QueryFailed
from dutybook.testing.assertions import assert_schema_delta
from dutybook.testing.book import TestBook

SHIFT = """{
  lane { code } employee { number } position { code } events { special lane { code } } cash { difference } vacant
}"""
ONE_STATION = (
    f'{{ registry {{ department(code: "D001") {{ tollShifts {SHIFT} unreportedTollEvents {{ special }} }} }} }}'
)
ALL_STATIONS = "{ registry { departments { tollShifts { lane { code } employee { number } events { special } cash { number } vacant } } } }"
TALLIES = (
    '{ registry { departments { tollTally(month: "2026-03") { recorded } unreportedTollEvents { lane { code } } } } }'
)
DUTIES = "{ registry { positions { edges { node { onDuty { id } } } } } }"
ON_DUTY = '{ registry%s { position(code: "P0001") { onDuty%s { employee { number } } } } }'


def on_duty(book: TestBook, time: str = "", at: str = "") -> list[str]:
    found = book.ask(ON_DUTY % (time, at))["registry"]["position"]["onDuty"]
    return [shift["employee"]["number"] for shift in found]


def test_the_plugin_adds_these_fields_to_types_of_the_core(book: TestBook) -> None:
    assert_schema_delta(
        book,
        "toll",
        {
            "Department.tollLanes": "[TollLane!]!",
            "Department.tollShifts(on: Date)": "[TollShift!]!",
            "Department.tollTally(month: String!)": "[TollTally!]!",
            "Department.unreportedTollEvents": "[TollSpecialEvent!]!",
            "Mutation.reconcileTollCash(input: TollCashInput!)": "TollCashPayload!",
            "Mutation.recordTollEvent(input: TollEventInput!)": "TollEventPayload!",
            "Mutation.reportTollEvent(input: TollReportInput!)": "TollEventPayload!",
            "Mutation.rosterTollShift(input: TollShiftInput!)": "TollShiftPayload!",
            "Position.onDuty(at: DateTime)": "[TollShift!]!",
            "Registry.tollEventRule(code: String!, organisation: String)": "TollEventRule",
            "Registry.tollEventRules(first: Int, after: String)": "TollEventRuleConnection!",
            "Registry.tollLane(code: String!, organisation: String)": "TollLane",
            "Registry.tollLanes(first: Int, after: String)": "TollLaneConnection!",
        },
    )


def test_on_duty_is_who_sits_there_at_the_moment(station: Station) -> None:
    station.rostered()
    assert on_duty(station.book) == ["E0001"]
    assert on_duty(station.book, at='(at: "2026-03-10T20:00:00+08:00")') == []
    assert on_duty(station.book, at='(at: "2026-03-10T19:59:59+08:00")') == ["E0001"]


def test_on_a_day_without_a_moment_nobody_can_be_on_duty(station: Station) -> None:
    station.rostered()
    with pytest.raises(QueryFailed, match="2026-03-10T08:00:00"):
        on_duty(station.book, '(asOf: "2026-03-10")')
    assert on_duty(station.book, '(asOf: "2026-03-10")', '(at: "2026-03-10T12:00:00+08:00")') == ["E0001"]


def test_the_roster_knows_nothing_of_earlier_revisions(station: Station) -> None:
    with pytest.raises(QueryFailed) as failure:
        on_duty(station.book, "(knownAt: 2)")
    assert failure.value.codes == ["TIME_NOT_SUPPORTED"]


def test_a_shift_that_lost_its_person_is_shown_without_being_on_duty(station: Station) -> None:
    station.rostered(NOON + timedelta(days=1))
    station.lose_first()
    query = '{ registry { department(code: "D001") { tollShifts(on: "2026-03-11") { vacant employee { number } } } } }'
    [shift] = station.book.ask(query)["registry"]["department"]["tollShifts"]
    assert shift == {"vacant": True, "employee": {"number": "E0001"}}
    assert on_duty(station.book, at='(at: "2026-03-11T12:30:00+08:00")') == []


def test_a_station_shows_its_shifts_with_all_that_belongs_to_them(station: Station) -> None:
    shift = station.rostered(NOON - timedelta(hours=8))
    station.event(shift, happenedAt=(NOON - timedelta(minutes=3)).isoformat())
    station.count(shift, "10", "9.5", explanation="短款")
    found = station.book.ask(ONE_STATION)["registry"]["department"]
    assert found["tollShifts"] == [
        {
            "lane": {"code": "L0001"},
            "employee": {"number": "E0001"},
            "position": {"code": "P0001"},
            "events": [{"special": "FORCED_PASSAGE", "lane": {"code": "L0001"}}],
            "cash": {"difference": "-0.50"},
            "vacant": False,
        }
    ]
    assert found["unreportedTollEvents"] == [{"special": "FORCED_PASSAGE"}]


@pytest.mark.parametrize("query", [ALL_STATIONS, TALLIES, DUTIES])
def test_more_shifts_and_stations_cost_no_more_statements(station: Station, query: str) -> None:
    station.event(station.rostered())
    station.book.ask(query)
    before = len(station.book.statements)
    other = station.book.department("西山收费站")
    post = station.book.position("收费员", other)
    station.book.open("toll_lane", name="入口", department=other, direction="ENTRY", mode="MIXED")
    person = station.book.employee("丁四")
    station.book.appoint(person, post)
    for lane, at, who in (("L0003", post, person), ("L0002", station.post, station.second)):
        station.event(station.rostered(lane=lane, position=at, employee=who), "U_TURN")
    station.book.ask(query)
    station.book.assert_batches(before)


def test_a_reader_of_one_station_sees_nothing_of_another(station: Station) -> None:
    station.rostered()
    other = station.book.department("西山收费站")
    query = "{ registry { departments { name tollShifts { id } } } }"
    seen = station.book.ask(query, as_="reader", within=other)["registry"]["departments"]
    assert seen == [{"name": "西山收费站", "tollShifts": []}]


def test_a_month_that_is_none_is_told_with_the_form_that_is_wanted(station: Station) -> None:
    with pytest.raises(QueryFailed, match="2026-03"):
        station.book.ask('{ registry { department(code: "D001") { tollTally(month: "March") { late } } } }')
