"""Dying on purpose: a delivery whose process ends after the handler's effect and before the acknowledgement."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event
from sqlalchemy.orm import Session

from dutybook.errors import BadInput
from dutybook.services.book import Book

EFFECT = "effect"
"""After which a delivery can be made to die: the handler has done its work, nothing is acknowledged yet."""


class Crashed(BaseException):
    """The process of the worker died; nobody catches this but whoever ordered it."""


def point(name: str) -> str:
    """The name of a point at which a delivery can die; BadInput for any other."""
    if name != EFFECT:
        raise BadInput(
            f"没有名为「{name}」的崩溃点，只有 {EFFECT}。", f"One can crash after {EFFECT}, not after '{name}'."
        )
    return name


@contextmanager
def dying(book: Book) -> Iterator[None]:
    """The next delivery to a plugin of this book dies instead of committing; its transaction goes with it."""

    def die(session: Session) -> None:
        told = session.info.get("book") is book and session.info.get("handled")
        if told and not session.in_nested_transaction():
            raise Crashed

    event.listen(Session, "before_commit", die)
    try:
        yield
    except Crashed:
        return
    finally:
        event.remove(Session, "before_commit", die)
