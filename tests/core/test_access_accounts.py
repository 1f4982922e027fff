"""Users and tokens are kept by administrators of the whole book, and by nobody else."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date

import pytest
from sqlalchemy.orm import Session

from dutybook.access.actor import OPERATOR, Actor, Grant
from dutybook.access.identity import actor_named
from dutybook.errors import BadInput, DutybookError, Forbidden, NotFound, Refused
from dutybook.services import accounts
from dutybook.services.book import Book
from tests.backends import Backend
from tests.core.access_company import key_of, publish, small_book

Act = Callable[[Session, Book, Actor], object]
ACTS: Sequence[Act] = (
    lambda session, book, by: accounts.create_user(session, book, by, "wang"),
    accounts.list_users,
    lambda session, book, by: accounts.grant(session, book, by, "li", "administrator"),
    lambda session, book, by: accounts.revoke(session, book, by, "li", "reader"),
    lambda session, book, by: accounts.disable(session, book, by, "li"),
    lambda session, book, by: accounts.create_token(session, book, by, "li"),
    accounts.list_tokens,
    lambda session, book, by: accounts.revoke_token(session, book, by, "1"),
)


@pytest.fixture(scope="module")
def book(backend: Backend) -> Iterator[Book]:
    """Two organisations that both have a department D001, and one user."""
    with small_book(backend) as book:
        with book.database.write() as session:
            publish(
                session, book, date(2024, 1, 1), [{"openOrganisation": {"code": c, "name": c}} for c in ("O1", "O2")]
            )
            names = (("O1", "D001"), ("O2", "D001"), ("O2", "D002"))
            departments = ({"organisation": o, "code": d, "name": d} for o, d in names)
            publish(session, book, date(2024, 1, 1), [{"openDepartment": it} for it in departments])
            accounts.create_user(session, book, OPERATOR, "li", ["reader"])
        yield book


@pytest.fixture
def session(book: Book) -> Iterator[Session]:
    """A transaction that is rolled back."""
    with Session(book.database.engine) as session:
        yield session


def written(session: Session, book: Book, name: str) -> tuple[str, ...]:
    return next(user.roles for user in accounts.list_users(session, book, OPERATOR) if user.name == name)


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("grant", [Grant("publisher"), Grant("administrator", department=1)])
def test_only_an_administrator_of_the_whole_book_keeps_accounts(
    session: Session, book: Book, act: Act, grant: Grant
) -> None:
    with pytest.raises(Forbidden, match="lacks 'administer' for the whole book"):
        act(session, book, Actor("zhao", (grant,)))


def test_roles_are_listed_as_they_can_be_written_again(session: Session, book: Book) -> None:
    roles = ("editor", "approver@O1", "publisher@O2/D001", "reader@O2/D002")
    accounts.create_user(session, book, OPERATOR, "wang", [*roles[:3], "reader@D002"])
    accounts.create_user(session, book, OPERATOR, "zhao", written(session, book, "wang"))
    assert written(session, book, "zhao") == roles


def test_a_role_in_a_place_is_granted_by_the_keys_of_its_codes(session: Session, book: Book) -> None:
    accounts.grant(session, book, OPERATOR, "li", "editor@D002")
    accounts.grant(session, book, OPERATOR, "li", "editor@O2")
    department, organisation = (key_of(session, book, *it) for it in (("department", "D002"), ("organisation", "O2")))
    expected = Grant("reader"), Grant("editor", department=department), Grant("editor", organisation=organisation)
    assert actor_named(session, book.tables, "li").grants == expected


def test_granting_twice_is_granting_once(session: Session, book: Book) -> None:
    for _ in range(2):
        accounts.grant(session, book, OPERATOR, "li", "editor@D002")
    accounts.revoke(session, book, OPERATOR, "li", "editor@O2/D002")
    assert written(session, book, "li") == ("reader",)


@pytest.mark.parametrize(
    ("role", "error", "told"),
    [
        ("raeder", BadInput, "known are reader, colleague, editor"),
        ("editor@D009", NotFound, "'D009'. Write it like editor@D001, editor@O01"),
        ("editor@O1/D002", NotFound, "'O1/D002'"),
        ("editor@D001", BadInput, "ambiguous; write editor@O1/D001, editor@O2/D001"),
        ("editor@", NotFound, "has the code ''"),
    ],
)
def test_a_role_that_cannot_be_is_refused_with_the_way_out(
    session: Session, book: Book, role: str, error: type[DutybookError], told: str
) -> None:
    with pytest.raises(error) as refused:
        accounts.grant(session, book, OPERATOR, "li", role)
    assert told in str(refused.value)


def test_a_role_that_a_user_has_not_cannot_be_revoked(session: Session, book: Book) -> None:
    with pytest.raises(Refused, match="'li' has no role 'reader@O1'"):
        accounts.revoke(session, book, OPERATOR, "li", "reader@O1")


@pytest.mark.parametrize("name", ["", "operator", "Anonymous", "a b", "a\n", "role:editor", "x" * 65, "a@b/c"])
def test_a_name_that_could_be_taken_for_something_else_is_refused(session: Session, book: Book, name: str) -> None:
    with pytest.raises(BadInput, match="cannot be a user's name"):
        accounts.create_user(session, book, OPERATOR, name)


def test_a_name_is_given_once_even_to_a_user_who_left(session: Session, book: Book) -> None:
    accounts.disable(session, book, OPERATOR, "li")
    with pytest.raises(Refused, match="is a user called 'li' already"):
        accounts.create_user(session, book, OPERATOR, "li")


def test_a_token_cannot_carry_more_than_its_user(session: Session, book: Book) -> None:
    with pytest.raises(Refused, match=r"'li' has not the role publisher .* it has reader"):
        accounts.create_token(session, book, OPERATOR, "li", ["reader", "publisher"])


@pytest.mark.parametrize("days", [0, -1, 3_651])
def test_a_token_expires_after_one_day_to_ten_years(session: Session, book: Book, days: int) -> None:
    with pytest.raises(BadInput, match=f"^.*{days} days are not valid; 1 to 3650"):
        accounts.create_token(session, book, OPERATOR, "li", days=days)


def test_tokens_are_listed_without_their_secret(session: Session, book: Book) -> None:
    token = accounts.create_token(session, book, OPERATOR, "li", ["reader"], name="portal", days=30)
    [listed] = accounts.list_tokens(session, book, OPERATOR)
    assert (listed.user, listed.name, listed.roles, listed.prefix) == ("li", "portal", ("reader",), token[:12])
    assert (listed.expires_at - book.clock.now()).days == 30


def test_a_token_is_revoked_by_number_or_beginning_and_its_first_end_stays(session: Session, book: Book) -> None:
    tokens = [accounts.create_token(session, book, OPERATOR, "li") for _ in range(2)]
    number = str(accounts.list_tokens(session, book, OPERATOR)[0].id)
    for which in (number, tokens[0], tokens[1][:12]):
        accounts.revoke_token(session, book, OPERATOR, which)
    ends = [token.revoked_at for token in accounts.list_tokens(session, book, OPERATOR)]
    assert ends == [book.clock.now()] * 2


@pytest.mark.parametrize("which", ["99", "dbk_AAAAAAAA", "", "9" * 40, "%"])
def test_a_token_that_is_not_there_is_named(session: Session, book: Book, which: str) -> None:
    with pytest.raises(NotFound, match="No token has the number or beginning"):
        accounts.revoke_token(session, book, OPERATOR, which)
