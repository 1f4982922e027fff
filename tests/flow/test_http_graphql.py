"""GraphQL over HTTP: what is taken, and the status and media type of each answer."""

import json
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dutybook.http.negotiation import GRAPHQL, JSON
from tests.flow.http_server import Server, body

PROBLEM = "application/problem+json"
READER = {"Authorization": "Bearer reader"}
FINE = "{ __typename }"
TWO = "query A { __typename } query B { __typename }"


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (None, JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (GRAPHQL, GRAPHQL),
        (f"{GRAPHQL}, {JSON}", GRAPHQL),
        (f"{JSON}, {GRAPHQL}", GRAPHQL),
        (f"{GRAPHQL}, {JSON};q=0.9", GRAPHQL),
        (f"{GRAPHQL};q=0.5, {JSON}", JSON),
        (f"{GRAPHQL}, */*;q=0.1", GRAPHQL),
        (f"{JSON};q=0, */*", GRAPHQL),
        ("text/event-stream, Application/JSON; charset=utf-8", JSON),
    ],
)
def test_the_answer_has_the_media_type_that_is_wanted_most(server: Server, accept: str | None, media: str) -> None:
    client = httpx.Client(headers=READER)
    client.headers.pop("accept")
    answer = client.post(f"{server.url}/graphql", json=body(FINE), headers={"Accept": accept} if accept else {})
    assert (answer.status_code, answer.headers["content-type"]) == (200, media)
    client.close()


@pytest.mark.parametrize("accept", ["text/html", "text/event-stream;q=0", f"{JSON};q=0", f"{GRAPHQL};q=nonsense"])
def test_a_client_that_takes_no_json_is_told_so(server: Server, accept: str) -> None:
    answer = server.post(FINE, accept=accept)
    assert (answer.status_code, answer.headers["content-type"], answer.json()["code"]) == (
        406,
        PROBLEM,
        "NOT_ACCEPTABLE",
    )


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        ("{", None, "GRAPHQL_PARSE_FAILED"),
        ("", None, "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", None, "GRAPHQL_VALIDATION_FAILED"),
        ("{ echo }", None, "GRAPHQL_VALIDATION_FAILED"),
        ("{ payOn(day: 5, grade: SENIOR, least: 1) }", None, "GRAPHQL_VALIDATION_FAILED"),
        ("query($t: String!) { echo(text: $t) }", {"t": None}, "BAD_USER_INPUT"),
        ("query($t: String!) { echo(text: $t) }", {"t": 5}, "BAD_USER_INPUT"),
        ("query($d: Date!) { payOn(day: $d, grade: SENIOR, least: 1) }", {"d": "2026-02-30"}, "BAD_USER_INPUT"),
        (TWO, None, "BAD_USER_INPUT"),
        ("subscription { changes }", None, "BAD_USER_INPUT"),
        ("fragment F on Query { __typename }", None, "GRAPHQL_VALIDATION_FAILED"),
        ("type Query { a: Int }", None, "GRAPHQL_VALIDATION_FAILED"),
    ],
)
def test_what_cannot_be_executed_is_400_in_the_newer_media_type_and_200_in_json(
    server: Server, query: str, variables: Any, code: str
) -> None:
    answers = [server.post(query, variables, accept=media) for media in (GRAPHQL, JSON)]
    assert [answer.status_code for answer in answers] == [400, 200]
    assert all("data" not in answer.json() for answer in answers)
    assert {answer.json()["errors"][0]["extensions"]["code"] for answer in answers} == {code}


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"not json",
        b'{"query": ',
        b"\xff\xfe{}",
        b"null",
        b'"{ __typename }"',
        b'[{"query": "{ __typename }"}]',
        b"{}",
        b'{"query": 5}',
        b'{"query": "{ __typename }", "variables": []}',
        b'{"query": "{ __typename }", "operationName": {}}',
        b'{"query": "{ __typename }", "extensions": "x"}',
        b'{"query": "{ __typename }", "variables": {"a": ' + b"[" * 40 + b"]" * 40 + b"}}",
        b"[" * 900_000,
    ],
)
@pytest.mark.parametrize("media", [GRAPHQL, JSON])
def test_a_malformed_request_is_400(server: Server, sent: bytes, media: str) -> None:
    headers = {**READER, "Content-Type": JSON, "Accept": media}
    answer = httpx.post(f"{server.url}/graphql", content=sent, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (400, media)
    [error] = answer.json()["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    chinese, _, english = error["message"].partition(" / ")
    assert english
    assert "a string" not in chinese


@pytest.mark.parametrize(
    "content_type", [None, "text/plain", "application/x-www-form-urlencoded", "application/json; charset=gb18030"]
)
def test_a_body_that_a_foreign_page_could_send_is_not_read(server: Server, content_type: str | None) -> None:
    headers = {**READER, **({"Content-Type": content_type} if content_type else {})}
    answer = httpx.post(f"{server.url}/graphql", content=json.dumps(body(FINE)).encode(), headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (415, PROBLEM)


def test_a_compressed_body_is_not_read(server: Server) -> None:
    assert server.post(FINE, content_encoding="gzip").status_code == 415


def test_a_body_over_one_megabyte_is_refused(server: Server) -> None:
    answer = server.post("query($t: String!) { echo(text: $t) }", {"t": "字" * 400_000})
    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")


def test_a_body_of_unknown_length_is_refused_once_it_is_too_long(server: Server) -> None:
    pieces = (b" " * 100_000 for _ in range(11))
    answer = httpx.post(f"{server.url}/graphql", content=pieces, headers={**READER, "Content-Type": JSON})
    assert answer.status_code == 413


@pytest.mark.parametrize("method", ["OPTIONS", "PATCH"])
def test_other_methods_are_405_and_name_those_allowed(server: Server, method: str) -> None:
    answer = httpx.request(method, f"{server.url}/graphql", headers=READER)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST, PUT, DELETE")


def test_nobody_is_401_before_the_document_is_looked_at(server: Server) -> None:
    answer = server.post("{", authorization="Bearer unknown")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.headers["content-type"] == PROBLEM


@pytest.mark.parametrize("headers", [READER, {"GraphQL-Require-Preflight": "1", "Cookie": "session=reader"}])
def test_a_query_by_get_needs_a_header_that_no_link_can_send(server: Server, headers: dict[str, str]) -> None:
    query = {"query": "query Q($t: String!) { echo(text: $t) }", "variables": '{"t": "岗"}', "operationName": "Q"}
    assert server.get("/graphql", params=query, headers=headers).json() == {"data": {"echo": "岗"}}


def test_a_get_with_a_cookie_only_is_refused(server: Server) -> None:
    answer = server.get("/graphql", params={"query": FINE}, headers={"Cookie": "session=reader"})
    assert (answer.status_code, answer.json()["code"]) == (400, "PREFLIGHT_REQUIRED")


def test_a_mutation_by_get_is_405_and_not_executed(server: Server) -> None:
    query = {"query": 'mutation { write(text: "by get") }'}
    answer = server.get("/graphql", params=query, headers=READER)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert "by get" not in server.desk.log


def test_unreadable_variables_of_a_get_are_400(server: Server) -> None:
    answer = server.get("/graphql", params={"query": FINE, "variables": "{"}, headers=READER)
    assert answer.status_code == 400


def test_the_named_operation_is_executed(server: Server) -> None:
    several = {"query": 'query A { a: echo(text: "a") } query B { b: echo(text: "b") }', "operationName": "B"}
    answer = httpx.post(f"{server.url}/graphql", json=several, headers=READER)
    assert answer.json() == {"data": {"b": "b"}}


def test_chinese_is_not_escaped(server: Server) -> None:
    assert '"所长"'.encode() in server.post("{ position { title } }").content


def test_answers_are_not_to_be_kept_unless_the_context_says_for_how_long(server: Server) -> None:
    assert server.post(FINE).headers["cache-control"] == "no-store"
    server.desk.age = 3600
    kept = [
        server.post(query).headers["cache-control"] for query in (FINE, "{ broken }", 'mutation { write(text: "-") }')
    ]
    server.desk.age = None
    assert kept == ["private, max-age=3600", "no-store", "no-store"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
requests = st.fixed_dictionaries(
    {},
    optional={
        "query": st.sampled_from([FINE, TWO, "query($n: Int) { positions(first: $n) { edges { cursor } } }"])
        | json_values,
        "variables": st.fixed_dictionaries({"n": json_values}) | json_values,
        "operationName": json_values,
        "extensions": json_values,
    },
)


@settings(max_examples=100)
@given(sent=requests | json_values)
def test_whatever_json_is_sent_the_answer_is_graphql_and_no_fault(server: Server, sent: object) -> None:
    headers = {**READER, "Content-Type": JSON, "Accept": GRAPHQL}
    content = json.dumps(sent).encode()
    answer = httpx.post(f"{server.url}/graphql", content=content, headers=headers, verify=False)
    assert answer.status_code in {200, 400}
    assert {"data", "errors"} & answer.json().keys()
    assert "INTERNAL" not in answer.text
