"""Somebody is who a token or a password says, and nobody else."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from typing import Literal, cast

import pytest
from argon2 import PasswordHasher
from sqlalchemy import insert, select

from dutybook.access.actor import OPERATOR, READ, Actor, Grant
from dutybook.access.identity import (
    actor_named,
    anonymous,
    authenticate_password,
    authenticate_token,
    token_bearer,
)
from dutybook.access.passwords import Passwords
from dutybook.access.tokens import MARK, digest, new_token
from dutybook.book.clock import FrozenClock
from dutybook.errors import BadInput, Forbidden, NotFound
from dutybook.services import accounts
from dutybook.services.book import Book
from tests.backends import Backend
from tests.core.access_company import CHEAP, small_book, statements

PASSWORD = "十个字以上的好密码啊"


@pytest.fixture
def book(backend: Backend) -> Iterator[Book]:
    """A book with one user who reads and edits."""
    with small_book(backend) as book:
        with book.database.write() as session:
            hashed = CHEAP.hash(PASSWORD)
            accounts.create_user(session, book, OPERATOR, "li", ["reader", "editor"], password_hash=hashed)
        yield book


def token(book: Book, *roles: str, days: int = 90) -> str:
    with book.database.write() as session:
        return accounts.create_token(session, book, OPERATOR, "li", roles, days=days)


def bearer(book: Book, token: str) -> Actor | None:
    with book.database.read() as session:
        return authenticate_token(session, book.tables, book.clock, token)


def log_in(book: Book, name: str, password: str, passwords: Passwords = CHEAP) -> Actor | None:
    return authenticate_password(book.database, passwords, name, password)


def test_a_token_brings_its_user_with_all_roles(book: Book) -> None:
    actor = bearer(book, token(book))
    assert actor
    assert (actor.name, actor.grants) == ("li", (Grant("reader"), Grant("editor")))


def test_a_scoped_token_carries_only_its_roles(book: Book) -> None:
    actor = bearer(book, token(book, "reader"))
    assert actor
    assert actor.permissions == {READ}


def test_a_token_of_a_role_that_was_revoked_permits_nothing(book: Book) -> None:
    mine = token(book, "editor")
    with book.database.write() as session:
        accounts.revoke(session, book, OPERATOR, "li", "editor")
    assert bearer(book, mine) == Actor("li", (), account=1)


def test_a_role_that_the_house_no_longer_knows_permits_nothing(book: Book) -> None:
    with book.database.write() as session:
        session.execute(insert(book.tables["role_grant"]).values(account=1, role="wage clerk"))
        assert "wage clerk" not in {grant.role for grant in actor_named(session, book.tables, "li").grants}


def test_a_token_ends_on_its_day(book: Book) -> None:
    mine = token(book, days=1)
    clock = cast(FrozenClock, book.clock)
    clock.moment += timedelta(hours=23, minutes=59)
    assert bearer(book, mine)
    clock.moment += timedelta(minutes=1)
    assert bearer(book, mine) is None


def test_a_revoked_token_is_worth_nothing(book: Book) -> None:
    mine, other = token(book), token(book)
    with book.database.write() as session:
        accounts.revoke_token(session, book, OPERATOR, mine[:12])
    assert (bearer(book, mine), bearer(book, other) is None) == (None, False)


def test_a_disabled_user_comes_in_by_no_door(book: Book) -> None:
    mine = token(book)
    with book.database.write() as session:
        accounts.disable(session, book, OPERATOR, "li")
    assert (bearer(book, mine), log_in(book, "li", PASSWORD)) == (None, None)
    with book.database.read() as session, pytest.raises(Forbidden, match="disabled"):
        actor_named(session, book.tables, "li")


@pytest.mark.parametrize("strange", ["", MARK, "dbk_' or 1=1 --", "Bearer", "密", "x" * 100_000])
def test_a_strange_token_is_nobodys(book: Book, strange: str) -> None:
    token(book)
    assert bearer(book, strange) is None


def test_a_token_costs_one_statement(book: Book) -> None:
    mine = token(book)
    with statements(book) as sent:
        bearer(book, mine)
    assert len([statement for statement in sent if statement.startswith("SELECT")]) == 1


def test_the_server_knows_a_token_the_same_way(book: Book) -> None:
    async def ask(token: str) -> Actor | None:
        try:
            return await token_bearer(book.database, book.clock, token)
        finally:
            await book.database.close()

    mine = token(book, "reader")
    assert asyncio.run(ask(mine)) == bearer(book, mine)


def test_only_the_digest_of_a_token_is_kept(book: Book) -> None:
    mine = token(book)
    with book.database.read() as session:
        row = session.execute(select(book.tables["token"])).one()
    assert row.digest == digest(mine)
    assert mine not in map(str, row)


def test_tokens_carry_32_random_bytes() -> None:
    assert new_token(bytes(32)) == MARK + "A" * 43


def test_a_password_opens_only_its_own_account(book: Book) -> None:
    actor = log_in(book, "li", PASSWORD)
    assert actor
    assert actor.name == "li"
    assert [log_in(book, *wrong) for wrong in (("li", "wrong"), ("wang", PASSWORD), ("LI", PASSWORD), ("li", ""))] == [
        None
    ] * 4


def test_a_user_without_a_password_cannot_log_in(book: Book) -> None:
    with book.database.write() as session:
        accounts.create_user(session, book, OPERATOR, "portal")
    assert [log_in(book, "portal", password) for password in ("", "None")] == [None, None]


def test_an_unknown_user_costs_as_much_work_as_a_known_one() -> None:
    class Counting(PasswordHasher):
        verified = 0

        def verify(self, hash: str | bytes, password: str | bytes) -> Literal[True]:  # noqa: A002
            self.verified += 1
            return super().verify(hash, password)

    hasher = Counting(time_cost=1, memory_cost=8, parallelism=1)
    passwords = Passwords(hasher)
    stored = passwords.hash(PASSWORD)
    assert (passwords.matches(stored, PASSWORD), passwords.matches(None, ""), hasher.verified) == (True, False, 2)


def test_a_login_renews_a_hash_of_older_parameters(book: Book) -> None:
    dearer = Passwords(PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
    assert log_in(book, "li", PASSWORD, dearer)
    with book.database.read() as session:
        renewed = session.scalars(select(book.tables["account"].c.password_hash)).one()
    assert (dearer.renewed(renewed, PASSWORD), dearer.matches(renewed, PASSWORD)) == (None, True)


@pytest.mark.parametrize("password", ["", "九个字的短密码呀啊", "x" * 1_001])
def test_a_password_of_a_bad_length_is_refused_without_repeating_it(password: str) -> None:
    with pytest.raises(BadInput, match=rf"has {len(password)} characters; 10 to 1000") as refused:
        CHEAP.hash(password)
    assert not password or password not in str(refused.value)


def test_a_user_who_is_not_there_is_named(book: Book) -> None:
    with book.database.read() as session, pytest.raises(NotFound, match="No user is called 'wang'"):
        actor_named(session, book.tables, "wang")


def test_nobody_is_let_in_without_a_name_unless_a_role_is_set_for_it() -> None:
    reader = anonymous("reader")
    assert anonymous("") is None
    assert reader
    assert reader.permissions == {READ}


def test_an_unknown_anonymous_role_is_named_with_those_that_exist() -> None:
    with pytest.raises(BadInput, match=r"'raeder'.*reader, colleague, editor, approver, publisher, administrator"):
        anonymous("raeder")
