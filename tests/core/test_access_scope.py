"""A scope is a right of today's tree, for every kind and at every time; outside it nothing is there."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from dutybook.access.actor import OPERATOR, PROPOSE, PUBLISH, READ, Actor, Grant
from dutybook.access.scope import NOTHING, require, require_everywhere, scope_in, scope_of
from dutybook.book.times import Time
from dutybook.db.in_force import EVERYTHING, Scope, in_force
from dutybook.errors import Forbidden
from dutybook.services.book import Book
from dutybook.services.say import Saying
from tests.backends import Backend
from tests.core.access_company import TODAY, key_of, publish, seen, small_book, statements

FOUNDED, MOVED = date(2024, 1, 1), date(2025, 1, 1)
SCOPED_KINDS = ("department", "position", "duty", "assignment")


@pytest.fixture(scope="module")
def book(backend: Backend) -> Iterator[Book]:
    """A book whose tests roll back what they publish."""
    with small_book(backend) as book:
        yield book


class Company(NamedTuple):
    """Departments by number with the numbers of their parents, then moves: a department under another, a post into another."""

    parents: Sequence[int | None]
    department: tuple[int, int | None]
    post: tuple[int, int]

    @property
    def today(self) -> Mapping[int, int | None]:
        return {**dict(enumerate(self.parents)), self.department[0]: self.department[1]}

    def within(self, top: int) -> set[int]:
        """The subtree as it is today, each department asked for its superiors."""
        return {number for number in self.today if top in self.line(number)}

    def line(self, number: int | None) -> Iterator[int]:
        while number is not None:
            yield number
            number = self.today[number]

    def holder(self, post: int, day: date) -> int:
        """The department that a post was in; each began in the one of its own number."""
        return self.post[1] if self.post[0] == post and day >= MOVED else post


@st.composite
def companies(draw: st.DrawFn) -> Company:
    size = draw(st.integers(1, 6))
    parents = [draw(st.sampled_from([None, *range(number)])) for number in range(size)]
    number = st.integers(0, size - 1)
    moved = draw(number)
    before = Company(parents, (moved, parents[moved]), (0, 0))
    allowed = [None, *sorted(set(range(size)) - before.within(moved))]
    return Company(parents, (moved, draw(st.sampled_from(allowed))), (draw(number), draw(number)))


def code(number: int | None) -> str | None:
    return None if number is None else f"D{number}"


def founding(company: Company) -> Iterator[Saying]:
    yield {"openOrganisation": {"code": "O01", "name": "青溪"}}
    for number, parent in enumerate(company.parents):
        yield {"openDepartment": {"code": code(number), "name": f"部门{number}", "parent": code(parent)}}
        yield {"openPosition": {"code": f"P{number}", "title": "主任", "department": code(number)}}
        yield {"addDuty": {"position": f"P{number}", "text": "负责。"}}
        yield {"openEmployee": {"number": f"E{number}", "name": "张三"}}
        yield {"appoint": {"employee": f"E{number}", "position": f"P{number}", "kind": "PRIMARY"}}


def found(session: Session, book: Book, company: Company) -> None:
    """Two revisions: the company, and a year later its moves."""
    publish(session, book, FOUNDED, list(founding(company)))
    (moved, parent), (post, target) = company.department, company.post
    move = {"department": code(moved), "parent": code(parent)}
    sayings: list[Saying] = [
        {"moveDepartment": {name: value for name, value in move.items() if value}},
        {"movePosition": {"position": f"P{post}", "department": code(target)}},
    ]
    publish(session, book, MOVED, sayings)


def officer(session: Session, book: Book, role: str, *departments: str) -> Actor:
    grants = (Grant(role, department=key_of(session, book, "department", name)) for name in departments)
    return Actor("officer", tuple(grants))


def reading(session: Session, book: Book, actor: Actor) -> Scope:
    return scope_of(session, book.tables, actor, READ, 2, TODAY)


def numbers(session: Session, book: Book, kind: str, prefix: str, company: Company) -> dict[int, int]:
    return {key_of(session, book, kind, f"{prefix}{n}"): n for n in range(len(company.parents))}


def posts_seen(company: Company, top: int, time: Time) -> set[int]:
    """Which posts somebody with the subtree of `top` may see at a time."""
    day = time.as_of if time.known_at == 2 else FOUNDED
    return {post for post in range(len(company.parents)) if company.holder(post, day) in company.within(top)}


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(companies(), st.data())
def test_a_scope_shows_exactly_its_subtree_of_today_at_every_time(
    book: Book, company: Company, data: st.DataObject
) -> None:
    top = data.draw(st.sampled_from(range(len(company.parents))))
    with Session(book.database.engine) as session:
        found(session, book, company)
        scope = reading(session, book, officer(session, book, "reader", f"D{top}"))
        posts = numbers(session, book, "position", "P", company)
        own = numbers(session, book, "department", "D", company)
        for time in (Time(day, known) for day in (FOUNDED, MOVED - timedelta(1), MOVED, TODAY) for known in (1, 2)):
            departments = {own[key] for key in seen(session, book, "department", time, scope)}
            assert departments == company.within(top)
            visible = {posts[key] for key in seen(session, book, "position", time, scope)}
            assert visible == posts_seen(company, top, time)
            assert [len(seen(session, book, kind, time, scope)) for kind in ("duty", "assignment")] == [
                len(visible)
            ] * 2


SMALL = Company([None, 0, None, 2], (1, 2), (3, 0))
"""D1 went from D0 to D2, and the post of D3 to D0."""


@pytest.fixture
def session(book: Book) -> Iterator[Session]:
    """The small company, published in a transaction that is rolled back."""
    with Session(book.database.engine) as session:
        found(session, book, SMALL)
        yield session


def codes(session: Session, book: Book, scope: Scope) -> set[str]:
    assert scope.departments is not None
    return {f"D{n}" for n in range(4) if key_of(session, book, "department", f"D{n}") in scope.departments}


def test_a_department_that_moved_away_is_out_of_sight_even_for_the_past(book: Book, session: Session) -> None:
    old, new = (reading(session, book, officer(session, book, "reader", name)) for name in ("D0", "D2"))
    assert (codes(session, book, old), codes(session, book, new)) == ({"D0"}, {"D1", "D2", "D3"})
    moved = key_of(session, book, "department", "D1")
    past = Time(FOUNDED, 1)
    assert moved not in seen(session, book, "department", past, old)
    assert moved in seen(session, book, "department", past, new)


def test_duties_and_assignments_follow_the_department_of_their_post_at_the_time(book: Book, session: Session) -> None:
    scope = reading(session, book, officer(session, book, "reader", "D0"))
    counts = [
        [len(seen(session, book, kind, Time(day, 2), scope)) for kind in SCOPED_KINDS] for day in (FOUNDED, MOVED)
    ]
    assert counts == [[1, 1, 1, 1], [1, 2, 2, 2]]


def test_several_grants_add_up(book: Book, session: Session) -> None:
    both = officer(session, book, "reader", "D0", "D3")
    assert codes(session, book, reading(session, book, both)) == {"D0", "D3"}


def test_each_permission_has_a_scope_of_its_own(book: Book, session: Session) -> None:
    grants = (*officer(session, book, "reader", "D2").grants, *officer(session, book, "editor", "D0").grants)
    actor = Actor("li", grants)
    reach = {
        p: codes(session, book, scope_of(session, book.tables, actor, p, 2, TODAY)) for p in (READ, PROPOSE, PUBLISH)
    }
    assert reach == {READ: {"D0", "D1", "D2", "D3"}, PROPOSE: {"D0"}, PUBLISH: set()}


def test_an_organisation_is_all_its_departments_and_no_others(book: Book, session: Session) -> None:
    other: list[Saying] = [
        {"openOrganisation": {"code": "O02", "name": "白沙"}},
        {"openDepartment": {"code": "X1", "name": "部门", "organisation": "O02"}},
    ]
    publish(session, book, MOVED, other)
    ours = Actor("li", (Grant("reader", organisation=key_of(session, book, "organisation", "O01")),))
    scope = scope_of(session, book.tables, ours, READ, 3, TODAY)
    assert codes(session, book, scope) == {"D0", "D1", "D2", "D3"}
    assert key_of(session, book, "department", "X1") not in seen(session, book, "department", Time(TODAY, 3), scope)


def test_a_department_that_closed_gives_no_right_any_more(book: Book, session: Session) -> None:
    publish(session, book, TODAY, [{"mergeDepartments": {"departments": ["D1"], "into": "D2"}}])
    scope = scope_of(session, book.tables, officer(session, book, "reader", "D1"), READ, 3, TODAY)
    assert scope.departments == NOTHING.departments


@pytest.mark.parametrize("kind", SCOPED_KINDS)
def test_an_outsider_sees_nothing(book: Book, session: Session, kind: str) -> None:
    assert reading(session, book, Actor("nobody", ())).departments == NOTHING.departments
    assert seen(session, book, kind, Time(TODAY, 2), EVERYTHING)
    assert not seen(session, book, kind, Time(TODAY, 2), NOTHING)


def test_what_is_forbidden_answers_like_what_is_absent(book: Book, session: Session) -> None:
    scope, time = reading(session, book, officer(session, book, "reader", "D0")), Time(TODAY, 2)
    hidden, absent = key_of(session, book, "position", "P2"), 2**40
    rows = in_force(book.tables, "position", time, scope)
    assert session.execute(select(rows).where(rows.c.key.in_([hidden, absent]))).all() == []


def test_the_tree_costs_one_statement_and_the_whole_book_none(book: Book) -> None:
    reader = Actor("li", (Grant("reader", department=1),))
    with statements(book) as sent, book.database.read() as session:
        assert scope_of(session, book.tables, OPERATOR, READ, 0, TODAY) == EVERYTHING
        assert scope_of(session, book.tables, reader, PROPOSE, 0, TODAY).departments == NOTHING.departments
        before = [statement for statement in sent if "SELECT" in statement]
        scope_of(session, book.tables, reader, READ, 0, TODAY)
    assert (len(before), len([statement for statement in sent if "SELECT" in statement])) == (0, 1)


def test_the_server_resolves_the_same_scope(backend: Backend) -> None:
    async def ask(book: Book, actor: Actor) -> Scope:
        try:
            return await scope_in(book.database, actor, READ, 2, TODAY)
        finally:
            await book.database.close()

    with small_book(backend) as book:
        with book.database.write() as session:
            found(session, book, SMALL)
            actor = officer(session, book, "reader", "D2")
        with book.database.read() as session:
            assert asyncio.run(ask(book, actor)) == reading(session, book, actor)
            assert reading(session, book, actor).departments != NOTHING.departments


def test_a_missing_permission_is_named_with_those_who_have_it() -> None:
    with pytest.raises(Forbidden, match=r"'li' lacks 'changes.publish'.*publisher, administrator"):
        require(Actor("li", (Grant("editor"),)), PUBLISH)
    require(Actor("li", (Grant("publisher", department=1),)), PUBLISH)


def test_a_right_in_one_place_is_none_for_the_whole_book() -> None:
    with pytest.raises(Forbidden, match="for the whole book"):
        require_everywhere(Actor("li", (Grant("administrator", department=1),)), "administer")
