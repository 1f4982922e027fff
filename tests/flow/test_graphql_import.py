"""A catalogue is imported by mutation: once it proposes, again it has nothing to say."""

from collections.abc import Iterator
from typing import Any

import pytest

from dutybook.access.actor import Actor
from tests.backends import Backend
from tests.flow.graphql_book import EDITOR, PUBLISHER, READER, Asking, asked, fill

PRINTED = """绿水供电公司岗位职责

一、机关类

（一）总经理工作部

主任岗位职责

1. 主持部门的日常工作。
2. 负责重要文件的起草。
3. 完成公司领导交办的其他工作。

文秘岗位职责

1. 负责公文的登记和流转。
2. 协助主任筹备会议。
3. 负责印章的保管。
"""
DOCUMENT = """mutation ($i: ImportCatalogueInput!) { importCatalogue(input: $i) {
    job { id kind state done total message changeSet { number state changes { summary } } }
    userErrors { code path message } clientMutationId } }"""


@pytest.fixture
def ask(backend: Backend) -> Iterator[Asking]:
    with backend.database(fill) as url, asked(url) as asking:
        yield asking


def take(ask: Asking, actor: Actor, **given: Any) -> Any:
    return ask(DOCUMENT, actor, i={"file": "roster.txt", "content": PRINTED, "organisation": "绿水供电公司", **given})[
        "importCatalogue"
    ]


def test_what_is_printed_can_be_read_back(ask: Asking) -> None:
    payload = take(ask, PUBLISHER, publish=True, clientMutationId="x")
    assert (payload["userErrors"], payload["clientMutationId"]) == ([], "x")
    assert payload["job"]["changeSet"]["state"] == "PUBLISHED"
    document = (
        '{ registry { duties(search: "印章") { edges { node { text position { title department { name } } } } } } }'
    )
    [edge] = ask(document)["registry"]["duties"]["edges"]
    assert edge["node"]["position"] == {"title": "文秘", "department": {"name": "总经理工作部"}}


def test_without_publishing_it_is_a_draft(ask: Asking) -> None:
    job = take(ask, EDITOR)["job"]
    assert (job["state"], job["changeSet"]["state"], job["done"] > 0) == ("DONE", "DRAFT", True)


def test_importing_again_proposes_nothing(ask: Asking) -> None:
    take(ask, PUBLISHER, publish=True)
    job = take(ask, PUBLISHER, publish=True)["job"]
    assert (job["changeSet"], job["done"]) == (None, 0)


def test_a_job_is_for_whoever_started_it(ask: Asking) -> None:
    made = take(ask, EDITOR)["job"]["id"]
    document = "query ($id: ID!) { job(id: $id) { kind } node(id: $id) { id } }"
    assert ask(document, EDITOR, id=made) == {"job": {"kind": "catalogue.import"}, "node": {"id": made}}
    assert ask(document, READER, id=made) == {"job": None, "node": None}


@pytest.mark.parametrize(
    ("given", "path"),
    [({"content": "没有职责。"}, ["catalogue"]), ({"catalogue": 2}, ["catalogue"]), ({"content": ""}, [])],
)
def test_what_cannot_be_taken_is_told_and_nothing_is_stored(
    ask: Asking, given: dict[str, Any], path: list[str]
) -> None:
    payload = take(ask, PUBLISHER, **given)
    [error] = payload["userErrors"]
    assert (payload["job"], error["code"]) == (None, "BAD_USER_INPUT")
    assert not path or error["path"] == path
    assert ask("{ changeSets { totalCount } }")["changeSets"]["totalCount"] == 2
