"""Its handler fills two tables, and a rebuild empties one of them."""

from collections.abc import Sequence

from sqlalchemy import MetaData, delete
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from dutybook.api import NAMING, Event, Id, Message, PluginMeta, hookimpl


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


class Seen(Base):
    __tablename__ = "plg_forgets_seen"

    sequence: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)


class Total(Base):
    __tablename__ = "plg_forgets_total"

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    events: Mapped[int]


@hookimpl
def describe() -> PluginMeta:
    return PluginMeta(
        "forgets", Message("坏", "Bad"), "1.0", subscribes=("position.*",), migrations="dutybook_forgets.migrations"
    )


@hookimpl
def contribute_models() -> Sequence[type[DeclarativeBase]]:
    return (Seen, Total)


@hookimpl
def on_events(session: Session, events: Sequence[Event]) -> None:
    session.add_all(Seen(sequence=event.sequence) for event in events)
    total = session.get(Total, 1)
    if total is None:
        total = Total(id=1, events=0)
        session.add(total)
    total.events += len(events)


@hookimpl
def reset_projection(session: Session) -> None:
    session.execute(delete(Seen))
