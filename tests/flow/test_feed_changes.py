"""The feed: every event once and in order, to those who may know of it, for as long as they may."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date, timedelta
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import event as listening

from dutybook.access.actor import OPERATOR
from dutybook.book.clock import FrozenClock
from dutybook.db.events import append
from dutybook.lifecycle.events import Event
from dutybook.services.accounts import disable, list_tokens, revoke, revoke_token
from dutybook.services.approval import Opinion, approve
from dutybook.services.changesets import submit
from dutybook.services.events import note
from tests.backends import Backend
from tests.flow.feed_reader import Feed, followed
from tests.flow.http_server import until
from tests.flow.streams import streamed

NEW_POST = {"openPosition": {"title": "专责", "department": "D001"}}
SUBJECTS = """subscription ($after: Int!, $first: Int) { changes(after: $after, first: $first) { sequence type subject {
  __typename id ... on Position { code title department { code } } ... on Duty { text }
  ... on Employee { employee: number name contact { officePhone } } ... on ChangeSet { number state } ... on Period { month } } } }"""


@pytest.fixture
def feed(backend: Backend) -> Iterator[Feed]:
    with followed(backend) as feed:
        yield feed


def types(events: list[dict[str, Any]]) -> list[str]:
    return [event["type"] for event in events]


def test_everything_is_told_in_order_and_once(feed: Feed) -> None:
    with feed.working() as clerk:
        clerk.apply(*[NEW_POST] * 300)
    told = feed.seen(feed.server.tokens["administrator"])
    assert [(event["sequence"], event["revision"], event["type"]) for event in told] == [
        (row.sequence, row.revision, row.type) for row in feed.logged()[:-1]
    ]
    assert len(told) > 300


def test_whoever_resumes_anywhere_is_told_the_rest(feed: Feed) -> None:
    token = feed.server.tokens["administrator"]
    whole = feed.seen(token)
    for cut in (1, 7, len(whole) - 1, len(whole)):
        assert feed.seen(token, whole[cut - 1]["sequence"])[: len(whole) - cut] == whole[cut:]


def test_a_stream_ends_after_so_many_events(feed: Feed) -> None:
    token = feed.server.tokens["reader"]
    for first in (0, 1, 3):
        with feed.listening(token, first=first) as socket:
            told = [socket.hear() for _ in range(first + 1)]
        assert [message["type"] for message in told] == ["next"] * first + ["complete"]


@pytest.mark.parametrize(("after", "first"), [(-1, None), (0, -1), (10**6, None)])
def test_a_place_that_cannot_be_is_refused(feed: Feed, after: int, first: int | None) -> None:
    with feed.listening(feed.server.tokens["reader"], after, first=first) as socket:
        assert socket.refusal() == "BAD_USER_INPUT"


def test_what_happens_now_is_told_at_once(feed: Feed) -> None:
    last = feed.server.ask("{ lastSequence }")["lastSequence"]
    assert last == feed.last()
    with feed.listening(feed.server.tokens["reader"], last) as socket:
        with feed.working() as clerk:
            clerk.apply(NEW_POST)
        began = monotonic()
        assert [socket.told()["changes"]["type"] for _ in range(2)] == ["position.opened", "changeset.published"]
        assert monotonic() - began < 1


def test_server_sent_events_tell_the_same(feed: Feed) -> None:
    sent = {"Authorization": f"Bearer {feed.server.tokens['reader']}"}
    with streamed(feed.server.url, "subscription { changes(after: 0, first: 3) { type } }", sent) as events:
        told = [event["changes"] for event in events.data()]
    assert told == [{"type": event["type"]} for event in feed.seen(feed.server.tokens["reader"])[:3]]


def test_subjects_are_of_the_time_of_their_event(feed: Feed) -> None:
    token, after = feed.server.tokens["reader"], feed.last()
    with feed.working() as clerk:
        clerk.apply({"movePosition": {"position": "P0002", "department": "D002"}}, on=date(2026, 2, 1))
        clerk.apply({"setPosition": {"position": "P0002", "title": "秘书"}}, on=date(2026, 3, 1))
        clerk.apply({"closePosition": {"position": "P0003"}}, on=date(2026, 4, 1))
    told = feed.seen(token, after, SUBJECTS)
    posts = [event["subject"] for event in told if event["type"].startswith("position")]
    assert [(post["code"], post["title"], post["department"]["code"]) for post in posts] == [
        ("P0002", "文秘", "D002"),
        ("P0002", "秘书", "D002"),
        ("P0003", "班长", "D003"),
    ]
    asked = "query ($i: ID!) { node(id: $i) { ... on Position { title } } }"
    for post in posts:
        assert feed.server.ask(asked, "reader", i=post["id"])["node"]["title"] == post["title"]


def test_a_part_of_the_tree_is_told_of_itself_alone(feed: Feed) -> None:
    token = feed.token("班长", "reader@D002")
    with feed.working() as clerk:
        clerk.apply(NEW_POST)
        clerk.apply(
            {"openDepartment": {"code": "D010", "name": "新班", "parent": "D002"}},
            {"openPosition": {"code": "P0100", "title": "新班长", "department": "D010"}},
        )
        clerk.apply({"movePosition": {"position": "P0003", "department": "D001"}}, on=date(2025, 6, 1))
    told, everything = feed.seen(token, 0, SUBJECTS), feed.seen(feed.server.tokens["administrator"], 0, SUBJECTS)
    departments = {event["subject"]["department"]["code"] for event in told if event["type"].startswith("position")}
    assert departments == {"D003", "D010"}
    assert [event["type"] for event in told if event["type"].startswith(("department", "position"))] == [
        *("department.opened", "department.opened", "position.opened"),
        *("department.opened", "position.opened", "position.moved"),
    ]
    asked = "query ($i: ID!) { node(id: $i) { id } }"
    sent = {event["sequence"] for event in told}
    for event in everything:
        if event["subject"] and event["subject"]["__typename"] in {"Department", "Position", "Duty", "Assignment"}:
            seen = answered(feed, token, asked, event["subject"]["id"])
            assert (event["sequence"] in sent) >= seen, event


def answered(feed: Feed, token: str, query: str, node: str) -> bool:
    """Whether `node` finds an object for the bearer of a token."""
    feed.server.tokens["asking"] = token
    return feed.server.ask(query, "asking", i=node)["node"] is not None


def test_the_work_on_proposals_is_told_to_those_who_do_it(feed: Feed) -> None:
    after = feed.last()
    with feed.working() as clerk:
        number = clerk.draft(NEW_POST)
        submit(clerk.session, clerk.book, OPERATOR, number)
        approve(clerk.session, clerk.book, OPERATOR, number, Opinion())
        clerk.publish(number)
    of_sets = [row.type for row in feed.logged() if row.sequence > after and row.aggregate == "changeset"]
    told = {role: types(feed.seen(feed.server.tokens[role], after)) for role in ("reader", "editor")}
    assert [type_ for type_ in told["editor"] if type_.startswith("changeset")] == of_sets
    assert {"changeset.opened", "changeset.submitted", "changeset.approved"} <= {*of_sets}
    assert [type_ for type_ in told["reader"] if type_.startswith("changeset")] == [
        *("changeset.published", "changeset.took_effect")
    ]


def test_what_operators_and_plugins_do_is_not_for_everybody(feed: Feed) -> None:
    after = feed.last()
    with feed.working() as clerk:
        note(clerk.session, clerk.book, "plugin.enabled", 5, "operator", {"name": "toll"})
        note(clerk.session, clerk.book, "gone_kind.opened", 5, "plugin:toll")
        issued = Event(0, "toll.certificate.issued", "toll.certificate", 5, clerk.book.clock.now(), "plugin:toll")
        append(clerk.session, clerk.book.tables, issued)
    told = {role: types(feed.seen(token, after)) for role, token in feed.server.tokens.items() if role != "asking"}
    assert "plugin.enabled" in told["administrator"]
    assert [role for role in told if "plugin.enabled" in told[role]] == ["administrator"]
    assert "toll.certificate.issued" not in told["reader"]
    assert "toll.certificate.issued" in told["editor"]
    scoped = types(feed.seen(feed.token("班长", "editor@D002"), after))
    assert not {"toll.certificate.issued", "gone_kind.opened"} & {*scoped}


def test_no_personal_value_is_told_to_a_reader(feed: Feed) -> None:
    reader, editor = (feed.seen(feed.server.tokens[role], 0, SUBJECTS) for role in ("reader", "editor"))
    assert "甲一" not in str(reader)
    assert "0000-1001" not in str(reader)
    assert "甲一" in str(editor)


def test_a_department_that_moves_in_is_told_from_then_on(feed: Feed) -> None:
    token = feed.token("主任", "reader@D001")
    with feed.listening(token, feed.last()) as socket, feed.working() as clerk:
        clerk.apply({"moveDepartment": {"department": "D003", "parent": "D001"}}, on=date(2026, 1, 1))
        clerk.session.commit()
        assert socket.told()["changes"]["type"] == "department.moved"


WAYS = ["token revoked", "token expired", "account disabled", "role taken"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("busy", [True, False])
def test_a_right_that_is_taken_ends_the_stream_within_5_seconds(feed: Feed, way: str, busy: bool) -> None:
    token = feed.token("听者", "reader")
    with feed.listening(token, 0 if busy else feed.last()) as socket:
        if busy:
            socket.told()
        take(feed, way)
        began = monotonic()
        assert socket.refusal(timeout=6) == ("FORBIDDEN" if way == "role taken" else "UNAUTHENTICATED")
        assert monotonic() - began < 5
        socket.begin("{ registry { revision } }")
        if way != "role taken":
            assert socket.refusal() == "UNAUTHENTICATED"


def take(feed: Feed, way: str) -> None:
    """Takes the right to listen."""
    book = feed.book
    with book.database.write() as session:
        match way:
            case "token revoked":
                revoke_token(session, book, OPERATOR, list_tokens(session, book, OPERATOR)[-1].prefix)
            case "account disabled":
                disable(session, book, OPERATOR, "听者")
            case "role taken":
                revoke(session, book, OPERATOR, "听者", "reader")
            case _:
                assert isinstance(book.clock, FrozenClock)
                book.clock.moment += timedelta(days=400)


def test_server_sent_events_end_as_well_when_the_right_is_taken(feed: Feed) -> None:
    sent = {"Authorization": f"Bearer {feed.token('听者', 'reader')}"}
    with streamed(feed.server.url, "subscription { changes(after: 0) { type } }", sent, timeout=6) as events:
        told = iter(events)
        next(told)
        take(feed, "account disabled")
        *_, (_, refused), last = list(told)
    assert (refused["errors"][0]["extensions"]["code"], last) == ("UNAUTHENTICATED", ("complete", None))


def test_a_part_that_is_taken_is_told_of_no_more(feed: Feed) -> None:
    token = feed.token("听者", "reader@D001", "reader@D002")
    with feed.listening(token, feed.last()) as socket:
        with feed.book.database.write() as session:
            revoke(session, feed.book, OPERATOR, "听者", "reader@D001")
        until(lambda: False, 2.5)
        with feed.working() as clerk:
            clerk.apply(NEW_POST)
        assert socket.told()["changes"]["type"] == "changeset.published"


def test_nobody_without_a_right_listens(feed: Feed) -> None:
    with feed.listening(feed.token("无权")) as socket:
        assert socket.refusal() == "FORBIDDEN"


def test_one_statement_watches_the_log_for_all(feed: Feed) -> None:
    token, asked = feed.server.tokens["reader"], list[str]()
    with ExitStack() as stack:
        sockets = [stack.enter_context(feed.listening(token, feed.last())) for _ in range(5)]
        until(lambda: False, 0.5)
        for engine in feed.book.database.readers:
            listening.listen(engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
        until(lambda: False, 2)
        assert 10 <= len([statement for statement in asked if "FROM head" in statement]) <= 25
        asked.clear()
        with feed.working() as clerk:
            clerk.apply(NEW_POST)
        for socket in sockets:
            assert [socket.told()["changes"]["type"] for _ in range(2)] == ["position.opened", "changeset.published"]
        # The page with both events, and the next one that holds nothing yet.
        assert len([statement for statement in asked if "FROM event" in statement]) <= 2
