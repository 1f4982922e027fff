"""What the book says of people, departments and positions, as the reconciliation of a staff table asks for it."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from functools import cached_property

from dutybook.book.kinds import Value
from dutybook.book.timeline import Timeline
from dutybook.catalogue.likeness import plain
from dutybook.catalogue.staff_rows import BadRow, Row
from dutybook.catalogue.staff_words import folded

STEPS = re.compile(r"\s*[/／\\>＞→]\s*")
MANY = 5
"""So many of several that fit are named."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A department."""

    key: int
    code: str
    name: str
    parent: int | None


@dataclass(frozen=True, slots=True)
class Seat:
    """A position, and the days on which it is in force without interruption."""

    key: int
    code: str
    title: str
    department: int
    start: date
    end: date


@dataclass(slots=True)
class Held:
    """One assignment: its life as the book knows it."""

    key: int
    line: Timeline


@dataclass(slots=True)
class Worker:
    """One employee as the book knows it; personal values are digests but for the external ids."""

    key: int
    code: str
    line: Timeline
    held: list[Held] = field(default_factory=list)
    external: dict[str, Value] = field(default_factory=dict)
    erased: bool = False


@dataclass(frozen=True)
class Places:
    """The departments and positions of one organisation, found by what a row calls them; by title those of a day or later."""

    day: date
    units: Mapping[int, Unit]
    seats: Sequence[Seat]

    @cached_property
    def _by_code(self) -> Mapping[str, Unit]:
        return {folded(unit.code): unit for unit in self.units.values()}

    @cached_property
    def _by_name(self) -> Mapping[str, list[Unit]]:
        found = defaultdict(list)
        for unit in self.units.values():
            found[plain(unit.name)].append(unit)
        return found

    @cached_property
    def _seat_by_code(self) -> Mapping[str, Seat]:
        return {folded(seat.code): seat for seat in self.seats}

    @cached_property
    def by_key(self) -> Mapping[int, Seat]:
        """The positions by their keys."""
        return {seat.key: seat for seat in self.seats}

    @cached_property
    def _by_title(self) -> Mapping[str, list[Seat]]:
        found = defaultdict(list)
        for seat in self.seats:
            if seat.end > self.day:
                found[plain(seat.title)].append(seat)
        return found

    def shown(self, seat: Seat) -> str:
        """What people call a position."""
        unit = self.units.get(seat.department)
        return f"{seat.code} {unit.name if unit else ''}/{seat.title}"

    def seat(self, row: Row) -> Seat | BadRow:
        """The position that a row names, or what is wrong with that."""
        called, home = str(row.said["position"]), row.said.get("department")
        within = self._departments(str(home)) if home else None
        if home and not within:
            zh, en = near(str(home), {unit.name: unit.name for unit in self.units.values()})
            zh = f"没有编号、名称或路径为此的部门{zh}；请核对，或先在账册中设立"
            en = f"no department has this code, name or path{en}; check it, or open it in the book first"
            return row.bad("department", zh, en)
        if (known := self._seat_by_code.get(folded(called))) and (within is None or known.department in within):
            return known
        if within is None and len(steps := STEPS.split(called)) > 1 and plain(called) not in self._by_title:
            within, called = self._departments("/".join(steps[:-1])), steps[-1]
        fitting = [
            seat for seat in self._by_title.get(plain(called), ()) if within is None or seat.department in within
        ]
        return fitting[0] if len(fitting) == 1 else self._not_one(row, fitting, within)

    def _not_one(self, row: Row, fitting: Sequence[Seat], within: set[int] | None) -> BadRow:
        if not fitting:
            place_zh, place_en = ("该部门中", "in that department") if within else ("账册中", "in the book")
            seats = (it for it in self.seats if it.end > self.day and (within is None or it.department in within))
            zh, en = near(str(row.said["position"]), {seat.title: f"{seat.code} {seat.title}" for seat in seats})
            zh = f"{place_zh}没有编号或名称为此的岗位{zh}；请核对，或先在账册中设立"
            en = f"no position {place_en} has this code or title{en}; check it, or open it in the book first"
            return row.bad("position", zh, en)
        some = "、".join(self.shown(seat) for seat in fitting[:MANY])
        more = "…" if len(fitting) > MANY else ""
        zh = f"不止一个岗位：{some}{more}；请写岗位编号，或写明部门"
        return row.bad("position", zh, f"several positions fit: {some}{more}; give the code, or the department")

    def _departments(self, called: str) -> set[int]:
        """The departments of a code, a name, or a path of names; several departments may have one name."""
        if unit := self._by_code.get(folded(called)):
            return {unit.key}
        if named := self._by_name.get(plain(called)):
            return {unit.key for unit in named}
        steps = [plain(step) for step in STEPS.split(called) if step]
        if len(steps) < 2:
            return set()
        return {unit.key for unit in self._by_name.get(steps[-1], ()) if self._lies_under(unit, steps[:-1])}

    def _lies_under(self, unit: Unit, path: Sequence[str]) -> bool:
        """Whether those above a department have these names, the nearest last; levels may be left out."""
        above = [plain(one.name) for one in self._above(unit)]
        for step in reversed(path):
            if step not in above:
                return False
            above = above[above.index(step) + 1 :]
        return True

    def _above(self, unit: Unit) -> Iterator[Unit]:
        at = self.units.get(unit.parent) if unit.parent else None
        while at:
            yield at
            at = self.units.get(at.parent) if at.parent else None


@dataclass
class StaffBook:
    """One organisation on a day, for the people whom a table names.

    `numbers` are those of the table, `padded` employees by numbers that the book has only with zeros before them.
    """

    day: date
    organisation: int
    workers: Mapping[str, Worker]
    by_external: Mapping[str, Worker]
    numbers: Collection[str]
    padded: Mapping[str, Worker]
    places: Places


def near(called: str, names: Mapping[str, str]) -> tuple[str, str]:
    """What people may have meant, in both languages: what is shown for names that nearly read so."""
    near = "、".join(names[name] for name in get_close_matches(called, names, n=3, cutoff=0.5))
    return (f"（是否为 {near}）", f" (did you mean {near}?)") if near else ("", "")
