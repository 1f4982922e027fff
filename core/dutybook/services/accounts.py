"""Accounts: users, what they may do where, and their tokens."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, delete, insert, select, update
from sqlalchemy.orm import Session

from dutybook.access.actor import ADMINISTER, ANONYMOUS, OPERATOR, Actor, Grant
from dutybook.access.grants import read_grant, write_grant
from dutybook.access.identity import actor_named, known_role
from dutybook.access.scope import require_everywhere
from dutybook.access.tokens import SECRET_BYTES, SHOWN, digest, new_token
from dutybook.errors import BadInput, NotFound, Refused
from dutybook.services.book import Book

NAME = re.compile(r"[\w.@-]{1,64}")
NUMBER = re.compile(r"[0-9]{1,18}")
BUILT_IN = {OPERATOR.name, ANONYMOUS}
DAYS = 90
LONGEST_DAYS = 3_650


@dataclass(frozen=True, slots=True)
class Account:
    """A user as a list shows it; `roles` are written like `editor@O01/D001`."""

    name: str
    employee_number: str | None
    disabled: bool
    created_at: datetime
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Token:
    """A token as a list shows it. `roles` is None where it carries all of its user's."""

    id: int
    user: str
    name: str
    prefix: str
    roles: tuple[str, ...] | None
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


def create_user(
    session: Session,
    book: Book,
    by: Actor,
    name: str,
    roles: Sequence[str] = (),
    *,
    password_hash: str | None = None,
    employee_number: str | None = None,
) -> None:
    """Adds a user with roles like `reader` or `editor@D001`; without a password only tokens let it in."""
    require_everywhere(by, ADMINISTER)
    account = book.tables["account"]
    _check_name(name)
    if session.scalar(select(account.c.id).where(account.c.name == name)):
        zh = f"已有名为「{name}」的用户，请另取一名。"
        raise Refused(zh, f"There is a user called '{name}' already; choose another name.", path=["user"])
    row = {"name": name, "password_hash": password_hash, "employee_number": employee_number}
    session.execute(insert(account).values(disabled=False, created_at=book.clock.now(), **row))
    for role in roles:
        grant(session, book, by, name, role)


def list_users(session: Session, book: Book, by: Actor) -> list[Account]:
    """All users by name."""
    require_everywhere(by, ADMINISTER)
    users: dict[str, Account] = {}
    for row in session.execute(_users(book)):
        user = users.get(row.name) or Account(row.name, row.employee_number, row.disabled, row.created_at, ())
        more = (write_grant(row.role, row.organisation, row.department),) if row.role else ()
        users[row.name] = replace(user, roles=user.roles + more)
    return list(users.values())


def grant(session: Session, book: Book, by: Actor, name: str, role: str) -> None:
    """Gives a user a role, for the whole book or a place in it; a role it has already stays as it is."""
    require_everywhere(by, ADMINISTER)
    wanted, user = read_grant(session, book.tables, role), actor_named(session, book.tables, name)
    if wanted not in user.grants:
        session.execute(insert(book.tables["role_grant"]).values(account=user.account, **wanted._asdict()))


def revoke(session: Session, book: Book, by: Actor, name: str, role: str) -> None:
    """Takes a role from a user; at once, and for its tokens too."""
    require_everywhere(by, ADMINISTER)
    unwanted, user = read_grant(session, book.tables, role), actor_named(session, book.tables, name)
    if unwanted not in user.grants:
        zh = f"用户「{name}」没有角色「{role}」；dutybook user list 列出其角色。"
        raise Refused(zh, f"'{name}' has no role '{role}'; dutybook user list shows its roles.", path=["role"])
    session.execute(_grant_row(book, user, unwanted))


def disable(session: Session, book: Book, by: Actor, name: str) -> None:
    """Shuts a user out, by password and by token; its name stays in the records and is never given again."""
    require_everywhere(by, ADMINISTER)
    user, account = actor_named(session, book.tables, name), book.tables["account"]
    session.execute(update(account).where(account.c.id == user.account).values(disabled=True))


def enable(session: Session, book: Book, by: Actor, name: str) -> None:
    """Lets a disabled user in again, with the roles and tokens that it has."""
    require_everywhere(by, ADMINISTER)
    account = book.tables["account"]
    session.execute(update(account).where(account.c.name == name).values(disabled=False))
    actor_named(session, book.tables, name)  # NotFound where nobody has this name


def create_token(
    session: Session, book: Book, by: Actor, user: str, roles: Sequence[str] = (), *, name: str = "", days: int = DAYS
) -> str:
    """A new token, told this once. It carries the named roles of its user, or all that the user has at any time."""
    require_everywhere(by, ADMINISTER)
    owner = actor_named(session, book.tables, user)
    _check_carried(owner, roles)
    if not 1 <= days <= LONGEST_DAYS:
        zh = f"有效期 {days} 天无效，应为 1 到 {LONGEST_DAYS} 天。"
        raise BadInput(zh, f"{days} days are not valid; 1 to {LONGEST_DAYS} are expected.", path=["days"])
    token, now = new_token(book.entropy(SECRET_BYTES)), book.clock.now()
    times = {"created_at": now, "expires_at": now + timedelta(days=days)}
    row = {"account": owner.account, "name": name, "roles": ",".join(roles) or None, **times}
    session.execute(insert(book.tables["token"]).values(prefix=token[:SHOWN], digest=digest(token), **row))
    return token


def list_tokens(session: Session, book: Book, by: Actor) -> list[Token]:
    """All tokens, the newest last."""
    require_everywhere(by, ADMINISTER)
    return [_token(row) for row in session.execute(_tokens(book))]


def revoke_token(session: Session, book: Book, by: Actor, which: str) -> Token:
    """Ends the token with this number or this beginning, for good."""
    require_everywhere(by, ADMINISTER)
    table = book.tables["token"]
    named = table.c.id == int(which) if NUMBER.fullmatch(which) else table.c.prefix == which[:SHOWN]
    found = [_token(row) for row in session.execute(_tokens(book).where(named))]
    if not found:
        zh = f"没有编号或开头为「{which[:SHOWN]}」的令牌；dutybook token list 列出全部。"
        en = f"No token has the number or beginning '{which[:SHOWN]}'; dutybook token list shows them all."
        raise NotFound(zh, en, path=["token"])
    if len(found) > 1:
        several = ", ".join(str(token.id) for token in found)
        zh = f"有多个令牌以「{which[:SHOWN]}」开头，请用编号：{several}。"
        raise BadInput(zh, f"Several tokens begin with '{which[:SHOWN]}'; give one of {several}.", path=["token"])
    ours = table.c.id == found[0].id
    session.execute(update(table).where(ours, table.c.revoked_at.is_(None)).values(revoked_at=book.clock.now()))
    return found[0]


def _check_name(name: str) -> None:
    if not NAME.fullmatch(name) or name.casefold() in BUILT_IN:
        zh = f"用户名「{name}」无效：应为 1 到 64 个文字、数字或 . @ - _，且不得为 {'、'.join(sorted(BUILT_IN))}。"
        en = f"'{name}' cannot be a user's name: 1 to 64 letters, digits or . @ - _, and none of {', '.join(sorted(BUILT_IN))}."
        raise BadInput(zh, en, path=["user"])


def _check_carried(owner: Actor, roles: Sequence[str]) -> None:
    """A token can carry a role, wherever its user has it; not one that its user lacks."""
    held = {grant.role for grant in owner.grants}
    if lacking := [role for role in roles if known_role(role) not in held]:
        names, has = ", ".join(lacking), ", ".join(sorted(held)) or "-"
        zh = f"用户「{owner.name}」没有角色 {names}，令牌不能带有；其角色是 {has}。"
        raise Refused(zh, f"'{owner.name}' has not the role {names} for a token to carry; it has {has}.", path=["role"])


def _grant_row(book: Book, user: Actor, which: Grant) -> Any:
    table = book.tables["role_grant"]
    same = (table.c[name].is_not_distinct_from(value) for name, value in which._asdict().items())
    return delete(table).where(table.c.account == user.account, *same)


def _users(book: Book) -> Select[Any]:
    """One row for each grant of each user, with the codes of its place."""
    account, held = book.tables["account"], book.tables["role_grant"]
    organisation, department = (book.tables.identities[name] for name in ("organisation", "department"))
    own = (organisation.c.key == held.c.organisation) | (organisation.c.key == department.c.organisation)
    joined = account.outerjoin(held, held.c.account == account.c.id)
    joined = joined.outerjoin(department, department.c.key == held.c.department).outerjoin(organisation, own)
    shown = (account.c.name, account.c.employee_number, account.c.disabled, account.c.created_at)
    columns = (*shown, held.c.role, organisation.c.code.label("organisation"))
    query = select(*columns, department.c.code.label("department")).select_from(joined)
    return query.order_by(account.c.name, held.c.id)


def _tokens(book: Book) -> Select[Any]:
    account, token = book.tables["account"], book.tables["token"]
    times = (token.c.created_at, token.c.expires_at, token.c.revoked_at)
    columns = (token.c.id, account.c.name.label("user"), token.c.name, token.c.prefix, token.c.roles, *times)
    return select(*columns).join(account, account.c.id == token.c.account).order_by(token.c.id)


def _token(row: Row[Any]) -> Token:
    return Token(**{**row._asdict(), "roles": row.roles and tuple(row.roles.split(","))})
