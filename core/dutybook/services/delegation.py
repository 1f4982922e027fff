"""Delegation of signing: who signs for whom, on which days, in which departments; nothing is passed on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, insert, select, update
from sqlalchemy.orm import Session

from dutybook.access.actor import ADMINISTER, APPROVE, Actor, Grant
from dutybook.access.identity import actor_named, actors_of
from dutybook.access.scope import holds_everywhere, require_everywhere
from dutybook.book.kinds import Field
from dutybook.book.times import days_told, eve
from dutybook.db.tables import Tables
from dutybook.errors import BadInput, Forbidden, Message, NotFound, Refused
from dutybook.services.book import Book
from dutybook.services.rights import reaches_set, works_on_changesets

REASON = Field("reason", Message("事由", "Reason"), required=True, longest=400)
LONGEST = 366
"""Days: whoever is away for longer hands the role over."""


@dataclass(frozen=True, slots=True)
class Delegated:
    """What is delegated: names of users, the key of a department or None for all, days [from_day, to_day)."""

    principal: str
    delegate: str
    from_day: date
    to_day: date
    reason: str
    department: int | None = None


def delegate_signing(session: Session, book: Book, by: Actor, it: Delegated) -> int:
    """Lets a user sign for another one; said by that one, or by an administrator."""
    _refuse_stranger(by, it.principal)
    # Whoever speaks for themselves lends what they came with, which a token may have made less than all they have.
    is_own = by.name == it.principal and by.account is not None
    principal = by if is_own else actor_named(session, book.tables, it.principal)
    _refuse_unable(principal)
    other = actor_named(session, book.tables, it.delegate)
    _check(book, it, principal, other)
    row = {
        "principal": principal.account,
        "delegate": other.account,
        "department": it.department,
        "from_day": it.from_day,
        "to_day": it.to_day,
        "reason": REASON.check(it.reason.strip()),
        "made_by": by.name,
        "made_at": book.clock.now(),
    }
    table = book.tables["delegation"]
    number: int = session.scalars(insert(table).values(row).returning(table.c.id)).one()
    return number


def _refuse_stranger(by: Actor, principal: str) -> None:
    if by.name != principal and not holds_everywhere(by, ADMINISTER):
        zh = f"只有「{principal}」本人或管理员可以委托或撤销其签署。"
        raise Forbidden(
            zh, f"Only '{principal}' or an administrator may delegate how '{principal}' signs, or end that."
        )


def _refuse_unable(principal: Actor) -> None:
    if not principal.may(APPROVE):
        zh = f"「{principal.name}」无签署权，无可委托。"
        raise Refused(zh, f"'{principal.name}' may not sign, so has nothing to delegate.", path=["principal"])


def _check(book: Book, it: Delegated, principal: Actor, other: Actor) -> None:
    if principal.name == other.name:
        raise BadInput("不能委托给本人。", "Nobody delegates to themselves; name another user.", path=["delegate"])
    days = (it.to_day - it.from_day).days
    if not 1 <= days <= LONGEST:
        told = days_told(it.from_day, it.to_day)
        zh = f"委托期「{told.zh}」应为 1 至 {LONGEST} 天。"
        en = f"A delegation lasts 1 to {LONGEST} days; '{told.en}' does not."
        raise BadInput(zh, en, path=["to"])
    if it.to_day <= book.clock.today():
        last = eve(it.to_day)
        zh = f"委托的末日 {last} 已过；签署不能补委托。"
        raise BadInput(zh, f"The last day of the delegation, {last}, is over; it must reach today.", path=["to"])
    if not works_on_changesets(other):
        zh = f"「{other.name}」看不到变更单，不能代签；请先授予 editor、approver 或 publisher 角色。"
        en = f"'{other.name}' sees no proposals and could not sign them; grant a role such as editor or approver first."
        raise Refused(zh, en, path=["delegate"])


def revoke_delegation(session: Session, book: Book, by: Actor, number: int) -> None:
    """Ends a delegation at once; what was signed by it stays signed."""
    table = book.tables["delegation"]
    row = session.execute(delegations(book.tables, table.c.id == number)).one_or_none()
    if row is None:
        raise NotFound(f"没有编号为 {number} 的委托。", f"There is no delegation {number}.", path=["delegation"])
    _refuse_stranger(by, row.principal_name)
    values = {"revoked_by": by.name, "revoked_at": book.clock.now()}
    session.execute(update(table).where(table.c.id == number, table.c.revoked_at.is_(None)).values(values))


def list_delegations(session: Session, book: Book, by: Actor) -> list[Row[Any]]:
    """All delegations, the newest first."""
    require_everywhere(by, ADMINISTER)
    table = book.tables["delegation"]
    return list(session.execute(delegations(book.tables).order_by(table.c.id.desc())))


def delegations(tables: Tables, *which: ColumnElement[bool]) -> Select[Any]:
    """Delegations with the names of both sides, and the code of the department."""
    table, department = tables["delegation"], tables.identities["department"]
    principal, other = (tables["account"].alias(name) for name in ("principal_account", "delegate_account"))
    joined = table.join(principal, principal.c.id == table.c.principal).join(other, other.c.id == table.c.delegate)
    joined = joined.outerjoin(department, department.c.key == table.c.department)
    names = (principal.c.name.label("principal_name"), other.c.name.label("delegate_name"))
    return select(table, *names, department.c.code.label("department_code")).select_from(joined).where(*which)


def principals(session: Session, book: Book, actor: Actor, changeset: Row[Any]) -> Iterator[Actor]:
    """For whom an actor may sign a set today, each with what they may do themselves now.

    A set's own author signs it for nobody: a signer who is named to keep eyes apart would bring them together.
    """
    if actor.account is None or actor.name == changeset.author or not works_on_changesets(actor):
        return
    rows = session.execute(standing(book, actor.account)).all()
    actors = actors_of(session, book.tables, {row.principal for row in rows}) if rows else {}
    for row in rows:
        principal = actors.get(row.principal)
        if principal is not None and _within(session, book, row.department, principal, changeset):
            yield principal


def standing(book: Book, account: int) -> Select[Any]:
    """Who lets a user sign for them today, and for which department."""
    table, today = book.tables["delegation"], book.clock.today()
    days = (table.c.from_day <= today, table.c.to_day > today)
    ours = (table.c.delegate == account, table.c.revoked_at.is_(None))
    return select(table.c.principal, table.c.department).where(*ours, *days).order_by(table.c.id)


def _within(session: Session, book: Book, department: int | None, principal: Actor, changeset: Row[Any]) -> bool:
    """Whether a set touches nothing outside of what was delegated."""
    narrowed = Actor(principal.name, (Grant("approver", department=department),))
    return department is None or reaches_set(session, book, narrowed, APPROVE, changeset)


def shown(row: Row[Any]) -> Mapping[str, object]:
    """A delegation as a list shows it."""
    names = ("department_code", "from_day", "to_day", "reason", "made_by", "revoked_by")
    told = {name: getattr(row, name) for name in names}
    return {"id": row.id, "principal": row.principal_name, "delegate": row.delegate_name, **told}
