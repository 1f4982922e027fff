"""What inputs refer to, by an id of any time, by a key, or by a code."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from dutybook.book.ids import kind_name, read_id
from dutybook.errors import NotFound
from dutybook.services.book import Book


def key_of(session: Session, book: Book, kind: str, text: str | None) -> int | None:
    """The key of the record that a text refers to; NotFound where there is none such."""
    if text is None:
        return None
    table, found = book.tables.identities[kind], read_id(text)
    wanted = table.c.code == text
    if found is not None and kind_name(found.type) == kind:
        wanted = table.c.key == found.key
    keys: Sequence[int] = session.scalars(select(table.c.key).where(wanted).limit(2)).all()
    if len(keys) != 1:
        label = book.kinds[kind].label
        zh = f"没有 id 或编号为「{text}」的{label.zh}。"
        raise NotFound(zh, f"There is no {label.en.lower()} with the id or code '{text}'.", path=[kind])
    return keys[0]
