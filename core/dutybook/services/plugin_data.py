"""What plugins may ask of the core inside a transaction: the book at a time, names, settings, other plugins' hooks."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, TypeVar, cast
from zoneinfo import ZoneInfo

from pydantic import BaseModel
from sqlalchemy import Subquery, Table, select
from sqlalchemy.orm import Session

from dutybook.access.actor import OPERATOR, Actor
from dutybook.access.scope import scope_of
from dutybook.book.times import Time
from dutybook.db import bulk
from dutybook.db.head import head
from dutybook.db.in_force import EVERYTHING, in_force
from dutybook.db.names import name_of as shown_name
from dutybook.errors import Forbidden, Message
from dutybook.lifecycle.guard import HookCall, current, lifted, running
from dutybook.services.book import Book
from dutybook.services.changesets import Proposal, apply_changes
from dutybook.services.references import key_of as referred
from dutybook.services.say import Saying

M = TypeVar("M", bound=BaseModel)


def book_of(session: Session) -> Book:
    """The book that a hook's session belongs to."""
    found: Book = session.info["book"]
    return found


def today(session: Session) -> date:
    """The enterprise's day."""
    return book_of(session).clock.today()


def now(session: Session) -> datetime:
    """This moment, in UTC; tests set it."""
    return book_of(session).clock.now()


def zone(session: Session) -> ZoneInfo:
    """The enterprise's time zone: in it a moment belongs to a day."""
    return book_of(session).clock.zone


def hold(session: Session) -> None:
    """From here to the end of the transaction nobody else publishes or holds, so that what is read stays true.

    Call it before reading what your writing rests on; the checks and `derive` hold already.
    """
    with lifted():
        head(session, book_of(session).tables, lock=True)


@contextmanager
def transaction(context: Any, plugin: str) -> Iterator[Session]:
    """One transaction for a command of yours, whose typer.Context this is: kept at the end, undone where it raises.

    A DutybookError that leaves the command is told in the user's language, with the exit code that it means.
    """
    book: Book = context.obj.book
    with book.database.write() as session:
        tables = book.hooks(session)[plugin].tables
        session.connection()  # it is the core that opens it: within the command, a further one is refused
        with running(HookCall(plugin, "command", tables)):
            yield session
            session.flush()


def insert_rows(session: Session, table: Table, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Inserts many rows into a table of yours, values in the order of `names`, at the speed of the driver."""
    call = current()
    if call is not None and call.writes is not None and table.name not in call.writes:
        call.forbid(f"不得写入 {table.name}。", f"must not write {table.name}.")
    session.flush()
    with lifted():
        bulk.insert_rows(session, table, names, rows)


def publish_demo(session: Session, title: str, effective_on: date, sayings: Sequence[Saying]) -> int:
    """Publishes a change set for the demo and gives its number; `contribute_demo` may, and no other hook."""
    call = current()
    if call is not None and call.hook != "contribute_demo":
        call.forbid("不得发布变更单。", "must not publish change sets.")
    with lifted():
        return apply_changes(session, book_of(session), OPERATOR, Proposal(title, effective_on=effective_on), sayings)


def revision(session: Session) -> int:
    """The newest revision that this transaction sees."""
    return head(session, book_of(session).tables).revision


def records(session: Session, kind: str, as_of: date | None = None, known_at: int | None = None) -> Subquery:
    """The records of a kind in force on a day (today) as known at a revision (the newest), as a table to select from.

    Columns: key, code where the kind has codes, valid_from, valid_to, and the fields of the kind. Inside a check or a
    preview the newest revision is the one that is being made. Hooks see the whole book; fields that are shown to people
    read `view.source(kind)` instead, which keeps to what they may see.
    """
    book = book_of(session)
    newest = head(session, book.tables).revision + 1  # what is being published has the next number already
    when = Time(as_of or book.clock.today(), newest if known_at is None else known_at)
    return in_force(book.tables, kind, when, EVERYTHING)


def name_of(session: Session, kind: str, key: int) -> Message:
    """What to call a record in a message: `岗位 P0001 主任`, `Position P0001 主任`."""
    return shown_name(session, book_of(session).tables, kind, key)


def key_of(session: Session, kind: str, text: str) -> int:
    """The key of the record that a code or an id names; NotFound tells of one that names none, or several."""
    return cast(int, referred(session, book_of(session), kind, text))


def plugin_settings(session: Session, model: type[M]) -> M:
    """The settings of the plugin whose settings are of this type."""
    for plugin in book_of(session).plugins:
        if isinstance(plugin.settings, model):
            return plugin.settings
    raise LookupError(model.__name__)


def call(session: Session, hook: str, **given: Any) -> Iterator[tuple[str, Any]]:
    """Calls a hook that your plugin has contributed, in every plugin that implements it; gives (plugin, answer).

    The others are guarded, measured and held to a deadline as the core's hooks are, and may only read.
    """
    asking, plugins = current(), book_of(session).plugins
    for plugin in plugins.implementing(hook):
        if asking is None or plugin.name != asking.plugin:
            yield plugin.name, plugins.ask(plugin, hook, session=session, **given)


def require(session: Session, actor: Actor, permission: str, kind: str, key: int) -> None:
    """Forbidden, unless the actor holds a permission where a record of today belongs."""
    book = book_of(session)
    newest, day = head(session, book.tables).revision, book.clock.today()
    holders = book.plugins.holders(permission)
    scope = scope_of(session, book.tables, actor, permission, newest, day, holders)
    rows = in_force(book.tables, kind, Time(day, newest), scope)
    if session.scalar(select(rows.c.key).where(rows.c.key == key)) is None:
        name = name_of(session, kind, key)
        zh = f"{actor.name} 的「{permission}」权限不包括 {name.zh}，或其今日无效。"
        raise Forbidden(
            zh,
            f"{actor.name}'s permission '{permission}' does not reach {name.en}, or it is not in force today.",
            path=[kind],
        )
