"""The few fixtures that all tests share: databases of both kinds, the shared material, Hypothesis settings."""

import gc
import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings

from tests.backends import Backend, Postgres, Sqlite
from tests.postgres import NoPostgresError, postgres

MEMORY = Path("/dev/shm")
ROOM = 2**30
"""Bytes that tests may need there; containers often have less."""

SHARED = Path(__file__).parents[2] / "shared"

settings.register_profile("dev", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") == "true" else "dev"))


def pytest_collection_finish() -> None:
    """What is imported by now stays: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of a PostgreSQL that is there for this session."""
    try:
        with postgres(fast=True) as url:
            yield url
    except NoPostgresError as reason:
        missing = pytest.fail if os.environ.get("DUTYBOOK_REQUIRE_POSTGRES") == "1" else pytest.skip
        missing(str(reason))


@pytest.fixture(scope="session")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder in memory where there is room, so that no commit waits for a disk; as `fast` on PostgreSQL."""
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        with TemporaryDirectory(prefix="dutybook-", dir=MEMORY) as folder:
            yield Path(folder)
    else:
        yield tmp_path_factory.mktemp("sqlite")


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> Iterator[Backend]:
    """Both databases in turn; `backend.database(migrate)` is a block with a migrated copy of its own."""
    if request.param == "sqlite":
        yield Sqlite(request.getfixturevalue("quick"))
    else:
        with closing(Postgres(request.getfixturevalue("postgres_server"))) as backend:
            yield backend


@pytest.fixture(scope="session")
def registry_backend(backend: Backend) -> Backend:
    """Where the books of the fixture `registry` live: in both databases."""
    return backend


@pytest.fixture
def database_url(backend: Backend) -> Iterator[str]:
    """The address of a fresh, empty database, once on SQLite and once on PostgreSQL."""
    with backend.database() as url:
        yield url


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder beside the project that holds real rosters and their gold; it is not part of the project."""
    if not SHARED.is_dir():
        pytest.skip("no ../shared beside the project: rosters and gold to compare with are kept apart")
    return SHARED


@pytest.fixture(scope="session")
def fault_rounds() -> int:
    """How often to kill; `make faults` asks for more."""
    return int(os.environ.get("DUTYBOOK_FAULT_ROUNDS", "20"))
