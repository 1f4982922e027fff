"""Approval: ordered steps, each with signers who must all sign; return, rejection, decisions taken elsewhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from dutybook.access.actor import PUBLISH, Actor
from dutybook.book.kinds import Field
from dutybook.db.head import head
from dutybook.errors import BadInput, Message
from dutybook.services.book import Book
from dutybook.services.drafts import changeset_row
from dutybook.services.events import note
from dutybook.services.refusals import WrongState
from dutybook.services.rights import reaches_set, require_work_on_changesets
from dutybook.services.signing import APPROVED, Capacity, Waiting, capacity, waiting

OPINION = Field("opinion", Message("意见", "Opinion"))
EVIDENCE = Field("evidence", Message("依据", "Evidence"))
MINUTES = Field("evidence", Message("依据", "Evidence"), required=True)
BODY = Field("body", Message("决定机构", "Deciding body"), required=True, longest=200)

RETURNED, REJECTED = "RETURNED", "REJECTED"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a signer says; `evidence` names what it rests on."""

    opinion: str | None = None
    evidence: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided elsewhere: by which body on which day, by its minutes (`evidence`) or in a document of the book."""

    verdict: str
    evidence: str
    body: str
    decided_on: date
    document: int | None = None
    opinion: str | None = None
    to_step: int | None = None


def approve(session: Session, book: Book, actor: Actor, changeset: int, opinion: Opinion) -> None:
    """Signs the current step; the last signature of the last step approves the set."""
    it = _waiting(session, book, actor, changeset)
    place = capacity(session, book, actor, it)
    _sign(session, book, actor, it, APPROVED, [place], _words(opinion))
    if len(it.open_places) == 1:
        _go_on(session, book, actor, it)


def send_back(
    session: Session, book: Book, actor: Actor, changeset: int, opinion: Opinion, to_step: int | None
) -> None:
    """Returns a set (退回) to an earlier step, or to its author as a draft; signatures from there on count no more."""
    it = _waiting(session, book, actor, changeset)
    _refuse_step(it, to_step)
    place = capacity(session, book, actor, it)
    _sign(session, book, actor, it, RETURNED, [place], _words(opinion))
    _go_back(session, book, actor, it, to_step)


def reject(session: Session, book: Book, actor: Actor, changeset: int, opinion: Opinion) -> None:
    """Ends a set for good."""
    it = _waiting(session, book, actor, changeset)
    place = capacity(session, book, actor, it)
    _sign(session, book, actor, it, REJECTED, [place], _words(opinion))
    _end(session, book, actor, it)


def record_decision(session: Session, book: Book, actor: Actor, changeset: int, decision: Decision) -> None:
    """Records what a body (党委会, OA) has decided of the current step, for all of its places that are open.

    Whoever may sign the step may, and whoever may publish the set: the clerk who keeps the minutes.
    """
    it = _waiting(session, book, actor, changeset)
    if decision.verdict == RETURNED:
        _refuse_step(it, decision.to_step)
    words = _decided(book, decision)
    places = _recorded(session, book, actor, it)
    _sign(session, book, actor, it, decision.verdict, places if decision.verdict == APPROVED else places[:1], words)
    if decision.verdict == APPROVED:
        _go_on(session, book, actor, it)
    elif decision.verdict == RETURNED:
        _go_back(session, book, actor, it, decision.to_step)
    else:
        _end(session, book, actor, it)


def _recorded(session: Session, book: Book, actor: Actor, it: Waiting) -> Sequence[Capacity]:
    """The open places of a step, for who may record what was decided of them."""
    keeps_minutes = reaches_set(session, book, actor, PUBLISH, it.row)
    behalf = None if keeps_minutes else capacity(session, book, actor, it).on_behalf_of
    return [Capacity(place, behalf) for place in it.open_places]


def _decided(book: Book, it: Decision) -> dict[str, object]:
    if it.decided_on > book.clock.today():
        zh = f"决定日 {it.decided_on} 尚未到来。"
        raise BadInput(zh, f"The day of the decision, {it.decided_on}, is yet to come.", path=["decidedOn"])
    return {
        "opinion": OPINION.check(it.opinion),
        "evidence": MINUTES.check(it.evidence.strip()),
        "body": BODY.check(it.body.strip()),
        "decided_on": it.decided_on,
        "document": it.document,
    }


def void_signatures(session: Session, book: Book, changeset: int, from_step: int) -> None:
    """Signatures from a step on count no more; they stay on record."""
    table = book.tables["signature"]
    ours = (table.c.changeset == changeset, table.c.step >= from_step)
    session.execute(update(table).where(*ours).values(counts=False))


def _waiting(session: Session, book: Book, actor: Actor, changeset: int) -> Waiting:
    require_work_on_changesets(actor)
    head(session, book.tables, lock=True)  # before the set, as a publication does
    row = changeset_row(session, book, changeset, lock=True)
    if row.state != "SUBMITTED":
        raise WrongState(changeset, row.state, ["SUBMITTED"])
    return waiting(session, book, row)


def _refuse_step(it: Waiting, to_step: int | None) -> None:
    if to_step is None or 0 <= to_step < it.row.current_step:
        return
    if it.row.current_step == 0:
        zh, en = (
            "此单尚在第一步，只能退回起草人，不填 toStep",
            "A set in its first step goes back to its author only, without toStep",
        )
    else:
        last = it.row.current_step - 1
        zh, en = f"只能退回到更早的步骤（0 至 {last}）", f"A set goes back to an earlier step (0 to {last})"
    raise BadInput(f"{zh}；收到 {to_step}。", f"{en}, not to {to_step}.", path=["toStep"])


def _go_on(session: Session, book: Book, actor: Actor, it: Waiting) -> None:
    if it.is_at_the_end:
        _update(session, book, it, {"state": "APPROVED"})
        note(session, book, "changeset.approved", it.row.id, actor.name)
    else:
        _update(session, book, it, {"current_step": it.row.current_step + 1})


def _go_back(session: Session, book: Book, actor: Actor, it: Waiting, to_step: int | None) -> None:
    void_signatures(session, book, it.row.id, to_step or 0)
    state = "DRAFT" if to_step is None else "SUBMITTED"
    _update(session, book, it, {"state": state, "current_step": to_step or 0})
    note(session, book, "changeset.returned", it.row.id, actor.name)


def _end(session: Session, book: Book, actor: Actor, it: Waiting) -> None:
    _update(session, book, it, {"state": "REJECTED"})
    note(session, book, "changeset.rejected", it.row.id, actor.name)


def _words(said: Opinion) -> dict[str, object]:
    return {"opinion": OPINION.check(said.opinion), "evidence": EVIDENCE.check(said.evidence)}


def _sign(
    session: Session,
    book: Book,
    actor: Actor,
    it: Waiting,
    verdict: str,
    places: Sequence[Capacity],
    words: Mapping[str, object],
) -> None:
    row = {"changeset": it.row.id, "step": it.row.current_step, "signed_by": actor.name, "verdict": verdict}
    when = {"signed_at": book.clock.now(), "counts": True}
    rows = [{**row, **when, **words, "signer": place, "on_behalf_of": behalf} for place, behalf in places]
    session.execute(insert(book.tables["signature"]), rows)
    note(session, book, "changeset.signed", it.row.id, actor.name)


def _update(session: Session, book: Book, it: Waiting, values: Mapping[str, object]) -> None:
    table = book.tables["changeset"]
    session.execute(update(table).where(table.c.id == it.row.id).values(version=table.c.version + 1, **values))
