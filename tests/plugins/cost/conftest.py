"""The one fixture of these tests."""

from collections.abc import Iterator

import pytest

from tests.backends import Backend
from tests.plugins.cost.mine import Mine, mine_on


@pytest.fixture
def mine(backend: Backend) -> Iterator[Mine]:
    """A section of a mine, on each database in turn."""
    with mine_on(backend) as mine:
        yield mine
