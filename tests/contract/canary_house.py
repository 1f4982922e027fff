"""The book of canaries with its schema, and a walk through all of it as somebody."""

import gc
import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import orjson
from graphql import GraphQLSchema

from dutybook.access.actor import Actor
from dutybook.book.ids import GlobalId
from dutybook.graphql.gifts import schema_with
from dutybook.graphql.names import camel
from dutybook.testing.answers import Asking, QueryFailed
from dutybook.testing.book import TestBook
from tests.backends import Backend
from tests.contract.canary_book import CONFLICTING, NUMBER, canaries, canary_book, codes, digests, ids
from tests.contract.schema_walk import Given, Walk

UNLIMITED = {
    "max_aliases": 10**6,
    "max_cost": 10**9,
    "max_tokens": 10**7,
    "max_depth": 40,
    "read_seconds": 600,
}


class House(NamedTuple):
    """The book, its schema, and all that must not be told."""

    book: TestBook
    schema: GraphQLSchema
    asking: Asking
    secrets: Sequence[str]
    digests: Sequence[str]
    given: Given
    walks: dict[str, dict[str, Any]]

    def ask(self, document: str, actor: Actor) -> dict[str, Any]:
        """The whole answer, errors included."""
        try:
            return {"data": self.asking(document, actor, {}, "en")}
        except QueryFailed as failure:
            return {"data": failure.data, "errors": failure.errors}

    def found_in(self, told: object) -> list[str]:
        """What of all that stands in an answer, also within its cursors and ids."""
        text = orjson.dumps(told, default=str).decode()
        text += "".join(_opened(word) for word in set(re.findall(r'"([A-Za-z0-9_=-]{8,})"', text)))
        return [secret for secret in (*self.secrets, *self.digests) if secret in text]

    def walk(self, actor: Actor, more: Given | None = None) -> dict[str, Any]:
        """Every field of every type as somebody is answered, by document; field by field where the whole is refused."""
        if actor.name not in self.walks:
            found = self.walks[actor.name] = {}
            for _, document, alone in Walk(self.schema, {**self.given, **(more or {})}).documents():
                found[document] = self.ask(document, actor)
                if "errors" in found[document]:
                    gc.collect()  # what the refusal left unanswered goes here, where nobody minds
                    found |= {one: self.ask(one, actor) for one in alone}
        return self.walks[actor.name]


def _opened(word: str) -> str:
    try:
        return urlsafe_b64decode(word + "=" * (-len(word) % 4)).decode()
    except ValueError:
        return ""


@contextmanager
def canary_house(backend: Backend) -> Iterator[House]:
    """That house."""
    with canary_book(backend) as book:
        schema = schema_with(book.book.kinds, book.book.plugins).graphql
        yield House(book, schema, Asking(book.book, **UNLIMITED), canaries(book), digests(book), _given(book), {})


def _given(book: TestBook) -> Given:
    """What to say where a field needs it: always what leads to the person, if anything does."""
    coded = {camel(kind.name): codes(book, kind.name) for kind in book.book.kinds if kind.coded}
    by_code = {("Registry", name): {"code": f'"{known[-1]}"'} for name, known in coded.items() if known}
    return by_code | {
        ("Query", "changeSet"): {"id": f'"{GlobalId("ChangeSet", CONFLICTING)}"'},
        ("Query", "revisionAt"): {"time": '"2026-03-30T00:00:00Z"'},
        ("Query", "node"): {"id": f'"{ids(book, "employee")[-1]}"'},
        ("Query", "period"): {"month": '"2026-03"'},
        ("Query", "costPeriod"): {"month": '"2026-03"'},
        ("Registry", "compare"): {"asOf": '"2025-06-01"'},
        ("Registry", "employee"): {"number": f'"{NUMBER}"'},
        ("Registry", "position"): {"code": '"P0003"'},
        ("Registry", "department"): {"code": '"D003"'},
        ("Registry", "document"): {"number": '"人〔2025〕7号"'},
        ("Registry", "dutiesRestingOn"): {"document": f'"{ids(book, "document")[0]}"'},
        ("Registry", "search"): {"text": '"机电"'},
        ("Registry", "responsible"): {"subject": '"截割"'},
        ("Registry", "suggestStandard"): {"positions": orjson.dumps(ids(book, "position")[-2:]).decode()},
    }
