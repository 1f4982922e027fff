"""A change set through its life: drafted, signed, in conflict, rebased, published."""

from collections.abc import Callable
from datetime import date
from functools import partial

import pytest

from dutybook.access.actor import OPERATOR
from dutybook.book.conflicts import Conflict
from dutybook.errors import NotFound
from dutybook.services.approval import Opinion, approve
from dutybook.services.book import Book
from dutybook.services.changesets import (
    Resolution,
    add_changes,
    rebase,
    remove_change,
    rest_on,
    submit,
    withdraw,
)
from dutybook.services.preview import preview
from dutybook.services.refusals import Conflicted, RefusedByRules, WrongState
from dutybook.services.revert import revert
from dutybook.services.say import Saying
from tests.flow.clerk import FOUNDING, NEW_YEAR, Clerk, committed

MARCH, JUNE, DECEMBER = (date(2025, month, 1) for month in (3, 6, 12))


def titled(title: str, day: date = MARCH, position: str = "P0001") -> Saying:
    return {"setPosition": {"position": position, "title": title, "from": day}}


def conflicts(clerk: Clerk, changeset: int) -> list[Conflict]:
    with pytest.raises(Conflicted) as refusal:
        clerk.publish(changeset)
    return [named.conflict for named in refusal.value.conflicts]


def settle(clerk: Clerk, changeset: int, keep: str | None = None, *chosen: Resolution) -> None:
    rebase(clerk.session, clerk.book, OPERATOR, changeset, keep, chosen)


def approved(clerk: Clerk, *sayings: Saying) -> int:
    changeset = clerk.draft(*sayings)
    submit(clerk.session, clerk.book, OPERATOR, changeset)
    approve(clerk.session, clerk.book, OPERATOR, changeset, Opinion())
    return changeset


def test_a_set_is_published_as_the_next_revision(clerk: Clerk) -> None:
    changeset = approved(clerk, titled("经理"))
    assert clerk.publish(changeset) == 2
    assert clerk.set(changeset).state == "PUBLISHED"
    assert [clerk.title("P0001", MARCH, known_at=revision) for revision in (0, 1, 2)] == [None, "主任", "经理"]


def test_the_events_of_a_life_are_told_in_order(clerk: Clerk) -> None:
    before = clerk.head.sequence
    clerk.publish(approved(clerk, titled("经理")))
    assert clerk.events(before) == [
        "changeset.opened",
        "changeset.submitted",
        "changeset.signed",
        "changeset.approved",
        "position.changed",
        "changeset.published",
        "changeset.took_effect",
    ]


def test_edits_of_different_fields_merge(clerk: Clerk) -> None:
    mine = clerk.draft(titled("经理"))
    clerk.apply({"setPosition": {"position": "P0001", "grade": "12"}}, on=MARCH)
    clerk.publish(mine)
    row = clerk.of("position", "P0001", MARCH)
    assert row
    assert (row["title"], row["grade"]) == ("经理", "12")


def test_edits_of_different_days_merge(clerk: Clerk) -> None:
    mine = clerk.draft({"setPosition": {"position": "P0001", "title": "代主任", "from": MARCH, "to": JUNE}})
    clerk.apply(titled("经理", JUNE))
    clerk.publish(mine)
    assert [clerk.title("P0001", day) for day in (NEW_YEAR, MARCH, JUNE)] == ["主任", "代主任", "经理"]


def test_equal_edits_merge(clerk: Clerk) -> None:
    mine = clerk.draft(titled("经理"))
    clerk.apply(titled("经理"))
    assert clerk.publish(mine) == 3


def test_a_conflict_names_base_theirs_mine_and_the_revision(clerk: Clerk) -> None:
    mine = clerk.draft(titled("经理"))
    clerk.apply(titled("总管"))
    key = clerk.key("position", "P0001")
    assert conflicts(clerk, mine) == [Conflict("position", key, MARCH, "title", "主任", "总管", "经理")]
    with pytest.raises(
        Conflicted, match=r"P0001 .*title was '主任' at the base, revision 2 made it '总管', this set says '经理'"
    ):
        clerk.publish(mine)


def test_a_conflict_is_told_in_the_words_of_people(clerk: Clerk) -> None:
    moved, closed = (
        clerk.draft({"movePosition": {"position": "P0002", "department": "D001"}}),
        clerk.draft({"closePosition": {"position": "P0002", "from": JUNE.isoformat(), "withDependents": True}}),
    )
    clerk.apply({"openDepartment": {"code": "D009", "name": "新部"}})
    clerk.apply({"movePosition": {"position": "P0002", "department": "D009"}})
    clerk.apply({"closePosition": {"position": "P0002", "from": "2025-12-01", "withDependents": True}})
    with pytest.raises(
        Conflicted, match=r"的部门：.*已改为「部门 D009 新部」.*: department was .*made it 'Department D009 新部'"
    ):
        clerk.publish(moved)
    with pytest.raises(Conflicted, match=r"的末日：起草时为「无截止」.*已改为「2025-11-30」，本单要改为「2025-05-31」"):
        clerk.publish(closed)


def test_a_stale_base_is_held_against_all_that_was_published_since(clerk: Clerk) -> None:
    clerk.apply(titled("总管"))
    assert [c.theirs for c in conflicts(clerk, clerk.draft(titled("经理"), base=1))] == ["总管"]


def test_a_rebase_wants_every_conflict_settled(clerk: Clerk) -> None:
    mine = clerk.draft(titled("经理"))
    clerk.apply(titled("总管"))
    with pytest.raises(Conflicted):
        settle(clerk, mine)


def test_mine_wins_where_a_rebase_says_so(clerk: Clerk) -> None:
    mine = clerk.draft(titled("经理"))
    clerk.apply(titled("总管"))
    settle(clerk, mine, "MINE")
    clerk.publish(mine)
    assert clerk.title("P0001", MARCH) == "经理"


def test_mine_holds_on_all_days_that_it_was_proposed_for(clerk: Clerk) -> None:
    mine = clerk.draft(titled("主管", DECEMBER), titled("经理"), {"setPosition": {"position": "P0002", "grade": "12"}})
    clerk.apply(titled("总管", JUNE))
    settle(clerk, mine, "MINE")
    clerk.publish(mine)
    assert [clerk.title("P0001", day) for day in (MARCH, JUNE, DECEMBER)] == ["经理", "经理", "主管"]


def test_mine_opens_again_what_others_closed_before(clerk: Clerk) -> None:
    mine = clerk.draft(titled("秘书", JUNE, "P0002"), {"closePosition": {"position": "P0003", "from": DECEMBER}})
    clerk.apply(
        {"closePosition": {"position": "P0002", "withDependents": True}},
        {"closePosition": {"position": "P0003", "withDependents": True}},
        on=MARCH,
    )
    assert [c.theirs for c in conflicts(clerk, mine)] == [MARCH.isoformat()] * 2
    settle(clerk, mine, "MINE")
    clerk.publish(mine)
    assert [clerk.title("P0002", day) for day in (MARCH, JUNE)] == ["文秘", "秘书"]
    assert [clerk.title("P0003", day) for day in (JUNE, DECEMBER)] == ["班长", None]


def test_theirs_wins_where_a_rebase_says_so_and_the_rest_is_kept(clerk: Clerk) -> None:
    mine = clerk.draft({"setPosition": {"position": "P0001", "title": "经理", "grade": "12"}})
    clerk.apply(titled("总管", NEW_YEAR))
    settle(clerk, mine, None, Resolution("position", clerk.key("position", "P0001"), "title", "THEIRS"))
    clerk.publish(mine)
    row = clerk.of("position", "P0001")
    assert row
    assert (row["title"], row["grade"]) == ("总管", "12")


def test_theirs_wins_on_the_days_in_conflict_only(clerk: Clerk) -> None:
    mine = clerk.draft(
        {"setPosition": {"position": "P0001", "title": "代主任", "from": MARCH, "to": JUNE}}, titled("经理", DECEMBER)
    )
    clerk.apply(titled("总管", DECEMBER))
    settle(clerk, mine, "THEIRS")
    clerk.publish(mine)
    assert [clerk.title("P0001", day) for day in (MARCH, JUNE, DECEMBER)] == ["代主任", "主任", "总管"]


def test_a_set_on_what_others_closed_gives_way_as_a_whole(clerk: Clerk) -> None:
    mine = clerk.draft(titled("秘书", JUNE, "P0002"), titled("经理"))
    clerk.apply({"closePosition": {"position": "P0002", "withDependents": True}}, on=MARCH)
    assert [c.attribute for c in conflicts(clerk, mine)] == ["validTo"]
    settle(clerk, mine, "THEIRS")
    clerk.publish(mine)
    assert (clerk.title("P0002", JUNE), clerk.title("P0001", JUNE)) == (None, "经理")


def test_a_rescinded_opening_gives_way_to_what_others_made_of_the_record(clerk: Clerk) -> None:
    mine = clerk.draft({"rescind": {"subject": clerk.id("duty", 5), "from": NEW_YEAR}}, titled("经理"))
    clerk.apply({"setDuty": {"duty": clerk.id("duty", 5), "text": "负责收发文件和档案"}})
    settle(clerk, mine, "THEIRS")
    clerk.publish(mine)
    assert clerk.duties("P0002") == ["负责收发文件和档案"]


def test_a_move_that_gives_way_leaves_no_lineage(clerk: Clerk) -> None:
    mine = clerk.draft({"movePosition": {"position": "P0002", "department": "D002"}}, titled("经理"))
    clerk.apply({"movePosition": {"position": "P0002", "department": "D003"}})
    settle(clerk, mine, "THEIRS")
    clerk.publish(mine)
    assert [edge[4] for edge in clerk.lineage()] == [clerk.key("department", "D001")]


def test_a_rebase_that_settles_a_conflict_returns_an_approved_set(clerk: Clerk) -> None:
    mine = approved(clerk, titled("经理"))
    clerk.apply(titled("总管", NEW_YEAR))
    settle(clerk, mine, "MINE")
    assert (clerk.set(mine).state, clerk.set(mine).current_step) == ("SUBMITTED", 0)
    approve(clerk.session, clerk.book, OPERATOR, mine, Opinion("再次同意"))
    assert clerk.publish(mine) == 3


def test_a_rebase_without_conflicts_leaves_an_approved_set_approved(clerk: Clerk) -> None:
    mine = approved(clerk, titled("经理"))
    clerk.apply({"setPosition": {"position": "P0001", "grade": "12"}})
    settle(clerk, mine)
    assert (clerk.set(mine).state, clerk.set(mine).base_revision) == ("APPROVED", 2)


def test_of_two_drafts_that_open_the_same_code_the_later_takes_the_next(clerk: Clerk) -> None:
    first, second = (
        clerk.draft({"openPosition": {"title": title, "department": "D001"}}) for title in ("司机", "门卫")
    )
    clerk.publish(first)
    savepoint = clerk.session.begin_nested()
    with pytest.raises(RefusedByRules, match="P0004 is taken"):
        clerk.publish(second)
    savepoint.rollback()
    settle(clerk, second)
    clerk.publish(second)
    assert [clerk.title(code) for code in ("P0004", "P0005")] == ["司机", "门卫"]


def test_a_change_is_taken_back_with_all_that_was_said_together_with_it(clerk: Clerk) -> None:
    changeset = clerk.draft(titled("经理"), {"movePosition": {"position": "P0002", "department": "D002"}})
    remove_change(clerk.session, clerk.book, OPERATOR, changeset, 1)
    clerk.publish(changeset)
    assert (clerk.title("P0001"), clerk.title("P0001", MARCH), clerk.lineage()) == ("主任", "经理", [])


def test_of_a_reversal_the_changes_of_one_record_are_taken_back_alone(clerk: Clerk) -> None:
    made = clerk.apply(
        titled("一"), titled("二", position="P0002"), {"setPosition": {"position": "P0001", "grade": "9"}}
    )
    reversal = revert(clerk.session, clerk.book, OPERATOR, made)
    remove_change(clerk.session, clerk.book, OPERATOR, reversal, 0)
    clerk.publish(reversal)
    assert [clerk.title(code, MARCH) for code in ("P0001", "P0002")] == ["一", "文秘"]


def test_a_set_may_rest_on_a_document_that_it_opens(clerk: Clerk) -> None:
    changeset = clerk.draft()
    notice: Saying = {"openDocument": {"title": "关于调整岗位的通知", "number": "青供〔2025〕1号"}}
    [opened] = add_changes(clerk.session, clerk.book, OPERATOR, changeset, [notice])
    rest_on(clerk.session, clerk.book, OPERATOR, changeset, opened.key)
    assert clerk.set(changeset).document == opened.key


def test_a_preview_tells_events_and_stores_nothing(book: Book) -> None:
    with committed(book) as clerk:
        changeset = clerk.found().draft({"movePosition": {"position": "P0002", "department": "D002"}}, titled("经理"))
        counts = clerk.counts()
    shown = preview(book, changeset)
    assert (shown.objections, shown.events) == ((), ("position.moved", "position.changed"))
    with committed(book) as clerk:
        assert (clerk.counts(), clerk.head.revision, clerk.set(changeset).state) == (counts, 1, "DRAFT")


def test_a_preview_tells_what_speaks_against_a_set(book: Book) -> None:
    with committed(book) as clerk:
        broken = clerk.found().draft(
            {"closePosition": {"position": "P0003", "from": JUNE}},
            {"closeDepartment": {"department": "D001", "from": JUNE}},
        )
        stale = clerk.draft(titled("经理"))
        clerk.apply(titled("总管"))
    assert {objection.code for objection in preview(book, broken).objections} == {"OUTSIDE_PARENT"}
    assert [objection.code for objection in preview(book, stale).objections] == ["CONFLICT"]


ACTS: list[Callable[..., object]] = [
    submit,
    withdraw,
    partial(rebase, keep="MINE", chosen=[]),
    partial(add_changes, sayings=[titled("经理")]),
    partial(remove_change, ordinal=0),
    partial(rest_on, document=1),
]


@pytest.mark.parametrize("act", ACTS)
def test_what_is_published_is_beyond_every_act(clerk: Clerk, act: Callable[..., object]) -> None:
    changeset = clerk.draft(titled("经理"))
    clerk.publish(changeset)
    with pytest.raises(WrongState, match=f"Change set {changeset} is PUBLISHED; this needs DRAFT"):
        act(clerk.session, clerk.book, OPERATOR, changeset)
    with pytest.raises(WrongState):
        clerk.publish(changeset)


def test_a_withdrawn_set_is_never_published(clerk: Clerk) -> None:
    changeset = clerk.draft(titled("经理"))
    withdraw(clerk.session, clerk.book, OPERATOR, changeset)
    with pytest.raises(WrongState, match="WITHDRAWN"):
        clerk.publish(changeset)


def test_an_unknown_set_is_not_found(clerk: Clerk) -> None:
    with pytest.raises(NotFound, match="There is no change set 4711"):
        clerk.publish(4711)


def test_the_founding_of_a_company_is_one_revision(clerk: Clerk) -> None:
    assert clerk.head.revision == 1
    assert len(clerk.in_force("duty")) == sum("addDuty" in saying for saying in FOUNDING)
