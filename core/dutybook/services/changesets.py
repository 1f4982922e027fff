"""The life of a change set: open, change, submit, sign, return, reject, withdraw, rebase, publish."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import orjson
from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.orm import Session

from dutybook.access.actor import APPLY, PROPOSE, PUBLISH, Actor
from dutybook.access.scope import classes_of
from dutybook.book.changes import INVERSE_EDGE, OPEN, RESCIND, SET, Change
from dutybook.book.conflicts import EXISTENCE, Conflict, insisted
from dutybook.book.kinds import Field, Value
from dutybook.book.times import STILL_KNOWN
from dutybook.db.head import Head, head
from dutybook.db.versions import Versions
from dutybook.errors import BadInput, Forbidden, Message
from dutybook.services.approval import void_signatures
from dutybook.services.book import Book
from dutybook.services.codes import renumbered
from dutybook.services.conflicts import conflicts_of
from dutybook.services.drafts import Draft, changeset_of, changeset_row, stage
from dutybook.services.events import note
from dutybook.services.masters import refuse_mastered
from dutybook.services.publish import Made, Publication, make_revision
from dutybook.services.refusals import Conflicted, NamedConflict, WrongState
from dutybook.services.rights import (
    refuse_beyond_scope,
    refuse_set_beyond_scope,
    require,
    require_work_on_changesets,
)
from dutybook.services.routes import Said, checked_route, lay
from dutybook.services.say import Saying, say
from dutybook.services.telling import check_changeset
from dutybook.services.verdicts import NONE, Verdicts, overridden, refuse_outstanding
from dutybook.services.write import chunks

DRAFT, SUBMITTED, APPROVED = "DRAFT", "SUBMITTED", "APPROVED"
PUBLISHED, REJECTED, WITHDRAWN = "PUBLISHED", "REJECTED", "WITHDRAWN"

TITLE = Field("title", Message("标题", "Title"), required=True, longest=400)
REASON = Field("reason", Message("事由", "Reason"))


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a change set is about: references are keys; without a day it takes effect today."""

    title: str
    reason: str | None = None
    organisation: int | None = None
    effective_on: date | None = None
    document: int | None = None
    base_revision: int | None = None
    reverts: int | None = None
    route: Said | None = None


def open_changeset(session: Session, book: Book, actor: Actor, proposal: Proposal) -> int:
    """Opens a draft and gives its number."""
    require(actor, PROPOSE)
    title, reason = TITLE.check(proposal.title.strip()), REASON.check(proposal.reason)
    revision = head(session, book.tables).revision
    base = revision if proposal.base_revision is None else proposal.base_revision
    if not 0 <= base <= revision:
        zh = f"基准版次 {base} 不存在，当前版次是 {revision}。"
        raise BadInput(zh, f"There is no base revision {base}; the head is {revision}.", path=["expectedRevision"])
    row = {
        "title": title,
        "reason": reason,
        "organisation": proposal.organisation,
        "effective_on": proposal.effective_on or book.clock.today(),
        "base_revision": base,
        "document": proposal.document,
        "author": actor.name,
        "state": DRAFT,
        "reverts": proposal.reverts,
        "created_at": book.clock.now(),
        "version": 1,
        "current_step": 0,
        "route": checked_route(session, book, proposal.route),
    }
    table = book.tables["changeset"]
    number: int = session.scalars(insert(table).values(row).returning(table.c.id)).one()
    note(session, book, "changeset.opened", number, actor.name)
    return number


def add_changes(
    session: Session, book: Book, actor: Actor, changeset: int, sayings: Sequence[Saying]
) -> Sequence[Change]:
    """Adds what is said to a draft and gives the changes it came to."""
    require(actor, PROPOSE)
    row = _in_state(session, book, changeset, DRAFT)
    draft = Draft(session, book, row, classes_of(actor))
    before = len(draft.changes)
    say(draft, sayings)
    added = draft.changes[before:]
    refuse_beyond_scope(session, book, actor, PROPOSE, draft, added)
    refuse_mastered(book, sayings, added)
    draft.save()
    _touch(session, book, changeset)
    return added


def rest_on(session: Session, book: Book, actor: Actor, changeset: int, document: int) -> None:
    """Names the document that a draft rests on, which the draft itself may open."""
    require(actor, PROPOSE)
    refuse_set_beyond_scope(session, book, actor, PROPOSE, _in_state(session, book, changeset, DRAFT))
    _become(session, book, changeset, None, document=document)


def remove_change(session: Session, book: Book, actor: Actor, changeset: int, ordinal: int) -> None:
    """Takes a change back, with all that was said together with it."""
    require(actor, PROPOSE)
    row = _in_state(session, book, changeset, DRAFT)
    change = book.tables["change"]
    ours = change.c.changeset == changeset
    body = session.scalar(select(change.c.body).where(ours, change.c.ordinal == ordinal))
    if body is None:
        zh = f"变更单 {changeset} 没有第 {ordinal} 项变更。"
        raise BadInput(zh, f"Change set {changeset} has no change {ordinal}.", path=["ordinal"])
    said = Change.parse(orjson.loads(body))
    refuse_set_beyond_scope(session, book, actor, PROPOSE, row, said.act)
    together = (change.c.group == said.group,)
    alone = (change.c.kind == said.kind, change.c.key == said.key)
    session.execute(delete(change).where(ours, *(together if said.group else alone)))
    _touch(session, book, changeset)


def submit(session: Session, book: Book, actor: Actor, changeset: int, verdicts: Verdicts = NONE) -> None:
    """Hands a draft to the first signers of its route, which is chosen now, unless a plugin objects to it as a whole."""
    require(actor, PROPOSE)
    row = _leaving(session, book, changeset, DRAFT)
    _refuse_empty(session, book, changeset)
    refuse_set_beyond_scope(session, book, actor, PROPOSE, row)
    refuse_outstanding(session, book, actor, check_changeset(session, book, row), verdicts)
    lay(session, book, actor, row)
    _become(session, book, changeset, SUBMITTED, current_step=0)
    note(session, book, "changeset.submitted", changeset, actor.name)


def withdraw(session: Session, book: Book, actor: Actor, changeset: int) -> None:
    """Takes a set back for good; its author may, and whoever may publish it."""
    require_work_on_changesets(actor)
    row = _leaving(session, book, changeset, DRAFT, SUBMITTED, APPROVED)
    if actor.name == row.author:
        require(actor, PROPOSE)
    else:
        if not actor.may(PUBLISH):
            zh = f"变更单 {changeset} 只能由起草人 {row.author} 或发布人撤回。"
            raise Forbidden(zh, f"Only its author {row.author} or a publisher may withdraw change set {changeset}.")
        refuse_set_beyond_scope(session, book, actor, PUBLISH, row)
    _become(session, book, changeset, WITHDRAWN)
    note(session, book, "changeset.withdrawn", changeset, actor.name)


def _refuse_empty(session: Session, book: Book, changeset: int) -> None:
    """BadInput for a set that holds no change: there is nothing to sign, and no revision to make of it."""
    change = book.tables["change"]
    if not session.scalar(select(func.count()).select_from(change).where(change.c.changeset == changeset)):
        zh = f"变更单 {changeset} 没有任何变更；请先加入变更，或撤回此单。"
        en = f"Change set {changeset} holds no change; add some first, or withdraw it."
        raise BadInput(zh, en, path=["changeSet"])


def publish(session: Session, book: Book, actor: Actor, changeset: int, verdicts: Verdicts = NONE) -> Head:
    """Makes an approved set the next revision; who may apply changes directly also publishes a draft.

    RefusedByRules tells what rules and plugins have against it, but for what the verdicts acknowledge or override.
    """
    require(actor, PUBLISH)
    row = _leaving(session, book, changeset, DRAFT, SUBMITTED, APPROVED)
    if row.state != APPROVED and not (row.state == DRAFT and actor.may(APPLY)):
        raise WrongState(changeset, row.state, [APPROVED])
    _refuse_empty(session, book, changeset)
    refuse_set_beyond_scope(session, book, actor, PUBLISH, row)
    publication = Publication(changeset, actor.name, book.clock.now())
    made = make_revision(
        session, book, publication, lambda found: refuse_outstanding(session, book, actor, found, verdicts)
    )
    took_effect = row.effective_on <= book.clock.today()
    _become(session, book, changeset, PUBLISHED, revision=made.head.revision, took_effect=took_effect)
    _note_more(session, book, actor, row, made, verdicts)
    return made.head


def _note_more(session: Session, book: Book, actor: Actor, row: Row[Any], made: Made, verdicts: Verdicts) -> None:
    """What a publication also was: the overriding of objections, the undoing of a revision."""
    for objection, reason in overridden(made.objections, verdicts):
        (zh, en), path = objection.message, list[Value](objection.path)
        said: dict[str, Value] = {"objection": objection.name, "message": en, "zh": zh, "path": path, "reason": reason}
        note(session, book, "changeset.overridden", row.id, actor.name, said)
    if row.reverts is not None:
        undone = changeset_of(session, book, row.reverts)
        note(session, book, "changeset.reverted", undone, actor.name, {"revision": made.head.revision})


def apply_changes(
    session: Session,
    book: Book,
    actor: Actor,
    proposal: Proposal,
    sayings: Sequence[Saying],
    verdicts: Verdicts = NONE,
) -> int:
    """Opens and publishes in one step; gives the number of the change set."""
    require(actor, APPLY)
    head(session, book.tables, lock=True)  # else somebody could publish between reading the base and publishing on it
    changeset = open_changeset(session, book, actor, proposal)
    add_changes(session, book, actor, changeset, sayings)
    publish(session, book, actor, changeset, verdicts)
    return changeset


@dataclass(frozen=True, slots=True)
class Resolution:
    """How a rebase settles one conflict: by `MINE` or `THEIRS`."""

    kind: str
    key: int
    attribute: str
    keep: str


def rebase(
    session: Session, book: Book, actor: Actor, changeset: int, keep: str | None, chosen: Sequence[Resolution]
) -> None:
    """Moves the base to the head. Every conflict must be settled, one by one or all by `keep`.

    A set whose values this alters goes back to the signers, to those that its new values ask for.
    """
    require(actor, PROPOSE)
    row = _leaving(session, book, changeset, DRAFT, SUBMITTED, APPROVED)
    refuse_set_beyond_scope(session, book, actor, PROPOSE, row)
    revision = head(session, book.tables).revision
    found = conflicts_of(session, book, changeset, row.base_revision, revision)
    verdicts = {(r.kind, r.key, r.attribute): r.keep for r in chosen}
    settled = {(c.kind, c.key, c.attribute): verdicts.get((c.kind, c.key, c.attribute), keep) for c in _plain(found)}
    if open_ones := [named for named in found if not settled[_identity(named.conflict)]]:
        raise Conflicted(open_ones)
    lost = [conflict for conflict in _plain(found) if settled[_identity(conflict)] == "THEIRS"]
    won = [conflict for conflict in _plain(found) if settled[_identity(conflict)] == "MINE"]
    renumbered = _rewrite(session, book, row, lost, won)
    if found or renumbered:
        void_signatures(session, book, changeset, 0)
        if row.state != DRAFT:
            lay(session, book, actor, row)  # for what it says now
        _become(session, book, changeset, SUBMITTED if row.state == APPROVED else row.state, current_step=0)
    _become(session, book, changeset, None, base_revision=revision)
    note(session, book, "changeset.rebased", changeset, actor.name)


def _plain(found: Sequence[NamedConflict]) -> list[Conflict]:
    return [named.conflict for named in found]


def _identity(conflict: Conflict) -> tuple[str, int, str]:
    return conflict.kind, conflict.key, conflict.attribute


def _rewrite(session: Session, book: Book, row: Row[Any], lost: Sequence[Conflict], won: Sequence[Conflict]) -> bool:
    """Stores the changes anew: without what others won, holding what it won, with free codes; whether codes changed."""
    before = [change for chunk in chunks(session, book, row.id) for change in chunk]
    left = _with_sense(before, [_without(change, lost) for change in before])
    kept = list(_insisting(session, book, row.base_revision, left, won))
    after = renumbered(session, book, kept)
    if after != before:
        table = book.tables["change"]
        session.execute(delete(table).where(table.c.changeset == row.id))
        stage(session, book, row.id, after, 0)
    return after != kept


def _insisting(
    session: Session, book: Book, base: int, changes: Sequence[Change], won: Sequence[Conflict]
) -> Iterator[Change]:
    """The changes, so that what they won holds on all days that it was proposed for."""
    names: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for conflict in won:
        names[conflict.kind][conflict.key].add(conflict.attribute)
    ours: dict[tuple[str, int], list[Change]] = defaultdict(list)
    for change in changes:
        ours[change.kind, change.key].append(change)
    held: dict[tuple[str, int], Iterator[Sequence[Change]]] = {}
    for kind, keys in names.items():
        versions = Versions(session, book.tables, kind)
        before, after = versions.timelines(keys, base), versions.timelines(keys, STILL_KNOWN - 1)
        held |= {(kind, key): insisted(ours[kind, key], before[key], after[key], keys[key]) for key in keys}
    for change in changes:
        yield from next(held[change.kind, change.key]) if (change.kind, change.key) in held else [change]


def _without(change: Change, lost: Sequence[Conflict]) -> Change | None:
    """A change without the fields that lost; None where nothing is left of it."""
    ours = (change.kind, change.key, change.start)
    names = {conflict.attribute for conflict in lost if (conflict.kind, conflict.key, conflict.start) == ours}
    if change.verb == OPEN or not names:
        return change
    # A move is one act: its place in the list means nothing without the list.
    if change.verb == SET and EXISTENCE not in names and change.said in {None, "revert"}:
        values = {name: value for name, value in change.values.items() if name not in names}
        return replace(change, values=values) if values else None
    if change.verb == RESCIND and names <= set(change.names):
        left = tuple(name for name in change.names if name not in names)
        return replace(change, names=left) if left else None
    return None


def _with_sense(before: Sequence[Change], after: Sequence[Change | None]) -> list[Change]:
    """What is left of changes: all or nothing of what was said together, and no lineage that told of what has gone."""
    sizes = Counter(change.group for change in before)
    gone = {old.act for old, new in zip(before, after, strict=True) if old != new}

    def falls(change: Change) -> bool:
        return change.act in gone and (change.verb in INVERSE_EDGE or (change.group > 0 and sizes[change.group] > 1))

    return [change for change in after if change and not falls(change)]


def _leaving(session: Session, book: Book, changeset: int, *allowed: str) -> Row[Any]:
    """The row of a set that is about to leave its state; whoever locks the head as well locks it first."""
    head(session, book.tables, lock=True)
    return _in_state(session, book, changeset, *allowed)


def _in_state(session: Session, book: Book, changeset: int, *allowed: str) -> Row[Any]:
    row = changeset_row(session, book, changeset, lock=True)
    if row.state not in allowed:
        raise WrongState(changeset, row.state, allowed)
    return row


def _become(session: Session, book: Book, changeset: int, state: str | None, **values: object) -> None:
    """Writes a new state or base; `None` keeps the state."""
    table = book.tables["changeset"]
    new = {**values, **({"state": state} if state else {})}
    session.execute(update(table).where(table.c.id == changeset).values(version=table.c.version + 1, **new))


def _touch(session: Session, book: Book, changeset: int) -> None:
    """Counts an edit of the draft."""
    _become(session, book, changeset, None)
