"""A toll station for tests, and what is done there over GraphQL, as its clients do it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from dutybook.api import key_of, records
from dutybook.testing.book import FOUNDED, TestBook
from dutybook.testing.made import Made

NOON = datetime(2026, 3, 10, 4, tzinfo=UTC)
"""Where the clock stands: noon of 10 March in Shanghai."""

SETTINGS = {"toll": {"report_within_minutes": 30}}
EIGHT_HOURS = timedelta(hours=8)

ROSTER = "mutation ($it: TollShiftInput!) { rosterTollShift(input: $it) { shift { id day } userErrors { code path message } } }"
RECORD = """mutation ($it: TollEventInput!) {
  recordTollEvent(input: $it) { event { id special dueAt reportedAt } userErrors { code path message } }
}"""
REPORT = "mutation ($it: TollReportInput!) { reportTollEvent(input: $it) { event { reportedAt } userErrors { code message } } }"
RECONCILE = """mutation ($it: TollCashInput!) {
  reconcileTollCash(input: $it) { count { number difference } userErrors { code path message } }
}"""

APPLY = "mutation ($it: ApplyChangesInput!) { applyChanges(input: $it) { userErrors { code path message } } }"


@dataclass(frozen=True)
class Station:
    """A toll station with two lanes, a position for two and somebody besides."""

    book: TestBook
    department: Made
    post: Made
    entry: Made
    exit: Made
    first: Made
    second: Made
    stint: Made
    """The assignment of the first one."""

    def shift(self, begins_at: datetime = NOON, **changes: Any) -> dict[str, Any]:
        """Asks for a shift of eight hours from noon on, of the first one at the entry."""
        hours = {"beginsAt": begins_at.isoformat(), "endsAt": (begins_at + EIGHT_HOURS).isoformat()}
        wanted = {"lane": self.entry, "position": self.post, "employee": self.first, **hours, **changes}
        return self._done(ROSTER, "rosterTollShift", wanted)

    def rostered(self, begins_at: datetime = NOON, **changes: Any) -> str:
        """The id of such a shift."""
        payload = self.shift(begins_at, **changes)
        assert not payload["userErrors"], payload["userErrors"]
        return str(payload["shift"]["id"])

    def event(self, shift: str, special: str = "FORCED_PASSAGE", **told: Any) -> dict[str, Any]:
        """Records what has just happened."""
        happened = {"happenedAt": self.book.clock.moment.isoformat()}
        return self._done(RECORD, "recordTollEvent", {"shift": shift, "special": special, **happened, **told})

    def report(self, event: str, **told: Any) -> dict[str, Any]:
        """Reports an event now."""
        now = {"reportedAt": self.book.clock.moment.isoformat()}
        return self._done(REPORT, "reportTollEvent", {"event": event, **now, **told})

    def count(self, shift: str, system: str, counted: str, **told: Any) -> dict[str, Any]:
        """Hands in a count."""
        amounts = {"systemAmount": system, "countedAmount": counted}
        return self._done(RECONCILE, "reconcileTollCash", {"shift": shift, **amounts, **told})

    def lose_first(self) -> None:
        """Ends the first one's assignment from tomorrow on, over all objections, and tells everybody."""
        ends = {"endAssignment": {"assignment": self.stint, "from": TOMORROW}}
        assert errors(self.overrule(ends, "toll:ROSTERED_BEYOND")) == []
        self.book.drain()

    def overrule(self, said: dict[str, Any], objection: str) -> dict[str, Any]:
        """Publishes a change although somebody objects to it."""
        override = [{"objection": objection, "reason": "站长已安排"}]
        return self._done(APPLY, "applyChanges", {"title": "变更", "changes": [said], "override": override})

    def later(self, **by: float) -> None:
        """Lets time pass."""
        self.book.clock.moment += timedelta(**by)

    def _done(self, mutation: str, name: str, wanted: dict[str, Any]) -> dict[str, Any]:
        payload: dict[str, Any] = self.book.ask(mutation, variables={"it": wanted})[name]
        return payload


FOUNDING: list[dict[str, dict[str, Any]]] = [
    {"openDepartment": {"name": "东山收费站"}},
    {"openPosition": {"title": "收费员", "department": "D001", "headcount": 2}},
    {"openTollLane": {"name": "入口", "department": "D001", "direction": "ENTRY", "mode": "MANUAL"}},
    {"openTollLane": {"name": "出口", "department": "D001", "direction": "EXIT", "mode": "MANUAL"}},
    {"openEmployee": {"name": "甲一"}},
    {"openEmployee": {"name": "乙二"}},
    {"appoint": {"employee": "E0001", "position": "P0001"}},
    {"appoint": {"employee": "E0002", "position": "P0001"}},
    {"openTollEventRule": {"event": "FORCED_PASSAGE", "report": True, "withinMinutes": 5}},
    {"openTollEventRule": {"event": "NO_CARD", "report": True}},
]
"""One change set: a station, and what is to be reported there."""


def founded(book: TestBook) -> Station:
    """The station, in a book that has none."""
    book.apply(*FOUNDING, on=FOUNDED)
    with book.session() as session:

        def made(kind: str, code: str) -> Made:
            return Made(kind, key_of(session, kind, code), code)

        stints = records(session, "assignment")
        first = session.scalars(select(stints.c.key).order_by(stints.c.key)).first()
        return Station(
            book,
            department=made("department", "D001"),
            post=made("position", "P0001"),
            entry=made("toll_lane", "L0001"),
            exit=made("toll_lane", "L0002"),
            first=made("employee", "E0001"),
            second=made("employee", "E0002"),
            stint=Made("assignment", first or 0),
        )


def errors(payload: dict[str, Any]) -> list[str]:
    """The codes of a payload."""
    return [error["code"] for error in payload["userErrors"]]


def message(payload: dict[str, Any]) -> str:
    """The one message of a payload."""
    [error] = payload["userErrors"]
    return str(error["message"])


TOMORROW = date(2026, 3, 11)
