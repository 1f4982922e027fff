"""Its check writes down that it was asked."""

from collections.abc import Iterable, Sequence

from sqlalchemy import MetaData, delete
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from dutybook.api import NAMING, Id, Message, Objection, PluginMeta, PositionChange, hookimpl


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


class Asked(Base):
    __tablename__ = "plg_writer_asked"

    position: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)


@hookimpl
def describe() -> PluginMeta:
    return PluginMeta("writer", Message("坏", "Bad"), "1.0", migrations="dutybook_writer.migrations")


@hookimpl
def contribute_models() -> Sequence[type[DeclarativeBase]]:
    return (Asked,)


@hookimpl
def check_position(session: Session, changes: Sequence[PositionChange]) -> Iterable[Objection]:
    session.execute(delete(Asked))
    return ()
