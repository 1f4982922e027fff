"""Its downgrade leaves its table behind."""

from collections.abc import Sequence

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from dutybook.api import NAMING, Id, Message, PluginMeta, hookimpl


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


class Left(Base):
    __tablename__ = "plg_leaves_left"

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)


@hookimpl
def describe() -> PluginMeta:
    return PluginMeta("leaves", Message("坏", "Bad"), "1.0", migrations="dutybook_leaves.migrations")


@hookimpl
def contribute_models() -> Sequence[type[DeclarativeBase]]:
    return (Left,)
