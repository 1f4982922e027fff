"""Documents that clients name by their hash: Apollo's automatic persisted queries."""

import hashlib
from typing import Any

import httpx
import orjson
import pytest

from dutybook.http.params import Params
from dutybook.http.persisted import REMEMBERED, Persisted
from dutybook.http.refusals import NotPersisted
from tests.flow.http_server import Server

READER = {"Authorization": "Bearer reader"}


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def ask(server: Server, name: str, query: str | None = None) -> Any:
    body = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": name}}, **({"query": query} if query else {})}
    return httpx.post(f"{server.url}/graphql", json=body, headers=READER).json()


def test_a_document_is_known_by_its_hash_once_it_was_sent(server: Server) -> None:
    query = '{ echo(text: "known") }'
    [error] = ask(server, digest(query))["errors"]
    assert (error["message"], error["extensions"]["code"]) == ("PersistedQueryNotFound", "PERSISTED_QUERY_NOT_FOUND")
    assert ask(server, digest(query), query) == {"data": {"echo": "known"}}
    assert ask(server, digest(query).upper()) == {"data": {"echo": "known"}}


def test_a_get_may_name_its_document(server: Server) -> None:
    query = '{ echo(text: "got") }'
    extensions = orjson.dumps({"persistedQuery": {"version": 1, "sha256Hash": digest(query)}}).decode()
    ask(server, digest(query), query)
    answer = server.get("/graphql", params={"extensions": extensions}, headers=READER)
    assert answer.json() == {"data": {"echo": "got"}}
    assert server.get("/graphql", params={"extensions": extensions}).status_code == 400


def test_a_hash_of_something_else_is_refused_with_the_right_one(server: Server) -> None:
    [error] = ask(server, "0" * 64, "{ __typename }")["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert digest("{ __typename }") in error["message"]


def test_a_document_that_is_refused_is_not_remembered(server: Server) -> None:
    ask(server, digest("{ nothing }"), "{ nothing }")
    assert ask(server, digest("{ nothing }"))["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"


@pytest.mark.parametrize(
    "extensions",
    [{}, {"persistedQuery": None}, {"persistedQuery": {"version": 2, "sha256Hash": "x"}}, {"persistedQuery": 5}],
)
def test_without_a_document_or_a_name_there_is_nothing_to_execute(server: Server, extensions: Any) -> None:
    answer = httpx.post(f"{server.url}/graphql", json={"extensions": extensions}, headers=READER).json()
    assert answer["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT", "path": ["query"]}


def test_a_mutation_by_its_hash_and_by_its_text_is_the_same_under_a_key(server: Server) -> None:
    query, headers = 'mutation { write(text: "persisted") }', {**READER, "Idempotency-Key": "persisted-1"}
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": digest(query)}}
    first = httpx.post(f"{server.url}/graphql", json={"query": query, "extensions": extensions}, headers=headers)
    again = httpx.post(f"{server.url}/graphql", json={"extensions": extensions}, headers=headers)
    assert again.json() == first.json()
    assert server.desk.log.count("persisted") == 1


def test_only_the_documents_used_last_are_remembered() -> None:
    persisted, texts = Persisted(), [f"{{ a{number} }}" for number in range(REMEMBERED + 1)]
    named = [{"persistedQuery": {"version": 1, "sha256Hash": digest(text)}} for text in texts]
    for text, extensions in zip(texts, named, strict=True):
        persisted.keep(Params(text, extensions=extensions))
    assert persisted.resolve(Params("", extensions=named[1])).query == texts[1]
    with pytest.raises(NotPersisted):
        persisted.resolve(Params("", extensions=named[0]))
