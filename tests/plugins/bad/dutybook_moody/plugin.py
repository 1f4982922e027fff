"""Its check answers by how often it was asked."""

from collections.abc import Iterable, Sequence
from itertools import count

from sqlalchemy.orm import Session

from dutybook.api import Message, Objection, PluginMeta, PositionChange, hookimpl

ASKED = count()


@hookimpl
def describe() -> PluginMeta:
    return PluginMeta("moody", Message("坏", "Bad"), "1.0")


@hookimpl
def check_position(session: Session, changes: Sequence[PositionChange]) -> Iterable[Objection]:
    if next(ASKED) % 2:
        yield Objection("MOODY", Message("今天不行", "not today"))
