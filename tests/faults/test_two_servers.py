"""Two servers at one PostgreSQL act as one."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from time import sleep

import pytest

from tests.backends import Backend
from tests.faults.clients import Answer, Crowd, Mutation, connected, send
from tests.faults.company import Auditor, audited, founded
from tests.faults.server_process import served

pytestmark = [pytest.mark.faults, pytest.mark.parametrize("durable", ["postgresql"], indirect=True)]

LANGUAGES = ("zh", "en")
ACCEPTED = Mutation("accepted", "openPosition", {"department": "D001", "title": "accepted"})
REFUSED = Mutation("refused", "openPosition", {"department": "D999", "title": "refused"})


@dataclass
class Pair:
    """Two servers, and the auditor of the book behind them."""

    addresses: tuple[str, str]
    auditor: Auditor

    def post(self, mutation: Mutation, times: int) -> list[Answer]:
        """The answers to one mutation sent many times at once, to both servers and in both languages in turn."""
        with connected(self.auditor.token()) as http, ThreadPoolExecutor(times) as threads:
            ways = islice(zip(cycle(self.addresses), cycle(LANGUAGES), strict=True), times)
            sent = [threads.submit(send, http, to, mutation, **{"Accept-Language": tongue}) for to, tongue in ways]
            return [answer.result() for answer in sent]


@pytest.fixture
def pair(durable: Backend, tmp_path: Path) -> Iterator[Pair]:
    with (
        durable.database(founded) as url,
        audited(url) as auditor,
        served(url, tmp_path / "one.log") as one,
        served(url, tmp_path / "two.log") as two,
    ):
        yield Pair((one.graphql, two.graphql), auditor)


def test_one_key_sent_fifty_times_at_once_is_executed_once_and_answered_alike(pair: Pair) -> None:
    assert len(set(pair.post(ACCEPTED, 50))) == 1
    assert pair.auditor.published() == pair.auditor.values() == Counter(["accepted"])
    assert pair.auditor.is_sound()


def test_the_first_refusal_stands_whatever_the_language_of_the_others(pair: Pair) -> None:
    for number in range(5):
        assert len(set(pair.post(REFUSED.under(f"refused.{number}"), 10))) == 1
    assert pair.auditor.published() == Counter()


def test_servers_that_publish_at_once_leave_no_gap(pair: Pair) -> None:
    crowd = Crowd(pair.auditor.token(), *pair.addresses)
    with crowd.busy(100):
        sleep(0)
    assert crowd.pending == []
    assert pair.auditor.published() == pair.auditor.values() == Counter(crowd.answers.keys())
    assert pair.auditor.is_sound()
