"""A brick works for the demo: two shifts, six months, every rule of article 1 seen at work, in our own words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from sqlalchemy.orm import Session

from dutybook.api import OPERATOR, hookimpl, open_demo_month, publish_demo, today
from dutybook_cost.services.desk import Desk, first_day, month_of
from dutybook_cost.services.planning import CHECKED, FILED, SIGNED, Planned, plan, take_step
from dutybook_cost.services.recording import (
    CONSUMED,
    RETURN,
    At,
    AwardSaid,
    HazardSaid,
    Output,
    Present,
    SlipSaid,
    record_award,
    record_hazard,
    record_member,
    record_shift,
    record_slip,
    record_target,
)
from dutybook_cost.services.replacing import Analysis, PartSaid, decide_part, record_part
from dutybook_cost.services.settling import due, settle_shifts

SEED, WORKS = 48, "KILN"
MONTHS, DAYS = 6, (4, 11, 18, 25)
LABELS = ("白班", "夜班")
FIRING, REPAIR = f"{WORKS}-A", f"{WORKS}-B"
PEOPLE = (
    ("C01", "崔望舒", "01"),
    ("C02", "冉青禾", "01"),
    ("C03", "敖长风", "02"),
    ("C04", "屈知微", "02"),
    ("C05", "柴如海", "03"),
    ("C06", "佟小雪", "03"),
)
MATERIALS = (
    ("C-01", "窑车轮轴", "件", "COMMON", "VISIBLE", "86.50", "0.42"),
    ("C-02", "耐火泥", "千克", "SMALL", "VISIBLE", "3.20", "0.31"),
    ("C-03", "棉纱", "千克", "SMALL", "VISIBLE", "9.80", "0.06"),
    ("C-04", "风机轴承", "套", "LARGE", "HIDDEN", "4380", None),
)
SHARES = (("01", "50"), ("02", "30"), ("03", "20"))


@hookimpl
def contribute_demo(session: Session) -> None:
    """The same works each time, in the last six months before the day on which it is made."""
    months = list(_months(today(session)))
    publish_demo(session, "设立砖窑车间并开始成本核算", first_day(months[0]), list(_founding()))
    desk, random = Desk(session, OPERATOR), Random(SEED)
    for number, month in enumerate(months):
        if open_demo_month(session, month):
            _Month(desk, random, month, number).work()


def _months(day: date) -> Iterator[str]:
    last = day.year * 12 + day.month - 2
    yield from (f"{at // 12:04}-{at % 12 + 1:02}" for at in range(last - MONTHS + 1, last + 1))


def _founding() -> Iterator[dict[str, dict[str, Any]]]:
    """The works, its two teams, people, centres, prices, quotas, shares and settings, as sayings of one change set."""
    yield {"openDepartment": {"code": WORKS, "name": "砖窑车间", "category": "基层类"}}
    for code, name in ((FIRING, "烧成班"), (REPAIR, "维修班")):
        yield {"openDepartment": {"code": code, "name": name, "parent": WORKS}}
    for code, title, where in (("01", "烧窑工", FIRING), ("02", "出窑工", FIRING), ("03", "窑炉维修工", REPAIR)):
        seats = {"code": f"{WORKS}-{code}", "title": title, "department": where, "headcount": 4}
        yield {"openPosition": seats}
        yield {"addDuty": {"position": f"{WORKS}-{code}", "text": f"{title}按单领用材料，余料当班退回。"}}
    for number, name, post in PEOPLE:
        yield {"openEmployee": {"number": number, "name": name}}
        yield {"appoint": {"employee": number, "position": f"{WORKS}-{post}"}}
    yield {"openCostCentre": {"code": FIRING, "name": "烧成", "department": FIRING, "team": "PRODUCTION"}}
    yield {"openCostCentre": {"code": REPAIR, "name": "维修", "department": REPAIR, "team": "ELECTROMECH"}}
    how = {"quotaAdjustment": "PROPORTIONAL", "belowMinimum": "CAP", "hazardBase": "QUOTA", "rewardRate": "0.8"}
    accounts = {"stockAccount": "1403", "costAccount": "5001", "wageAccount": "2211"}
    yield {"openCostPolicy": {**how, **accounts, "oddJobs": "SECTION"}}
    for code, name, unit, size, visibility, price, rate in MATERIALS:
        about = {"code": code, "name": name, "unit": unit, "size": size, "visibility": visibility, "price": price}
        yield {"openCostMaterial": about}
        if rate is not None:
            split = {"reserve": "10", "production": "60", "electromech": "40", "area": [f"{WORKS}-02"]}
            yield {"openCostQuota": {"code": f"Q-{code}", "material": code, "rate": rate, "per": "千块", **split}}
    for post, percent in SHARES:
        yield {"openCostShare": {"material": "C-01", "position": f"{WORKS}-{post}", "percent": percent}}


@dataclass
class _Month:
    """One month of the works; each has something that the others have not."""

    desk: Desk
    random: Random
    month: str
    number: int

    def work(self) -> None:
        """Plans, shifts with their slips, what goes wrong, and the settlement."""
        record_target(self.desk, FIRING, self.month, "1900")
        self._plan()
        for day in DAYS:
            for label in LABELS:
                self._shift(day, label)
        self._specials()
        session = self.desk.session
        if self.month != month_of(today(session) - timedelta(days=today(session).day)):
            wanted = due(session, self.month)
            settle_shifts(session, OPERATOR, self.month, wanted, len(wanted))

    def _day(self, day: int) -> date:
        return first_day(self.month) + timedelta(days=day - 1)

    def _at(self, centre: str, day: int, label: str) -> At:
        return At(centre, self._day(day), label)

    def _plan(self) -> None:
        """A plan of the month with all its signatures, and one of a day of which something stays unused."""
        month = Planned(FIRING, self.month, "C-02", "900")
        day = Planned(FIRING, self.month, "C-02", "400", self._day(DAYS[0]))
        for said in (month, day):
            number = plan(self.desk, said)
            for step in (CHECKED, SIGNED, FILED):
                take_step(self.desk, number, step)

    def _shift(self, day: int, label: str) -> None:
        """Both teams; the second has the output of the first."""
        sections = str(self.random.randrange(5, 9))
        firing, repair = self._at(FIRING, day, label), self._at(REPAIR, day, label)
        record_shift(self.desk, Output(firing, sections, "36"))
        record_shift(self.desk, Output(repair))
        for number, _, post in PEOPLE:
            at = repair if post == "03" else firing
            odd = number == "C04" and label == LABELS[1]
            points = str(self.random.choice((8, 9, 10)))
            record_member(self.desk, Present(at, number, f"{WORKS}-{post}", points, odd))
        self._slip(firing, "C-02", str(self.random.randrange(8, 24)), ("C01", "C02"))
        self._slip(repair, "C-03", f"0.{self.random.randrange(3, 9)}", ("C05",))

    def _slip(self, at: At, material: str, quantity: str, users: tuple[str, ...], **said: Any) -> None:
        number = f"{at.centre}-{at.day:%y%m%d}-{LABELS.index(at.label) + 1}-{material}-{said.get('sort', 'I')[0]}"
        number = f"{number}-{'U' if said.get('signed_by', '') is None else 'S'}"
        record_slip(
            self.desk, SlipSaid(number, at, material, quantity, users=users, **{"signed_by": "车间主任", **said})
        )

    def _specials(self) -> None:
        """What each month shows: hazards, late and broken parts, an analysis, an unsigned slip, returns, rewards."""
        day, night = self._at(FIRING, DAYS[1], LABELS[0]), self._at(FIRING, DAYS[1], LABELS[1])
        acts = (
            lambda: record_hazard(self.desk, HazardSaid(day, "C-02", 2, "窑门漏抹，返工补缝")),
            lambda: record_part(self.desk, PartSaid(f"P-{self.month}", night, "C-01", due=day)),
            lambda: record_part(
                self.desk, PartSaid(f"P-{self.month}", day, "C-01", cause="MISOPERATION", responsible="C03")
            ),
            lambda: self._bearing(day),
            lambda: self._slip(day, "C-03", "1.5", (), signed_by=None, person="C02"),
            lambda: self._returned(day),
        )
        acts[self.number % len(acts)]()
        record_part(self.desk, PartSaid(f"W-{self.month}", day, "C-01"))
        post, when = f"{WORKS}-03", self._day(DAYS[2])
        record_award(self.desk, AwardSaid("C06", post, when, "120", "修旧利废，节约轮轴一件"))
        record_award(self.desk, AwardSaid("C05", post, when, "-60", "计划的耐火泥未用完", "4800", "2100"))

    def _bearing(self, at: At) -> None:
        """A hidden part: nothing is charged before its analysis, which takes a section off the team."""
        number = f"P-{self.month}"
        record_part(self.desk, PartSaid(number, at, "C-04", cause="MAINTENANCE"))
        if self.number < MONTHS - 1:
            decide_part(self.desk, Analysis(number, "润滑周期漏记，轴承干磨", (("C05", "70"), ("C06", "30")), "1"))

    def _returned(self, at: At) -> None:
        self._slip(at, "C-02", "3", ("C01",), sort=RETURN)
        self._slip(self._at(REPAIR, DAYS[1], LABELS[0]), "C-03", "0.4", ("C06",), sort=CONSUMED)
