"""The one book that is walked through, made once."""

from collections.abc import Iterator

import pytest

from tests.backends import Sqlite
from tests.contract.canary_house import House, canary_house


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The house of canaries."""
    with canary_house(Sqlite(tmp_path_factory.mktemp("canary"))) as found:
        yield found
