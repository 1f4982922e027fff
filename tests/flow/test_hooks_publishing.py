"""Plugins inside a publication: told exactly what changes, heard all together, and gone without a trace if it is taken back."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from dutybook.access.actor import OPERATOR, Actor, Grant
from dutybook.book.changes import OPEN, SET, Change
from dutybook.db.events import read
from dutybook.errors import Message
from dutybook.lifecycle.calling import PluginFailure
from dutybook.lifecycle.objections import Objection
from dutybook.lifecycle.plugins import Plugins
from dutybook.lifecycle.specs import hookimpl, hookspec
from dutybook.lifecycle.states import EmployeeState, PositionState
from dutybook.services.approval import Opinion, approve
from dutybook.services.changesets import Proposal, apply_changes, open_changeset, publish, submit
from dutybook.services.drafts import stage
from dutybook.services.outcomes import troubles
from dutybook.services.plugin_data import call
from dutybook.services.preview import preview
from dutybook.services.refusals import RefusedByRules
from dutybook.services.replay import documents, replay, verify
from dutybook.services.say import Saying
from dutybook.services.verdicts import Verdicts
from tests.backends import Backend
from tests.flow.catalogue_desk import migrated
from tests.flow.clerk import NEW_YEAR, Clerk, committed, founded, opened, undone
from tests.flow.watching_plugin import Watch, watched
from tests.made_plugins import loaded, made

MARCH, JUNE = date(2025, 3, 1), date(2025, 6, 1)
TITLE: Saying = {"setPosition": {"position": "P0001", "title": "经理"}}
FEW, MANY = Message("人数不足", "too few people"), Message("人数过多", "too many people")
BLOCK = Objection("FEW", FEW, ("position", "1", "headcount"), overridable_by="watch.override")
WARN = Objection("MANY", MANY, severity="WARN")


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def clerk(backend: Backend, watch: Watch) -> Iterator[Clerk]:
    """Somebody at the company's book, which has the plugin."""
    with backend.database(founded) as url, opened(url) as book, undone(watched(book, watch)) as clerk:
        yield clerk


def told(watch: Watch) -> list[tuple[str, int, Any, Any, date]]:
    """Kind, key, title or name before and after, and the day, of all that the plugin was told; that is then forgotten."""
    found = [(it.kind, it.key, shown(it.before), shown(it.after), it.effective_on) for it in watch.told]
    watch.told.clear()
    return found


def shown(state: Any) -> Any:
    return state if state is None else getattr(state, "title", None) or getattr(state, "text", None) or state.name


def test_a_check_is_told_what_was_and_what_becomes(clerk: Clerk, watch: Watch) -> None:
    p1, d3 = clerk.key("position", "P0001"), clerk.key("department", "D003")
    clerk.apply({"setPosition": {"position": "P0001", "title": "经理"}}, on=MARCH)
    assert told(watch) == [("position", p1, "主任", "经理", MARCH)]
    clerk.apply({"openPosition": {"title": "干事", "department": "D001"}}, on=MARCH)
    assert told(watch) == [("position", clerk.key("position", "P0004"), None, "干事", MARCH)]
    clerk.apply({"closePosition": {"position": "P0004"}}, on=JUNE)
    assert told(watch) == [("position", clerk.key("position", "P0004"), "干事", None, JUNE)]
    clerk.apply({"moveDepartment": {"department": "D003", "parent": "D001"}}, on=MARCH)
    [move] = watch.told
    assert (move.key, move.before.parent, move.after.parent) == (
        d3,
        clerk.key("department", "D002"),
        clerk.key("department", "D001"),
    )


def test_a_check_is_told_of_the_taking_back_of_a_change(clerk: Clerk, watch: Watch) -> None:
    revision = clerk.apply(TITLE, on=MARCH)
    watch.told.clear()
    clerk.revert(revision)
    assert told(watch) == [("position", clerk.key("position", "P0001"), "经理", "主任", MARCH)]


def test_a_record_is_told_once_for_each_day_with_the_rest_of_the_set(clerk: Clerk, watch: Watch) -> None:
    first = {"setPosition": {"position": "P0001", "title": "经理"}}
    grade = {"setPosition": {"position": "P0001", "grade": "12"}}
    later = {"setPosition": {"position": "P0001", "title": "总管", "from": JUNE}}
    clerk.apply(first, grade, later, on=MARCH)
    states = [(it.effective_on, it.after.title, it.after.grade, it.before.title) for it in watch.told]
    assert states == [(MARCH, "经理", "12", "主任"), (JUNE, "总管", "12", "主任")]


def test_states_are_typed_and_hold_nothing_personal(clerk: Clerk, watch: Watch) -> None:
    clerk.apply({"openEmployee": {"number": "E0003", "name": "丙三", "status": "在岗"}})
    clerk.apply(TITLE)
    employee, position = watch.told
    assert employee.after == EmployeeState(employment_type=None, status="在岗", status_document=None)
    assert isinstance(position.after, PositionState)
    assert position.actor == OPERATOR.name
    assert "丙三" not in repr(watch.told)


def test_kinds_without_a_check_of_their_own_are_told_as_they_are(clerk: Clerk, watch: Watch) -> None:
    clerk.apply({"openStandardPosition": {"title": "值班长"}})
    [change] = watch.told
    assert (change.kind, change.after["title"]) == ("standard_position", "值班长")
    with pytest.raises(TypeError):
        change.after["title"] = "班长"


def test_one_refusal_tells_everything_that_every_plugin_objects_to(backend: Backend) -> None:
    one, other = Watch("one", {"check_position": [BLOCK, WARN]}), Watch("other", {"check_changeset": [BLOCK]})
    with backend.database(founded) as url, opened(url) as book, undone(watched(book, one, other)) as clerk:
        refusal = clerk.refused(TITLE)
    found = [(it.plugin, it.code, it.severity, it.overridable_by) for it in troubles(refusal)]
    assert found == [
        ("one", "FEW", "BLOCK", "watch.override"),
        ("one", "MANY", "WARN", None),
        ("other", "FEW", "BLOCK", "watch.override"),
    ]
    assert troubles(refusal)[0].path == ("position", "1", "headcount")


def apply(clerk: Clerk, actor: Actor = OPERATOR, acknowledged: Sequence[str] = (), **overridden: str) -> None:
    verdicts = Verdicts(frozenset(acknowledged), {f"watch:{code}": reason for code, reason in overridden.items()})
    apply_changes(clerk.session, clerk.book, actor, Proposal("变更", effective_on=NEW_YEAR), [TITLE], verdicts)


def test_a_warning_wants_to_be_acknowledged(clerk: Clerk, watch: Watch) -> None:
    watch.objects["check_position"] = [WARN]
    assert "too many people" in clerk.refused(TITLE).message.en
    apply(clerk, acknowledged=["watch:MANY"])
    assert clerk.title("P0001") == "经理"


def test_who_holds_the_permission_overrides_with_a_reason_that_is_kept(clerk: Clerk, watch: Watch) -> None:
    watch.objects["check_position"] = [BLOCK]
    before = clerk.head.sequence
    apply(clerk, FEW="春节前补齐")
    event = clerk.book.tables["event"]
    [kept] = read(clerk.session, clerk.book.tables, event.c.sequence > before, event.c.type == "changeset.overridden")
    told = {
        "objection": "watch:FEW",
        "message": "too few people",
        "zh": "人数不足",
        "path": ["position", "1", "headcount"],
    }
    assert kept.payload == {**told, "reason": "春节前补齐"}
    assert clerk.title("P0001") == "经理"


@pytest.mark.parametrize(
    ("actor", "reason"),
    [
        (Actor("zhang", (Grant("publisher"),)), "必须"),
        (OPERATOR, ""),
    ],
    ids=["without the right", "without a reason"],
)
def test_a_block_stands_against_who_may_not_override_it(clerk: Clerk, watch: Watch, actor: Actor, reason: str) -> None:
    watch.objects["check_position"] = [BLOCK]
    with pytest.raises(RefusedByRules) as refusal:
        apply(clerk, actor, FEW=reason)
    assert [objection.name for objection in refusal.value.objections] == ["watch:FEW"]


def test_acknowledging_does_not_help_against_a_block(clerk: Clerk, watch: Watch) -> None:
    watch.objects["check_position"] = [BLOCK]
    with pytest.raises(RefusedByRules):
        apply(clerk, acknowledged=["watch:FEW"])


def test_what_is_derived_comes_with_the_publication_and_goes_with_it(clerk: Clerk, watch: Watch) -> None:
    clerk.apply(TITLE)
    assert watch.written(clerk) == ["position.changed", "changeset.published", "changeset.took_effect"]
    payload = watch.events[0][0].payload
    assert (payload["verb"], payload["values"]) == ("set", {"title": "经理"})
    watch.objects["check_changeset"] = [BLOCK]
    clerk.refused(TITLE)
    assert len(watch.written(clerk)) == 3


def test_a_publication_that_fails_afterwards_takes_what_was_derived_with_it(backend: Backend) -> None:
    one, other = Watch("one"), Watch("other")
    with backend.database(founded) as url, opened(url) as bare:
        book = watched(bare, one, other)
        other.table.drop(book.database.engine)
        with pytest.raises(PluginFailure, match="other"), committed(book) as clerk:
            clerk.apply(TITLE)
        with undone(book) as clerk:
            assert (one.written(clerk), clerk.head.revision) == ([], 1)
    assert len(one.events) == 3


def test_a_preview_asks_everything_and_leaves_nothing(backend: Backend, watch: Watch) -> None:
    watch.objects["check_position"] = [BLOCK]
    with backend.database(founded) as url, opened(url) as bare:
        book = watched(bare, watch)
        with committed(book) as clerk:
            changeset = clerk.draft(TITLE)
            before = clerk.counts()
        found = preview(book, changeset)
        with undone(book) as clerk:
            assert (watch.written(clerk), clerk.counts()) == ([], before)
    assert [it.name for it in found.objections] == ["watch:FEW"]
    assert [(plugin, it.metric.en, it.before, it.after) for plugin, it in found.impacts] == [
        ("watch", "events seen", "0", "3")
    ]
    assert {dry_run for _, dry_run in watch.events} == {True}
    assert [(view.revision, dry_run) for view, dry_run in watch.views] == [(2, True)]


def test_a_set_as_a_whole_is_checked_when_it_is_submitted_and_when_it_is_published(clerk: Clerk, watch: Watch) -> None:
    changeset = clerk.draft(TITLE)
    watch.objects["check_changeset"] = [WARN]
    with pytest.raises(RefusedByRules):
        submit(clerk.session, clerk.book, OPERATOR, changeset)
    submit(clerk.session, clerk.book, OPERATOR, changeset, Verdicts(frozenset({"watch:MANY"})))
    approve(clerk.session, clerk.book, OPERATOR, changeset, Opinion())
    watch.objects.clear()
    clerk.publish(changeset)
    assert [(view.id, view.revision, dry_run) for view, dry_run in watch.views] == [
        (changeset, None, False),
        (changeset, None, False),
        (changeset, 2, False),
    ]


def test_rules_of_the_core_come_first(clerk: Clerk, watch: Watch) -> None:
    refusal = clerk.refused({"closeDepartment": {"department": "D001"}}, on=MARCH)
    assert isinstance(refusal, RefusedByRules)
    assert (watch.told, watch.views) == ([], [])


def published(clerk: Clerk, changes: Sequence[Change]) -> None:
    changeset = open_changeset(clerk.session, clerk.book, OPERATOR, Proposal("批量", effective_on=NEW_YEAR))
    stage(clerk.session, clerk.book, changeset, changes, 0)
    publish(clerk.session, clerk.book, OPERATOR, changeset)


def opens(position: int, count: int) -> list[Change]:
    """So many duties, each opened and then changed on the same day."""
    values = {"position": position, "standard": None, "involvement": None, "tags": None, "documents": None}
    duties = range(10_000, 10_000 + count)
    return [
        Change(OPEN, "duty", key, NEW_YEAR, values={**values, "text": f"职责{key}", "rank": f"{key}"}) for key in duties
    ]


def test_a_large_set_is_told_as_small_ones_are(backend: Backend) -> None:
    large, small = Watch("large"), Watch("small")
    with backend.database(founded) as url, opened(url) as book:
        with undone(watched(book, large)) as clerk:
            changes = opens(clerk.key("position", "P0001"), 6_000)
            published(clerk, changes)
        with undone(watched(book, small)) as clerk:
            published(clerk, changes[:3_000])
            published(clerk, changes[3_000:])
    assert large.told == small.told
    by_duty = [
        [replace(e, sequence=0, changeset=0, revision=0) for e, _ in it.events if e.aggregate == "duty"]
        for it in (large, small)
    ]
    assert by_duty[0] == by_duty[1]
    assert len(by_duty[0]) == 6_000


def test_a_record_in_two_parts_of_a_large_set_is_told_once(backend: Backend) -> None:
    watch = Watch()
    with backend.database(founded) as url, opened(url) as book, undone(watched(book, watch)) as clerk:
        changes = opens(clerk.key("position", "P0001"), 5_500)
        again = Change(SET, "duty", changes[0].key, NEW_YEAR, values={"text": "改后"})
        published(clerk, [*changes, again])
    ours = [it for it in watch.told if it.key == changes[0].key]
    assert [(it.before, it.after.text) for it in ours] == [(None, "改后")]


def test_a_replay_asks_nobody_and_derives(backend: Backend) -> None:
    watch = Watch(objects={"check_position": [BLOCK], "check_changeset": [BLOCK]})
    with backend.database(founded) as url, opened(url) as source, backend.database(migrated) as copy:
        with undone(source) as clerk:
            [document] = documents(clerk.session, source)
            wanted = clerk.head.hash
        with opened(copy) as bare, committed(watched(bare, watch)) as clerk:
            assert replay(clerk.session, clerk.book, document).hash == wanted
            assert all(sound for _, sound in verify(clerk.session, clerk.book))
            assert "position.opened" in watch.written(clerk)
    assert (watch.told, watch.views) == ([], [])


class AskerHooks:
    """What the plugin asker has for others."""

    @hookspec
    def asker_asks(self) -> int: ...  # type: ignore[empty-body]


def asking(act: Callable[[Session], object]) -> Plugins:
    """A plugin that acts for each answer of another one, which implements its hook."""

    def contribute_hookspecs() -> type:
        return AskerHooks

    def check_changeset(session: Session) -> Iterable[Objection] | None:
        for plugin, answer in call(session, "asker_asks"):
            assert (plugin, answer) == ("answerer", 7)
            act(session)
        return None

    answerer: Any = made("answerer")
    answerer.asker_asks = hookimpl(optionalhook=True)(lambda: 7)
    return loaded(made("asker", contribute_hookspecs, check_changeset), answerer)


@pytest.mark.parametrize(
    ("statement", "codes"), [("SELECT 1", []), ("UPDATE head SET revision = 9", ["asker:PLUGIN_FAILURE"])]
)
def test_what_a_hook_does_between_the_answers_of_others_is_its_own_doing(
    clerk: Clerk, statement: str, codes: list[str]
) -> None:
    clerk.book = replace(clerk.book, plugins=asking(lambda session: session.execute(text(statement))))
    refusal = clerk.refused(TITLE) if codes else clerk.apply(TITLE)
    assert [it.name for it in getattr(refusal, "objections", [])] == codes
    measures = clerk.book.plugins.measures
    assert (measures.of("answerer", "asker_asks").calls, measures.of("answerer", "asker_asks").failures) == (1, 0)
