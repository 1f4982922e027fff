"""The desk at which documents are recorded in one transaction: names found once, rights asked once, months looked up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from dutybook.api import (
    Actor,
    DutybookError,
    closed_months,
    hold,
    key_of,
    name_of,
    note_correction,
    now,
    open_month_for,
    require,
)
from dutybook_cost.models import Base, Settlement, Shift
from dutybook_cost.reading import Book, BookOn
from dutybook_cost.refusals import ClosedMonth, NotAMonth, NotInForce, NotOpened, NotThere, WrongWord
from dutybook_cost.rules.amounts import number, rounded

READ, PERSONS, RECORD, SIGN, SETTLE = "cost.read", "cost.persons", "cost.record", "cost.sign", "cost.settle"

M = TypeVar("M", bound=Base)
MILLI, CENTI = 1000, 100


def scaled(text: object, place: str, by: int, *, least: str = "0") -> int:
    """A number as whole thousandths or hundredths; NotANumber tells its place."""
    return rounded(number(text, place, Decimal(least)) * by)


def month_of(day: date) -> str:
    """The month of a day."""
    return f"{day:%Y-%m}"


def first_day(month: str) -> date:
    """The first day of a month; NotAMonth for any other text."""
    try:
        found = date.fromisoformat(f"{month}-01")
    except ValueError as reason:
        raise NotAMonth(month) from reason
    if month_of(found) != month:
        raise NotAMonth(month)
    return found


def day_after(month: str) -> date:
    """The first day after a month."""
    first = first_day(month)
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def within(column: Any, month: str) -> tuple[Any, Any]:
    """Whatever falls on the days of a month."""
    return column >= first_day(month), column < day_after(month)


def chosen(word: str, known: Sequence[str], place: str) -> str:
    """One of the known words; WrongWord lists them."""
    if (found := word.strip().upper()) not in known:
        raise WrongWord(word, known, place)
    return found


@dataclass
class Desk:
    """A transaction in which somebody records; the book stands still until it ends."""

    session: Session
    actor: Actor
    book: Book = field(init=False)
    _keys: dict[tuple[str, str], int] = field(default_factory=dict)
    _shifts: dict[tuple[int, date, str], Shift] = field(default_factory=dict)
    _fresh: set[int] = field(default_factory=set)
    _allowed: set[tuple[str, int]] = field(default_factory=set)
    _months: dict[date, str | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Takes the book."""
        hold(self.session)
        self.book = Book(self.session)

    def on(self, day: date) -> BookOn:
        """The book on a day."""
        return self.book.on(day)

    def key(self, kind: str, text: str, place: str) -> int:
        """The record that a code or an id names; the error tells the place."""
        if (kind, text) not in self._keys:
            try:
                self._keys[kind, text] = key_of(self.session, kind, text.strip())
            except DutybookError as wrong:
                wrong.path = (place,)
                raise
        return self._keys[kind, text]

    def may(self, permission: str, department: int) -> None:
        """Forbidden, unless the actor may do this in a department."""
        if (permission, department) not in self._allowed:
            require(self.session, self.actor, permission, "department", department)
            self._allowed.add((permission, department))

    def centre(self, text: str, day: date, place: str = "centre") -> int:
        """A cost centre by its code; a department's code means its own centre, or the nearest one above it."""
        try:
            found = self.key("cost_centre", text, place)
        except DutybookError as unknown:
            try:
                department = self.key("department", text, place)
            except DutybookError:
                raise unknown from None
            found = self._default_centre(department, day, text, place)
        if found not in self.on(day).centres:
            raise NotInForce(name_of(self.session, "cost_centre", found), day, place)
        return found

    def _default_centre(self, department: int | None, day: date, text: str, place: str) -> int:
        own: dict[int, int] = {row.department: key for key, row in reversed(list(self.on(day).centres.items()))}
        while department is not None:
            if department in own:
                return own[department]
            row = self.on(day).departments.get(department)
            department = None if row is None else row.parent
        raise NotThere(("成本中心（含上级部门）", "cost centre, here or above"), text, place)

    def material(self, text: str, day: date) -> int:
        """A material that has a price on a day."""
        found = self.key("cost_material", text, "material")
        if found not in self.on(day).materials:
            raise NotInForce(name_of(self.session, "cost_material", found), day, "material")
        self.on(day).price(found)
        return found

    def shift(self, centre: str, day: date, label: str, place: str = "shift") -> Shift:
        """A shift that was recorded; NotThere else."""
        at = (self.centre(centre, day), day, label.strip())
        if at not in self._shifts:
            wanted = select(Shift).where(Shift.centre == at[0], Shift.day == day, Shift.label == at[2])
            found = self.session.scalars(wanted).first()
            if found is None:
                raise NotThere(("班次", "shift"), f"{centre} {day} {label}", place)
            self._shifts[at] = found
        return self._shifts[at]

    def accounted(self, day: date, late_reason: str | None) -> str:
        """The month of a day if documents may be recorded in it: it is open, or the document says why it is late."""
        if day not in self._months:
            self._months[day] = open_month_for(self.session, day)
        month = month_of(day)
        if self._months[day] == month:
            return month
        if month not in self._closed:
            raise NotOpened(month)
        if not late_reason:
            raise ClosedMonth(month)
        return month

    @cached_property
    def _closed(self) -> frozenset[str]:
        return frozenset(closed_months(self.session))

    def touch(self, shift: Shift, subject: str) -> None:
        """A fact has come: settlements of its shift are out of date, and a closed month has a correction."""
        if shift.id not in self._fresh:
            current = (Settlement.shift == shift.id, Settlement.current, Settlement.stale.is_(None))
            self.session.execute(update(Settlement).where(*current).values(stale=subject))
        if month_of(shift.day) in self._closed:
            note_correction(self.session, month_of(shift.day), "cost", subject, shift.day)

    def touch_section(self, section: int, month: str, subject: str) -> None:
        """The output of a month has changed: quotas that follow it move for everybody in the section."""
        theirs = select(Shift.id).where(Shift.section == section, *within(Shift.day, month))
        current = (Settlement.shift.in_(theirs), Settlement.current, Settlement.stale.is_(None))
        self.session.execute(update(Settlement).where(*current).values(stale=subject))

    def add(self, model: type[M], values: Mapping[str, Any]) -> M:
        """Records a document."""
        made = model(**values, recorded_by=self.actor.name, recorded_at=now(self.session))
        self.session.add(made)
        self.session.flush()
        if isinstance(made, Shift):
            self._fresh.add(made.id)  # nobody can have settled it yet
        return made
