"""What inputs refer to: by an id of any time, by a code, a document by its number."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from dutybook.access.actor import OPERATOR, Actor
from dutybook.access.scope import classes_of
from dutybook.book.ids import kind_name, read_id
from dutybook.db.documents import is_known, numbered
from dutybook.errors import NotFound
from dutybook.services.book import Book


def key_of(session: Session, book: Book, kind: str, text: str | None, actor: Actor = OPERATOR) -> int | None:
    """The key of the record that a text refers to; NotFound where there is none such, or a document that is not for the actor."""
    if text is None:
        return None
    keys = _keys(session, book, kind, text, classes_of(actor))
    if len(keys) != 1:
        raise _nothing(book, kind, text, several=bool(keys))
    return keys[0]


def _keys(session: Session, book: Book, kind: str, text: str, classes: frozenset[str] | None) -> Sequence[int]:
    """At most two of the keys that are meant."""
    table, found = book.tables.identities[kind], read_id(text)
    if found is not None and kind_name(found.type) == kind:
        if kind == "document" and not is_known(session, book.tables, found.key, classes):
            return ()
        return session.scalars(select(table.c.key).where(table.c.key == found.key)).all()
    if kind == "document":
        return numbered(session, book.tables, text, classes)
    return session.scalars(select(table.c.key).where(table.c.code == text).limit(2)).all()


def _nothing(book: Book, kind: str, text: str, *, several: bool) -> NotFound:
    label, is_document = book.kinds[kind].label, kind == "document"
    zh, en = ("文号", "number") if is_document else ("编号", "code")
    if several:
        return NotFound(
            f"{zh}为「{text}」的{label.zh}不止一个，请改用 id 指明。",
            f"Several have the {en} '{text}'; name the {label.en.lower()} by its id.",
            path=[kind],
        )
    return NotFound(
        f"没有 id 或{zh}为「{text}」的{label.zh}。",
        f"There is no {label.en.lower()} with the id or {en} '{text}'.",
        path=[kind],
    )
