"""A staff table against the book: what becomes of each person, or what is wrong with the person's rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from dutybook.book.changes import OPEN
from dutybook.book.kinds import Value
from dutybook.book.nouns import EMPLOYEE
from dutybook.book.timeline import Span, Timeline
from dutybook.catalogue.reconcile_acts import CHANGED, NEW, RESTORED, Act
from dutybook.catalogue.staff_book import Worker
from dutybook.catalogue.staff_lives import ONE_DAY, begun, holding, live_span, within
from dutybook.catalogue.staff_rows import BadRow, Person, Row
from dutybook.catalogue.staff_tenures import Tenures
from dutybook.catalogue.staff_walk import Walk, Wrong
from dutybook.catalogue.staff_words import is_leaving

LEFT = "left"
STATUS = ("status", "status_reason", "status_document")


def reconcile_staff(walk: Walk, people: Sequence[Person], spoilt: Sequence[Person]) -> tuple[list[Act], list[BadRow]]:
    """All that is to be done but for documents, and the rows of people of whom nothing is.

    Of those who are spoilt already nothing is done, but what else is wrong with them is told.
    """
    acts, bad = list[Act](), [one for person in spoilt for one in _misplaced(walk, person)]
    for person in people:
        walk.begin()
        try:
            acts += Settling(walk, person).acts()
        except Wrong as reason:
            walk.undo()
            bad += dict.fromkeys([reason.bad, *_misplaced(walk, person)])
    return acts, bad


def _misplaced(walk: Walk, person: Person) -> Iterator[BadRow]:
    """The rows of a person whose positions cannot be found; where somebody was who leaves need not be known."""
    if not person.is_leaving:
        found = (walk.book.places.seat(row) for row in person.tenures)
        yield from (one for one in found if isinstance(one, BadRow))


class Settling:
    """What a table comes to for one person."""

    def __init__(self, walk: Walk, person: Person) -> None:
        self.walk, self.day, self.person = walk, walk.day, person
        self.worker = self._known()
        self.key = self.worker.key if self.worker else next(walk.keys)
        self.code = self.worker.code if self.worker else person.number
        self.old = self.worker.line if self.worker else Timeline()
        self.leaves_on = self._leaving()

    def acts(self) -> list[Act]:
        """The acts, whose changes are taken back together if at all."""
        tenures = Tenures(self.walk, self.person, self.worker, self.key, self.leaves_on)
        told = [*self._employee(tenures.starts), *tenures.acts()]
        group, place = (
            self.walk.group(),
            f"{self.walk.within}{self.code} {self.person.values.get('name') or ''}".strip(),
        )
        return [replace(act, place=place, changes=tuple(c.grouped(group) for c in act.changes)) for act in told]

    def _row(self, column: str) -> Row:
        return next((row for row in self.person.rows if column in row.said), self.person.rows[0])

    def _known(self) -> Worker | None:
        """Who it is: by the external id of the system, else by number; a newcomer must have a number and a name."""
        person, book = self.person, self.walk.book
        by_number = book.workers.get(person.number) or self._padded()
        found = book.by_external.get(person.external or "") or by_number
        if found is None:
            self._refuse_nobody()
            return None
        if by_number and found is not by_number:
            zh = f"该外部编号属于职工 {found.code}，而工号是 {person.number}；请更正其一"
            en = f"this external id is of employee {found.code}, but the number is {person.number}; correct one of them"
            raise Wrong(self._row("external").bad("external", zh, en))
        if found.erased:
            zh, en = "此人的个人信息已删除，不能再导入", "this person's data was erased and cannot be imported again"
            raise Wrong(self._row("number").bad("number", zh, en))
        self.walk.claim(found, person.rows[0])
        return found

    def _padded(self) -> Worker | None:
        """Whom the number means that has lost the zeros before it, as it does in a column of quantities; the name must agree."""
        book, name = self.walk.book, self.person.values.get("name")
        worker = book.padded.get(self.person.number)
        if worker is None or not worker.line.spans:
            return None
        span = live_span(worker.line, self.day) or worker.line.spans[-1]
        same = self.walk.sealed(EMPLOYEE, worker.key, {"name": name}, self.day)["name"]
        if name is None or same != span.value("name", within(span, self.day)):
            if worker.code in book.numbers:
                return None  # the table knows them apart
            zh = f"账册中只有 {worker.code}，前导零可能已丢失；请把该列设为文本后重填；确是另一人的，请先在账册中登记"
            en = f"the book has {worker.code} alone: zeros may be lost; make the column text, or open another person in the book first"
            raise Wrong(self._row("number").bad("number", zh, en))
        self.walk.padded += 1
        return worker

    def _refuse_nobody(self) -> None:
        if not self.person.number:
            zh, en = "账册中没有此外部编号；新职工须写明工号", "nobody has this external id; a newcomer needs a number"
            raise Wrong(self._row("external").bad("external", zh, en))
        if not self.person.values.get("name"):
            zh, en = "账册中没有此工号；新职工须写明姓名", "nobody has this number; a newcomer needs a name"
            raise Wrong(self._row("number").bad("number", zh, en))

    def _leaving(self) -> date | None:
        """The day on which the person leaves; who has left cannot be said to be here."""
        left, status = self.person.left_on, self.person.values.get("status")
        if left and left <= self.day and status is not None and not is_leaving(status):
            zh = f"已于 {left} 离职，状态却不是离职；请更正其一，或写明新的入职日期"
            en = f"it is after the leaving day, {left}; correct one of them, or give the new day of entry"
            raise Wrong(self._row("status").bad("status", zh, en))
        if self.person.is_leaving:
            return left or self.day
        if status is None and self.person.tenures and is_leaving(self.old.value("status", self.day)):
            zh = "账册中此人已离职；如已回来，请写明状态（如 在职）"
            en = "the book says that this person has left; if back, give the status"
            raise Wrong(self.person.tenures[0].bad("position", zh, en))
        return None

    def _employee(self, starts: Iterator[date]) -> Iterator[Act]:
        said, first = self._said(), min(starts, default=self.day)
        status = {name: said.pop(name) for name in STATUS if name in said} if self.leaves_on else {}
        line = self._leaving_line(self._line(said, first), status)
        changes = self.walk.differing("employee", self.key, self.code, self.old, line)
        if not changes:
            self.walk.agreeing["employee"] += 1
            return
        what = self._what(line)
        names = dict.fromkeys(name for change in changes for name in change.values if change.verb != OPEN)
        told = {**said, **status}
        shown = "; ".join(f"{name} {told[name] if told[name] is not None else '∅'}" for name in names if name in told)
        yield Act(what, "employee", "", changes, after=shown or None)

    def _line(self, said: Mapping[str, Value], first: date) -> Timeline:
        """The employee's life with what is said from the effective day on; nobody holds a position before it begins."""
        span = live_span(self.old, self.day)
        if span is None:
            return self._opened(said, min(first, self.day))
        earlier = max([first, *(one.end for one in self.old.spans if one.end <= span.start)])
        line = begun(self.old, span, earlier) if earlier < span.start else self.old
        return holding(line, within(span, self.day), self.walk.sealed(EMPLOYEE, self.key, said, self.day))

    def _opened(self, said: Mapping[str, Value], day: date) -> Timeline:
        """A new employee, or one who comes back with what was last known."""
        last: Span | None = self.old.spans[-1] if self.old.spans else None
        known = last.values(last.end - ONE_DAY) if last else {}
        start = max(day, last.end) if last else day
        values = dict.fromkeys(EMPLOYEE.by_name) | known | self.walk.sealed(EMPLOYEE, self.key, said, start)
        return self.old.open(values, start)

    def _leaving_line(self, line: Timeline, status: Mapping[str, Value]) -> Timeline:
        """The same life with the state of who leaves, from that day on and on the effective day."""
        span = live_span(line, self.day)
        if self.leaves_on and span:
            for day in sorted({within(span, self.leaves_on), within(span, max(self.day, self.leaves_on))}):
                line = holding(line, day, self.walk.sealed(EMPLOYEE, self.key, status, day))
        return line

    def _what(self, line: Timeline) -> str:
        if not self.old.spans:
            return NEW
        if live_span(self.old, self.day) is None:
            return RESTORED
        span = live_span(line, self.day)
        on = within(span, self.leaves_on) if span and self.leaves_on else None
        return LEFT if on and self.old.value("status", on) != line.value("status", on) else CHANGED

    def _said(self) -> dict[str, Value]:
        """The fields of the employee that the table tells."""
        known = EMPLOYEE.by_name.keys() - self.walk.closed
        said = {name: value for name, value in self.person.values.items() if name in known}
        if self.person.external and self.walk.system:
            others = self.worker.external if self.worker else {}
            said["external_ids"] = {**others, self.walk.system: self.person.external}
        return said
