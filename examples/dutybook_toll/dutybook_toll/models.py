"""The tables of the toll stations: what happened there, and what is reckoned from it.

Records of the book are named by their keys, without foreign keys: the book never loses one. Money is whole fen.
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


class Shift(Base):
    """A person at a lane for [begins_at, ends_at); `day` is the enterprise's day on which it begins."""

    __tablename__ = "plg_toll_shift"
    __table_args__ = (
        Index("ix_plg_toll_shift_department", "department", "day"),
        Index("ix_plg_toll_shift_position", "position", "begins_at"),
        Index("ix_plg_toll_shift_employee", "employee", "begins_at"),
        Index("ix_plg_toll_shift_lane", "lane", "begins_at"),
        Index("ix_plg_toll_shift_assignment", "assignment", "day"),
        UniqueConstraint("instead_of"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    department: Mapped[int]
    lane: Mapped[int]
    position: Mapped[int]
    employee: Mapped[int]
    assignment: Mapped[int]
    day: Mapped[date]
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    instead_of: Mapped[int | None] = mapped_column(ForeignKey("plg_toll_shift.id"))
    rostered_by: Mapped[str]
    rostered_at: Mapped[datetime]


class SpecialEvent(Base):
    """Something out of the ordinary at a lane; `due_at` is until when it is to be reported, None if it need not be."""

    __tablename__ = "plg_toll_special_event"
    __table_args__ = (
        Index("ix_plg_toll_special_event_shift", "shift"),
        Index("ix_plg_toll_special_event_department", "department", "day"),
        Index("ix_plg_toll_special_event_due_at", "reported_at", "due_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shift: Mapped[int] = mapped_column(ForeignKey("plg_toll_shift.id"))
    department: Mapped[int]
    lane: Mapped[int]
    day: Mapped[date]
    special: Mapped[str]
    happened_at: Mapped[datetime]
    vehicle: Mapped[str | None]
    note: Mapped[str | None]
    recorded_by: Mapped[str]
    recorded_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    reported_at: Mapped[datetime | None]
    reported_by: Mapped[str | None]
    late_reason: Mapped[str | None]
    escalated_at: Mapped[datetime | None]


class CashCount(Base):
    """A reckoning of a shift's cash; the highest number is the one that counts, those before it were corrected."""

    __tablename__ = "plg_toll_cash_count"
    __table_args__ = (UniqueConstraint("shift", "number"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    shift: Mapped[int] = mapped_column(ForeignKey("plg_toll_shift.id"))
    number: Mapped[int]
    system_fen: Mapped[int]
    counted_fen: Mapped[int]
    explanation: Mapped[str | None]
    counted_by: Mapped[str]
    counted_at: Mapped[datetime]


class Vacancy(Base):
    """Built from the log: a shift whose person no longer holds the assignment on its day."""

    __tablename__ = "plg_toll_vacancy"

    shift: Mapped[int] = mapped_column(ForeignKey("plg_toll_shift.id"), primary_key=True, autoincrement=False)
    assignment: Mapped[int]


class Tally(Base):
    """Built from the log: how many special events of a sort a station had in a month."""

    __tablename__ = "plg_toll_tally"

    department: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    month: Mapped[str] = mapped_column(primary_key=True)
    special: Mapped[str] = mapped_column(primary_key=True)
    recorded: Mapped[int]
    reported: Mapped[int]
    late: Mapped[int]


def table(model: type[Base]) -> Table:
    """The table of a mapped class, whose rows the server reads without objects."""
    return cast(Table, model.__table__)


MODELS = (Shift, SpecialEvent, CashCount, Vacancy, Tally)
