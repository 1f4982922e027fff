"""An import that is killed leaves nothing of itself, or all; repeating it brings the rest."""

import subprocess
from random import Random
from time import monotonic

import pytest

from tests.backends import Backend
from tests.faults.company import audited, empty
from tests.faults.server_process import DUTYBOOK, command, environment

pytestmark = pytest.mark.faults

COMPANY = ("--departments", "20", "--positions", "300", "--duties", "2400", "--employees", "0")


@pytest.fixture(scope="session")
def roster(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("rosters") / "roster.txt"
    assert command("sqlite://", "generate", *COMPANY, "--out", str(file)).returncode == 0
    return str(file)


def imported(url: str, roster: str) -> float:
    """Import and publish, and give the seconds that it took."""
    began = monotonic()
    done = command(url, "catalogue", "import", roster, "--publish")
    assert done.returncode == 0, done.stderr
    return monotonic() - began


def killed(url: str, roster: str, after: float) -> None:
    """Begin to import, and kill that after so many seconds."""
    words = [*DUTYBOOK, "catalogue", "import", roster, "--publish"]
    with subprocess.Popen(words, env=environment(url), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            process.wait(after)
        except subprocess.TimeoutExpired:
            process.kill()


def test_a_killed_import_leaves_all_of_itself_or_nothing(durable: Backend, roster: str, fault_rounds: int) -> None:
    rng = Random(1)
    with durable.database(empty) as url, audited(url) as auditor:
        nothing, seconds, everything = auditor.rows(), imported(url, roster), auditor.rows()
    for _ in range(fault_rounds // 4):
        with durable.database(empty) as url, audited(url) as auditor:
            killed(url, roster, rng.uniform(0.3, 1) * seconds)
            assert auditor.rows() in (nothing, everything)
            imported(url, roster)
            assert auditor.rows() == everything
            assert auditor.is_sound()
