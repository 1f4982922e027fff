"""Standard positions at work: made of alike positions, followed, left out of, detached and closed, and every follower is told."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event

from dutybook.access.actor import OPERATOR
from dutybook.access.identity import actor_named
from dutybook.book.ids import GlobalId
from dutybook.catalogue.likeness import plain
from dutybook.db.in_force import EVERYTHING, Scope
from dutybook.errors import DutybookError
from dutybook.services.accounts import create_user
from dutybook.services.book import Book
from dutybook.services.drafts import changeset_row
from dutybook.services.standards import NOBODY, Affected, Effect, Outlook, affected, effects
from tests.flow.clerk import NEW_YEAR, Clerk, undone

MARCH, JUNE = date(2025, 3, 1), date(2025, 6, 1)
TEXTS = [
    "主持班前会",
    "主持班前会。",
    "检查安全工器具",
    "填写运行日志",
    "完成领导交办的其他工作",
    "完成领导交办的其他工作;",
]

lists = st.lists(st.lists(st.sampled_from(TEXTS), max_size=5), min_size=2, max_size=4)


def guards(clerk: Clerk, *duties: Sequence[str]) -> list[str]:
    """Positions called 安全员, each with a list of its own; their codes."""
    codes = [f"G{number}" for number, _ in enumerate(duties)]
    opened = ({"openPosition": {"code": code, "title": "安全员", "department": "D003"}} for code in codes)
    said = zip(codes, duties, strict=True)
    clerk.apply(*opened, *({"addDuty": {"position": code, "text": text}} for code, texts in said for text in texts))
    return codes


def shown(clerk: Clerk, code: str, day: date = MARCH) -> list[str]:
    """What a position shows: its standard's duties but for its exceptions, then its own."""
    position = clerk.of("position", code, day)
    assert position
    left_out = orjson.loads(position["exceptions"] or "[]")
    rows = clerk.in_force("duty", day)
    theirs = [row for row in rows if row["standard"] and row["standard"] == position["standard"]]
    own = [row for row in rows if row["position"] == position["key"]]
    return [row["text"] for row in (*theirs, *own) if row["key"] not in left_out]


def duty(clerk: Clerk, code: str, text: str, day: date = MARCH) -> int:
    """A duty of a position's own, by its text."""
    key = clerk.key("position", code)
    found: int = next(
        row["key"] for row in clerk.in_force("duty", day) if row["position"] == key and row["text"] == text
    )
    return found


def made(clerk: Clerk, codes: Sequence[str], duties: Sequence[dict[str, Any]]) -> int:
    return clerk.apply(
        {"makeStandard": {"code": "S9", "title": "安全员", "positions": codes, "duties": duties}}, on=MARCH
    )


@settings(max_examples=5, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=lists, data=st.data())
def test_a_standard_made_of_any_lists_leaves_what_each_shows_as_it_was(
    company: Book, texts: list[list[str]], data: st.DataObject
) -> None:
    with undone(company) as clerk:
        codes = guards(clerk, *texts)
        theirs = {clerk.key("position", code) for code in codes}
        keys = [row["key"] for row in clerk.in_force("duty") if row["position"] in theirs]
        if not keys:
            return
        chosen = data.draw(st.lists(st.sampled_from(keys), min_size=1, max_size=4, unique=True))
        before, state = [folded(shown(clerk, code)) for code in codes], clerk.state()
        revision = made(clerk, codes, [{"duty": key} for key in chosen])
        assert [folded(shown(clerk, code)) for code in codes] == before
        assert len(clerk.named("duty", MARCH, standard=clerk.key("standard_position", "S9"))) == len(chosen)
        clerk.revert(revision)
        assert clerk.state() == state


def test_an_editor_of_a_department_follows_and_leaves_out_at_its_own_positions_alone(clerk: Clerk) -> None:
    create_user(clerk.session, clerk.book, OPERATOR, "ed", ["editor@D003"])
    editor = actor_named(clerk.session, clerk.book.tables, "ed")
    guards(clerk, ["主持班前会", "填写运行日志"])
    theirs = [str(GlobalId("Duty", row["key"])) for row in clerk.in_force("duty") if row["standard"]]
    follow = {"followStandard": {"standard": "S001", "positions": ["G0"], "from": MARCH.isoformat()}}
    leave = {"leaveOutDuty": {"position": "G0", "duty": theirs[1], "from": MARCH.isoformat()}}
    own = clerk.draft(follow, leave, by=editor)
    clerk.publish(own)
    assert shown(clerk, "G0") == ["主持班前会", "填写运行日志"]
    for beyond in (
        {"followStandard": {"standard": "S001", "positions": ["P0002"]}},
        {"addDuty": {"standard": "S001", "text": "填写日志"}},
        {"makeStandard": {"title": "安全员", "positions": ["P0003"], "duties": [{"duty": theirs[0]}]}},
    ):
        with pytest.raises(DutybookError):
            clerk.draft(beyond, by=editor)


def folded(texts: Sequence[str]) -> Counter[str]:
    return Counter(plain(text) for text in texts)


def test_what_the_standard_says_is_succeeded_and_what_is_told_to_be_the_same_is_merged(clerk: Clerk) -> None:
    codes = guards(clerk, ["检查工器具", "填写日志"], ["检查工器具。"], ["检查安全工器具", "巡视线路"])
    model, near = duty(clerk, "G0", "检查工器具"), duty(clerk, "G2", "检查安全工器具")
    made(clerk, codes, [{"duty": model, "alike": [near]}])
    assert [shown(clerk, code) for code in codes] == [
        ["检查工器具", "填写日志"],
        ["检查工器具"],
        ["检查工器具", "巡视线路"],
    ]
    [standard] = [
        row["key"] for row in clerk.in_force("duty", MARCH) if row["standard"] == clerk.key("standard_position", "S9")
    ]
    edges = [(edge, key, other) for edge, _, key, _, other in clerk.lineage()]
    assert edges == [
        ("COPIED_FROM", standard, model),
        ("MERGED_INTO", near, standard),
        ("SUCCEEDED_BY", model, standard),
        ("SUCCEEDED_BY", duty(clerk, "G1", "检查工器具。", NEW_YEAR), standard),
    ]
    assert shown(clerk, "G2", NEW_YEAR) == ["检查安全工器具", "巡视线路"]


def test_a_duty_that_is_to_change_later_is_not_taken_for_one_that_is_not(clerk: Clerk) -> None:
    codes = guards(clerk, ["检查工器具"], ["检查工器具"])
    later = duty(clerk, "G1", "检查工器具")
    clerk.apply({"setDuty": {"duty": later, "text": "检查全部工器具", "from": JUNE}})
    made(clerk, codes, [{"duty": duty(clerk, "G0", "检查工器具")}])
    assert [shown(clerk, code, JUNE) for code in codes] == [["检查工器具"], ["检查全部工器具"]]
    clerk.apply({"detachPosition": {"position": "G1"}}, on=MARCH)
    assert shown(clerk, "G1", MARCH) == ["检查工器具"]


def test_followers_give_their_equal_duties_up_and_leave_out_what_does_not_apply(clerk: Clerk) -> None:
    guards(clerk, ["主持班前会。", "填写日志"])
    tools = clerk.id("duty", 1)
    clerk.apply({"followStandard": {"standard": "S001", "positions": ["G0"], "leaveOut": [tools]}}, on=MARCH)
    assert shown(clerk, "G0") == ["主持班前会", "填写日志"]
    clerk.apply({"takeBackDuty": {"position": "G0", "duty": tools}}, on=JUNE)
    assert (shown(clerk, "G0"), shown(clerk, "G0", JUNE)[:2]) == (
        ["主持班前会", "填写日志"],
        ["主持班前会", "检查安全工器具"],
    )
    clerk.apply({"leaveOutDuty": {"position": "P0003", "duty": tools}}, on=MARCH)
    clerk.apply({"splitDuty": {"duty": tools, "into": ["检查工器具", "检查标示牌"]}}, on=JUNE)
    assert (shown(clerk, "P0003", JUNE), len(shown(clerk, "G0", JUNE))) == (["主持班前会"], 4)


@pytest.mark.parametrize(
    ("saying", "reason"),
    [
        ({"followStandard": {"standard": "S001", "positions": ["P0003"]}}, "Position P0003 follows a standard already"),
        ({"leaveOutDuty": {"position": "P0001", "duty": 1}}, "follows no standard"),
        ({"takeBackDuty": {"position": "P0003", "duty": 1}}, "does not leave this duty out"),
        ({"leaveOutDuty": {"position": "P0003", "duty": 3}}, "not of that standard position"),
        ({"makeStandard": {"title": "空", "positions": ["P0001"], "duties": []}}, "at least"),
        (
            {"makeStandard": {"title": "他", "positions": ["P0001"], "duties": [{"duty": 1}]}},
            "is no own duty of these positions",
        ),
        ({"closeStandardPosition": {"standardPosition": "S001"}}, "P0003"),
    ],
)
def test_what_makes_no_sense_of_standards_is_refused_by_name(clerk: Clerk, saying: Any, reason: str) -> None:
    [(name, words)] = saying.items()
    at = {1: clerk.id("duty", 0), 3: clerk.id("duty", 3)}
    if "duty" in words:
        words = {**words, "duty": at[words["duty"]]}
    if words.get("duties"):
        words = {**words, "duties": [{"duty": at[1]}]}
    assert reason in str(clerk.refused({name: words}, on=MARCH).message.en)


def test_a_standard_that_closes_leaves_its_followers_copies(clerk: Clerk) -> None:
    clerk.apply({"leaveOutDuty": {"position": "P0003", "duty": clerk.id("duty", 0)}})
    clerk.apply({"closeStandardPosition": {"standardPosition": "S001", "withDependents": True}}, on=MARCH)
    assert clerk.duties("P0003", MARCH) == ["检查安全工器具"]
    assert [edge for edge, *_ in clerk.lineage()] == ["COPIED_FROM"]


def test_a_follower_that_merges_into_another_position_brings_what_it_showed(clerk: Clerk) -> None:
    clerk.apply({"leaveOutDuty": {"position": "P0003", "duty": clerk.id("duty", 0)}})
    clerk.apply({"mergePositions": {"positions": ["P0003"], "into": "P0002"}}, on=MARCH)
    assert clerk.duties("P0002", MARCH) == ["负责收发文件", "检查安全工器具"]


def look(clerk: Clerk, changeset: int, scope: Scope = EVERYTHING, first: int = 50) -> tuple[Affected, list[Effect]]:
    outlook = Outlook(clerk.session, clerk.book, changeset_row(clerk.session, clerk.book, changeset))
    found = affected(outlook, scope)
    return found, effects(outlook, found.spots[:first])


def texts(duties: Sequence[Any]) -> list[str]:
    return [each.text for each in duties]


def test_the_preview_shows_each_follower_before_and_after_and_what_its_exceptions_keep_away(clerk: Clerk) -> None:
    guards(clerk, ["填写日志"], [], [])
    clerk.apply({"followStandard": {"standard": "S001", "positions": ["G0", "G1"]}})
    clerk.apply({"leaveOutDuty": {"position": "G1", "duty": clerk.id("duty", 1)}})
    clerk.apply({"followStandard": {"standard": "S001", "positions": ["G2"], "from": JUNE}})
    draft = clerk.draft({"setDuty": {"duty": clerk.id("duty", 1), "text": "检查工器具", "to": JUNE}}, on=MARCH)
    found, told = look(clerk, draft)
    assert [(it.code, it.spot.day, it.spot.is_reached) for it in told] == [
        ("P0003", MARCH, True),
        ("G0", MARCH, True),
        ("G1", MARCH, False),
    ]
    assert (texts(told[1].before), texts(told[1].after)) == (
        ["主持班前会", "检查安全工器具", "填写日志"],
        ["主持班前会", "检查工器具", "填写日志"],
    )
    assert (texts(told[2].left_out), told[2].keeps_texts, told[1].keeps_texts) == (["检查工器具"], True, False)
    assert look(clerk, draft, Scope(frozenset({clerk.key("department", "D001")})))[0] == Affected((), 3)
    clerk.publish(draft)
    assert look(clerk, draft) == (found, told)


def test_the_preview_of_a_new_standard_shows_that_its_followers_go_on_as_they_were(clerk: Clerk) -> None:
    codes = guards(clerk, ["主持会议", "填写日志"], ["主持会议"])
    new = {"makeStandard": {"title": "安全员", "positions": codes, "duties": [{"duty": duty(clerk, "G0", "主持会议")}]}}
    _, told = look(clerk, clerk.draft(new, on=MARCH))
    assert [(it.code, it.spot.is_reached, it.keeps_texts, texts(it.after)) for it in told] == [
        ("G0", True, True, ["主持会议", "填写日志"]),
        ("G1", True, True, ["主持会议"]),
    ]
    assert [[each.of_standard for each in it.after] for it in told] == [[True, False], [True]]
    assert look(clerk, clerk.draft({"setPosition": {"position": "P0001", "title": "科长"}}, on=MARCH)) == (
        NOBODY,
        [],
    )


def test_all_that_a_set_says_of_a_duty_it_brings_into_a_standard_is_previewed(clerk: Clerk) -> None:
    moved = clerk.id("duty", 3)
    said = {"moveDuty": {"duty": moved, "standard": "S001"}}, {"setDuty": {"duty": moved, "text": "审核来文"}}
    _, [told] = look(clerk, clerk.draft(*said, on=MARCH))
    assert texts(told.after) == ["主持班前会", "检查安全工器具", "审核来文"]


def statements(clerk: Clerk, do: Callable[[], object]) -> int:
    """How many statements it takes."""
    said: list[str] = []
    engine = clerk.book.database.engine

    def count(*words: Any) -> None:
        said.append(words[2])

    event.listen(engine, "before_cursor_execute", count)
    try:
        do()
    finally:
        event.remove(engine, "before_cursor_execute", count)
    return len(said)


def test_neither_making_nor_previewing_nor_closing_a_standard_asks_once_a_follower(clerk: Clerk) -> None:
    costs = []
    for size in (2, 30):
        codes = [f"{size}N{number}" for number in range(size)]
        opened = [{"openPosition": {"code": code, "title": "安全员", "department": "D003"}} for code in codes]
        clerk.apply(*opened, *({"addDuty": {"position": code, "text": "巡视"}} for code in codes))
        positions = [str(GlobalId("Position", clerk.key("position", code))) for code in codes]
        duties = [{"duty": str(GlobalId("Duty", duty(clerk, codes[0], "巡视")))}]
        code = f"S{size}"
        make = {"makeStandard": {"code": code, "title": "安全员", "positions": positions, "duties": duties}}
        costs.append([statements(clerk, lambda make=make: clerk.draft(make, on=MARCH))])  # type: ignore[misc]
        clerk.apply(make, on=MARCH)
        draft = clerk.draft({"addDuty": {"standard": code, "text": "值班"}}, on=JUNE)
        costs[-1].append(statements(clerk, lambda draft=draft: look(clerk, draft)))  # type: ignore[misc]
        end = {"closeStandardPosition": {"standardPosition": code, "withDependents": True}}
        costs[-1].append(statements(clerk, lambda end=end: clerk.draft(end, on=JUNE)))  # type: ignore[misc]
    assert [max(few, many) - few < 5 for few, many in zip(*costs, strict=True)] == [True, True, True]
