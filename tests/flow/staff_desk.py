"""A desk at which staff tables are imported into the clerk's company; tables are written as people write them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import orjson
from sqlalchemy import select

from dutybook.access.actor import OPERATOR
from dutybook.catalogue.staff_table import Sheet
from dutybook.services.import_staff import StaffImported, Table, import_staff, plan_staff, table_of
from tests.flow.clerk import Clerk

DAY = date(2026, 3, 1)
LATER = date(2026, 6, 1)
Rows = Sequence[Mapping[str, Any]]


def cells_of(lines: str) -> list[list[str]]:
    """Lines `a | b | c` as rows of cells."""
    return [[cell.strip() for cell in line.split("|")] for line in lines.strip().splitlines()]


def table(rows: str | bytes | Rows, on: date = DAY, **more: Any) -> Table:
    """A file; or lines `a | b | c`, the first of which names the columns; or rows by column."""
    if isinstance(rows, bytes):
        return table_of("staff.csv", rows, effective_on=on, **more)
    if isinstance(rows, str):
        return Table("staff.csv", [Sheet("staff.csv", cells_of(rows))], effective_on=on, **more)
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [names, *([str(row.get(name, "")) for name in names] for row in rows)]
    return Table("staff.csv", [Sheet("staff.csv", cells)], effective_on=on, **more)


class StaffDesk:
    """Imports, and what the book says then."""

    def __init__(self, clerk: Clerk) -> None:
        self.clerk = clerk

    def put(self, rows: str | bytes | Rows, on: date = DAY, **more: Any) -> StaffImported:
        """Imports and publishes."""
        done = import_staff(self.clerk.session, self.clerk.book, OPERATOR, table(rows, on, **more))
        if done.changeset:
            self.clerk.publish(done.changeset)
        return done

    def proposal(self, rows: str | bytes | Rows, on: date = DAY, **more: Any) -> list[tuple[str, str]]:
        """What an import would do; nothing is stored."""
        plan = plan_staff(self.clerk.session, self.clerk.book, OPERATOR, table(rows, on, **more))
        return [(act.what, act.place) for act in plan.acts]

    def bad(self, rows: str | bytes | Rows, on: date = DAY, **more: Any) -> list[tuple[str, str, str]]:
        """What is wrong: row, column, value."""
        plan = plan_staff(self.clerk.session, self.clerk.book, OPERATOR, table(rows, on, **more))
        return [(str(one.row), one.column, one.value) for one in plan.bad]

    def person(self, number: str, day: date = DAY) -> dict[str, Any]:
        """What the book says of somebody, in clear."""
        row = self.clerk.of("employee", number, day)
        assert row
        return {name: self._clear("employee", name, value) for name, value in row.items()}

    def _clear(self, kind: str, name: str, value: Any) -> Any:
        if value is None or name not in self.clerk.book.kinds[kind].personal:
            return value
        vault = self.clerk.book.tables["personal_value"]
        return orjson.loads(self.clerk.session.scalars(select(vault.c.value).where(vault.c.digest == value)).one())

    def held(self, number: str, day: date = DAY) -> list[tuple[str, str, date, date]]:
        """What somebody holds on a day: position, kind, from when until when."""
        codes = {row["key"]: row["code"] for row in self.clerk.in_force("position", day)}
        rows = self._assignments(number, day)
        return sorted((codes[row["position"]], row["kind"], *self._days(row["key"])) for row in rows)

    def _assignments(self, number: str, day: date) -> list[dict[str, Any]]:
        key = self.clerk.key("employee", number)
        return [row for row in self.clerk.in_force("assignment", day) if row["employee"] == key]

    def _days(self, key: int) -> tuple[date, date]:
        """From when until when an assignment lasts, whatever changes on the way."""
        rows = [row for row in self.clerk.rows("assignment") if row["key"] == key]
        return min(row["valid_from"] for row in rows), max(row["valid_to"] for row in rows)

    def why(self, number: str, day: date) -> list[tuple[str | None, str | None]]:
        """Reason and number of the document of what somebody holds on a day."""
        papers = {row["key"]: row["number"] for row in self.clerk.rows("document")}
        rows = self._assignments(number, day)
        return [(self._clear("assignment", "reason", row["reason"]), papers.get(row["document"])) for row in rows]
