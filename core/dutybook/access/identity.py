"""Who is it? From a token, a password, a name, or nobody's name at all to an actor with its grants."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from hmac import compare_digest
from typing import Any

from sqlalchemy import Row, Select, and_, select, update
from sqlalchemy.orm import Session

from dutybook.access.actor import ANONYMOUS, ROLES, Actor, Grant
from dutybook.access.passwords import Passwords
from dutybook.access.tokens import digest
from dutybook.book.clock import Clock
from dutybook.db.engine import Database
from dutybook.db.tables import Tables
from dutybook.errors import BadInput, Forbidden, NotFound


def authenticate_token(session: Session, tables: Tables, clock: Clock, token: str) -> Actor | None:
    """Whose token this is; None for one that is unknown, expired or revoked, or whose owner is disabled."""
    return _bearer(session.execute(_token_query(tables, clock, token)).all(), token)


async def token_bearer(database: Database, clock: Clock, token: str) -> Actor | None:
    """`authenticate_token` for the server, off the event loop."""
    return _bearer(await database.rows(_token_query(database.tables, clock, token)), token)


def authenticate_password(database: Database, passwords: Passwords, name: str, password: str) -> Actor | None:
    """Who has this name and password. No transaction is held while the slow hash is computed."""
    account = database.tables["account"]
    with database.read() as session:
        rows = session.execute(_grants_of(database.tables, account.c.name == name)).all()
    stored: str | None = rows[0].password_hash if rows else None
    matched = passwords.matches(stored, password)
    if not matched or stored is None or rows[0].disabled:
        return None
    if renewed := passwords.renewed(stored, password):
        with database.write() as session:
            unchanged = update(account).where(account.c.id == rows[0].id, account.c.password_hash == stored)
            session.execute(unchanged.values(password_hash=renewed))
    return _actor(rows)


def actor_named(session: Session, tables: Tables, name: str) -> Actor:
    """The user of this name, with all its grants; NotFound or, for a disabled one, Forbidden."""
    rows = session.execute(_grants_of(tables, tables["account"].c.name == name)).all()
    if not rows:
        zh = f"没有名为「{name}」的用户，dutybook user list 列出全部用户。"
        raise NotFound(zh, f"No user is called '{name}'; dutybook user list names them all.", path=["user"])
    if rows[0].disabled:
        zh = f"用户「{name}」已停用；dutybook user enable 可恢复。"
        raise Forbidden(zh, f"The user '{name}' is disabled; dutybook user enable lets it in again.", path=["user"])
    return _actor(rows)


def actors_of(session: Session, tables: Tables, accounts: Collection[int]) -> dict[int, Actor]:
    """The users of some accounts with all their grants, but for those that are disabled."""
    account = tables["account"]
    rows = session.execute(_grants_of(tables, account.c.id.in_(accounts), account.c.disabled.is_(False)))
    found: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in rows:
        found[row.id].append(row)
    return {number: _actor(some) for number, some in found.items()}


def anonymous(role: str) -> Actor | None:
    """Who reads without a token, by the setting `anonymous_role`; None where nobody may."""
    return Actor(ANONYMOUS, (Grant(known_role(role)),)) if role else None


def known_role(name: str) -> str:
    """The name, if a role has it; BadInput lists those that exist."""
    if name not in ROLES:
        known = ", ".join(ROLES)
        raise BadInput(
            f"没有名为「{name}」的角色，已有 {known}。",
            f"No role is called '{name}'; known are {known}.",
            path=["role"],
        )
    return name


def _grants_of(tables: Tables, *which: Any) -> Select[Any]:
    """One row for each grant of an account, and one without a grant for an account that has none."""
    account, grant = tables["account"], tables["role_grant"]
    columns = (account.c.id, account.c.name, account.c.employee_number, account.c.password_hash, account.c.disabled)
    joined = account.outerjoin(grant, grant.c.account == account.c.id)
    query = select(*columns, grant.c.role, grant.c.organisation, grant.c.department).select_from(joined)
    return query.where(*which).order_by(grant.c.id)


def _token_query(tables: Tables, clock: Clock, token: str) -> Select[Any]:
    account, tokens = tables["account"], tables["token"]
    alive = and_(tokens.c.expires_at > clock.now(), tokens.c.revoked_at.is_(None), account.c.disabled.is_(False))
    ours = and_(tokens.c.account == account.c.id, tokens.c.digest == digest(token))
    return _grants_of(tables, ours, alive).add_columns(tokens.c.digest, tokens.c.roles)


def _bearer(rows: Sequence[Row[Any]], token: str) -> Actor | None:
    if not rows or not compare_digest(rows[0].digest, digest(token)):
        return None
    roles = rows[0].roles
    return _actor(rows, ROLES if roles is None else roles.split(","))


def _actor(rows: Sequence[Row[Any]], roles: Collection[str] = tuple(ROLES)) -> Actor:
    """The actor of one account's rows. A role that the house no longer knows permits nothing."""
    kept = (row for row in rows if row.role in ROLES and row.role in roles)
    grants = tuple(Grant(row.role, row.organisation, row.department) for row in kept)
    return Actor(rows[0].name, grants, rows[0].id, rows[0].employee_number)
