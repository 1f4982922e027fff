"""Clients that go on sending mutations, each under a key of its own, and repeat what was not answered."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from itertools import count, cycle
from random import Random
from threading import Event
from time import monotonic, sleep
from typing import Any

import httpx

from tests.faults.company import POSITIONS
from tests.faults.server_process import PATIENCE

CLIENTS = 8
APPLY = """mutation ($i: ApplyChangesInput!) { applyChanges(input: $i) {
  changeSet { number state revision { number } } userErrors { code message } } }"""


@dataclass(frozen=True, slots=True)
class Mutation:
    """A change that leaves its key in the book: as the title of its change set, and as the value that it changes."""

    key: str
    saying: str
    given: dict[str, Any] = field(hash=False)

    @property
    def body(self) -> dict[str, Any]:
        return {"query": APPLY, "variables": {"i": {"title": self.key, "changes": [{self.saying: self.given}]}}}

    def under(self, key: str) -> "Mutation":
        return replace(self, key=key)


def mutations(name: str) -> Iterator[Mutation]:
    """One after the other without end, in a mixture that depends on the name."""
    rng = Random(name)
    for number in count(1):
        key, position = f"{name}.{number}", rng.choice(POSITIONS)
        saying, given = rng.choice(
            [
                ("openPosition", {"department": "D001", "title": key}),
                ("addDuty", {"position": position, "text": key}),
                ("setPosition", {"position": position, "grade": key}),
            ]
        )
        yield Mutation(key, saying, given)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, to the byte."""

    status: int
    body: bytes


def send(http: httpx.Client, address: str, mutation: Mutation, **headers: str) -> Answer:
    answer = http.post(address, json=mutation.body, headers={"Idempotency-Key": mutation.key, **headers})
    return Answer(answer.status_code, answer.content)


def connected(token: str) -> httpx.Client:
    # Certificates, which loopback has no use for, would take longer to load than a mutation.
    return httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE, verify=False, trust_env=False)


class Client:
    """Sends one mutation at a time. One that is not answered stays `pending` and is sent again before any other."""

    def __init__(self, address: str, token: str, name: str) -> None:
        self.address, self.token = address, token
        self.mutations = mutations(name)
        self.pending: Mutation | None = None
        self.answers: dict[Mutation, Answer] = {}

    def work(self, stop: Event) -> None:
        """Until told to stop, or cut off."""
        with connected(self.token) as http, suppress(httpx.TransportError):
            while not stop.is_set():
                self.pending = self.pending or next(self.mutations)
                self.settle(http)

    def settle(self, http: httpx.Client) -> None:
        """Has what is pending answered."""
        if self.pending:
            self.answers[self.pending] = send(http, self.address, self.pending)
            self.pending = None

    def again(self) -> dict[Mutation, Answer]:
        """What comes back for everything that was answered before."""
        with connected(self.token) as http:
            return {mutation: send(http, self.address, mutation) for mutation in self.answers}


class Crowd:
    """Clients that work at once, spread over the addresses."""

    def __init__(self, token: str, *addresses: str) -> None:
        self.clients = [Client(address, token, str(name)) for name, address in zip(range(CLIENTS), cycle(addresses))]

    @contextmanager
    def busy(self, answers: int) -> Iterator[None]:
        """A block in which all are at work, from the moment that so many more answers have come in."""
        stop, wanted, end = Event(), self.answered + answers, monotonic() + PATIENCE
        with ThreadPoolExecutor(CLIENTS) as threads:
            working = [threads.submit(client.work, stop) for client in self.clients]
            try:
                while self.answered < wanted and monotonic() < end:
                    sleep(0.002)
                assert self.answered >= wanted, f"{self.answered} of {wanted} answers after {PATIENCE} s"
                yield
            finally:
                stop.set()
        assert [work.result() for work in working] == [None] * CLIENTS

    def settle(self) -> None:
        """Everything that is pending is sent until it is answered."""
        for client in self.clients:
            with connected(client.token) as http:
                client.settle(http)

    @property
    def answered(self) -> int:
        return sum(len(client.answers) for client in self.clients)

    @property
    def pending(self) -> list[str]:
        return [client.pending.key for client in self.clients if client.pending]

    @property
    def answers(self) -> dict[str, Answer]:
        """By key."""
        return {mutation.key: answer for client in self.clients for mutation, answer in client.answers.items()}

    def again(self) -> dict[str, Answer]:
        """What comes back when everything is sent once more."""
        with ThreadPoolExecutor(CLIENTS) as threads:
            told = threads.map(Client.again, self.clients)
            return {mutation.key: answer for answers in told for mutation, answer in answers.items()}
