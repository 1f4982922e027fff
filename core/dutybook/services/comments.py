"""Review comments: what people who work on change sets say of one, or of one change of it, until it is settled."""

from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from dutybook.access.actor import Actor
from dutybook.book.changes import Change
from dutybook.book.kinds import Field
from dutybook.errors import BadInput, Forbidden, Message, NotFound
from dutybook.services.book import Book
from dutybook.services.drafts import changeset_row
from dutybook.services.events import note
from dutybook.services.refusals import WrongState
from dutybook.services.rights import is_hidden, require_work_on_changesets

TEXT = Field("text", Message("内容", "Text"), required=True)
OPEN_STATES = ("DRAFT", "SUBMITTED", "APPROVED")


@dataclass(frozen=True, slots=True)
class Remark:
    """What is said: of a change by its ordinal and perhaps one field of it, or in reply to the comment `thread`."""

    text: str
    ordinal: int | None = None
    attribute: str | None = None
    thread: int | None = None


def comment(session: Session, book: Book, actor: Actor, changeset: int, remark: Remark) -> int:
    """Says something of a set that is still being worked on, and gives the comment's number."""
    require_work_on_changesets(actor)
    row = changeset_row(session, book, changeset)
    if row.state not in OPEN_STATES:
        raise WrongState(changeset, row.state, OPEN_STATES)
    said = {"changeset": changeset, "text": TEXT.check(remark.text.strip()), "author": actor.name}
    about = (
        _about_thread(session, book, actor, row, remark)
        if remark.thread
        else _about_change(session, book, actor, row, remark)
    )
    table = book.tables["review_comment"]
    values = {**said, **about, "said_at": book.clock.now()}
    number: int = session.scalars(insert(table).values(values).returning(table.c.id)).one()
    note(session, book, "changeset.commented", changeset, actor.name, {"comment": number})
    return number


def _about_thread(session: Session, book: Book, actor: Actor, row: Row[Any], remark: Remark) -> dict[str, object]:
    """A reply is about what it replies to; there are no replies to replies."""
    if remark.ordinal is not None or remark.attribute is not None:
        zh = "回复针对所回复的意见；请去掉 ordinal 和 attribute。"
        raise BadInput(zh, "A reply is about what it replies to; leave ordinal and attribute out.", path=["replyTo"])
    table = book.tables["review_comment"]
    ours = (table.c.id == remark.thread, table.c.changeset == row.id, table.c.thread.is_(None))
    top = session.execute(select(table.c.kind, table.c.key).where(*ours)).one_or_none()
    if top is None or (top.kind is not None and is_hidden(session, book, actor, row, top.kind, top.key)):
        zh = f"变更单 {row.id} 没有编号为 {remark.thread} 的意见，或它本身就是回复；请回复意见本身。"
        en = f"Change set {row.id} has no comment {remark.thread}, or that is a reply itself; reply to the comment."
        raise NotFound(zh, en, path=["replyTo"])
    return {"thread": remark.thread}


def _about_change(session: Session, book: Book, actor: Actor, row: Row[Any], remark: Remark) -> dict[str, object]:
    """What a change is found again by when the set is rewritten: its record, verb and first day."""
    if remark.ordinal is None:
        if remark.attribute is not None:
            zh, en = "指明字段时须指明变更（ordinal）。", "Name the change (ordinal) that the attribute belongs to."
            raise BadInput(zh, en, path=["attribute"])
        return {}
    table = book.tables["change"]
    body = session.scalar(select(table.c.body).where(table.c.changeset == row.id, table.c.ordinal == remark.ordinal))
    change = Change.parse(orjson.loads(body)) if body else None
    if change is None or is_hidden(session, book, actor, row, change.kind, change.key):
        zh = f"变更单 {row.id} 没有第 {remark.ordinal} 项变更。"
        raise NotFound(zh, f"Change set {row.id} has no change {remark.ordinal}.", path=["ordinal"])
    if remark.attribute is not None and remark.attribute not in {*change.values, *change.names}:
        zh = f"该项变更不涉及字段「{remark.attribute}」。"
        raise BadInput(zh, f"That change does not touch '{remark.attribute}'.", path=["attribute"])
    about = {"kind": change.kind, "key": change.key, "verb": change.verb, "start": change.start}
    return {**about, "attribute": remark.attribute}


def resolve_comment(session: Session, book: Book, actor: Actor, number: int) -> None:
    """Settles a comment with all its replies; its author may, and the author of the set. What is settled stays so."""
    require_work_on_changesets(actor)
    table, sets = book.tables["review_comment"], book.tables["changeset"]
    query = select(table.c.author, sets.c.author.label("drafter")).join(sets, sets.c.id == table.c.changeset)
    found = session.execute(query.where(table.c.id == number, table.c.thread.is_(None))).one_or_none()
    if found is None:
        zh = f"没有编号为 {number} 的意见，或它本身是回复。"
        raise NotFound(zh, f"There is no comment {number}, or it is a reply itself.", path=["comment"])
    if actor.name not in {found.author, found.drafter}:
        zh = f"只有提出人 {found.author} 或起草人 {found.drafter} 可以了结此意见。"
        en = f"Only {found.author}, who made the comment, or {found.drafter}, who drafts the set, may settle it."
        raise Forbidden(zh, en)
    values = {"resolved_by": actor.name, "resolved_at": book.clock.now()}
    session.execute(update(table).where(table.c.id == number, table.c.resolved_at.is_(None)).values(values))
