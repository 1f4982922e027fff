"""Its check wants an argument that nobody gives."""

from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from dutybook.api import Message, Objection, PluginMeta, PositionChange, hookimpl


@hookimpl
def describe() -> PluginMeta:
    return PluginMeta("signature", Message("坏", "Bad"), "1.0")


@hookimpl
def check_position(session: Session, positions: Sequence[PositionChange]) -> Iterable[Objection]:
    return ()
