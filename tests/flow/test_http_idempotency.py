"""A mutation repeated under its key is executed once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from dutybook.http.ports import Idempotency
from tests.flow.http_server import Server

WRITE = "mutation($t: String!) { write(text: $t, seconds: 0.05) }"


def test_fifty_at_once_under_one_key_are_executed_once(server: Server) -> None:
    with ThreadPoolExecutor(50) as clients:
        sent = [clients.submit(server.post, WRITE, {"t": "fifty"}, idempotency_key="fifty") for _ in range(50)]
        answers = {(answer.result().status_code, answer.result().content) for answer in sent}
    assert len(answers) == 1
    assert server.desk.log.count("fifty") == 1


def test_without_a_key_each_is_executed(server: Server) -> None:
    assert server.post(WRITE, {"t": "twice"}).content != server.post(WRITE, {"t": "twice"}).content
    assert server.desk.log.count("twice") == 2


def test_the_same_key_with_another_body_is_an_error(server: Server) -> None:
    server.post(WRITE, {"t": "first"}, idempotency_key="reused")
    answer = server.post(WRITE, {"t": "second"}, idempotency_key="reused")
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert answer.json()["code"] == "IDEMPOTENCY_KEY_REUSED"
    assert "second" not in server.desk.log


def test_two_actors_may_use_the_same_key(server: Server) -> None:
    for who in ("reader", "stranger"):
        server.post(WRITE, {"t": f"by {who}"}, idempotency_key="shared", authorization=f"Bearer {who}")
    assert {"by reader", "by stranger"} <= set(server.desk.log)


def test_a_refusal_is_repeated_as_it_was(server: Server) -> None:
    before = server.desk.log.count("refused")
    answers = {server.post("mutation { refuse }", idempotency_key="refused").content for _ in range(2)}
    assert len(answers) == 1
    assert server.desk.log.count("refused") == before + 1


def test_an_internal_error_may_be_tried_again(server: Server) -> None:
    answers = {server.post("mutation { fail }", idempotency_key="failed").text for _ in range(2)}
    assert len(answers) == 2
    assert server.desk.log.count("failed") == 2


@pytest.mark.parametrize(
    "several",
    [
        'mutation { write(text: "several") b: write(text: "several") }',
        'mutation { ...A ... { refuse } } fragment A on Mutation { write(text: "several") }',
    ],
)
def test_several_mutations_under_one_key_are_refused(server: Server, several: str) -> None:
    answer = server.post(several, idempotency_key="several")
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_USER_INPUT")
    assert "several" not in server.desk.log


@pytest.mark.parametrize("key", ["", "k" * 201, "a\tb"])
def test_a_key_that_cannot_be_kept_is_refused(server: Server, key: str) -> None:
    assert server.post("mutation { refuse }", idempotency_key=key).status_code == 400


def test_resolvers_are_told_the_key_and_the_digest_of_the_request(server: Server) -> None:
    server.post(WRITE, {"t": "told"}, idempotency_key="told")
    told = server.desk.calls[-1].idempotency
    assert isinstance(told, Idempotency)
    assert (told.key, len(told.fingerprint)) == ("told", 64)


def test_a_query_needs_no_key(server: Server) -> None:
    assert [server.post("{ __typename }", idempotency_key="q").status_code for _ in range(2)] == [200, 200]
    assert server.desk.calls[-1].idempotency is None
