"""Work ends when the client hangs up, and when its time is over."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from dutybook.http.limits import Limits
from tests.flow.http_server import Server, serving, until


def test_a_query_is_cancelled_when_the_client_hangs_up() -> None:
    with serving() as server:
        with pytest.raises(httpx.ReadTimeout):
            server.post("{ slow }", timeout=0.3)
        assert until(lambda: "cancelled" in server.desk.log, seconds=0.5)
        assert 'status="499"' in server.get("/metrics").text


def test_a_mutation_goes_on_when_the_client_hangs_up_and_answers_whoever_repeats_it() -> None:
    with serving() as server:
        write = 'mutation { write(text: "a", seconds: 0.5) }'
        with pytest.raises(httpx.ReadTimeout):
            server.post(write, timeout=0.2, idempotency_key="k")
        assert server.post(write, idempotency_key="k").json() == {"data": {"write": 2}}
        assert server.desk.log == ["a", "a written"]


def test_a_query_that_takes_too_long_is_cancelled_and_answered() -> None:
    with serving(Limits(read_seconds=0.2)) as server:
        answer = server.post("{ slow }")
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (503, "TIMEOUT")
        assert server.desk.log == ["began", "cancelled"]


def test_others_are_answered_while_one_is_slow(server: Server) -> None:
    with ThreadPoolExecutor() as clients:
        slow = clients.submit(server.post, "{ slow(seconds: 1) }")
        assert server.post("{ __typename }").elapsed.total_seconds() < 0.5
        assert slow.result().json() == {"data": {"slow": "done"}}


def test_nobody_waits_for_a_document_that_is_hard_to_read(server: Server) -> None:
    hard = "{" + " position { title }" * 490 + "}"
    with ThreadPoolExecutor() as clients:
        refused = clients.submit(server.post, hard)
        assert server.post("{ __typename }").elapsed.total_seconds() < 0.5
        assert refused.result().status_code == 400
