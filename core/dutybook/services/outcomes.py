"""One mutation, one transaction: its outcome is recorded with it, so that a repetition is answered and not executed."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import orjson
from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from dutybook.access.actor import Actor
from dutybook.errors import DutybookError, Message, Refused
from dutybook.lifecycle.calling import PluginFailure
from dutybook.services.book import Book
from dutybook.services.import_staff import MOST_TOLD, BadRows
from dutybook.services.refusals import Conflicted, RefusedByRules

UNDER_WAY = ""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One expected error of a mutation, as clients are told it."""

    code: str
    path: tuple[str, ...]
    zh: str
    en: str
    plugin: str | None = None
    severity: str | None = None
    overridable_by: str | None = None

    @property
    def message(self) -> Message:
        """The sentence in both languages."""
        return Message(self.zh, self.en)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a mutation came to: the number of what it made or changed, or why it was refused."""

    result: int | None
    troubles: tuple[Trouble, ...] = ()


@dataclass(frozen=True, slots=True)
class Key:
    """A client's own name for a mutation, and the digest of what was asked under it."""

    key: str
    fingerprint: str


class KeyReused(Refused):
    """One idempotency key came with two different requests."""

    code = "IDEMPOTENCY_KEY_REUSED"

    def __init__(self, key: str) -> None:
        zh = f"Idempotency-Key「{key}」已用于另一个请求；请换一个键。"
        super().__init__(
            zh, f"Idempotency-Key '{key}' was used for another request; take a new one.", path=["Idempotency-Key"]
        )


def perform(book: Book, actor: Actor, key: Key | None, act: Callable[[Session], int | None]) -> Outcome:
    """Runs `act` in one transaction, or gives what it came to under this key before."""
    try:
        with book.database.write() as session:
            if key and (before := _claim(session, book, actor, key)):
                return before
            outcome = Outcome(act(session))
            if key:
                _keep(session, book, actor, key, outcome)
            return outcome
    except DutybookError as error:
        return _refused(book, actor, key, Outcome(None, troubles(error)))


def troubles(error: DutybookError) -> tuple[Trouble, ...]:
    """Everything an error tells, one by one."""
    if isinstance(error, RefusedByRules):
        objections = error.objections
        return tuple(Trouble(o.code, o.path, *o.message, o.plugin, o.severity, o.overridable_by) for o in objections)
    if isinstance(error, BadRows):
        told = error.bad[:MOST_TOLD]
        rest = [Trouble(error.code, (), *error.message)] if len(error.bad) > len(told) else []
        # Refusals are kept to be given again, so that nothing personal is quoted in them.
        return (*(Trouble(error.code, one.path, *one.message(quoting=False)) for one in told), *rest)
    if isinstance(error, PluginFailure):
        return (Trouble(error.code, error.path, *error.message, error.plugin),)
    if isinstance(error, Conflicted):
        where = (named.conflict for named in error.conflicts)
        paths = [(conflict.kind, str(conflict.key), conflict.attribute) for conflict in where]
        return tuple(Trouble(error.code, path, *c.message) for path, c in zip(paths, error.conflicts, strict=True))
    return (Trouble(error.code, error.path, *error.message),)


def _refused(book: Book, actor: Actor, key: Key | None, outcome: Outcome) -> Outcome:
    """A refusal is an answer too: the transaction is gone, so it is recorded in one of its own."""
    if key is None or any(trouble.code == KeyReused.code for trouble in outcome.troubles):
        return outcome
    with book.database.write() as session:
        if before := _claim(session, book, actor, key):
            return before
        _keep(session, book, actor, key, outcome)
    return outcome


def _claim(session: Session, book: Book, actor: Actor, key: Key) -> Outcome | None:
    """Takes the key for this transaction, waiting for another one that holds it; the outcome if there is one already."""
    table = book.tables["idempotency"]
    dialect = sqlite if book.database.is_sqlite else postgresql
    row = {"actor": actor.name, "key": key.key, "fingerprint": key.fingerprint, "outcome": UNDER_WAY}
    take = dialect.insert(table).values(**row, created_at=book.clock.now()).on_conflict_do_nothing()
    if session.execute(take.returning(table.c.key)).one_or_none():
        return None
    found = session.execute(select(table).where(table.c.actor == actor.name, table.c.key == key.key)).one()
    if found.fingerprint != key.fingerprint:
        raise KeyReused(key.key)
    return _outcome(found.outcome)


def _keep(session: Session, book: Book, actor: Actor, key: Key, outcome: Outcome) -> None:
    table = book.tables["idempotency"]
    ours = (table.c.actor == actor.name, table.c.key == key.key)
    session.execute(update(table).where(*ours).values(outcome=orjson.dumps(asdict(outcome)).decode()))


def _outcome(text: str) -> Outcome:
    said: dict[str, Any] = orjson.loads(text)
    told = tuple(Trouble(**{**trouble, "path": tuple(trouble["path"])}) for trouble in said["troubles"])
    return Outcome(said["result"], told)


def answered(session: Session, book: Book, actor: Actor, key: Key) -> tuple[int, bytes] | None:
    """Status and body that went out under a key; KeyReused where it named another request."""
    table = book.tables["idempotency"]
    found = session.execute(select(table).where(table.c.actor == actor.name, table.c.key == key.key)).one_or_none()
    if found is not None and found.fingerprint != key.fingerprint:
        raise KeyReused(key.key)
    return (found.status, found.body) if found is not None and found.body is not None else None


def keep_answer(session: Session, book: Book, actor: Actor, key: Key, status: int, body: bytes) -> tuple[int, bytes]:
    """Adds the bytes of an answer to the record of its mutation; gives the first answer, which stands."""
    table = book.tables["idempotency"]
    ours = (table.c.actor == actor.name, table.c.key == key.key, table.c.body.is_(None))
    session.execute(update(table).where(*ours).values(status=status, body=body))
    return answered(session, book, actor, key) or (status, body)
