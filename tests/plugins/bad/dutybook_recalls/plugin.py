"""Its handler remembers in memory what it has seen, which a crash does not take back."""

from collections.abc import Sequence

from sqlalchemy import MetaData, delete
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from dutybook.api import NAMING, Event, Id, Message, PluginMeta, hookimpl


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


class Seen(Base):
    __tablename__ = "plg_recalls_seen"

    sequence: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)


KNOWN: set[int] = set()


@hookimpl
def describe() -> PluginMeta:
    return PluginMeta(
        "recalls", Message("坏", "Bad"), "1.0", subscribes=("position.*",), migrations="dutybook_recalls.migrations"
    )


@hookimpl
def contribute_models() -> Sequence[type[DeclarativeBase]]:
    return (Seen,)


@hookimpl
def on_events(session: Session, events: Sequence[Event]) -> None:
    session.add_all(Seen(sequence=event.sequence) for event in events if event.sequence not in KNOWN)
    KNOWN.update(event.sequence for event in events)


@hookimpl
def reset_projection(session: Session) -> None:
    session.execute(delete(Seen))
    KNOWN.clear()
