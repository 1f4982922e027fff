"""Its check asks somebody outside."""

import socket
from collections.abc import Iterable, Sequence

from sqlalchemy.orm import Session

from dutybook.api import Message, Objection, PluginMeta, PositionChange, hookimpl


@hookimpl
def describe() -> PluginMeta:
    return PluginMeta("network", Message("坏", "Bad"), "1.0")


@hookimpl
def check_position(session: Session, changes: Sequence[PositionChange]) -> Iterable[Objection]:
    try:
        socket.create_connection(("127.0.0.1", 9), timeout=0.1).close()
    except OSError:
        return ()
    return ()
