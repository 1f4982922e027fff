"""Its field claims both time axes and reads a table that knows none."""

from collections.abc import Sequence

import strawberry
from sqlalchemy import MetaData, delete
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from dutybook.api import (
    NAMING,
    Event,
    GraphQLContribution,
    Id,
    Message,
    PluginMeta,
    Position,
    RowsBy,
    field,
    hookimpl,
)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


class Newest(Base):
    __tablename__ = "plg_undated_newest"

    position: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    sequence: Mapped[int]


BY_POSITION = RowsBy(Newest, "position")


@field("最近事件。", "The newest event.", permission="catalogue.read")
async def undated_newest(root: strawberry.Parent[Position]) -> int | None:
    rows = await root.view.load(BY_POSITION, root.row.key)
    return rows[0].sequence if rows else None


@hookimpl
def describe() -> PluginMeta:
    return PluginMeta(
        "undated", Message("坏", "Bad"), "1.0", subscribes=("position.*",), migrations="dutybook_undated.migrations"
    )


@hookimpl
def contribute_models() -> Sequence[type[DeclarativeBase]]:
    return (Newest,)


@hookimpl
def contribute_graphql() -> GraphQLContribution:
    return GraphQLContribution({"Position": [undated_newest]})


@hookimpl
def on_events(session: Session, events: Sequence[Event]) -> None:
    for position, sequence in {event.key: event.sequence for event in events}.items():
        session.merge(Newest(position=position, sequence=sequence))


@hookimpl
def reset_projection(session: Session) -> None:
    session.execute(delete(Newest))
