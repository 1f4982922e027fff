"""A section of a mine: two production teams and one of electricians, with people, materials, quotas and an open month."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from dutybook.access.actor import OPERATOR
from dutybook.services.periods import close_period, open_period
from dutybook.testing.book import FOUNDED, TestBook, opened, prepared
from dutybook_cost import plugin
from tests.backends import Backend

PLUGINS, _found = prepared([plugin])
MARCH, APRIL = "2026-03", "2026-04"
DAY = date(2026, 3, 5)
AFTER = datetime(2026, 4, 2, 4, tzinfo=UTC)
"""Where the clock stands: the month is over."""

POLICY = {
    "quotaAdjustment": "NONE",
    "belowMinimum": "CAP",
    "hazardBase": "QUOTA",
    "rewardRate": "1",
    "oddJobs": "SECTION",
    "stockAccount": "1403",
    "costAccount": "5001",
    "wageAccount": "2211",
}
SPLIT: dict[str, Any] = {"per": "吨", "reserve": "10", "production": "60", "electromech": "40"}
PEOPLE = ("甲", "乙", "丙", "丁", "戊", "零")

SECTION: list[dict[str, dict[str, Any]]] = [
    {"openDepartment": {"name": "采煤一区"}},
    {"openDepartment": {"name": "生产一班", "parent": "D001"}},
    {"openDepartment": {"name": "机电班", "parent": "D001"}},
    {"openDepartment": {"name": "生产二班", "parent": "D001"}},
    {"openPosition": {"title": "采煤工", "department": "D002", "headcount": 9}},
    {"openPosition": {"title": "支护工", "department": "D002", "headcount": 9}},
    {"openPosition": {"title": "机电工", "department": "D003", "headcount": 9}},
    {"openPosition": {"title": "采煤工", "department": "D004", "headcount": 9}},
    {"addDuty": {"position": "P0001", "text": "负责截割。"}},
    {"addDuty": {"position": "P0001", "text": "负责交接班。"}},
    *({"openEmployee": {"name": name}} for name in PEOPLE),
    {"openCostCentre": {"name": "生产一班", "department": "D002", "team": "PRODUCTION"}},
    {"openCostCentre": {"name": "机电班", "department": "D003", "team": "ELECTROMECH"}},
    {"openCostCentre": {"name": "生产二班", "department": "D004", "team": "PRODUCTION"}},
]
"""One change set: CC0001 and CC0003 are production teams, CC0002 are the electricians."""


def _fill(url: str) -> None:
    _found(url)
    with opened(url, PLUGINS) as book:
        book.apply(*SECTION, on=FOUNDED)


@dataclass(frozen=True)
class Mine:
    """The section."""

    book: TestBook

    def set(self, **policy: str) -> "Mine":
        """The settings that the source leaves open."""
        self.book.apply({"openCostPolicy": {**POLICY, **policy}}, on=FOUNDED)
        return self

    def material(self, price: str | None = "1", quota: str | None = None, **values: Any) -> str:
        """A material, and its quota in yuan per ton of the whole mine; gives its code."""
        about = {"name": "截齿", "unit": "个", "size": "SMALL", "visibility": "VISIBLE", "price": price}
        made = self.book.open("cost_material", **{**about, **{k: v for k, v in values.items() if k in about}})
        if quota is not None:
            area: dict[str, Any] = {"area": values["area"]} if "area" in values else {}
            self.book.open("cost_quota", material=made, rate=quota, **SPLIT, **area)
        return str(made)

    def do(self, name: str, **said: Any) -> dict[str, Any]:
        """A mutation with an input."""
        kind = {"decideCostPart": "CostAnalysisInput", "planCostMaterial": "CostPlanInput"}.get(name)
        kind = kind or f"Cost{name.removeprefix('recordCost')}Input"
        query = f"mutation($it: {kind}!) {{ {name}(input: $it) {{ document userErrors {{ code path message }} }} }}"
        payload: dict[str, Any] = self.book.ask(query, variables={"it": said})[name]
        return payload

    def done(self, name: str, **said: Any) -> str:
        """The same, where nothing is wrong."""
        payload = self.do(name, **said)
        assert not payload["userErrors"], payload["userErrors"]
        return str(payload["document"])

    def shift(
        self,
        sections: str | None = "6",
        tons: str | None = "120",
        *,
        crew: Mapping[str, tuple[str, str]] | None = None,
        **at: Any,
    ) -> dict[str, Any]:
        """A shift with its crew, by number: position and points."""
        where = turn(**at)
        self.done("recordCostShift", shift=where, sections=sections, tonsPerSection=tons)
        for employee, (position, points) in (crew or {}).items():
            odd = position.startswith("-")
            member = {"employee": employee, "position": position.lstrip("-"), "points": points, "odd": odd}
            self.done("recordCostMember", shift=where, **member)
        return where

    def slip(self, number: str, at: Mapping[str, Any], material: str, quantity: str, **said: Any) -> str:
        """A signed slip."""
        return self.done(
            "recordCostSlip",
            number=number,
            shift=at,
            material=material,
            quantity=quantity,
            **{"signedBy": "区长", **said},
        )

    def settle(self, month: str = MARCH) -> dict[str, Any]:
        """Settles a month."""
        query = "mutation($m: String!) { settleCost(month: $m) { settled remaining userErrors { code message } } }"
        payload: dict[str, Any] = self.book.ask(query, variables={"m": month})["settleCost"]
        return payload

    def settled(self, month: str = MARCH) -> list[dict[str, Any]]:
        """Settles a month and shows what counts in it."""
        payload = self.settle(month)
        assert not payload["userErrors"], payload["userErrors"]
        assert payload["remaining"] == 0
        return self.shown(month)

    def shown(self, month: str = MARCH) -> list[dict[str, Any]]:
        """The settlements that count in a month."""
        shown: list[dict[str, Any]] = self.book.ask(SETTLEMENTS, variables={"m": month})["costPeriod"]["settlements"]
        return shown

    def open(self, month: str) -> None:
        """Opens a month."""
        with self.book.book.database.write() as session:
            open_period(session, self.book.book, OPERATOR, month)

    def close(self, month: str = MARCH) -> None:
        """Closes a month."""
        with self.book.book.database.write() as session:
            close_period(session, self.book.book, OPERATOR, month)


SETTLEMENTS = """query($m: String!) { costPeriod(month: $m) { settlements {
  centre { code } day label number month delta cause stale revision plan actual net
  lines { material { code } rate price plan actual floor belowMinimum saving hazard net slips { number amount sort } parts { number late } }
  charges { employee position { code } material { code } reason budget cost amount }
} } }"""


def turn(centre: str = "CC0001", label: str = "早班", day: date = DAY) -> dict[str, Any]:
    """A shift as inputs name it."""
    return {"centre": centre, "day": day.isoformat(), "label": label}


def numbers(book: TestBook) -> dict[str, str]:
    """The names of people by their ids."""
    people = book.ask("{ registry { employees(first: 50) { edges { node { id name } } } } }")["registry"]["employees"][
        "edges"
    ]
    return {edge["node"]["id"]: edge["node"]["name"] for edge in people}


def paid(mine: Mine, settlement: Mapping[str, Any], *reasons: str) -> dict[str, str]:
    """The money of each person, of some reasons."""
    names = numbers(mine.book)
    found: dict[str, str] = {}
    for it in settlement["charges"]:
        if it["employee"] and (not reasons or it["reason"] in reasons):
            found[names[it["employee"]]] = it["amount"]
    return found


def codes(payload: Mapping[str, Any]) -> Sequence[str]:
    """The codes of what is wrong."""
    return [error["code"] for error in payload["userErrors"]]


@contextmanager
def mine_on(backend: Backend) -> Iterator[Mine]:
    """The section in a book of its own, March open."""
    with backend.database(_fill) as url, opened(url, PLUGINS) as book:
        book.clock.moment = AFTER
        mine = Mine(book)
        mine.open(MARCH)
        yield mine
