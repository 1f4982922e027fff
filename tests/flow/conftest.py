"""What the tests over HTTP share."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from dutybook.services.book import Book
from tests.backends import Backend
from tests.flow.accountant import Accountant
from tests.flow.catalogue_desk import Desk, migrated
from tests.flow.clerk import Clerk, founded, opened, undone
from tests.flow.http_server import Server, serving


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A live server over the small schema of the tests."""
    with serving() as running:
        yield running


@pytest.fixture
def desk(backend: Backend) -> Iterator[Desk]:
    """Somebody who imports and exports catalogues, at an empty book of each database."""
    with backend.database(migrated) as url, closing(Desk(url)) as desk:
        yield desk


@pytest.fixture
def book(backend: Backend) -> Iterator[Book]:
    """An empty book of the test's own, on each database."""
    with backend.database(migrated) as url, opened(url) as book:
        yield book


@pytest.fixture(scope="session")
def company(backend: Backend) -> Iterator[Book]:
    """The book of a small company, in which nothing may stay: tests write in it by `undone`."""
    with backend.database(founded) as url, opened(url) as book:
        yield book


@pytest.fixture(scope="session")
def blank(backend: Backend) -> Iterator[Book]:
    """An empty book in which nothing may stay."""
    with backend.database(migrated) as url, opened(url) as book:
        yield book


@pytest.fixture
def clerk(company: Book) -> Iterator[Clerk]:
    """Somebody at the company's book, whose work is taken back."""
    with undone(company) as clerk:
        yield clerk


@pytest.fixture
def accountant(clerk: Clerk) -> Accountant:
    """Somebody who manages periods there."""
    return Accountant(clerk)
