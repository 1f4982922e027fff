"""A plugin that hangs in a publication holds up that publication, up to its deadline, and nobody else."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from time import monotonic, sleep

import httpx
import pytest

from tests.backends import Backend
from tests.faults.clients import Answer, Mutation, connected, send
from tests.faults.company import Auditor, audited, founded
from tests.faults.server_process import command, served
from tests.plugins.kept.dist import environment

pytestmark = pytest.mark.faults

HANGS = Mutation("hangs", "openPosition", {"department": "D001", "title": "hangs"})
WELL = Mutation("well", "addDuty", {"position": "P0001", "text": "well"})
SECONDS = 2


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Processes find the plugin installed and enabled."""
    known = environment(tmp_path, {"sleepy": "tests.faults.sleepy"}, plugins="sleepy", hook_seconds=str(SECONDS))
    for name, value in known.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def office(durable: Backend, tmp_path: Path, site: None) -> Iterator[tuple[str, Auditor]]:
    """The address of a server whose book has the plugin, and the auditor of the book."""
    with durable.database(founded) as url, audited(url) as auditor:
        assert command(url, "db", "upgrade").returncode == 0
        with served(url, tmp_path / "server.log") as server:
            yield server.graphql.removesuffix("/graphql"), auditor


def looks(http: httpx.Client, address: str, busy: Future[Answer]) -> list[float]:
    """How long `/livez` takes, again and again until something is answered."""
    took: list[float] = []
    while not busy.done():
        began = monotonic()
        assert http.get(f"{address}/livez").is_success
        took.append(monotonic() - began)
        sleep(0.02)
    return took


def test_a_check_that_hangs_delays_its_publication_only(office: tuple[str, Auditor]) -> None:
    address, auditor = office
    with connected(auditor.token()) as http, ThreadPoolExecutor(1) as threads:
        began = monotonic()
        answer = threads.submit(send, http, f"{address}/graphql", HANGS, **{"Accept-Language": "en"})
        took = looks(http, address, answer)
        assert SECONDS <= monotonic() - began < 10
        assert b"PLUGIN_FAILURE" in answer.result().body
        assert b"Plugin sleepy failed in check_position: it took more than 2 s" in answer.result().body
        ready = http.get(f"{address}/readyz")
        assert ready.status_code == 503
        assert "check_position" in ready.json()["checks"]["plugin:sleepy"]["detail"]
        assert b'"userErrors":[]' in send(http, f"{address}/graphql", WELL).body
    # One in twenty may have met a busy machine.
    assert sorted(took)[len(took) * 19 // 20] < 0.1
    assert auditor.published() == Counter(["well"])
    assert auditor.is_sound()
