"""Killing the server loses no acknowledged mutation and doubles none, however often."""

from collections import Counter
from pathlib import Path
from random import Random
from time import sleep

import pytest

from tests.backends import Backend
from tests.faults.clients import Crowd
from tests.faults.company import audited, founded
from tests.faults.server_process import command, served

pytestmark = [pytest.mark.faults, pytest.mark.timeout(7200)]

BURST = 50
"""Mutations that are acknowledged before each kill."""


@pytest.mark.parametrize("workers", [1, 2])
def test_no_acknowledged_mutation_is_lost_or_doubled(
    durable: Backend, workers: int, fault_rounds: int, tmp_path: Path
) -> None:
    rng = Random(workers)
    with (
        durable.database(founded) as url,
        audited(url) as auditor,
        served(url, tmp_path / "server.log", workers) as server,
    ):
        crowd = Crowd(auditor.token(), server.graphql)
        for _ in range(fault_rounds if workers == 1 else 1):
            with crowd.busy(BURST):
                sleep(rng.uniform(0, 0.1))
                server.kill()
            server.start()
        crowd.settle()
        assert auditor.published() == auditor.values() == Counter(crowd.answers.keys())
        assert crowd.again() == crowd.answers
        assert auditor.is_sound()
        assert command(url, "verify-book").returncode == 0
