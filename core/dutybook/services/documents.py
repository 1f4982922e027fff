"""Documents: what a publication is told where a number (文号) comes to stand for two of them."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from dutybook.db.documents import shared_numbers
from dutybook.errors import Message
from dutybook.lifecycle.objections import Objection
from dutybook.services.book import Book
from dutybook.services.write import Written

SAME_NUMBER = "SAME_NUMBER"


def number_objections(session: Session, book: Book, changeset: int, written: Written) -> Iterator[Objection]:
    """Each number that the set gives to a document although another of the same issuer bears it; a warning."""
    if "document" not in written.kinds:
        return
    told = set[tuple[str, str]]()
    for one, _ in shared_numbers(session, book.tables, changeset):
        if one.name not in told:
            told.add(one.name)
            zh = f"文号「{one.number}」（{one.issuer or '发文单位未记载'}）已登记给另一份文件；若确为两份文件，请确认后发布"
            en = f"The number '{one.number}' ({one.issuer or 'no issuer given'}) stands for another document already"
            en += "; if they are two indeed, acknowledge this and publish"
            yield Objection(SAME_NUMBER, Message(zh, en), ("document", str(one.key), "number"), severity="WARN")
