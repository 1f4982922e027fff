"""The pytest plugin: one fixture, `registry`, which makes books with chosen plugins and loads nothing by itself.

Pytest imports this module in every project that has dutybook installed, so it imports the book only where one is asked for.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from dutybook.lifecycle.plugins import Plugins
    from dutybook.testing.book import MakeBook, TestBook
    from dutybook.testing.databases import Backend, Fill

DATABASES = ["sqlite", "postgresql"] if os.environ.get("DUTYBOOK_TEST_DATABASE_URL") else ["sqlite"]


@pytest.fixture(scope="session", params=DATABASES)
def registry_backend(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Backend]":
    """Where the books live: SQLite files, and the server of DUTYBOOK_TEST_DATABASE_URL if there is one."""
    from dutybook.testing.databases import Postgres, Sqlite  # noqa: PLC0415  see above

    if request.param == "sqlite":
        yield Sqlite(tmp_path_factory.mktemp("books"))
    else:
        with closing(Postgres(os.environ["DUTYBOOK_TEST_DATABASE_URL"])) as backend:
            yield backend


@pytest.fixture(scope="session")
def _prepared() -> "dict[Any, tuple[Plugins, Fill]]":
    """The plugins of this session, loaded, and how their books are filled, so that equal books are copied."""
    return {}


@pytest.fixture
def registry(registry_backend: "Backend", _prepared: "dict[Any, tuple[Plugins, Fill]]") -> "Iterator[MakeBook]":
    """`registry(plugins=[…])` gives a migrated book of an organisation, with these plugins enabled and no others."""
    from dutybook.testing.book import opened, prepared  # noqa: PLC0415  see above

    with ExitStack() as stack:

        def make(
            plugins: Sequence[object] = (), settings: Mapping[str, Mapping[str, object]] | None = None
        ) -> "TestBook":
            known = (*(it if isinstance(it, str) else id(it) for it in plugins), repr(settings))
            if known not in _prepared:
                _prepared[known] = prepared(plugins, settings)
            loaded, fill = _prepared[known]
            return stack.enter_context(opened(stack.enter_context(registry_backend.database(fill)), loaded))

        yield make
