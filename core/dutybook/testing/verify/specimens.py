"""The book on which plugins are tried: the demo company, records of the plugin's kinds, and changes of everything."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Row, select

from dutybook.book.kinds import Field, Kind, Type
from dutybook.book.nouns import CORE
from dutybook.book.times import FOREVER, Time
from dutybook.db import migrate
from dutybook.db.engine import Database
from dutybook.db.head import head
from dutybook.db.in_force import EVERYTHING, in_force
from dutybook.demo.load import load
from dutybook.errors import DutybookError
from dutybook.lifecycle.plugins import Loaded
from dutybook.services.say import Saying
from dutybook.services.say.plain import of as sayings_of
from dutybook.testing.book import TestBook

TODAY = datetime(2026, 12, 1, 4, tzinfo=UTC)
"""After all that the demo company tells of, so that what is done now is done to all of it."""

SINCE = date(2026, 11, 1)
"""The day from which records of the plugin's kinds are in force: none can end on the day on which it begins."""

MANY = 24
"""Records of each kind: enough to tell a statement for each from one for all."""


def demo_company(url: str) -> None:
    """Fills a database with the demo company, without any plugin."""
    database = Database(url, CORE)
    try:
        migrate.upgrade(database)
        load(database, lambda *_: None)
    finally:
        database.dispose()


class Specimens:
    """What can be said in one book; `refused` counts the change sets that rules or plugins did not let pass."""

    def __init__(self, book: TestBook) -> None:
        self.book = book
        self.published = self.refused = 0

    def lasting(self, kind: str) -> Sequence[Row[Any]]:
        """The records of a kind that are in force today without an end."""
        book = self.book.book
        with self.book.session() as session:
            now = Time(book.clock.today(), head(session, book.tables).revision)
            rows = in_force(book.tables, kind, now, EVERYTHING)
            return session.execute(select(rows).where(rows.c.valid_to == FOREVER).order_by(rows.c.key)).all()

    def fill(self, plugin: Loaded) -> None:
        """Opens records of each kind of a plugin, one by one where not all are accepted together."""
        for kind in plugin.kinds:
            begin = next(iter(sayings_of(kind)))
            sayings = [{begin: values} for values in self._openings(kind)]
            if sayings and not self.say(sayings, SINCE):
                for saying in sayings:
                    self.say([saying], SINCE)

    def say(self, sayings: Sequence[Saying], on: date | None = None) -> bool:
        """Publishes one change set, if it is let pass."""
        try:
            self.book.apply(*sayings, on=on)
        except DutybookError:
            self.refused += 1
            return False
        self.published += 1
        return True

    def _openings(self, kind: Kind) -> Iterator[dict[str, Any]]:
        keys = {field.target: self._known(field.target) for field in kind.fields if field.target}
        fields = [field for field in kind.fields if field.type is not Type.RANK]
        for number in range(MANY):
            values = {field.name: self._value(field, number, keys) for field in fields}
            if all(values[field.name] is not None for field in fields if field.required):
                yield {name: value for name, value in values.items() if value is not None}

    def _known(self, kind: str) -> Sequence[Row[Any]]:
        return [row for row in self.lasting(kind) if row.valid_from <= SINCE]

    def _value(self, field: Field, number: int, rows: Mapping[str, Sequence[Row[Any]]]) -> Any:
        """Something that the field can hold; None where there is nothing to refer to."""
        match field.type:
            case Type.REFERENCE | Type.REFERENCES:
                some = rows[str(field.target)]
                key = some[number % len(some)].key if some else None
                return key if field.type is Type.REFERENCE or key is None else [key]
            case Type.INTEGER:
                low = 0 if field.minimum is None else field.minimum
                return min(low + number, low + number if field.maximum is None else field.maximum)
            case Type.TEXT:
                known = list(field.choices)
                return known[number % len(known)] if known else f"{number:03}"[: field.longest]
            case other:
                return _VALUES[other](self.book, number)

    def changes(self, plugin: Loaded, at: int) -> Iterator[list[Saying]]:
        """Change sets of everything there is, about other records for another `at`."""
        positions, departments = self.lasting("position"), self.lasting("department")
        duties, employees = self.lasting("duty"), self.lasting("employee")
        post, office, duty = positions[at], departments[at % len(departments)], duties[at]
        yield [{"setPosition": {"position": post.key, "grade": str(at % 9 + 1)}}]
        yield [{"setPosition": {"position": positions[at + 40].key, "headcount": at % 5 + 2}}]
        yield [{"movePosition": {"position": positions[-at - 1].key, "department": office.key}}]
        yield [{"openPosition": {"title": f"样岗{at}", "department": office.key, "headcount": 3}}]
        yield [{"addDuty": {"position": post.key, "text": f"负责第 {at} 项工作。"}}]
        yield [{"setDuty": {"duty": duty.key, "text": f"{duty.text[:60]}（{at}）"}}]
        yield [{"withdrawDuty": {"duty": duties[-at - 1].key}}]
        yield [{"setDepartment": {"department": office.key, "quota": at + 40}}]
        yield [{"openEmployee": {"name": f"样员{at}"}}]
        hired = {"employee": employees[at].key, "position": positions[at + 7].key, "kind": "CONCURRENT", "share": 10}
        yield [{"appoint": hired}]
        yield [{"endAssignment": {"assignment": self.lasting("assignment")[at].key}}]
        for kind in plugin.kinds:
            yield from self._of_kind(kind, at)

    def _of_kind(self, kind: Kind, at: int) -> Iterator[list[Saying]]:
        """A record of a plugin's kind is changed, another one ends."""
        rows = self.lasting(kind.name)
        _, change, end = sayings_of(kind)
        values = next((opening for number, opening in enumerate(self._openings(kind)) if number == at + 1), {})
        free = {name: value for name, value in values.items() if kind.by_name[name].target is None}
        if len(rows) > at + 2 and free:
            yield [{change: {kind.name: rows[at].key, **free}}]
            yield [{end: {kind.name: rows[-at - 1].key}}]


_VALUES: Mapping[Type, Any] = {
    Type.DECIMAL: lambda _, number: f"{number}.00",
    Type.BOOLEAN: lambda _, number: number % 2 == 0,
    Type.DATE: lambda book, _: book.clock.today().isoformat(),
    Type.JSON: lambda _, number: {"number": number},
}
