"""What the tests over HTTP share."""

from collections.abc import Iterator

import pytest

from tests.flow.http_server import Server, serving


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A live server over the small schema of the tests."""
    with serving() as running:
        yield running
