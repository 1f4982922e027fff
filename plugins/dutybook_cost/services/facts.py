"""The facts of shifts, gathered from documents and valued by the book of their days."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from dutybook.api import Message, name_of
from dutybook_cost.kinds import COMMON
from dutybook_cost.models import Base, Hazard, Member, Part, Shift, Slip, table
from dutybook_cost.reading import Book, BookOn
from dutybook_cost.refusals import MissingPoints, MissingShares
from dutybook_cost.rules import settlement
from dutybook_cost.rules.amounts import value_of
from dutybook_cost.rules.crew import Member as Present
from dutybook_cost.rules.parts import WEAR, Verdict, judged
from dutybook_cost.services.desk import CENTI
from dutybook_cost.services.outputs import Outputs, of_shift
from dutybook_cost.services.recording import CONSUMED, ISSUE, RETURN
from dutybook_cost.services.replacing import needs_analysis


@dataclass
class Used:
    """What was used of one material in one shift, in fen."""

    issued: int = 0
    counted: int | None = None
    parts: int = 0
    slips: int = 0
    hazards: int = 0
    worn: bool = False
    users: set[int] = field(default_factory=set)

    @property
    def actual(self) -> int:
        """What was counted as consumed, else what was issued less what came back; and parts."""
        return (self.issued if self.counted is None else self.counted) + self.parts

    @property
    def used(self) -> bool:
        """Whether there is anything to be borne by users."""
        return self.slips > 0 or self.parts > 0


@dataclass
class Gathered:
    """All that is known of one shift, and what it is settled from."""

    shift: Shift
    outputs: Outputs
    book: BookOn
    crew: list[Present] = field(default_factory=list)
    used: dict[int, Used] = field(default_factory=dict)
    direct: list[settlement.Direct] = field(default_factory=list)
    last_slip: int = 0

    def of(self, material: int) -> Used:
        """What was used of a material."""
        return self.used.setdefault(material, Used())

    def facts(self) -> settlement.Facts:
        """The facts for the rules; refuses what lacks a price, a quota, a share or somebody's points."""
        self._refuse_absent_users()
        return settlement.Facts(self.outputs.output(self.shift), self.crew, list(self._items()), self.direct)

    def _items(self) -> Iterator[settlement.Item]:
        shift, book = self.shift, self.book
        factor, quotas = self.outputs.factor(shift), book.quotas(shift.centre, shift.team)
        for material in sorted({*quotas, *(key for key, it in self.used.items() if it.used or it.hazards)}):
            quota, it = book.demand_quota(shift.centre, shift.team, material), self.used.get(material, Used())
            yield settlement.Item(
                material,
                quota.rate * factor,
                book.price(material) if it.used or it.hazards else Decimal(),
                it.actual,
                it.used,
                it.hazards,
                frozenset(it.users),
                quota.area,
                self._liability(material) if it.worn else {},
            )

    def _liability(self, material: int) -> Mapping[int, Decimal]:
        shares = self.book.liability.get(material, {})
        if (total := sum(shares.values(), Decimal())) != 100:
            raise MissingShares(name_of(self.book.session, "cost_material", material), total, self.shift.day)
        return shares

    def _refuse_absent_users(self) -> None:
        present = {it.person for it in self.crew}
        absent = {user for it in self.used.values() for user in it.users} - present
        if absent:
            centre, told = (
                name_of(self.book.session, "cost_centre", self.shift.centre),
                f"{self.shift.day} {self.shift.label}",
            )
            shift = Message(f"{centre.zh} {told}", f"{centre.en} {told}")
            raise MissingPoints(name_of(self.book.session, "employee", min(absent)), shift)


def gather(session: Session, book: Book, shifts: Sequence[Shift], cache: dict[str, Outputs]) -> list[Gathered]:
    """The facts of shifts: one statement for each sort of document, however many shifts there are."""
    found = {it.id: Gathered(it, of_shift(cache, session, book, it), book.on(it.day)) for it in shifts}
    for row in _of(session, Member, "shift", found):
        points = Decimal(row.points_centi) / CENTI
        found[row.shift].crew.append(Present(row.employee, row.position, points, row.odd))
    for row in _slips(session, found):
        _add_slip(found[row[0]], row)
    for row in _of(session, Hazard, "shift", found):
        found[row.shift].of(row.material).hazards += row.times
    _add_parts(session, found)
    return list(found.values())


def _of(session: Session, model: type[Base], column: str, keys: Mapping[int, Gathered]) -> Sequence[Row[Any]]:
    it = table(model)
    return session.execute(select(it).where(it.c[column].in_(keys)).order_by(it.c.id)).all()


def _slips(session: Session, keys: Mapping[int, Gathered]) -> Iterator[Any]:
    """Plain tuples and in parts: there may be hundreds of thousands."""
    columns = (
        Slip.shift,
        Slip.material,
        Slip.sort,
        Slip.quantity_milli,
        Slip.signed_by,
        Slip.person,
        Slip.users,
        Slip.id,
    )
    query = select(*columns).where(Slip.shift.in_(keys)).execution_options(yield_per=5_000)
    return iter(session.execute(query))


_users = lru_cache(maxsize=10_000)(json.loads)
"""Most slips of a crew name the same people."""


def _add_slip(at: Gathered, row: Any) -> None:
    _, material, sort, quantity, signed_by, person, users, number = row
    it, value = at.of(material), value_of(quantity, at.book.myriad(material))
    at.last_slip = max(at.last_slip, number)
    if sort == ISSUE and signed_by is None:
        at.direct.append(settlement.Direct(person, material, value, settlement.UNSIGNED))
        return
    it.slips += 1
    it.users.update(_users(users))
    if sort == CONSUMED:
        it.counted = (it.counted or 0) + value
    else:
        it.issued += -value if sort == RETURN else value


def _add_parts(session: Session, found: Mapping[int, Gathered]) -> None:
    rows = {row.id: row for column in ("shift", "due_shift") for row in _of(session, Part, column, found)}
    for _, row in sorted(rows.items()):
        if (it := found.get(row.shift)) is not None:
            it.direct += _broken(it, row)
        if (it := found.get(row.due_shift)) is not None and _is_wear(it, row):
            _add_wear(it, row)


def _is_wear(at: Gathered, row: Row[Any]) -> bool:
    return row.cause == WEAR and not needs_analysis(at.book.materials.get(row.material))


def _add_wear(at: Gathered, row: Row[Any]) -> None:
    """What wears falls on the shift that was to replace it: twice where another one had to (line 40, reading B7)."""
    it, value = at.of(row.material), value_of(row.quantity_milli, at.book.myriad(row.material))
    it.parts += 2 * value if row.shift != row.due_shift else value
    it.worn = it.worn or getattr(at.book.materials.get(row.material), "size", None) == COMMON


def _broken(at: Gathered, row: Row[Any]) -> Iterator[settlement.Direct]:
    """What an analysis charges people with, nothing while there is none; or what one person answers for."""
    if _is_wear(at, row):
        return
    value = value_of(row.quantity_milli, at.book.myriad(row.material))
    if not needs_analysis(at.book.materials.get(row.material)):
        yield settlement.Direct(row.responsible, row.material, value, settlement.DAMAGE)
    elif row.analysis is not None:
        shares = [(str(person), int(Decimal(percent) * CENTI)) for person, percent in json.loads(row.charges)]
        for person, amount in judged(value, Verdict(shares)).charge.items():
            yield settlement.Direct(int(person), row.material, amount, settlement.DECISION)
