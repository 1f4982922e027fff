"""Periods: months of accounts are opened, closed when nothing stands against it, and reopened for a reason."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Row, insert, update
from sqlalchemy.orm import Session

from dutybook.access.actor import MANAGE_PERIODS, Actor
from dutybook.access.scope import require_everywhere
from dutybook.book.kinds import Field
from dutybook.book.months import end_of, first_day, number_of, parse_month
from dutybook.book.times import eve
from dutybook.db.head import head
from dutybook.db.periods import CLOSED, CLOSING, OPEN, closed_since, months, one_period
from dutybook.errors import Message
from dutybook.lifecycle.calling import PluginFailure
from dutybook.lifecycle.objections import Objection
from dutybook.lifecycle.views import PeriodView
from dutybook.services.book import Book
from dutybook.services.corrections import WrongPeriod, absorb, carry_waiting
from dutybook.services.events import note
from dutybook.services.outcomes import Key, Outcome, perform
from dutybook.services.refusals import RefusedByRules
from dutybook.services.telling import derive
from dutybook.services.verdicts import NONE, Verdicts, outstanding, overridden

REASON = Field("reason", Message("事由", "Reason"), required=True)

OPENED, REOPENED, REFUSED = "OPENED", "REOPENED", "REFUSED"
"""What is done to a month besides CLOSED."""


def open_period(session: Session, book: Book, actor: Actor, month: str) -> int:
    """Opens a month for the first time, which takes the corrections that wait for one; gives its number."""
    known = _begin(session, book, actor, month)
    if month in known:
        raise _opened_before(known[month])
    if later := [name for name, row in known.items() if row.state == CLOSED and name > month]:
        zh = f"核算期 {month} 早于已关闭的 {later[0]}，不能开启；请先由新到旧重新开启 {'、'.join(reversed(later))}。"
        en = f"The period {month} lies before {later[0]}, which is closed; first reopen, newest first, {', '.join(reversed(later))}."
        raise WrongPeriod(month, zh, en)
    by = {"opened_at": book.clock.now(), "opened_by": actor.name}
    session.execute(insert(book.tables["period"]).values(month=month, state=OPEN, version=1, **by))
    carry_waiting(session, book, month)
    _act(session, book, actor, month, OPENED)
    _tell(session, book, "period.opened", month, actor)
    return number_of(month)


def close_period(session: Session, book: Book, actor: Actor, month: str, verdicts: Verdicts = NONE) -> int:
    """Closes a month for good at the head's revision, unless a plugin objects; gives its number."""
    known = _begin(session, book, actor, month)
    refuse_unready(month, known)
    _become(session, book, month, CLOSING)
    _tell(session, book, "period.closing", month, actor)
    objections = list(_objections(session, book, month, dry_run=False))
    if standing := list(outstanding(session, book, actor, objections, verdicts)):
        raise RefusedByRules(standing)
    revision = head(session, book.tables).revision
    by = {"closed_at": book.clock.now(), "closed_by": actor.name, "closing_revision": revision}
    _become(session, book, month, CLOSED, **by)
    reasons = {objection.name: reason for objection, reason in overridden(objections, verdicts)}
    _act(session, book, actor, month, CLOSED, objections=[_told(it, reasons.get(it.name)) for it in objections])
    _tell(session, book, "period.closed", month, actor, {"revision": revision, "overridden": reasons})
    return number_of(month)


def reopen_period(session: Session, book: Book, actor: Actor, month: str, reason: str | None) -> int:
    """Opens a closed month again, which will be closed at another revision; gives its number."""
    known = _begin(session, book, actor, month)
    why = str(REASON.check((reason or "").strip()))
    if month not in known or known[month].state != CLOSED:
        zh = f"核算期 {month} 并未关闭，无须重新开启。"
        raise WrongPeriod(month, zh, f"The period {month} is not closed; there is nothing to reopen.")
    if later := [name for name, row in known.items() if row.state == CLOSED and name > month]:
        zh = f"核算期 {'、'.join(later)} 以 {month} 为基础且已关闭；请先由新到旧重新开启。"
        en = f"{', '.join(later)} rest on {month} and are closed; reopen them first, the newest before all."
        raise WrongPeriod(month, zh, en)
    _become(session, book, month, OPEN, closed_at=None, closed_by=None, closing_revision=None)
    absorb(session, book, month)
    carry_waiting(session, book, month)
    _act(session, book, actor, month, REOPENED, why)
    _tell(session, book, "period.reopened", month, actor, {"reason": why})
    return number_of(month)


def attempt_close(book: Book, actor: Actor, key: Key | None, month: str, verdicts: Verdicts) -> Outcome:
    """Closes in a transaction of its own; what objections refuse is on record as well, in another one."""
    refusals: list[RefusedByRules] = []

    def act(session: Session) -> int:
        try:
            return close_period(session, book, actor, month, verdicts)
        except RefusedByRules as refusal:
            refusals.append(refusal)
            raise

    outcome = perform(book, actor, key, act)
    for refusal in refusals:
        with book.database.write() as session:
            _act(session, book, actor, month, REFUSED, objections=[_told(it, None) for it in refusal.objections])
    return outcome


def closing_objections(book: Book, actor: Actor, month: str) -> tuple[Objection, ...]:
    """What stands against closing a month now; asked in a transaction that is taken back."""
    with Session(book.database.engine, autoflush=False) as session:
        try:
            refuse_unready(month, _begin(session, book, actor, month))
            _become(session, book, month, CLOSING)
            return tuple(_objections(session, book, month, dry_run=True))
        except (WrongPeriod, PluginFailure) as failure:
            plugin = failure.plugin if isinstance(failure, PluginFailure) else "core"
            return (Objection(failure.code, failure.message, failure.path, plugin),)
        finally:
            session.rollback()


def refuse_unready(month: str, known: Mapping[str, Row[Any]]) -> None:
    """WrongPeriod, unless a month is open and no earlier one is."""
    if month not in known:
        zh = f"核算期 {month} 尚未开启；请先开启：dutybook period open {month}。"
        raise WrongPeriod(
            month, zh, f"The period {month} was never opened; open it first: dutybook period open {month}."
        )
    if known[month].state == CLOSED:
        raise _opened_before(known[month])
    if earlier := [name for name, row in known.items() if row.state == OPEN and name < month]:
        zh = f"更早的核算期 {'、'.join(earlier)} 仍然开启；请先将其关闭，再关闭 {month}。"
        en = f"{', '.join(earlier)}, before {month}, is still open; close the earlier months first."
        raise WrongPeriod(month, zh, en)


def closed_months(session: Session, book: Book) -> Sequence[str]:
    """The closed months, oldest first."""
    return closed_since(session, book.tables)


def known_at(session: Session, book: Book, month: str) -> int:
    """The revision at which the figures of a closed month are read for good; WrongPeriod while it is not closed."""
    row = one_period(session, book.tables, parse_month(month))
    if row is None or row.state != CLOSED:
        zh = f"核算期 {month} 并未关闭，没有关账版次；请以最新版次读取，或先关闭它。"
        en = f"The period {month} is not closed and has no closing revision; read it at the head, or close it first."
        raise WrongPeriod(month, zh, en)
    revision: int = row.closing_revision
    return revision


def view_of(month: str, state: str) -> PeriodView:
    """A month as plugins see it."""
    return PeriodView(month, first_day(month), end_of(month), state)


def _begin(session: Session, book: Book, actor: Actor, month: str) -> dict[str, Row[Any]]:
    """All months, which stand still until the transaction ends, as does the book."""
    require_everywhere(actor, MANAGE_PERIODS)
    parse_month(month)
    head(session, book.tables, lock=True)
    return months(session, book.tables)


def _opened_before(row: Row[Any]) -> WrongPeriod:
    month = row.month
    if row.state == OPEN:
        return WrongPeriod(month, f"核算期 {month} 已经开启。", f"The period {month} is open already.")
    zh = f"核算期 {month} 已在第 {row.closing_revision} 版次关闭；若要更改，请说明事由重新开启：dutybook period reopen {month}。"
    en = f"The period {month} was closed at revision {row.closing_revision}; reopen it with a reason: dutybook period reopen {month}."
    return WrongPeriod(month, zh, en)


def _objections(session: Session, book: Book, month: str, *, dry_run: bool) -> Iterator[Objection]:
    """What the core and every plugin have against closing a month."""
    if book.clock.today() < end_of(month):
        last = eve(end_of(month))
        zh = f"核算期 {month} 到 {last} 才结束；提前关闭后，其余各天的变更都成为更正；确要提前关闭，请确认此条"
        en = f"The period {month} lasts through {last}; acknowledge that changes of its last days will be corrections"
        yield Objection("PERIOD_NOT_OVER", Message(zh, en), ("month",), severity="WARN")
    period = view_of(month, CLOSING)
    yield from book.hooks(session).objections("check_period_close", session, period=period, dry_run=dry_run)


def _become(session: Session, book: Book, month: str, state: str, **values: object) -> None:
    table = book.tables["period"]
    new = {**values, "state": state, "version": table.c.version + 1}
    session.execute(update(table).where(table.c.month == month).values(new))


def _told(it: Objection, reason: str | None) -> dict[str, str | None]:
    """An objection as it is kept with an act: it has to be read when the plugin is gone."""
    return {"objection": it.name, "severity": it.severity, "zh": it.message.zh, "en": it.message.en, "reason": reason}


def _act(
    session: Session,
    book: Book,
    actor: Actor,
    month: str,
    act: str,
    reason: str | None = None,
    objections: Sequence[Mapping[str, str | None]] = (),
) -> None:
    row = {"month": month, "act": act, "by": actor.name, "at": book.clock.now(), "reason": reason}
    told = {"revision": head(session, book.tables).revision, "objections": orjson.dumps(list(objections)).decode()}
    session.execute(insert(book.tables["period_act"]).values(**row, **told))


def _tell(
    session: Session, book: Book, name: str, month: str, actor: Actor, payload: Mapping[str, Any] | None = None
) -> None:
    """Appends an event, and lets plugins write along."""
    derive(
        session, book, [note(session, book, name, number_of(month), actor.name, {"month": month, **(payload or {})})]
    )
