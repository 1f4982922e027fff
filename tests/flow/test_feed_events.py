"""Server-sent events on /graphql: one response for each operation, or one that several operations share."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from dutybook.http.limits import Limits
from dutybook.http.negotiation import JSON
from dutybook.http.problems import PROBLEM
from tests.flow.http_server import Server, serving, until
from tests.flow.streams import EVENTS, Events, streamed

READER = {"Authorization": "Bearer reader"}
TOKEN = "X-GraphQL-Event-Stream-Token"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving(Limits(quiet_seconds=0.2, init_seconds=0.5, running=3)) as running:
        yield running


@pytest.fixture(autouse=True)
def silent(server: Server) -> None:
    server.desk.log.clear()


def test_a_stream_is_told_in_order_and_completed(server: Server) -> None:
    with streamed(server.url, "subscription { ticks(upTo: 3) }", READER) as events:
        assert (events.response.status_code, events.response.headers["content-type"]) == (
            200,
            f"{EVENTS}; charset=utf-8",
        )
        assert (events.response.headers["x-accel-buffering"], events.response.headers["cache-control"]) == (
            "no",
            "no-store",
        )
        assert events.data() == [{"ticks": number} for number in (1, 2, 3)]


def test_how_long_somebody_listens_is_not_how_long_answers_take(server: Server) -> None:
    count = 'dutybook_http_request_seconds_count{route="/graphql"}'
    server.post("{ __typename }")
    before = next(line for line in server.get("/metrics").text.splitlines() if line.startswith(count))
    with streamed(server.url, "subscription { ticks(upTo: 1) }", READER) as events:
        events.data()
    assert before in server.get("/metrics").text


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_queries_are_answered_too(server: Server, method: str) -> None:
    with streamed(server.url, '{ echo(text: "好") }', READER, method) as events:
        assert events.data() == [{"echo": "好"}]


def test_a_stream_that_has_nothing_to_tell_gives_signs_of_life(server: Server) -> None:
    with streamed(server.url, "subscription { ticks(upTo: 2, seconds: 1) }", READER) as events:
        assert events.data() == [{"ticks": 1}, {"ticks": 2}]
        assert events.signs >= 4


@pytest.mark.parametrize(
    "accept", [f"{EVENTS}, {JSON}", f"application/graphql-response+json, {JSON}, {EVENTS}, multipart/mixed"]
)
def test_who_also_takes_json_gets_json(server: Server, accept: str) -> None:
    answer = server.post("{ __typename }", accept=accept)
    assert answer.json() == {"data": {"__typename": "Query"}}
    assert (
        server.post("subscription { changes }", accept=accept).json()["errors"][0]["extensions"]["code"]
        == "BAD_USER_INPUT"
    )


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ("{", ["GRAPHQL_PARSE_FAILED"]),
        ("{ nothing }", ["GRAPHQL_VALIDATION_FAILED"]),
        ("query($t: String!) { echo(text: $t) }", ["BAD_USER_INPUT"]),
        ("subscription($n: Int!) { ticks(upTo: $n) }", ["BAD_USER_INPUT"]),
        ("{ positions(first: 201) { edges { cursor } } }", ["BAD_USER_INPUT"]),
        ("{" + " __typename" * 2000 + "}", ["TOO_EXPENSIVE"]),
        ("subscription { cutShort }", [None, "FORBIDDEN"]),
        ("subscription { cutShort(byUs: true) }", [None, "INTERNAL"]),
        (5, ["BAD_USER_INPUT"]),
    ],
)
def test_errors_are_events_as_well(server: Server, document: Any, told: list[str | None]) -> None:
    with streamed(server.url, document, READER) as events:
        assert events.response.status_code == 200
        *answers, last = list(events)
    codes = [answer["errors"][0]["extensions"]["code"] if "errors" in answer else None for _, answer in answers]
    assert (codes, last) == (told, ("complete", None))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": "Bearer unknown"}, 401),
        ({"Authorization": "Bearer reader", "Content-Type": "text/plain"}, 415),
        ({"Authorization": "Bearer reader", "Content-Encoding": "gzip"}, 415),
    ],
)
def test_what_http_refuses_is_no_stream(server: Server, headers: dict[str, str], status: int) -> None:
    with streamed(server.url, "subscription { changes }", headers) as events:
        assert (events.response.status_code, events.response.headers["content-type"]) == (status, PROBLEM)


def test_a_foreign_page_gets_no_stream_with_a_readers_cookie(server: Server) -> None:
    with streamed(server.url, "subscription { changes }", {"Cookie": "session=reader"}, "GET") as events:
        assert events.response.status_code == 400
    with streamed(server.url, 'mutation { write(text: "x") }', READER, "GET") as events:
        assert events.response.status_code == 405


def test_a_client_that_goes_away_leaves_nothing_behind(server: Server) -> None:
    with streamed(server.url, "subscription { ticks(seconds: 60) }", READER) as events:
        assert next(iter(events)) == ("next", {"data": {"ticks": 1}})
    assert until(lambda: server.desk.log == ["listening", "left"], 2)
    assert until(lambda: 'dutybook_subscriptions_open{transport="sse"} 0.0' in server.get("/metrics").text, 2)


def test_a_mutation_comes_to_its_end_without_its_client_and_is_executed_once(server: Server) -> None:
    keyed = {**READER, "Idempotency-Key": "events-1"}
    write = 'mutation { write(text: "x", seconds: 0.5) }'
    with pytest.raises(httpx.ReadTimeout), streamed(server.url, write, keyed, timeout=0.1) as events:
        list(events)
    assert until(lambda: server.desk.log == ["x", "x written"], 2)
    with streamed(server.url, write, keyed) as events:
        assert events.data() == [{"write": 2}]
    assert server.desk.log == ["x", "x written"]


def test_events_are_made_only_as_fast_as_they_are_taken(server: Server) -> None:
    with streamed(server.url, "subscription { padded }", READER) as events:
        assert not until(lambda: len(server.desk.log) > 400, 1.5), "events wait for a client that takes none"
        told = iter(events)
        for _ in range(len(server.desk.log) + 50):
            assert next(told)[0] == "next"


class Shared:
    """One stream that operations of their own requests tell their answers over."""

    def __init__(self, server: Server) -> None:
        self.url = f"{server.url}/graphql"
        answer = httpx.put(self.url, headers=READER)
        assert answer.status_code == 201
        self.headers = {**READER, TOKEN: answer.text}

    def begin(self, query: str, name: object = "a", **headers: str) -> httpx.Response:
        body = {"query": query, "extensions": {"operationId": name}}
        return httpx.post(self.url, json=body, headers={**self.headers, **headers}, verify=False)

    def complete(self, name: str) -> int:
        return httpx.delete(self.url, params={"operationId": name}, headers=self.headers).status_code

    def listen(self) -> Any:
        return httpx.stream("GET", self.url, headers={**self.headers, "Accept": EVENTS}, timeout=10, verify=False)


def test_operations_share_a_stream(server: Server) -> None:
    shared = Shared(server)
    assert shared.begin("subscription { ticks(upTo: 2) }").status_code == 202
    with shared.listen() as response:
        told = iter(Events(response))
        assert [next(told) for _ in range(3)] == [
            ("next", {"id": "a", "payload": {"data": {"ticks": 1}}}),
            ("next", {"id": "a", "payload": {"data": {"ticks": 2}}}),
            ("complete", {"id": "a"}),
        ]
        assert shared.begin("{ __typename }").status_code == 202
        assert next(told) == ("next", {"id": "a", "payload": {"data": {"__typename": "Query"}}})


def test_an_operation_is_completed_by_its_client(server: Server) -> None:
    shared = Shared(server)
    with shared.listen() as response:
        shared.begin("subscription { ticks(seconds: 60) }")
        told = iter(Events(response))
        assert next(told)[0] == "next"
        assert shared.complete("a") == 200
        assert until(lambda: server.desk.log == ["listening", "left"], 2)


def test_all_operations_end_with_their_stream(server: Server) -> None:
    shared = Shared(server)
    with shared.listen() as response:
        shared.begin("subscription { ticks(seconds: 60) }")
        assert next(iter(Events(response)))[0] == "next"
    assert until(lambda: server.desk.log == ["listening", "left"], 2)
    assert until(lambda: shared.begin("{ __typename }").status_code == 404, 2)


def test_a_stream_that_nobody_listens_to_expires(server: Server) -> None:
    shared = Shared(server)
    assert shared.begin("subscription { ticks(seconds: 60) }").status_code == 202
    assert until(lambda: shared.complete("a") == 404, 2)
    assert server.desk.log == []


def test_a_stream_is_its_owners_alone_and_has_one_listener(server: Server) -> None:
    shared = Shared(server)
    assert shared.begin("{ __typename }", Authorization="Bearer stranger").status_code == 404
    assert shared.begin("{ __typename }", Authorization="Bearer unknown").status_code == 401
    with shared.listen(), shared.listen() as second:
        assert second.status_code == 409


@pytest.mark.parametrize(
    ("query", "name", "status"),
    [("{", "a", 400), ("{ __typename }", "", 400), ("{ __typename }", None, 400), ("{ __typename }", "taken", 409)],
)
def test_operations_that_cannot_begin_are_refused(server: Server, query: str, name: object, status: int) -> None:
    shared = Shared(server)
    shared.begin("subscription { ticks(seconds: 60) }", "taken")
    assert shared.begin(query, name).status_code == status


def test_so_many_operations_share_a_stream_and_no_more(server: Server) -> None:
    shared = Shared(server)
    begun = [shared.begin("subscription { ticks(seconds: 60) }", name).status_code for name in "abcd"]
    assert begun == [202, 202, 202, 409]


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_nobody_reserves_or_ends_anything(server: Server, method: str) -> None:
    assert httpx.request(method, f"{server.url}/graphql", headers={TOKEN: "x"}).status_code == 401
