"""Whose place of the current step an actor fills: their own, or that of somebody who let them sign."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from dutybook.access.actor import APPROVE, Actor
from dutybook.errors import DutybookError, Forbidden
from dutybook.services.book import Book
from dutybook.services.delegation import principals
from dutybook.services.rights import refuse_set_beyond_scope, require
from dutybook.services.routes import steps_of
from dutybook.services.signers import called, holds_role, is_scoped, names

APPROVED = "APPROVED"


class Capacity(NamedTuple):
    """A signer's place, and for whom it is filled if not for oneself."""

    place: str
    on_behalf_of: str | None = None


class Filled(NamedTuple):
    """A place that is filled, by whom, and for whom."""

    place: str
    by: str
    on_behalf_of: str | None


class Waiting(NamedTuple):
    """A set in the hands of its signers."""

    row: Row[Any]
    steps: Sequence[Sequence[str]]
    filled: Sequence[Filled]

    @property
    def is_at_the_end(self) -> bool:
        """Whether no step follows the current one."""
        return bool(self.row.current_step == len(self.steps) - 1)

    @property
    def open_places(self) -> list[str]:
        """The places of the current step that nobody has filled yet."""
        step = Counter(self.steps[self.row.current_step])
        return list((step - Counter(filled.place for filled in self.filled)).elements())

    def has_signed(self, name: str) -> bool:
        """Whether somebody has signed the current step, or was signed for: the places of a step are for several people."""
        return any(name in {filled.by, filled.on_behalf_of} for filled in self.filled)


def waiting(session: Session, book: Book, row: Row[Any]) -> Waiting:
    """A submitted set with its steps, and with what was signed of the current one."""
    table, steps = book.tables["signature"], [step.signers for step in steps_of(session, book, row.id)]
    ours = (table.c.changeset == row.id, table.c.step == row.current_step)
    columns = select(table.c.signer, table.c.signed_by, table.c.on_behalf_of)
    rows = session.execute(columns.where(*ours, table.c.counts, table.c.verdict == APPROVED).order_by(table.c.id))
    return Waiting(row, steps, [Filled(*found) for found in rows])


def capacity(session: Session, book: Book, actor: Actor, it: Waiting) -> Capacity:
    """In which capacity the actor signs: their own before any other's; Forbidden tells why they do not in their own."""
    refusals: list[DutybookError] = []
    for signer in _signers(session, book, actor, it):
        try:
            place = _place(session, book, signer, it)
        except Forbidden as refusal:
            refusals.append(refusal)
        else:
            return Capacity(place, None if signer is actor else signer.name)
    raise refusals[0]


def _signers(session: Session, book: Book, actor: Actor, it: Waiting) -> Iterator[Actor]:
    """The actor, and those for whom the actor may sign; nobody else once the actor has signed this step."""
    yield actor
    if not it.has_signed(actor.name):
        yield from principals(session, book, actor, it.row)


def _place(session: Session, book: Book, signer: Actor, it: Waiting) -> str:
    require(signer, APPROVE)
    places = [] if it.has_signed(signer.name) else it.open_places
    fit = [place for place in places if names(place, signer)]
    fit += [place for place in dict.fromkeys(places) if holds_role(session, book, signer, place)]
    if not fit:
        waits = [called(place) for place in it.open_places]
        zh = f"当前步骤等待 {'、'.join(place.zh for place in waits)} 签署，{signer.name} 不在其中。"
        en = f"This step waits for {', '.join(place.en for place in waits)}; {signer.name} is not among them."
        raise Forbidden(zh, en)
    if scoped := next((place for place in fit if is_scoped(place)), None):
        return scoped
    refuse_set_beyond_scope(session, book, signer, APPROVE, it.row)
    return fit[0]
