"""`graphql-transport-ws`: everything that HTTP answers, and streams; each breach of the rules has its closing code."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from websockets.exceptions import InvalidStatus

from dutybook.http.limits import Limits
from tests.flow.http_server import Server, serving, until
from tests.flow.streams import Socket, opened

LIMITS = Limits(running=3, init_seconds=0.5, body=40_000)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving(LIMITS) as running:
        yield running


@pytest.fixture
def socket(server: Server) -> Iterator[Socket]:
    server.desk.log.clear()
    with opened(server.url, "reader") as socket:
        yield socket.greet()
    log = server.desk.log  # what is left late would stand in the log of the next test
    assert until(lambda: log.count("listening") <= log.count("left"), 5)


def test_a_stream_is_told_in_order_and_completed(socket: Socket) -> None:
    assert socket.answers("subscription { ticks(upTo: 3) }") == [{"ticks": number} for number in (1, 2, 3)]


def test_queries_and_mutations_are_answered_too(socket: Socket) -> None:
    assert socket.answers("query($t: String!) { echo(text: $t) }", {"t": "好"}) == [{"echo": "好"}]
    assert socket.answers('mutation { write(text: "x") }') == [{"write": 2}]


def test_objects_of_a_stream_are_resolved_as_in_a_query(socket: Socket) -> None:
    [answer] = socket.answers("subscription { positions { title grade duties { text position { title } } } }")
    assert answer["positions"]["duties"][1] == {"text": "负责日常管理。", "position": {"title": "所长"}}


def test_operations_go_on_side_by_side(socket: Socket) -> None:
    socket.begin("subscription { ticks(seconds: 60) }", name="slow")
    assert socket.told() == {"ticks": 1}
    assert socket.answers('{ echo(text: "x") }') == [{"echo": "x"}]


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { a: changes b: changes }", "GRAPHQL_VALIDATION_FAILED"),
        ("query($t: String!) { echo(text: $t) }", "BAD_USER_INPUT"),
        ("subscription($n: Int!) { ticks(upTo: $n) }", "BAD_USER_INPUT"),
        ("{ positions(first: 201) { edges { cursor } } }", "BAD_USER_INPUT"),
        ("{" + " __typename" * 2000 + "}", "TOO_EXPENSIVE"),
        ("{ position " + "{ reportsTo " * 20 + "{ title }" + " }" * 21, "TOO_EXPENSIVE"),
        ("subscription { positions " + "{ reportsTo " * 20 + "{ title }" + " }" * 21, "TOO_EXPENSIVE"),
        ("subscription { cutShort }", "FORBIDDEN"),
        ("subscription { cutShort(byUs: true) }", "INTERNAL"),
    ],
)
def test_what_is_refused_over_http_is_refused_here(socket: Socket, document: str, code: str) -> None:
    socket.begin(document)
    assert socket.refusal() == code
    assert socket.answers("{ __typename }") == [{"__typename": "Query"}]


def test_the_schema_is_not_read_by_whoever_may_not(server: Server) -> None:
    with opened(server.url, "stranger") as socket:
        socket.greet().begin("{ __schema { types { name } } }")
        assert socket.refusal() == "FORBIDDEN"


def test_an_unexpected_error_is_told_by_its_number_alone(socket: Socket, capsys: pytest.CaptureFixture[str]) -> None:
    socket.begin("subscription { cutShort(byUs: true) }")
    assert socket.told() == {"cutShort": 1}
    told = orjson.dumps(socket.hear()).decode() + "".join(capsys.readouterr())
    assert "12345.67" not in told
    assert "RuntimeError" in told


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ('{"type":"subscribe","id":"1","payload":{"query":"{ __typename }"}}', 4401),
        ('{"type":"complete"}', 4400),
        ('{"type":"connection_init","payload":"x"}', 4400),
        ('{"type":"connection_init","payload":{"Authorization":5}}', 4400),
        ('{"type":"connection_init","payload":{"Authorization":"Bearer unknown"}}', 4403),
        ('{"type":"nonsense"}', 4400),
        ('{"type":5}', 4400),
        ('{"id":"1"}', 4400),
        ("[]", 4400),
        ("null", 4400),
        ("{", 4400),
        ('{"type":"ping","payload":' + "[" * 50 + "]" * 50 + "}", 4400),
        (b"\x00", 4400),
        ('{"type":"ping","payload":"' + "x" * 50_000 + '"}', 1009),
        (None, 4408),
    ],
)
def test_whoever_breaks_the_rules_before_the_greeting_is_shown_out(
    server: Server, said: str | bytes | None, code: int
) -> None:
    with opened(server.url, "reader") as socket:
        if said is not None:
            socket.connection.send(said)
        assert socket.closed() == code


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"type": "connection_init"}, 4429),
        ({"type": "subscribe", "id": "1"}, 4400),
        ({"type": "subscribe", "payload": {"query": "{ __typename }"}}, 4400),
        ({"type": "subscribe", "id": "", "payload": {"query": "{ __typename }"}}, 4400),
        ({"type": "subscribe", "id": 1, "payload": {"query": "{ __typename }"}}, 4400),
        ({"type": "subscribe", "id": "1", "payload": {}}, 4400),
        ({"type": "subscribe", "id": "1", "payload": {"query": 5}}, 4400),
        ({"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }", "variables": 5}}, 4400),
        ({"type": "subscribe", "id": "taken", "payload": {"query": "{ __typename }"}}, 4409),
        ({"type": "connection_ack"}, 4400),
    ],
)
def test_whoever_breaks_the_rules_later_is_shown_out(socket: Socket, message: dict[str, Any], code: int) -> None:
    socket.begin("subscription { ticks(seconds: 60) }", name="taken")
    assert socket.told() == {"ticks": 1}
    socket.say(**message)
    assert socket.closed() == code


def test_nobody_speaks_an_older_protocol(server: Server) -> None:
    for protocol in ("graphql-ws", None):
        with opened(server.url, "reader", protocol) as socket:
            assert socket.closed() == 4406


def test_a_ping_is_answered_at_any_time(server: Server) -> None:
    with opened(server.url, "reader") as socket:
        socket.say("ping")
        socket.say("pong")
        assert socket.hear() == {"type": "pong"}
        socket.greet().say("ping", payload={"x": 1})
        assert socket.hear() == {"type": "pong"}


@pytest.mark.parametrize("name", ["Authorization", "authorization"])
def test_the_greeting_may_say_who_it_is(server: Server, name: str) -> None:
    with opened(server.url) as socket:
        assert socket.greet({name: "Bearer reader"}).answers("{ __typename }") == [{"__typename": "Query"}]


def test_a_cookie_says_who_it_is(server: Server) -> None:
    with opened(server.url, cookie="session=reader") as socket:
        assert socket.greet().answers("{ __typename }") == [{"__typename": "Query"}]


def test_nobody_in_particular_is_forbidden(server: Server) -> None:
    with opened(server.url) as socket:
        socket.say("connection_init")
        assert socket.closed() == 4403


def test_pages_of_other_sites_open_no_socket(server: Server) -> None:
    with (
        pytest.raises(InvalidStatus) as refused,
        opened(server.url, cookie="session=reader", origin="https://evil.example"),
    ):
        pass
    assert refused.value.response.status_code == 403
    with opened(server.url, cookie="session=reader", origin=server.url) as socket:
        socket.greet()


def test_so_many_operations_run_at_once_and_no_more(socket: Socket) -> None:
    for name in "abc":
        socket.begin("subscription { ticks(seconds: 60) }", name=name)
        assert socket.told() == {"ticks": 1}
    socket.begin("{ __typename }")
    assert socket.refusal() == "TOO_EXPENSIVE"
    socket.say("complete", id="a")
    assert until(lambda: answered(socket), 5)


def answered(socket: Socket) -> bool:
    socket.begin("{ __typename }")
    return socket.hear()["type"] == "next" and bool(socket.hear())


def test_a_completed_stream_is_left_at_once_and_its_name_is_free(socket: Socket, server: Server) -> None:
    socket.begin("subscription { ticks(seconds: 60) }")
    assert socket.told() == {"ticks": 1}
    socket.say("complete", id="1")
    socket.say("complete", id="unknown")
    assert until(lambda: server.desk.log == ["listening", "left"], 2)
    assert socket.answers("{ __typename }") == [{"__typename": "Query"}]


def test_a_client_that_goes_away_leaves_nothing_behind(server: Server) -> None:
    server.desk.log.clear()
    with opened(server.url, "reader") as socket:
        socket.greet().begin("subscription { ticks(seconds: 60) }")
        socket.begin("{ slow }", name="2")
        assert socket.told() == {"ticks": 1}
        assert until(lambda: "began" in server.desk.log, 2)
    assert until(lambda: {"left", "cancelled"} <= {*server.desk.log}, 2)
    assert until(lambda: 'dutybook_subscriptions_open{transport="ws"} 0.0' in server.get("/metrics").text, 2)


def test_a_mutation_comes_to_its_end_without_its_client(server: Server) -> None:
    server.desk.log.clear()
    with opened(server.url, "reader") as socket:
        socket.greet().begin('mutation { write(text: "x", seconds: 0.5) }')
        assert until(lambda: "x" in server.desk.log, 2)
        socket.say("complete", id="1")
    assert until(lambda: "x written" in server.desk.log, 2)


def test_a_mutation_with_a_key_is_executed_once(socket: Socket, server: Server) -> None:
    keyed = {"extensions": {"idempotencyKey": "socket-1"}}
    first = socket.answers('mutation { write(text: "once") }', **keyed)
    assert socket.answers('mutation { write(text: "once") }', **keyed) == first
    assert server.desk.log.count("once") == 1


def test_events_are_made_only_as_fast_as_they_are_taken(socket: Socket, server: Server) -> None:
    socket.begin("subscription { padded }")
    assert until(lambda: "made" in server.desk.log, 2)
    assert not until(lambda: len(server.desk.log) > 400, 1.5), "400 events of 60 kB wait for a client that takes none"
    made = len(server.desk.log)
    for _ in range(made + 50):
        socket.told()


def test_what_was_sent_is_counted(socket: Socket, server: Server) -> None:
    socket.answers("subscription { ticks(upTo: 3) }")
    text = server.get("/metrics").text
    assert float(text.split('dutybook_subscription_events_total{transport="ws"} ')[1].split()[0]) >= 3
    assert 'dutybook_graphql_operations_total{kind="subscription",outcome="OK"}' in text
