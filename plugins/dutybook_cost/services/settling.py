"""Settlements are made, made anew where facts have come, and carried as deltas where the month is closed."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from time import perf_counter
from typing import Any

from sqlalchemy import Row, Select, or_, select, update
from sqlalchemy.orm import Session

from dutybook.api import Actor, Refused, closed_months, hold, insert_rows, now, open_month_for, revision
from dutybook_cost.models import Charge, Line, Settlement, Shift, table
from dutybook_cost.reading import Book
from dutybook_cost.refusals import ClosedMonth, NotOpened
from dutybook_cost.rules.settlement import VERSION, Settled, settle
from dutybook_cost.services.desk import SETTLE, Desk, first_day, within
from dutybook_cost.services.facts import Gathered, gather
from dutybook_cost.services.outputs import Outputs

CHUNK, AT_ONCE = 40, 10
"""Shifts that the command settles in one transaction, and those after which a mutation looks at the clock."""

PATIENCE = 1.5
"""Seconds after which a mutation leaves the rest to the next call: what a plugin does at once has a deadline."""

LINE_SUMS = ("plan_fen", "actual_fen", "floor_fen", "saving_fen", "hazard_fen", "net_fen")
CHARGE_SUMS = ("plan_fen", "cost_fen", "amount_fen")
TOTALS = ("plan_fen", "actual_fen", "saving_fen", "hazard_fen", "net_fen")

Bearing = tuple[int, int | None, int | None, int | None, str]
"""Department, employee, position, material and reason of a charge."""


@dataclass
class Progress:
    """How far a month is settled: how many shifts it has, how many were made, and how many were as they had been."""

    total: int = 0
    made: int = 0
    unchanged: int = 0

    @property
    def done(self) -> int:
        """How many were looked at."""
        return self.made + self.unchanged


@dataclass
class Figures:
    """Lines by material and charges by bearer, as they are stored."""

    lines: dict[int, dict[str, Any]] = field(default_factory=dict)
    charges: dict[Bearing, dict[str, int]] = field(default_factory=dict)

    def less(self, other: "Figures") -> "Figures":
        """What differs from others; equal parts are left out."""
        lines = {key: _less(key, self.lines, other.lines, LINE_SUMS) for key in sorted({*self.lines, *other.lines})}
        bearers = sorted({*self.charges, *other.charges}, key=repr)
        charges = {key: _less(key, self.charges, other.charges, CHARGE_SUMS) for key in bearers}
        return Figures(
            {key: it for key, it in lines.items() if any(it[name] for name in LINE_SUMS)},
            {key: it for key, it in charges.items() if any(it.values())},
        )


def due(session: Session, month: str) -> list[int]:
    """The shifts to settle in an open month: its own, and those of closed ones about which something has come since."""
    _refuse_unless_open(session, month)
    found = list(session.scalars(select(Shift.id).where(*within(Shift.day, month)).order_by(Shift.day, Shift.id)))
    for closed in closed_months(session):
        if open_month_for(session, first_day(closed)) == month:
            found += (it.id for it in unsettled(session, closed))
    if not found and session.scalar(select(Settlement.id).where(Settlement.month == month).limit(1)) is None:
        raise NothingToSettle(month)
    return found


def unsettled(session: Session, month: str) -> Sequence[Row[*tuple[Any, ...]]]:
    """The shifts of a month that have no settlement, or one that facts have overtaken."""
    newest = (Settlement.shift == Shift.id) & Settlement.current
    wanted: Select[*tuple[Any, ...]] = select(
        Shift.id, Shift.centre, Shift.department, Shift.day, Shift.label
    ).outerjoin(Settlement, newest)
    open_ = or_(Settlement.id.is_(None), Settlement.stale.is_not(None), Settlement.final.is_not(True))
    return session.execute(
        wanted.where(*within(Shift.day, month), open_).distinct().order_by(Shift.day, Shift.label, Shift.id)
    ).all()


def waiting(session: Session, month: str) -> list[Row[*tuple[Any, ...]]]:
    """What has to be settled before a month closes: its own shifts, and late facts about closed ones."""
    return [it for name in (*closed_months(session), month) for it in unsettled(session, name)]


def settle_month(session: Session, actor: Actor, month: str) -> Progress:
    """Settles a month, those first that nothing was settled for; of a long one a part, and `total` tells how much there is."""
    hold(session)
    wanted = due(session, month)
    open_ = {it.id for it in unsettled(session, month)}
    first, begun, sums = sorted(wanted, key=lambda it: it not in open_), perf_counter(), Progress(len(wanted))
    for at in range(0, len(first), AT_ONCE):
        part = settle_shifts(session, actor, month, first[at : at + AT_ONCE], len(wanted))
        sums.made, sums.unchanged = sums.made + part.made, sums.unchanged + part.unchanged
        if perf_counter() - begun > PATIENCE:
            break
    return sums


def settle_shifts(session: Session, actor: Actor, month: str, shifts: Sequence[int], total: int) -> Progress:
    """Settles shifts within a month; what is settled as it stands is left alone."""
    hold(session)
    _refuse_unless_open(session, month)
    found = {it.id: it for it in session.scalars(select(Shift).where(Shift.id.in_(shifts)))}
    desk, run = Desk(session, actor), _Run(session, actor, month)
    for department in {it.department for it in found.values()}:
        desk.may(SETTLE, department)
    made = sum(run.settle(it) for it in gather(session, run.book, [found[key] for key in shifts], run.outputs))
    run.write()
    return Progress(total, made, len(found) - made)


class NothingToSettle(Refused):
    """A month without any shift."""

    code = "COST_NOTHING_TO_SETTLE"

    def __init__(self, month: str) -> None:
        zh = f"{month} 没有班次可结算；请先记录班次产量（recordCostShift）或导入。"
        super().__init__(
            zh, f"{month} has no shifts to settle; record or import them first (recordCostShift).", path=["month"]
        )


@dataclass
class _Run:
    """One transaction of settling: what it makes is written together."""

    session: Session
    actor: Actor
    month: str
    outputs: dict[str, Outputs] = field(default_factory=dict)
    lines: list[dict[str, Any]] = field(default_factory=list)
    charges: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.book = Book(self.session)
        self.revision = revision(self.session)

    def settle(self, gathered: Gathered) -> bool:
        """Settles one shift; False where the facts are those of the settlement that is there."""
        shift, facts = gathered.shift, gathered.facts()
        policy = gathered.book.policy(shift.centre)
        final = gathered.outputs.final(shift)
        told_of = {"facts": asdict(facts), "policy": asdict(policy), "posts": _posts(gathered)}
        inputs = _canonical({**told_of, "slips": gathered.last_slip, "final": final})
        told = hashlib.sha256(f"{VERSION}\n{inputs}".encode()).hexdigest()
        before = self._settlements(shift)
        if before and before[-1].hash == told:
            _freshen(before)
            return False
        self._make(gathered, before, settle(facts, policy), inputs, told, final=final)
        return True

    def _settlements(self, shift: Shift) -> list[Settlement]:
        query = select(Settlement).where(Settlement.shift == shift.id).order_by(Settlement.number)
        return list(self.session.scalars(query))

    def _make(
        self, gathered: Gathered, before: Sequence[Settlement], settled: Settled, inputs: str, told: str, *, final: bool
    ) -> None:
        shift = gathered.shift
        kept = [it for it in before if it.current and it.month != self.month]
        causes = sorted({it.stale for it in before if it.current and it.stale})
        figures = _figures(gathered, settled)
        if kept:
            figures = figures.less(_stored(self.session, [it.id for it in kept]))
        for it in before:
            it.current, it.stale = it in kept, None
        self.session.flush()
        made = Settlement(
            shift=shift.id,
            number=len(before) + 1,
            month=self.month,
            day=shift.day,
            centre=shift.centre,
            department=shift.department,
            revision=self.revision,
            rules=VERSION,
            inputs=inputs,
            hash=told,
            **{name: sum(line[name] for line in figures.lines.values()) for name in TOTALS},
            delta=bool(kept),
            cause="; ".join(causes) or None,
            slips_after=max((it.slips_until for it in kept), default=0),
            slips_until=gathered.last_slip,
            final=final,
            current=True,
            recorded_by=self.actor.name,
            recorded_at=now(self.session),
        )
        self.session.add(made)
        self.session.flush()
        self._queue(made, figures)

    def _queue(self, made: Settlement, figures: Figures) -> None:
        of = {"settlement": made.id}
        self.lines += ({**of, "shift": made.shift, "material": key, **it} for key, it in figures.lines.items())
        where = {**of, "month": made.month, "centre": made.centre}
        names = ("department", "employee", "position", "material", "reason")
        self.charges += ({**where, **dict(zip(names, key, strict=True)), **it} for key, it in figures.charges.items())

    def write(self) -> None:
        """Stores the lines and charges of everything that was made."""
        for model, rows in ((Line, self.lines), (Charge, self.charges)):
            if rows:
                names = list(rows[0])
                insert_rows(self.session, table(model), names, ([row[name] for name in names] for row in rows))


def _posts(gathered: Gathered) -> dict[int, int | None]:
    """The departments of the crew's positions: there its cost lies."""
    return {it.position: gathered.book.posts.get(it.position) for it in gathered.crew}


def _freshen(settlements: Sequence[Settlement]) -> None:
    """Facts came and made no difference, such as a price that was set to what it was."""
    for it in settlements:
        if it.stale is not None:
            it.stale = None


def mark(session: Session, subject: str, *which: Any) -> None:
    """Marks current settlements as overtaken by a fact."""
    found = (Settlement.current, Settlement.stale.is_(None), *which)
    session.execute(update(Settlement).where(*found).values(stale=subject))


def _figures(gathered: Gathered, settled: Settled) -> Figures:
    found = Figures()
    for line in settled.lines:
        it = line.saving
        sums = (it.plan, it.actual, it.floor, it.saving, it.hazard, it.net)
        told = {"rate": str(line.item.rate), "price": str(line.item.price), "below_minimum": it.below_minimum}
        found.lines[line.item.material] = {**told, **dict(zip(LINE_SUMS, sums, strict=True))}
    for charge in settled.charges:
        department = gathered.book.posts.get(charge.position or 0, gathered.shift.department)
        key = (department, charge.person, charge.position, charge.material, charge.reason)
        total = found.charges.setdefault(key, dict.fromkeys(CHARGE_SUMS, 0))
        for name, amount in zip(CHARGE_SUMS, (charge.plan, charge.cost, charge.amount), strict=True):
            total[name] += amount
    return found


def _stored(session: Session, settlements: Sequence[int]) -> Figures:
    """What settlements say together."""
    found = Figures()
    for row in session.execute(select(table(Line)).where(Line.settlement.in_(settlements)).order_by(Line.id)):
        kept = {"rate": row.rate, "price": row.price, "below_minimum": row.below_minimum}
        line = found.lines.setdefault(row.material, {**kept, **dict.fromkeys(LINE_SUMS, 0)})
        for name in LINE_SUMS:
            line[name] += getattr(row, name)
    for row in session.execute(select(table(Charge)).where(Charge.settlement.in_(settlements))):
        key = (row.department, row.employee, row.position, row.material, row.reason)
        sums = found.charges.setdefault(key, dict.fromkeys(CHARGE_SUMS, 0))
        for name in CHARGE_SUMS:
            sums[name] += getattr(row, name)
    return found


def _less(key: Any, mine: Mapping[Any, Any], others: Mapping[Any, Any], names: Sequence[str]) -> dict[str, Any]:
    base = dict(mine.get(key) or others[key])
    sums = {name: mine.get(key, {}).get(name, 0) - others.get(key, {}).get(name, 0) for name in names}
    return {**base, **sums}


def _canonical(inputs: Mapping[str, Any]) -> str:
    """The inputs as one text, the same whatever order they came in."""
    facts = {name: sorted(map(_plain, it)) if isinstance(it, list) else str(it) for name, it in inputs["facts"].items()}
    return _plain({**inputs, "facts": facts})


def _plain(value: object) -> str:
    return json.dumps(value, sort_keys=True, default=_text, ensure_ascii=False)


def _text(value: object) -> object:
    return sorted(value) if isinstance(value, frozenset) else str(value)


def _refuse_unless_open(session: Session, month: str) -> None:
    first = first_day(month)
    if month in closed_months(session):
        raise ClosedMonth(month)
    if open_month_for(session, first) != month:
        raise NotOpened(month)
