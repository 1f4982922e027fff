"""The tables of the plugin: documents of a period, and the settlements made from them.

Records of the book are named by their keys, without foreign keys: the book never loses one. Money is whole fen; sections,
tons and quantities are thousandths, points hundredths, so that both databases keep them exactly.
"""

from datetime import date, datetime
from typing import cast

from sqlalchemy import BigInteger, ForeignKey, Index, MetaData, Table, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import Text

from dutybook.api import NAMING, Id, Stamp


class Base(DeclarativeBase):
    """The plugin's own tables."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {str: Text, int: BigInteger, datetime: Stamp}  # noqa: RUF012  SQLAlchemy reads it as it stands


class Recorded(Base):
    """What every document says of itself."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]


SHIFT = "plg_cost_shift.id"


class Shift(Recorded):
    """The output of a cost centre in a shift; without sections of its own it has the total of its section's teams."""

    __tablename__ = "plg_cost_shift"
    __table_args__ = (UniqueConstraint("centre", "day", "label"), Index("ix_plg_cost_shift_day", "day"))

    centre: Mapped[int]
    department: Mapped[int]
    section: Mapped[int]
    team: Mapped[str]
    day: Mapped[date]
    label: Mapped[str]
    sections_milli: Mapped[int | None]
    tons_milli: Mapped[int | None]


class Member(Recorded):
    """Somebody who worked a shift, with the points that savings are split by."""

    __tablename__ = "plg_cost_member"
    __table_args__ = (UniqueConstraint("shift", "employee"),)

    shift: Mapped[int] = mapped_column(ForeignKey(SHIFT))
    employee: Mapped[int]
    position: Mapped[int]
    points_centi: Mapped[int]
    odd: Mapped[bool]


class Slip(Recorded):
    """A slip: what was issued, returned, or counted as consumed; `users` lists employees as JSON."""

    __tablename__ = "plg_cost_slip"
    __table_args__ = (UniqueConstraint("number"), Index("ix_plg_cost_slip_shift", "shift", "material"))

    number: Mapped[str]
    shift: Mapped[int] = mapped_column(ForeignKey(SHIFT))
    material: Mapped[int]
    sort: Mapped[str]
    quantity_milli: Mapped[int]
    signed_by: Mapped[str | None]
    person: Mapped[int | None]
    users: Mapped[str]
    late_reason: Mapped[str | None]


class Part(Recorded):
    """A part replaced: in which shift, when it was due, why, and what an analysis found."""

    __tablename__ = "plg_cost_part"
    __table_args__ = (
        UniqueConstraint("number"),
        Index("ix_plg_cost_part_shift", "shift"),
        Index("ix_plg_cost_part_due_shift", "due_shift"),
    )

    number: Mapped[str]
    shift: Mapped[int] = mapped_column(ForeignKey(SHIFT))
    due_shift: Mapped[int] = mapped_column(ForeignKey(SHIFT))
    material: Mapped[int]
    quantity_milli: Mapped[int]
    cause: Mapped[str]
    responsible: Mapped[int | None]
    late_reason: Mapped[str | None]
    analysis: Mapped[str | None]
    charges: Mapped[str | None]
    deducted_milli: Mapped[int]
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]


class Hazard(Recorded):
    """A hazard that came of saving on a material."""

    __tablename__ = "plg_cost_hazard"
    __table_args__ = (Index("ix_plg_cost_hazard_shift", "shift"),)

    shift: Mapped[int] = mapped_column(ForeignKey(SHIFT))
    material: Mapped[int]
    times: Mapped[int]
    note: Mapped[str]
    late_reason: Mapped[str | None]


class Award(Recorded):
    """A reward, or a penalty where negative, in fen; a penalty keeps the wage by which it passed the legal gate."""

    __tablename__ = "plg_cost_award"
    __table_args__ = (Index("ix_plg_cost_award_month", "month", "employee"),)

    month: Mapped[str]
    day: Mapped[date]
    employee: Mapped[int]
    department: Mapped[int]
    position: Mapped[int]
    amount_fen: Mapped[int]
    wage_fen: Mapped[int | None]
    minimum_fen: Mapped[int | None]
    reason: Mapped[str]


class Target(Recorded):
    """The planned output of a production centre in a month."""

    __tablename__ = "plg_cost_target"
    __table_args__ = (UniqueConstraint("centre", "month"),)

    centre: Mapped[int]
    section: Mapped[int]
    month: Mapped[str]
    output_milli: Mapped[int]


class Plan(Recorded):
    """A plan of material for a month, or for one day of it."""

    __tablename__ = "plg_cost_plan"
    __table_args__ = (Index("ix_plg_cost_plan_month", "month", "centre", "material"),)

    month: Mapped[str]
    day: Mapped[date | None]
    centre: Mapped[int]
    department: Mapped[int]
    material: Mapped[int]
    quantity_milli: Mapped[int]
    step: Mapped[str]


class PlanStep(Recorded):
    """A step of a plan's approval: who took it is who recorded it."""

    __tablename__ = "plg_cost_plan_step"
    __table_args__ = (UniqueConstraint("plan", "step"),)

    plan: Mapped[int] = mapped_column(ForeignKey("plg_cost_plan.id"))
    step: Mapped[str]


class Settlement(Recorded):
    """A settlement of a shift as a document: its inputs, their hash, the rules and the revision of the book.

    `month` is where it is accounted for. A `delta` tells only what differs from the settlements of closed months, and why.
    One that was settled anew is `current` no more. `stale` names the fact that has come since; `final` ones were made when
    the quotas of the month stood still.
    """

    __tablename__ = "plg_cost_settlement"
    __table_args__ = (
        UniqueConstraint("shift", "number"),
        Index("ix_plg_cost_settlement_month", "month", "current"),
    )

    shift: Mapped[int] = mapped_column(ForeignKey(SHIFT))
    number: Mapped[int]
    month: Mapped[str]
    day: Mapped[date]
    centre: Mapped[int]
    department: Mapped[int]
    revision: Mapped[int]
    rules: Mapped[str]
    inputs: Mapped[str]
    hash: Mapped[str]
    plan_fen: Mapped[int]
    actual_fen: Mapped[int]
    saving_fen: Mapped[int]
    hazard_fen: Mapped[int]
    net_fen: Mapped[int]
    delta: Mapped[bool]
    cause: Mapped[str | None]
    slips_after: Mapped[int]
    slips_until: Mapped[int]
    final: Mapped[bool]
    current: Mapped[bool]
    stale: Mapped[str | None]


SETTLEMENT = "plg_cost_settlement.id"


class Line(Base):
    """The outcome of one material in a settlement, in fen; `rate` and `price` in yuan as text."""

    __tablename__ = "plg_cost_line"
    __table_args__ = (
        Index("ix_plg_cost_line_settlement", "settlement"),
        Index("ix_plg_cost_line_material", "material", "shift"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    settlement: Mapped[int] = mapped_column(ForeignKey(SETTLEMENT))
    shift: Mapped[int]
    material: Mapped[int]
    rate: Mapped[str]
    price: Mapped[str]
    plan_fen: Mapped[int]
    actual_fen: Mapped[int]
    floor_fen: Mapped[int]
    below_minimum: Mapped[bool]
    saving_fen: Mapped[int]
    hazard_fen: Mapped[int]
    net_fen: Mapped[int]


class Charge(Base):
    """What one bearer has of a settlement, in fen; without employee and position it is the section's account."""

    __tablename__ = "plg_cost_charge"
    __table_args__ = (
        Index("ix_plg_cost_charge_settlement", "settlement"),
        Index("ix_plg_cost_charge_position", "position", "month"),
        Index("ix_plg_cost_charge_department", "department", "month"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    settlement: Mapped[int] = mapped_column(ForeignKey(SETTLEMENT))
    month: Mapped[str]
    centre: Mapped[int]
    department: Mapped[int]
    employee: Mapped[int | None]
    position: Mapped[int | None]
    material: Mapped[int | None]
    reason: Mapped[str]
    plan_fen: Mapped[int]
    cost_fen: Mapped[int]
    amount_fen: Mapped[int]


def table(model: type[Base]) -> Table:
    """The table of a mapped class, which is read and written in bulk."""
    return cast(Table, model.__table__)


MODELS = (
    Shift,
    Member,
    Slip,
    Part,
    Hazard,
    Award,
    Target,
    Plan,
    PlanStep,
    Settlement,
    Line,
    Charge,
)
