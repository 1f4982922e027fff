"""People are imported by mutation: bad rows are errors with their places, and nothing personal is kept with job or refusal."""

from base64 import b64encode
from collections.abc import Iterator
from typing import Any
from unittest.mock import ANY

import httpx
import orjson
import pytest
from sqlalchemy import func, select

from dutybook.access.actor import Actor
from dutybook.services.outcomes import Key
from tests.backends import Backend
from tests.core.workbooks import workbook
from tests.flow.graphql_book import EDITOR, PUBLISHER, READER, SECOND, Asking, asked, fill
from tests.plugins.served import Served, served

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
"""What is stored is looked at elsewhere, on both databases."""

DOCUMENT = """mutation ($i: ImportStaffInput!) { importStaff(input: $i) {
    job { kind state done message changeSet { state changes { kind summary } } }
    userErrors { code path message } clientMutationId } }"""
PEOPLE = "工号,姓名,状态,部门,岗位,任职方式,事由,文号\nE0009,周九,在职,调度所,值班员,借调,支援,人〔2026〕9号\n"
LEAVING = "工号,状态,离职日期,事由\nE0003,离职,2026-02-01,个人原因辞职\n"


@pytest.fixture
def ask(backend: Backend) -> Iterator[Asking]:
    with backend.database(fill) as url, asked(url) as asking:
        yield asking


def take(ask: Asking, actor: Actor, **given: Any) -> Any:
    return ask(DOCUMENT, actor, i={"file": "staff.csv", "content": PEOPLE, **given})["importStaff"]


def test_a_table_is_proposed_published_and_has_nothing_to_say_again(ask: Asking) -> None:
    assert take(ask, EDITOR)["job"]["changeSet"]["state"] == "DRAFT"
    job = take(ask, PUBLISHER, publish=True)["job"]
    assert (job["kind"], job["state"], job["done"], job["changeSet"]["state"]) == (
        "staff.import",
        "DONE",
        3,
        "PUBLISHED",
    )
    data = workbook({"名册": [line.split(",") for line in PEOPLE.split()]})
    again = take(ask, PUBLISHER, content=None, base64=b64encode(data).decode())["job"]
    assert (again["done"], again["changeSet"]) == (0, None)


def test_reason_document_and_status_are_shown_to_those_who_may_read_them(ask: Asking) -> None:
    take(ask, PUBLISHER, publish=True)
    take(ask, PUBLISHER, publish=True, content=LEAVING)
    document = """{ registry { arrived: employee(number: "E0009") { status assignments { reason document { number } } }
        gone: employee(number: "E0003") { status statusReason leftOn enteredOn statusDocument { number } assignments { kind } } } }"""
    shown = ask(document, PUBLISHER)["registry"]
    assert shown["arrived"] == {
        "status": "在职",
        "assignments": [{"reason": "支援", "document": {"number": "人〔2026〕9号"}}],
    }
    gone: dict[str, Any] = {"status": "离职", "enteredOn": None, "statusDocument": None, "assignments": []}
    assert shown["gone"] == {**gone, "statusReason": "个人原因辞职", "leftOn": "2026-02-01"}
    hidden = ask(document, READER)["registry"]
    assert (hidden["gone"]["statusReason"], hidden["gone"]["leftOn"]) == (None, None)
    assert [held["reason"] for held in hidden["arrived"]["assignments"]] == [None]


REHEARSAL = """mutation ($i: ImportStaffInput!) { importStaff(input: $i) {
    job { id } proposal { message count acts { what kind place after } objections { plugin code message } }
    userErrors { message } } }"""


def test_a_dry_run_shows_changes_and_objections_and_stores_nothing(ask: Asking) -> None:
    def stored() -> dict[str, object]:
        with ask.book.database.read() as session:
            counted: dict[str, object] = {
                it[0]: session.scalar(select(func.count()).select_from(it[1])) for it in tables
            }
            return {**counted, "the next key": session.execute(select(ask.book.tables["head"])).one()}

    ask.apply(SECOND, [{"openQuota": {"department": "D003", "reach": "OWN", "seats": 4}}])
    people = "工号,姓名,岗位\n" + "".join(f"E001{n},周九,P0005\n" for n in range(3))
    tables, given = list(ask.book.tables.metadata.tables.items()), {"file": "a.csv", "content": people, "dryRun": True}
    before = stored()
    found = ask(REHEARSAL, EDITOR, i=given)["importStaff"]
    assert (found["job"], found["userErrors"], found["proposal"]["count"]) == (None, [], 6)
    assert found["proposal"]["acts"][0] == {"what": "new", "kind": "employee", "place": "E0010 周九", "after": ANY}
    [told] = found["proposal"]["objections"]
    assert (told["plugin"], told["code"]) == ("core", "QUOTA_EXCEEDED")
    [bad] = ask(REHEARSAL, EDITOR, i={**given, "content": people.replace("P0005", "站长", 1)})["importStaff"][
        "userErrors"
    ]
    assert "站长" in bad["message"]
    assert stored() == before


def test_bad_rows_are_errors_with_their_places_and_are_left_out_if_asked(ask: Asking) -> None:
    rows = "工号,姓名,离职日期,岗位\nE0009,周九,2026-13-01,P0005\nE0010,吴十,,P0099\nE0011,郑一,,P0005\n"
    payload = take(ask, PUBLISHER, content=rows, publish=True)
    told = [(error["code"], error["path"]) for error in payload["userErrors"]]
    assert told == [
        ("BAD_USER_INPUT", ["staff.csv", "2", "离职日期"]),
        ("BAD_USER_INPUT", ["staff.csv", "3", "岗位"]),
    ]
    assert payload["job"] is None
    assert "P0099" in payload["userErrors"][1]["message"]
    job = take(ask, PUBLISHER, content=rows, publish=True, skipBad=True)["job"]
    assert "row 3" in job["message"]
    assert ask('{ registry { employee(number: "E0011") { name } } }', PUBLISHER)["registry"]["employee"]


def test_nothing_personal_is_kept_with_a_refusal_or_a_job(ask: Asking) -> None:
    ask.idempotency = Key("k", "f")
    take(ask, PUBLISHER, content="工号,姓名\nE0009,周某甲\nE0009,周某乙\n")
    ask.idempotency = None
    take(ask, PUBLISHER, content="工号,姓名\nE0009,周某甲\nE0009,周某乙\nE0010,周某丙\n", skipBad=True)
    with ask.book.database.read() as session:
        tables = [ask.book.tables[name] for name in ("idempotency", "job", "changeset", "change")]
        kept = "".join(str(row) for table in tables for row in session.execute(select(table)))
    assert "E0010" in kept
    assert "周某" not in kept


@pytest.mark.parametrize(
    "given", [{"content": None}, {"base64": "QQ=="}, {"content": None, "base64": "§"}, {"content": ""}]
)
def test_what_is_no_table_is_told(ask: Asking, given: dict[str, Any]) -> None:
    [error] = take(ask, PUBLISHER, **given)["userErrors"]
    assert error["code"] == "BAD_USER_INPUT"


LIMIT = 1_500_000


def sent(at: Served, table: bytes, role: str = "publisher", places: Any = ("variables.i.table",)) -> httpx.Response:
    """Imports a table that comes beside the request, as clients of GraphQL send files."""
    given = {"file": "staff.csv", "table": None, "publish": True}
    parts = {
        "operations": (None, orjson.dumps({"query": DOCUMENT, "variables": {"i": given}})),
        "map": (None, orjson.dumps({"0": places})),
        "0": ("职工.csv", table),
    }
    headers = {
        "Authorization": f"Bearer {at.tokens[role]}",
        "Accept-Language": "en",
        "Idempotency-Key": f"{len(table)}",
    }
    return httpx.post(f"{at.url}/graphql", files=parts, headers=headers, verify=False)


def test_a_table_beyond_the_limit_of_a_request_comes_as_a_file_which_has_a_limit_of_its_own(ask: Asking) -> None:
    header, person = PEOPLE.splitlines()
    large = "\n".join([f"{header},备注", *[f"{person},{'注' * 60_000}"] * 10]).encode("gb18030")
    with served(ask.book, file_limit=LIMIT) as at:
        answers = [sent(at, large).json()["data"]["importStaff"] for _ in range(2)]
        assert (answers[0]["job"]["done"], answers[0]["userErrors"]) == (3, [])
        assert answers[0] == answers[1]
        refused = sent(at, large * 2)
        assert (refused.status_code, refused.json()["code"]) == (413, "BODY_TOO_LARGE")
        assert f"{len(large) * 2:,} bytes, the limit is {LIMIT:,}" in refused.json()["detail"]
        asked = {"query": DOCUMENT, "variables": {"i": {"file": "a.csv", "content": "," * 1_000_001}}}
        headers = {"Authorization": f"Bearer {at.tokens['publisher']}"}
        assert httpx.post(f"{at.url}/graphql", json=asked, headers=headers, verify=False).status_code == 413
        assert httpx.post(f"{at.url}/graphql", files={"operations": b"{}"}, verify=False).status_code == 400
        broken = httpx.post(
            f"{at.url}/graphql",
            content=b"--x",
            headers={**headers, "Content-Type": "multipart/form-data"},
            verify=False,
        )
        assert (broken.status_code, "The form is wrong: it cannot be read" in broken.text) == (400, True)
        strange = httpx.post(
            f"{at.url}/graphql",
            files={"operations": (None, '{"query": "甲"}'.encode("gb18030"))},
            headers=headers,
            verify=False,
        )
        assert strange.status_code == 400
        long = {"operations": (None, b" " * 1_000_001)}
        assert httpx.post(f"{at.url}/graphql", files=long, headers=headers, verify=False).status_code == 413
        [told] = sent(at, b"", role="reader").json()["errors"]
        assert told["extensions"]["code"] == "FORBIDDEN"
        [told] = sent(at, b"", places=["variables.i.file"]).json()["errors"]
        assert "'variables.i.file' in map must lead to a variable that is null" in told["message"]


def test_who_may_not_propose_imports_nobody(ask: Asking) -> None:
    [error] = take(ask, READER)["userErrors"]
    assert error["code"] == "FORBIDDEN"
