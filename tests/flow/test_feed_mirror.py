"""A portal that keeps a copy: what it hears in the feed and asks by `node` is the registry, on every day."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from dutybook.book.clock import FrozenClock
from dutybook.book.ids import GlobalId, type_name
from tests.backends import Backend
from tests.flow.feed_reader import Feed, followed
from tests.flow.histories import DAYS, SAYINGS, Act, Teller

FIELDS = """fragment fields on Node { __typename ... on Dated { validTo }
  ... on Organisation { code name } ... on Department { code name category parent { key } }
  ... on StandardPosition { code title } ... on Employee { number known: name }
  ... on Position { code title grade headcount department { key } standard { key } reportsTo { key } }
  ... on Duty { text involvement } ... on Assignment { share employee { key } position { key } } }"""
AT_ONCE = 7  # each has an alias of its own, and one in the fragment
DIFFERENCES = """query ($then: Int!, $now: Int!) { registry(knownAt: $then) { compare(knownAt: $now) {
  added { ...k } removed { ...k } changed { before { ...k } } moved { before { ...k } } } } }
  fragment k on Node { ... on Dated { key } }"""
SUMMER = datetime(2025, 6, 15, 4, tzinfo=UTC)


@dataclass
class Portal:
    """Its copy, by key, and the days on which it will have to ask again."""

    feed: Feed
    after: int = 0
    copy: dict[str, Any] = field(default_factory=dict)
    due: set[tuple[date, str]] = field(default_factory=set)

    def follow(self) -> None:
        """Hears what is new."""
        for event in self.feed.seen(self.feed.server.tokens["administrator"], self.after):
            self.after = event["sequence"]
            if event["subject"] and "key" in event["subject"]:
                # What is to change later shows at once in the day until which the present holds.
                for day in (date.min, date.fromisoformat(event["effectiveOn"])):
                    self.due.add((day, event["subject"]["key"]))
        self.wake()

    def wake(self) -> None:
        """Asks again for whatever may be different today."""
        today = self.feed.book.clock.today()
        while due := {(day, key) for day, key in self.due if day <= today}:
            self.due -= due
            keys = {key for _, key in due}
            self.copy = {key: node for key, node in self.copy.items() if key not in keys} | nodes(self.feed, keys)
            ends = {(self.copy[key]["validTo"], key) for key in keys & self.copy.keys()}
            self.due |= {(date.fromisoformat(day), key) for day, key in ends if day}


def registry(feed: Feed) -> dict[str, Any]:
    """Every record that is in force today."""
    return nodes(feed, {str(GlobalId(type_name(kind), key)) for kind, key in identities(feed)})


def nodes(feed: Feed, keys: set[str]) -> dict[str, Any]:
    """What `node` finds today for each key, if anything."""
    found = dict[str, Any]()
    for some in batched(sorted(keys)):
        asked = " ".join(f'a{place}: node(id: "{key}") {{ ...fields }}' for place, key in enumerate(some))
        found |= zip(some, feed.server.ask(f"{{ {asked} }} {FIELDS}", "administrator").values(), strict=True)
    return {key: node for key, node in found.items() if node}


def batched(keys: list[str]) -> Iterator[list[str]]:
    return (keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE))


def identities(feed: Feed) -> list[tuple[str, int]]:
    with feed.book.database.read() as session:
        tables = feed.book.tables.identities
        return [(kind, key) for kind, table in tables.items() for key in session.scalars(select(table.c.key))]


def at(feed: Feed, moment: datetime) -> None:
    assert isinstance(feed.book.clock, FrozenClock)
    feed.book.clock.moment = moment


def happen(feed: Feed, rng: Random, publications: int) -> None:
    """Random publications, some of which the book refuses."""
    for _ in range(publications):
        said = [
            Act(
                rng.choice(sorted(SAYINGS)),
                rng.randrange(10),
                rng.randrange(10),
                rng.choice(DAYS),
                rng.choice([None, 40]),
            )
            for _ in range(rng.randint(1, 3))
        ]
        with feed.working() as clerk:
            Teller(clerk).tell(said)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_copy_that_follows_the_feed_is_the_registry(backend: Backend, seed: int) -> None:
    rng = Random(seed)
    with followed(backend) as feed:
        at(feed, SUMMER)
        portal = Portal(feed)
        for publications in (0, 10, 20):
            happen(feed, rng, publications)
            portal.follow()
            assert portal.copy == registry(feed)
        for month in (8, 10, 12):
            at(feed, datetime(2025, month, 2, 4, tzinfo=UTC))
            portal.wake()
            assert portal.copy == registry(feed)


def test_the_nightly_comparison_finds_what_the_feed_told(backend: Backend) -> None:
    with followed(backend) as feed:
        portal = Portal(feed)
        portal.follow()
        before, then = dict(portal.copy), feed.server.ask("{ registry { revision } }")["registry"]["revision"]
        happen(feed, Random(4), 15)
        portal.follow()
        numbers = "{ revisions(first: 200) { edges { node { number } } } }"
        now = max(edge["node"]["number"] for edge in feed.server.ask(numbers)["revisions"]["edges"])
        diff = feed.server.ask(DIFFERENCES, "administrator", then=then, now=now)["registry"]["compare"]
        added, removed = ({node["key"] for node in diff[name]} for name in ("added", "removed"))
        other = {entry["before"]["key"] for name in ("changed", "moved") for entry in diff[name]}
        assert added == portal.copy.keys() - before.keys()
        assert removed == before.keys() - portal.copy.keys()
        assert {key for key in before.keys() & portal.copy.keys() if before[key] != portal.copy[key]} <= other
