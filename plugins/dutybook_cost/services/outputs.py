"""What shifts put out, and the factor that the month's output puts on all quotas of a section."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from dutybook.api import name_of, today
from dutybook_cost.models import Part, Shift, Target
from dutybook_cost.reading import Book
from dutybook_cost.refusals import MissingTarget
from dutybook_cost.rules.quota import NONE, TABLE, adjustment
from dutybook_cost.services.desk import MILLI, day_after, month_of, within

Turn = tuple[int, date, str]
"""A section, a day and a label: whoever works then serves the same output."""


@dataclass
class Outputs:
    """The outputs of one month, in units of output."""

    session: Session
    book: Book
    month: str
    of: dict[int, Fraction] = field(default_factory=dict)
    of_turn: dict[Turn, Fraction] = field(default_factory=dict)
    of_section: dict[int, Fraction] = field(default_factory=dict)
    _factors: dict[tuple[int, str], Fraction] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Reads all shifts of the month, and the sections that analyses took off (line 34, reading B11)."""
        deducted = _deducted(self.session, self.month)
        for row in self.session.execute(_shifts(self.month)):
            if row.sections_milli is None:
                continue
            counted = max(0, row.sections_milli - deducted.get(row.id, 0))
            out = Fraction(counted * row.tons_milli, MILLI * MILLI)
            self.of[row.id] = out
            turn = (row.section, row.day, row.label)
            self.of_turn[turn] = self.of_turn.get(turn, Fraction()) + out
            self.of_section[row.section] = self.of_section.get(row.section, Fraction()) + out

    def output(self, shift: Shift) -> Fraction:
        """The output of a shift: its own, or that of all teams of its section in the same turn (reading B1)."""
        if shift.sections_milli is not None:
            return self.of[shift.id]
        return self.of_turn.get((shift.section, shift.day, shift.label), Fraction())

    def final(self, shift: Shift) -> bool:
        """Whether the quotas of the month stand still: it is over, or they never follow output."""
        return self._over or self.book.on(shift.day).setting(shift.centre, "quota_adjustment") == NONE

    def factor(self, shift: Shift) -> Fraction:
        """The factor on the quotas of a shift, once at the end of the month (reading B5)."""
        how = self.book.on(shift.day).setting(shift.centre, "quota_adjustment")
        if how == NONE or not self._over:
            return Fraction(1)
        if (shift.section, how) not in self._factors:
            steps = self.book.on(shift.day).steps(shift.centre) if how == TABLE else ()
            actual = self.of_section.get(shift.section, Fraction())
            self._factors[shift.section, how] = adjustment(how, self._planned(shift.section), actual, steps)
        return self._factors[shift.section, how]

    @property
    def _over(self) -> bool:
        return today(self.session) >= day_after(self.month)

    def _planned(self, section: int) -> Fraction:
        wanted = select(func.sum(Target.output_milli)).where(Target.month == self.month, Target.section == section)
        found = self.session.scalar(wanted)
        if found is None:
            raise MissingTarget(name_of(self.session, "department", section), self.month)
        return Fraction(int(found), MILLI)


def of_shift(cache: dict[str, Outputs], session: Session, book: Book, shift: Shift) -> Outputs:
    """The outputs of a shift's month, read once."""
    month = month_of(shift.day)
    if month not in cache:
        cache[month] = Outputs(session, book, month)
    return cache[month]


def _shifts(month: str) -> Select[*tuple[Any, ...]]:
    columns = (Shift.id, Shift.section, Shift.day, Shift.label, Shift.sections_milli, Shift.tons_milli)
    return select(*columns).where(*within(Shift.day, month))


def _deducted(session: Session, month: str) -> Mapping[int, int]:
    query = select(Part.shift, func.sum(Part.deducted_milli)).join(Shift, Shift.id == Part.shift)
    query = query.where(*within(Shift.day, month), Part.deducted_milli > 0)
    return {shift: int(total) for shift, total in session.execute(query.group_by(Part.shift))}
