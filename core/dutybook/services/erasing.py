"""Erasing a person: clear values and keys go for good, and the book stays whole and true."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Row, Table, delete, insert, select, update
from sqlalchemy.orm import Session

from dutybook.access.actor import ADMINISTER, Actor
from dutybook.access.scope import require_everywhere
from dutybook.book.kinds import Field, Type, Value
from dutybook.db.erasing import clear_values_of, places, positions_held, records_about
from dutybook.db.head import head
from dutybook.db.names import called
from dutybook.db.personal import ERASED
from dutybook.errors import BadInput, Message, NotFound, Refused
from dutybook.services.book import Book
from dutybook.services.events import note
from dutybook.services.refusals import ErasedPerson

REASON = Field("reason", Message("事由", "Reason"), required=True)
TELLING = 6
"""So many characters tell whose they are; a name does with two."""


@dataclass(frozen=True, slots=True)
class Erased:
    """How many values went, and where texts that may not be altered still name the person."""

    values: int
    standing: tuple[str, ...]


def erase_employee(session: Session, book: Book, actor: Actor, employee: int, reason: str) -> Erased:
    """Destroys all that is personal of an employee; number, assignments and history stay, without a name.

    Who is still assigned, today or later, is refused: what ends comes first.
    """
    require_everywhere(actor, ADMINISTER)
    why = str(REASON.check(reason.strip()))
    head(session, book.tables, lock=True)  # nobody publishes or drafts in between what is looked for and what is erased
    number = _number(session, book, employee)
    _refuse_assigned(session, book, employee, number)
    about = records_about(session, book.tables, employee)
    values = clear_values_of(session, book.tables, about)
    texts = sorted({text for row in values for text in _telling(book, row)})
    if any(text in why for text in texts):
        zh = "事由不得写出此人的个人信息；它将永久留存。请改写。"
        raise BadInput(zh, "The reason must not hold anything personal; it is kept for ever.", path=["reason"])
    _destroy(session, book, about)
    _forget_answers(session, book, texts)
    _unlink(session, book, number)
    standing = tuple(places(session, _tables(book), texts))
    said: dict[str, Value] = {"reason": why, "standing": list(standing), "values": len(values)}
    note(session, book, "employee.erased", employee, actor.name, said)
    return Erased(len(values), standing)


def erased(session: Session, book: Book, employee: int) -> Erased | None:
    """What became of an employee that was erased."""
    event = book.tables["event"]
    ours = (event.c.aggregate == "employee", event.c.key == employee, event.c.type == "employee.erased")
    payload = session.scalar(select(event.c.payload).where(*ours))
    said = orjson.loads(payload) if payload else None
    return Erased(said["values"], tuple(said["standing"])) if said else None


def _number(session: Session, book: Book, employee: int) -> str:
    identity, secrets = book.tables.identities["employee"], book.tables["personal_key"]
    number: str | None = session.scalar(select(identity.c.code).where(identity.c.key == employee))
    if number is None:
        zh = f"没有标识为 {employee} 的职工。"
        raise NotFound(zh, f"There is no employee with the key {employee}.", path=["employee"])
    ours = (secrets.c.kind == "employee", secrets.c.key == employee, secrets.c.secret == ERASED)
    if session.scalar(select(secrets.c.key).where(*ours)) is not None:
        raise ErasedPerson("employee", employee, called(book.kinds["employee"], number))
    return number


def _refuse_assigned(session: Session, book: Book, employee: int, number: str) -> None:
    if held := ", ".join(positions_held(session, book.tables, employee, book.clock.today())):
        zh = f"职工 {number} 仍任职于 {held}；请先结束这些任职，再删除其个人信息。"
        en = f"Employee {number} is still assigned to {held}; end these assignments first, then erase."
        raise Refused(zh, en, path=["employee"])


def _telling(book: Book, row: Row[Any]) -> Sequence[str]:
    """The texts of a value by which somebody is known; a day or a room number is everybody's."""
    field = book.kinds[row.kind].by_name.get(row.field)
    shortest = 2 if row.field == "name" else TELLING
    if field is None or field.type is Type.DATE:
        return ()
    return [text for text in _texts(orjson.loads(row.value)) if len(text) >= shortest]


def _texts(value: Value) -> Sequence[str]:
    if isinstance(value, dict):
        return [text for part in value.values() for text in _texts(part)]
    if isinstance(value, list):
        return [text for part in value for text in _texts(part)]
    return [value] if isinstance(value, str) else ()


def _destroy(session: Session, book: Book, about: dict[str, set[int]]) -> None:
    """The clear values, and the keys, in whose place it stays written that they were destroyed."""
    for kind, keys in about.items():
        for name in ("personal_value", "personal_key"):
            table = book.tables[name]
            session.execute(delete(table).where(table.c.kind == kind, table.c.key.in_(sorted(keys))))
        marks = [{"kind": kind, "key": key, "secret": ERASED} for key in sorted(keys)]
        if marks:
            session.execute(insert(book.tables["personal_key"]), marks)


def _forget_answers(session: Session, book: Book, texts: Sequence[str]) -> None:
    """Answers and inputs that are kept to be given again. A repetition is answered anew, from what was done."""
    kept, jobs = book.tables["idempotency"], book.tables["job"]
    rows = session.execute(select(kept).execution_options(yield_per=500))
    forgotten = [
        ((kept.c.actor == row.actor, kept.c.key == row.key), _without(row.outcome, texts))
        for row in rows
        if _without(row.outcome, texts) != row.outcome or any(text.encode() in (row.body or b"") for text in texts)
    ]
    for ours, outcome in forgotten:
        session.execute(update(kept).where(*ours).values(outcome=outcome, body=None, status=None))
    for row in session.execute(select(jobs.c.id, jobs.c.message, jobs.c.input)).all():
        said = {"message": row.message and _without(row.message, texts), "input": _without(row.input, texts)}
        if said != {"message": row.message, "input": row.input}:
            session.execute(update(jobs).where(jobs.c.id == row.id).values(said))


def _without(said: str, texts: Sequence[str]) -> str:
    """A text without some others, as they stand there and as they stand in JSON."""
    for text in texts:
        for form in (text, orjson.dumps(text).decode()[1:-1]):
            said = said.replace(form, "…")
    return said


def _unlink(session: Session, book: Book, number: str) -> None:
    """An account, whose name may be a person's, tells no more whose the number was."""
    account = book.tables["account"]
    session.execute(update(account).where(account.c.employee_number == number).values(employee_number=None))


def _tables(book: Book) -> list[Table]:
    ours = list(book.tables.metadata.tables.values())
    return ours + [model.__table__ for plugin in book.plugins for model in plugin.models]
