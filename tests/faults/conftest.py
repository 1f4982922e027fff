"""What the tests of faults share: databases that are safe against a power cut, as in production."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.backends import Backend, Postgres, Sqlite
from tests.postgres import postgres


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def durable(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backend]:
    """Both databases in turn, with every commit flushed."""
    if request.param == "sqlite":
        yield Sqlite(tmp_path_factory.mktemp("durable"))
    else:
        with postgres() as server, closing(Postgres(server)) as backend:
            yield backend
