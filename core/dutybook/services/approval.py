"""Approval: ordered steps, each with signers who must all sign, by user or by role and department."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from dutybook.access.actor import APPROVE, Actor
from dutybook.book.kinds import Field
from dutybook.db.head import head
from dutybook.errors import BadInput, Forbidden, Message
from dutybook.services.book import Book
from dutybook.services.drafts import changeset_row
from dutybook.services.events import note
from dutybook.services.refusals import WrongState
from dutybook.services.rights import refuse_set_beyond_scope, require

DEFAULT_ROUTE: Sequence[Sequence[str]] = (("role:approver",),)
"""One step, signed by anybody who may approve."""

OPINION = Field("opinion", Message("意见", "Opinion"))
EVIDENCE = Field("evidence", Message("依据", "Evidence"))

APPROVED, RETURNED, REJECTED = "APPROVED", "RETURNED", "REJECTED"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a signer says; `evidence` records a decision taken elsewhere (minutes of a meeting, an OA number)."""

    opinion: str | None = None
    evidence: str | None = None


def begin_route(session: Session, book: Book, changeset: int, route: Sequence[Sequence[str]]) -> None:
    """Stores the steps of a new set; a signer is `user:NAME` or `role:NAME`."""
    steps = [_checked(index, list(signers)) for index, signers in enumerate(route)]
    if not steps:
        raise BadInput("审批流程至少要有一步。", "A route needs at least one step.", path=["route"])
    table = book.tables["approval_step"]
    session.execute(delete(table).where(table.c.changeset == changeset))
    rows = [{"changeset": changeset, "ordinal": i, "signers": orjson.dumps(s).decode()} for i, s in enumerate(steps)]
    session.execute(insert(table), rows)


def _checked(index: int, signers: list[str]) -> list[str]:
    wrong = next((signer for signer in signers if not signer.startswith(("user:", "role:"))), None)
    if wrong is not None or not signers:
        zh = f"第 {index + 1} 步的签署人「{wrong or ''}」应写作 user:姓名 或 role:角色。"
        en = f"Step {index + 1}: '{wrong or ''}' must be written as user:NAME or role:NAME."
        raise BadInput(zh, en, path=["route", index])
    return signers


def approve(session: Session, book: Book, actor: Actor, changeset: int, opinion: Opinion) -> None:
    """Signs the current step; the last signature of the last step approves the set."""
    row, step = _waiting(session, book, actor, changeset)
    _sign(session, book, actor, changeset, row.current_step, APPROVED, opinion, _place(session, book, actor, row, step))
    if _open_places(_signed(session, book, row), step):
        return
    last = len(_steps(session, book, changeset)) - 1 == row.current_step
    values = {"state": "APPROVED"} if last else {"current_step": row.current_step + 1}
    _update(session, book, changeset, values)
    if last:
        note(session, book, "changeset.approved", changeset, actor.name)


def send_back(
    session: Session, book: Book, actor: Actor, changeset: int, opinion: Opinion, to_step: int | None
) -> None:
    """Returns a set (退回) to an earlier step, or to its author as a draft; signatures from there on count no more."""
    row, step = _waiting(session, book, actor, changeset)
    if to_step is not None and not 0 <= to_step < row.current_step:
        zh = f"只能退回到更早的步骤（0 至 {row.current_step - 1}），收到 {to_step}。"
        en = f"A set goes back to an earlier step (0 to {row.current_step - 1}), not to {to_step}."
        raise BadInput(zh, en, path=["toStep"])
    _sign(session, book, actor, changeset, row.current_step, RETURNED, opinion, _place(session, book, actor, row, step))
    void_signatures(session, book, changeset, to_step or 0)
    state = "DRAFT" if to_step is None else "SUBMITTED"
    _update(session, book, changeset, {"state": state, "current_step": to_step or 0})
    note(session, book, "changeset.returned", changeset, actor.name)


def reject(session: Session, book: Book, actor: Actor, changeset: int, opinion: Opinion) -> None:
    """Ends a set for good."""
    row, step = _waiting(session, book, actor, changeset)
    _sign(session, book, actor, changeset, row.current_step, REJECTED, opinion, _place(session, book, actor, row, step))
    _update(session, book, changeset, {"state": "REJECTED"})
    note(session, book, "changeset.rejected", changeset, actor.name)


def void_signatures(session: Session, book: Book, changeset: int, from_step: int) -> None:
    """Signatures from a step on count no more; they stay on record."""
    table = book.tables["signature"]
    ours = (table.c.changeset == changeset, table.c.step >= from_step)
    session.execute(update(table).where(*ours).values(counts=False))


def _waiting(session: Session, book: Book, actor: Actor, changeset: int) -> tuple[Any, list[str]]:
    require(actor, APPROVE)
    head(session, book.tables, lock=True)  # before the set, as a publication does
    row = changeset_row(session, book, changeset, lock=True)
    if row.state != "SUBMITTED":
        raise WrongState(changeset, row.state, ["SUBMITTED"])
    return row, _steps(session, book, changeset)[row.current_step]


def _steps(session: Session, book: Book, changeset: int) -> list[list[str]]:
    table = book.tables["approval_step"]
    query = select(table.c.signers).where(table.c.changeset == changeset).order_by(table.c.ordinal)
    return [orjson.loads(signers) for signers in session.scalars(query)]


def _place(session: Session, book: Book, actor: Actor, row: Any, step: Sequence[str]) -> str:
    """The signer's place that the actor fills; Forbidden where there is none left for them, or by their scope."""
    signed = _signed(session, book, row)
    places = _open_places(signed, step)
    if (named := f"user:{actor.name}") in places:
        return named
    # Two places of one role are for two people.
    mine = (place for place in places if _holds(actor, place) and (place, actor.name) not in signed)
    place = next(mine, None)
    if place is None:
        zh = f"当前步骤等待 {'、'.join(places)} 签署，{actor.name} 不在其中。"
        raise Forbidden(zh, f"This step waits for {', '.join(places)}; {actor.name} is not among them.")
    refuse_set_beyond_scope(session, book, actor, APPROVE, row)
    return place


def _holds(actor: Actor, place: str) -> bool:
    """An administrator may stand in for any role."""
    kind, _, name = place.partition(":")
    return kind == "role" and any(grant.role in {name, "administrator"} for grant in actor.grants)


def _signed(session: Session, book: Book, row: Any) -> list[tuple[str, str]]:
    """The places of the current step that are filled, and by whom."""
    table = book.tables["signature"]
    approved = (table.c.counts, table.c.verdict == APPROVED)
    query = select(table.c.signer, table.c.signed_by)
    rows = session.execute(query.where(table.c.changeset == row.id, table.c.step == row.current_step, *approved))
    return [(place, name) for place, name in rows]


def _open_places(signed: Sequence[tuple[str, str]], step: Sequence[str]) -> list[str]:
    return list((Counter(step) - Counter(place for place, _ in signed)).elements())


def _sign(
    session: Session, book: Book, actor: Actor, changeset: int, step: int, verdict: str, said: Opinion, place: str
) -> None:
    row = {"changeset": changeset, "step": step, "signer": place, "signed_by": actor.name, "verdict": verdict}
    when = {"signed_at": book.clock.now(), "counts": True}
    words = {"opinion": OPINION.check(said.opinion), "evidence": EVIDENCE.check(said.evidence)}
    session.execute(insert(book.tables["signature"]).values(**row, **when, **words))
    note(session, book, "changeset.signed", changeset, actor.name)


def _update(session: Session, book: Book, changeset: int, values: Mapping[str, object]) -> None:
    table = book.tables["changeset"]
    session.execute(update(table).where(table.c.id == changeset).values(version=table.c.version + 1, **values))
