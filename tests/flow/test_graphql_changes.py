"""The whole life of a change set by mutation; what goes wrong as expected is data."""

from collections.abc import Iterator
from typing import Any

import pytest

from dutybook.access.actor import Actor
from tests.backends import Backend
from tests.flow.graphql_book import APPROVER, EDITOR, PUBLISHER, READER, Asking, asked, fill

STATE = "changeSet { id number state baseRevision } userErrors { code path message plugin } clientMutationId"


@pytest.fixture
def ask(backend: Backend) -> Iterator[Asking]:
    with backend.database(fill) as url, asked(url) as asking:
        yield asking


def do(ask: Asking, field: str, actor: Actor, fields: str = STATE, **given: Any) -> Any:
    """One mutation with its input."""
    name = {"openChangeSet": "OpenChangeSet", "addChanges": "AddChanges", "applyChanges": "ApplyChanges"}
    others = {
        "removeChange": "RemoveChange",
        "rebaseChangeSet": "Rebase",
        "revertRevision": "Revert",
        "approveChangeSet": "Sign",
        "returnChangeSet": "Sign",
        "rejectChangeSet": "Sign",
    }
    kind = (name | others).get(field, "ChangeSet")
    return ask(f"mutation ($i: {kind}Input!) {{ {field}(input: $i) {{ {fields} }} }}", actor, i=given)[field]


def opened(ask: Asking, *changes: Any, **more: Any) -> str:
    """The id of a draft with changes."""
    made = do(ask, "openChangeSet", EDITOR, title="调整", effectiveOn="2026-02-01", **more)["changeSet"]["id"]
    if changes:
        assert do(ask, "addChanges", EDITOR, changeSet=made, changes=list(changes))["userErrors"] == []
    return str(made)


RETITLE = {"setPosition": {"position": "P0003", "title": "检修主管"}}


def title(ask: Asking) -> str:
    found = ask('{ registry { position(code: "P0003") { title } } }')["registry"]["position"]
    return str(found["title"])


def test_a_change_set_is_opened_submitted_approved_and_published(ask: Asking) -> None:
    made = opened(ask, RETITLE)
    steps = [("submitChangeSet", EDITOR, "SUBMITTED"), ("approveChangeSet", APPROVER, "APPROVED")]
    for field, actor, state in [*steps, ("publishChangeSet", PUBLISHER, "PUBLISHED")]:
        payload = do(ask, field, actor, changeSet=made, clientMutationId="x")
        assert (payload["userErrors"], payload["changeSet"]["state"]) == ([], state)
    assert (payload["clientMutationId"], title(ask)) == ("x", "检修主管")


def test_a_set_can_be_returned_rejected_and_withdrawn(ask: Asking) -> None:
    made = opened(ask, RETITLE)
    do(ask, "submitChangeSet", EDITOR, changeSet=made)
    returned = do(ask, "returnChangeSet", APPROVER, changeSet=made, opinion="再议")
    do(ask, "submitChangeSet", EDITOR, changeSet=made)
    rejected = do(ask, "rejectChangeSet", APPROVER, changeSet=made)
    withdrawn = do(ask, "withdrawChangeSet", EDITOR, changeSet=opened(ask))
    states = [payload["changeSet"]["state"] for payload in (returned, rejected, withdrawn)]
    assert states == ["DRAFT", "REJECTED", "WITHDRAWN"]


def test_a_draft_tells_its_changes_its_preview_and_who_signed(ask: Asking) -> None:
    made = opened(ask, RETITLE)
    do(ask, "submitChangeSet", EDITOR, changeSet=made)
    do(ask, "approveChangeSet", APPROVER, changeSet=made, evidence="会议纪要 3 号")
    fields = "changes { summary attributes { name before after } } preview { events objections { code } } steps { signed { by evidence } }"
    document = f"query ($id: ID!) {{ changeSet(id: $id) {{ {fields} }} }}"
    found = ask(document, EDITOR, id=made)["changeSet"]
    [change], [step] = found["changes"], found["steps"]
    assert change["attributes"] == [{"name": "title", "before": "检修专责", "after": "检修主管"}]
    assert found["preview"] == {"events": ["position.changed"], "objections": []}
    assert step["signed"] == [{"by": "approver", "evidence": "会议纪要 3 号"}]


def test_changes_can_be_taken_back(ask: Asking) -> None:
    made = opened(ask, RETITLE)
    do(ask, "removeChange", EDITOR, changeSet=made, ordinal=0)
    [error] = do(ask, "submitChangeSet", EDITOR, changeSet=made)["userErrors"]
    assert error["code"] == "BAD_USER_INPUT"


def test_what_is_opened_can_be_referred_to_by_its_code_in_the_same_set(ask: Asking) -> None:
    changes = [
        {"openDepartment": {"code": "D900", "name": "新部门", "parent": "D004"}},
        {
            "openPosition": {
                "code": "P900",
                "title": "主任",
                "department": "D900",
                "sections": [{"name": "目的", "text": "办事"}],
            }
        },
        {
            "addDuty": {
                "position": "P900",
                "text": "负责新事。",
                "involvement": "ASSIST",
                "source": {"document": "b.txt"},
            }
        },
    ]
    assert do(ask, "applyChanges", PUBLISHER, title="新设", changes=changes)["userErrors"] == []
    document = '{ registry { position(code: "P900") { department { parent { code } } duties { involvement } sections { name } } } }'
    found = ask(document)["registry"]["position"]
    assert (found["department"]["parent"]["code"], found["duties"][0]["involvement"]) == ("D004", "ASSIST")


def test_ids_of_any_time_and_keys_are_references_too(ask: Asking) -> None:
    document = '{ registry(asOf: "2025-06-01") { position(code: "P0003") { id key } } }'
    found = ask(document)["registry"]["position"]
    for reference, name in ((found["id"], "甲"), (found["key"], "乙")):
        change = {"setPosition": {"position": reference, "title": name}}
        assert do(ask, "applyChanges", PUBLISHER, title="改名", changes=[change])["userErrors"] == []
        assert title(ask) == name


def test_a_followers_id_of_a_standards_duty_means_that_duty(ask: Asking) -> None:
    document = '{ registry { position(code: "P0004") { duties { id text } } } }'
    duty = ask(document)["registry"]["position"]["duties"][0]["id"]
    change = {"setDuty": {"duty": duty, "text": "全面负责安全。"}}
    assert do(ask, "applyChanges", PUBLISHER, title="改写", changes=[change])["userErrors"] == []
    assert ask(document)["registry"]["position"]["duties"][0]["text"] == "全面负责安全。"


def test_expected_errors_tell_code_path_and_the_way_out(ask: Asking) -> None:
    made = opened(ask)
    wrong = {"setPosition": {"position": "P9999", "title": "无"}}
    [error] = do(ask, "addChanges", EDITOR, changeSet=made, changes=[RETITLE, wrong])["userErrors"]
    assert (error["code"], error["path"]) == ("NOT_FOUND", ["changes", "1", "setPosition", "position"])
    assert "P9999" in error["message"]


def test_a_document_goes_by_its_number_however_it_is_written(ask: Asking) -> None:
    paper = {"openDocument": {"title": "关于任免的通知", "number": "局〔2026〕8号"}}
    do(ask, "applyChanges", PUBLISHER, title="登记", changes=[paper])
    made = opened(
        ask, {"appoint": {"employee": "E0002", "position": "P0003", "kind": "CONCURRENT", "document": "局[2026] 8号"}}
    )
    done = do(ask, "publishChangeSet", PUBLISHER, changeSet=made)
    assert done["userErrors"] == []
    found = '{ registry { employee(number: "E0002") { assignments { document { title } } } } }'
    held = ask(found)["registry"]["employee"]["assignments"]
    assert {"document": {"title": "关于任免的通知"}} in held
    fields = "changeSet { document { number } } userErrors { message }"
    [said, error] = (
        do(ask, "openChangeSet", EDITOR, fields, title="依据", document=number)
        for number in ("局【2026】8号", "局〔2026〕9号")
    )
    assert said["changeSet"]["document"] == {"number": "局〔2026〕8号"}
    assert "局〔2026〕9号" in error["userErrors"][0]["message"]


def test_nothing_is_stored_when_there_are_errors(ask: Asking) -> None:
    close = {"closeDepartment": {"department": "D001"}}
    payload = do(ask, "applyChanges", PUBLISHER, title="撤销部门", changes=[RETITLE, close])
    assert (payload["changeSet"], payload["userErrors"][0]["plugin"]) == (None, "core")
    assert (title(ask), ask("{ registry { revision } }")["registry"]["revision"]) == ("检修专责", 2)


def test_the_message_is_in_the_language_that_was_asked_for(ask: Asking) -> None:
    document = 'mutation { publishChangeSet(input: { changeSet: "eA==" }) { userErrors { message } } }'
    for language, word in (("zh-CN", "标识"), ("en", "id")):
        answer = ask.result(document, PUBLISHER, language)
        assert answer.data
        assert word in answer.data["publishChangeSet"]["userErrors"][0]["message"]


def test_who_lacks_the_right_is_told_so(ask: Asking) -> None:
    [error] = do(ask, "openChangeSet", READER, title="调整")["userErrors"]
    assert error["code"] == "FORBIDDEN"


def test_drafts_and_previews_are_for_those_who_work_on_them(ask: Asking) -> None:
    made = opened(ask, RETITLE)
    document = "query ($id: ID!) { changeSet(id: $id) { title } node(id: $id) { id } }"
    assert ask(document, READER, id=made) == {"changeSet": None, "node": None}


@pytest.mark.parametrize(("keep", "expected"), [("MINE", "检修主管"), ("THEIRS", "检修组长")])
def test_a_conflict_names_both_values_and_a_rebase_settles_it(ask: Asking, keep: str, expected: str) -> None:
    mine, theirs = (
        opened(ask, RETITLE),
        {"setPosition": {"position": "P0003", "title": "检修组长", "from": "2026-02-01"}},
    )
    do(ask, "applyChanges", PUBLISHER, title="抢先", changes=[theirs])
    conflicts = "changeSet { conflicts { attribute base theirs mine revision subject { id } } } userErrors { code }"
    [found] = do(ask, "submitChangeSet", EDITOR, conflicts, changeSet=mine)["changeSet"]["conflicts"]
    assert (found["base"], found["theirs"], found["mine"]) == ("检修专责", "检修组长", "检修主管")
    assert do(ask, "rebaseChangeSet", EDITOR, changeSet=mine)["userErrors"][0]["code"] == "CONFLICT"
    settled = [{"subject": found["subject"]["id"], "attribute": found["attribute"], "keep": keep}]
    do(ask, "rebaseChangeSet", EDITOR, changeSet=mine, resolutions=settled)
    for field, actor in (("approveChangeSet", APPROVER), ("publishChangeSet", PUBLISHER)):
        do(ask, field, actor, changeSet=mine)
    assert title(ask) == expected


def test_a_stale_base_can_be_named(ask: Asking) -> None:
    payload = do(ask, "openChangeSet", EDITOR, title="调整", expectedRevision=1)
    assert payload["changeSet"]["baseRevision"] == 1
    [error] = do(ask, "openChangeSet", EDITOR, title="调整", expectedRevision=9)["userErrors"]
    assert error["path"] == ["expectedRevision"]


def test_a_revision_is_reverted_by_a_change_set(ask: Asking) -> None:
    made = do(ask, "revertRevision", PUBLISHER, revision=2)["changeSet"]["id"]
    do(ask, "publishChangeSet", PUBLISHER, changeSet=made)
    document = '{ registry { position(code: "P0002") { department { code } } revision } }'
    assert ask(document)["registry"] == {"position": {"department": {"code": "D001"}}, "revision": 3}


def test_exactly_one_saying_makes_a_change(ask: Asking) -> None:
    document = "mutation ($i: AddChangesInput!) { addChanges(input: $i) { userErrors { code } } }"
    two = {**RETITLE, "closePosition": {"position": "P0003"}}
    for wrong in ({}, two, {"setPosition": None}):
        assert ask.result(document, EDITOR, i={"changeSet": "x", "changes": [wrong]}).errors


def test_revisions_lead_to_their_change_sets(ask: Asking) -> None:
    document = """{ revisions(first: 1) { totalCount edges { node { id number hash previousHash changeSet { number } } } }
        then: revisionAt(time: "2026-03-01T12:00:00+08:00") { number } never: revisionAt(time: "2020-01-01T00:00:00Z") { number } }"""
    found = ask(document)
    [edge] = found["revisions"]["edges"]
    assert (found["revisions"]["totalCount"], edge["node"]["number"], found["then"]) == (2, 2, {"number": 2})
    assert found["never"] is None


def test_what_goes_beyond_a_quota_is_previewed_and_published_with_a_reason(ask: Asking) -> None:
    quota = {"department": "D003", "reach": "SUBTREE", "seats": 1}
    made = opened(ask, {"openQuota": quota})
    told = "preview { objections { plugin code path overridableBy } }"
    [seats, people] = ask(f'{{ changeSet(id: "{made}") {{ {told} }} }}')["changeSet"]["preview"]["objections"]
    assert (seats["plugin"], seats["code"], seats["overridableBy"]) == ("core", "QUOTA_EXCEEDED", "quotas.override")
    assert seats["path"] == people["path"]
    given: dict[str, Any] = {"title": "核编", "effectiveOn": "2026-02-01", "changes": [{"openQuota": quota}]}
    errors = do(ask, "applyChanges", PUBLISHER, **given)["userErrors"]
    assert [error["code"] for error in errors] == ["QUOTA_EXCEEDED"] * 2
    for name, reason, told in (
        ("core:QUOTA_EXCEEDED", " ", "takes a reason"),
        ("QUOTA_EXCEEDED", "过渡期", "PLUGIN:CODE"),
    ):
        [error] = do(ask, "applyChanges", PUBLISHER, **given, override=[{"objection": name, "reason": reason}])[
            "userErrors"
        ]
        assert (error["path"][0], told in error["message"]) == ("override", True)
    override = [{"objection": "core:QUOTA_EXCEEDED", "reason": "过渡期一年"}]
    assert do(ask, "applyChanges", PUBLISHER, **given, override=override)["userErrors"] == []
    fields = "reach employmentType leading seats used headcount left"
    [held] = ask(f'{{ registry {{ department(code: "D003") {{ quotas {{ {fields} }} }} }} }}')["registry"][
        "department"
    ]["quotas"]
    assert held == {
        "reach": "SUBTREE",
        "employmentType": None,
        "leading": False,
        "seats": 1,
        "used": 2,
        "headcount": 4,
        "left": -1,
    }
