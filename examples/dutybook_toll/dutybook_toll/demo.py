"""A toll station for the demo: lanes, people, two weeks of shifts, special events of every sort, and their cash."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy.orm import Session

from dutybook.api import OPERATOR, hookimpl, now, publish_demo, today, zone
from dutybook_toll.cash import Counted, reconcile
from dutybook_toll.kinds import SPECIALS
from dutybook_toll.models import Shift
from dutybook_toll.roster import Wanted, roster
from dutybook_toll.specials import Noted, record

SEED, STATION = 617, "TOLL"
DAYS, BEFORE = 14, 10
"""How many days are rostered, and how many of them lie in the past."""

STARTS = (time(0), time(8), time(16))
LANES = (("01", "入口一道", "ENTRY", "MIXED"), ("02", "出口一道", "EXIT", "MANUAL"), ("03", "出口二道", "EXIT", "ETC"))
MANNED = ("01", "02")
PEOPLE = ("陆小满", "白一川", "乔令仪", "宗海平", "向晚晴", "邬大年", "车雨辰", "尤立夏")
REPORTED = {"FORCED_PASSAGE": 5, "EVASION": 10, "REFUSED_PAYMENT": 15, "NO_CARD": None, "DISPUTE": None}
"""Which special events are reported, within how many minutes; None leaves it to the setting."""

NOTES = ("核对入口图像后放行", "由班长到场处理", "收回坏卡并登记", "按最远里程计费", "已请车主签字确认")
PLATES = ("云A·3K517", "云B·80F26", "川C·6R904", "渝D·2M338", "黔E·9T041")
DUTIES = (
    "负责本车道的发卡、收卡和收费，唱收唱付，票款当班核对。",
    "记录当班发生的每一起特情，规定须报的立即报监控室。",
    "交班前清点现金和通行卡，与接班人当面交接。",
)


@dataclass(frozen=True, slots=True)
class Slot:
    """Eight hours of one lane."""

    lane: str
    number: int
    day: date
    begins: time


@hookimpl
def contribute_demo(session: Session) -> None:
    """The same station each time, around the day on which it is made."""
    random, first = Random(SEED), today(session) - timedelta(days=BEFORE)
    publish_demo(session, "设立青溪收费站", first - timedelta(days=20), list(_founding()))
    specials = iter(SPECIALS)
    for slot in _slots(first):
        shift = session.get(Shift, _rostered(session, slot))
        assert shift is not None
        if shift.ends_at <= now(session):
            _worked(session, random, shift, next(specials, None))


def _founding() -> Iterator[dict[str, dict[str, Any]]]:
    """Station, position, people, lanes and rules, as sayings of one change set."""
    yield {"openDepartment": {"code": STATION, "name": "青溪收费站", "kind": "收费站", "category": "基层类"}}
    head = {"code": f"{STATION}-01", "title": "站长", "department": STATION}
    yield {"openPosition": head}
    seats = {"headcount": len(PEOPLE), "reportsTo": f"{STATION}-01"}
    yield {"openPosition": {"code": f"{STATION}-02", "title": "收费员", "department": STATION, **seats}}
    for text in DUTIES:
        yield {"addDuty": {"position": f"{STATION}-02", "text": text}}
    for number, name in enumerate(PEOPLE, start=1):
        yield {"openEmployee": {"number": f"T{number:03}", "name": name}}
        yield {"appoint": {"employee": f"T{number:03}", "position": f"{STATION}-02"}}
    for code, name, direction, mode in LANES:
        lane = {"code": f"{STATION}-{code}", "name": name, "department": STATION}
        yield {"openTollLane": {**lane, "direction": direction, "mode": mode}}
    for special, minutes in REPORTED.items():
        yield {"openTollEventRule": {"event": special, "report": True, "withinMinutes": minutes}}


def _slots(first: date) -> Iterator[Slot]:
    days = (first + timedelta(days=at) for at in range(DAYS))
    times = ((day, begins) for day in days for begins in STARTS)
    manned = ((lane, day, begins) for day, begins in times for lane in MANNED)
    yield from (Slot(lane, number, day, begins) for number, (lane, day, begins) in enumerate(manned))


def _rostered(session: Session, slot: Slot) -> int:
    """People take turns, so that everybody rests between two shifts."""
    begins_at = datetime.combine(slot.day, slot.begins, zone(session))
    hours = (begins_at, begins_at + timedelta(hours=8))
    who = f"T{slot.number % len(PEOPLE) + 1:03}"
    return roster(session, OPERATOR, Wanted(f"{STATION}-{slot.lane}", f"{STATION}-02", who, *hours))


def _worked(session: Session, random: Random, shift: Shift, special: str | None) -> None:
    """What came up in a shift that is over, first one of each sort; and its cash, but for that of the last day."""
    chosen = special or (random.choice(tuple(SPECIALS)) if random.random() < 0.3 else None)
    if chosen:
        happened_at = shift.begins_at + timedelta(minutes=random.randrange(5, 460))
        told = {"vehicle": random.choice(PLATES), "note": random.choice(NOTES)}
        reported_at = happened_at + timedelta(minutes=random.randrange(1, 5)) if chosen in REPORTED else None
        record(session, OPERATOR, Noted(shift.id, chosen, happened_at, reported_at=reported_at, **told))
    if shift.day < today(session) - timedelta(days=1):
        taken = random.randrange(200_000, 900_000)
        apart = random.choice((0, 0, 0, 0, 0, -500, 1000))
        reason = "找零有误，当班人已说明" if apart else None
        reconcile(session, OPERATOR, Counted(shift.id, taken, taken + apart, reason))
