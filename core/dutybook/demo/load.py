"""Loads the demo company into an empty book: its history, step by step, through the services everybody uses."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from dutybook.access.actor import OPERATOR
from dutybook.book.clock import FrozenClock
from dutybook.book.ids import GlobalId
from dutybook.book.nouns import PUBLIC
from dutybook.db import migrate
from dutybook.db.engine import Database
from dutybook.demo.company import company
from dutybook.demo.history import AssignmentName, DutyName, Saying, Step, history
from dutybook.errors import Refused
from dutybook.services.book import Book
from dutybook.services.changesets import Proposal, add_changes, open_changeset, publish, rest_on
from dutybook.services.drafts import Draft, changeset_row

SEED = 20250101


def load(database: Database, progress: Callable[[int, int], None]) -> None:
    """Publishes every step at the moment it tells; secrets are seeded, so the same book comes out each time.

    `progress` is told how many steps are done, of how many.
    """
    clock, random = FrozenClock(), Random(SEED)
    book, steps = Book(database, clock, random.randbytes), history()
    for done, step in enumerate(steps):
        progress(done, len(steps))
        clock.moment = step.published_at
        with database.write() as session:
            _publish(session, book, step)
    progress(len(steps), len(steps))


def refuse_another_book(database: Database) -> None:
    """Refused where a database holds a book, or the accounts for one, that does not begin as the demo company does."""
    if migrate.current(database) is None:
        return
    changeset, account = database.tables["changeset"], database.tables["account"]
    with database.read() as session:
        first = session.scalar(select(changeset.c.title).order_by(changeset.c.id).limit(1))
        begun = first is not None or session.scalar(select(account.c.id).limit(1)) is not None
    if begun and first != history()[0].title:
        shown = database.url.render_as_string(hide_password=True)
        zh = f"数据库 {shown} 里已有一本账册，不是演示公司，未作任何改动。请用 dutybook serve 启动；演示另用 --database-url 指定空库。"
        en = f"The database {shown} holds a book that is not the demo company's; nothing was changed. "
        raise Refused(zh, en + "Serve it with dutybook serve, or give the demo an empty one by --database-url.")


def _publish(session: Session, book: Book, step: Step) -> None:
    proposal = Proposal(step.title, step.reason, effective_on=step.effective_on)
    changeset = open_changeset(session, book, OPERATOR, proposal)
    for sayings in _paced(step):
        _say(session, book, changeset, sayings)
    if step.document:
        words = {name: str(value) for name, value in asdict(step.document).items()}
        # Public, since the demo is read without signing in.
        said = {"openDocument": {**words, "classification": PUBLIC}}
        opened = add_changes(session, book, OPERATOR, changeset, [said])
        rest_on(session, book, OPERATOR, changeset, opened[0].key)
    publish(session, book, OPERATOR, changeset)


def _paced(step: Step) -> list[list[Saying]]:
    """One at a time where a saying names duties or assignments, since the one before may have changed them."""
    named = any(_names_in(saying) for saying in step.changes)
    return [[saying] for saying in step.changes] if named else [list(step.changes)]


def _names_in(value: object) -> bool:
    if isinstance(value, DutyName | AssignmentName):
        return True
    parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    return any(_names_in(part) for part in parts)


def _say(session: Session, book: Book, changeset: int, sayings: list[Saying]) -> None:
    draft = Draft(session, book, changeset_row(session, book, changeset))
    add_changes(session, book, OPERATOR, changeset, [_with_ids(draft, saying) for saying in sayings])


def _with_ids(draft: Draft, value: Any) -> Any:
    """The same saying with the ids of the duties and assignments that it names."""
    if isinstance(value, DutyName):
        return str(GlobalId("Duty", _found(draft, "duty", value.position, {"text": value.text})))
    if isinstance(value, AssignmentName):
        employee = _key(draft, "employee", value.employee)
        fitting = {"employee": employee, "kind": value.kind}
        return str(GlobalId("Assignment", _found(draft, "assignment", value.position, fitting)))
    if isinstance(value, Mapping):
        return {word: _with_ids(draft, part) for word, part in value.items()}
    return [_with_ids(draft, part) for part in value] if isinstance(value, list | tuple) else value


def _found(draft: Draft, kind: str, position: str, fitting: Mapping[str, object]) -> int:
    """The record of a position that holds these values on the effective day of the draft."""
    day = draft.effective_on
    for key in draft.children(kind, "position", _key(draft, "position", position), day):
        if all(draft.value(kind, key, name, day) == value for name, value in fitting.items()):
            return key
    raise LookupError(f"{position} has no {kind} with {dict(fitting)} on {day}")


def _key(draft: Draft, kind: str, code: str) -> int:
    key = draft.by_code(kind, code)
    if key is None:
        raise LookupError(f"{company().organisation.name} has no {kind} {code}")
    return key
