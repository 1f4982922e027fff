"""Erasing a person: nothing of them is left in the database, and the book stays whole, goes on and verifies."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from sqlalchemy import insert, select
from typer.testing import CliRunner, Result

from dutybook.access.actor import OPERATOR, Actor, Grant
from dutybook.book.ids import GlobalId
from dutybook.cli import app
from dutybook.cli.context import Context
from dutybook.errors import BadInput, DutybookError, Forbidden, Refused
from dutybook.services.accounts import create_user, list_users
from dutybook.services.book import Book
from dutybook.services.erasing import Erased, erase_employee, erased
from dutybook.services.outcomes import Key
from dutybook.services.refusals import Conflicted, ErasedPerson
from dutybook.services.replay import documents, replay, verify
from dutybook.services.revert import revert
from dutybook.settings import Settings
from tests.backends import Backend, Sqlite
from tests.flow.clerk import Clerk, committed, founded, opened, undone
from tests.flow.graphql_book import Asking
from tests.flow.histories import Act, histories, tell

WHY = "依本人请求"
CLEAR = ("欧阳丁", "0000-7777", "ouyang", "1999-09-09", "密室404", "因病")


@pytest.fixture
def person(clerk: Clerk) -> Clerk:
    """The company, once somebody has come, was called otherwise, was appointed for a reason, and has left."""
    said = {
        "name": "欧阳丁某",
        "officePhone": "0000-7777",
        "enteredOn": "1999-09-09",
        "externalIds": {"oa": "ouyang-oa"},
    }
    clerk.apply({"openEmployee": {"number": "E0003", **said}})
    clerk.apply(
        {"setEmployee": {"employee": "E0003", "name": "欧阳丁", "email": "ouyang@example.invalid", "room": "密室404"}}
    )
    clerk.apply({"appoint": {"employee": "E0003", "position": "P0002", "kind": "CONCURRENT", "reason": "因病"}})
    clerk.apply({"endAssignment": {"assignment": clerk.id("assignment", 2)}}, on=date(2025, 6, 1))
    return clerk


def erase(clerk: Clerk, number: str = "E0003", by: Actor = OPERATOR, why: str = WHY) -> Erased:
    return erase_employee(clerk.session, clerk.book, by, clerk.key("employee", number), why)


def held(clerk: Clerk) -> str:
    """Every cell of every table, and all documents."""
    tables = clerk.book.tables.metadata.tables.values()
    cells = [str(tuple(row)) for table in tables for row in clerk.session.execute(select(table))]
    return "\n".join(cells) + b"".join(documents(clerk.session, clerk.book)).decode()


def still(clerk: Clerk) -> list[str]:
    text = held(clerk)
    return [value for value in CLEAR if value in text or value.encode().hex() in text]


def test_nothing_personal_is_left_in_any_table_and_the_book_is_sound(person: Clerk) -> None:
    person.draft({"setEmployee": {"employee": "E0003", "room": "密室404"}})
    person.draft({"appoint": {"employee": "E0003", "position": "P0001", "kind": "ACTING", "reason": "因病"}})
    before = (
        person.rows("employee", everything=True),
        person.identities("employee"),
        list(documents(person.session, person.book)),
    )
    assert still(person) != []
    assert erase(person).standing == ()
    assert still(person) == []
    assert all(sound for _, sound in verify(person.session, person.book))
    assert before == (
        person.rows("employee", everything=True),
        person.identities("employee"),
        list(documents(person.session, person.book)),
    )


def test_answers_inputs_and_accounts_tell_no_more_who_it_was(person: Clerk) -> None:
    session, book = person.session, person.book
    create_user(session, book, OPERATOR, "someone", employee_number="E0003")
    trouble = [{"code": "X", "path": [], "zh": "「欧阳丁」不对", "en": "'欧阳丁' is wrong"}]
    row = {"actor": "operator", "key": "k", "fingerprint": "f", "created_at": book.clock.now()}
    outcome = orjson.dumps({"result": None, "troubles": trouble}).decode()
    session.execute(
        insert(book.tables["idempotency"]).values(**row, outcome=outcome, status=200, body="欧阳丁".encode())
    )
    job = {"kind": "staff.import", "state": "DONE", "done": 1, "actor": "operator", "created_at": book.clock.now()}
    session.execute(
        insert(book.tables["job"]).values(**job, message="欧阳丁: 第 3 行", input='{"row":"ouyang@example.invalid"}')
    )
    erase(person)
    assert still(person) == []
    assert [user.employee_number for user in list_users(session, book, OPERATOR)] == [None]


def test_where_the_name_stands_in_what_may_not_be_altered_is_told(person: Clerk) -> None:
    person.apply({"openDocument": {"title": "关于欧阳丁任职的通知"}})
    places = erase(person).standing
    assert [place.split()[0] for place in places] == ["document_version", "change"]
    assert erased(person.session, person.book, person.key("employee", "E0003")) == Erased(8, places)


def test_the_event_says_who_and_why_and_nothing_else(person: Clerk) -> None:
    last = person.head
    erase(person)
    event = person.book.tables["event"]
    told = person.session.execute(select(event).where(event.c.sequence > last.sequence)).one()
    assert (told.type, told.key, told.actor, told.sequence) == (
        "employee.erased",
        person.key("employee", "E0003"),
        "operator",
        last.sequence + 1,
    )
    assert orjson.loads(told.payload) == {"reason": WHY, "standing": [], "values": 8}
    assert person.head.revision == last.revision


@pytest.mark.parametrize("saying", ["setEmployee", "setAssignment", "appoint"])
def test_nothing_personal_is_recorded_again(person: Clerk, saying: str) -> None:
    assignment = person.id("assignment", 2)
    erase(person)
    said = {
        "setEmployee": {"employee": "E0003", "name": "欧阳丁"},
        "setAssignment": {"assignment": assignment, "reason": "因病"},
        "appoint": {"employee": "E0003", "position": "P0001", "kind": "ACTING", "reason": "因病"},
    }[saying]
    refusal = person.refused({saying: said})
    assert isinstance(refusal, ErasedPerson)
    assert "E0003" in str(refusal)
    assert still(person) == []


def test_nobody_who_was_erased_comes_back_under_the_old_number(person: Clerk) -> None:
    person.apply({"closeEmployee": {"employee": "E0003"}}, on=date(2025, 7, 1))
    erase(person)
    for subject in (person.id("employee", "E0003"), person.id("assignment", 2)):
        assert isinstance(person.refused({"reopen": {"subject": subject}}, on=date(2025, 9, 1)), ErasedPerson)


def test_a_revert_brings_no_name_back(person: Clerk) -> None:
    erase(person)
    person.publish(revert(person.session, person.book, OPERATOR, 3))
    assert still(person) == []
    assert all(sound for _, sound in verify(person.session, person.book))


def test_who_is_still_assigned_is_refused_with_the_way_out(clerk: Clerk) -> None:
    with pytest.raises(Refused, match="still assigned to P0001; end these assignments first"):
        erase(clerk, "E0001")
    clerk.apply({"endAssignment": {"assignment": clerk.id("assignment", 0)}}, on=date(2031, 1, 1))
    with pytest.raises(Refused, match="still assigned"):
        erase(clerk, "E0001")


def test_a_reason_that_names_the_person_is_refused(person: Clerk) -> None:
    with pytest.raises(BadInput, match="must not hold anything personal"):
        erase(person, why="欧阳丁的请求")
    with pytest.raises(BadInput):
        erase(person, why="  ")


@pytest.mark.parametrize("by", [Actor("p", (Grant("publisher"),)), Actor("a", (Grant("administrator", department=1),))])
def test_only_who_administers_the_whole_book_may_erase(person: Clerk, by: Actor) -> None:
    with pytest.raises(Forbidden):
        erase(person, by=by)


def test_nobody_is_erased_twice(person: Clerk) -> None:
    erase(person)
    with pytest.raises(ErasedPerson):
        erase(person)


def test_a_conflict_over_a_personal_value_names_neither_value_nor_digest(person: Clerk) -> None:
    mine = person.draft({"setEmployee": {"employee": "E0003", "officePhone": "0000-8888"}})
    person.apply({"setEmployee": {"employee": "E0003", "officePhone": "0000-9999"}})
    with pytest.raises(Conflicted) as refusal:
        person.publish(mine)
    vault = person.book.tables["personal_value"]
    digests = person.session.scalars(select(vault.c.digest)).all()
    assert "办公电话：第 " in str(refusal.value)
    assert not [digest for digest in digests if digest in str(refusal.value)]


@given(histories)
@settings(max_examples=6)
def test_whatever_happened_erasing_leaves_the_chain_and_its_replay_as_they_were(
    company: Book, blank: Book, history: list[list[Act]]
) -> None:
    with undone(company) as clerk, undone(blank) as other:
        tell(clerk, history)
        leaving(clerk)
        told = list(documents(clerk.session, clerk.book))
        assert erase(clerk, "E0001").values >= 2
        assert "甲一" not in held(clerk)
        assert "乙二" in held(clerk)
        assert list(documents(clerk.session, clerk.book)) == told
        assert all(sound for _, sound in verify(clerk.session, clerk.book))
        for document in told:
            replay(other.session, other.book, document)
        assert other.state() == clerk.state()
        assert other.head.hash == clerk.head.hash


def leaving(clerk: Clerk) -> None:
    """Takes back whatever E0001 was ever assigned to."""
    rows = [row for row in clerk.rows("assignment") if row["employee"] == clerk.key("employee", "E0001")]
    for key, day in sorted({(row["key"], row["valid_from"]) for row in rows}, reverse=True):
        said = {"rescind": {"subject": str(GlobalId("Assignment", key)), "from": day, "attributes": ["opening"]}}
        savepoint = clerk.session.begin_nested()
        try:
            clerk.apply(said)
        except DutybookError:
            savepoint.rollback()
        else:
            savepoint.commit()


def test_the_files_of_sqlite_hold_no_byte_of_it(tmp_path: Path) -> None:
    with Sqlite(tmp_path).database(founded) as url, opened(url) as book:
        with committed(book) as clerk:
            clerk.apply({"openEmployee": {"number": "E0003", "name": "欧阳丁", "email": "ouyang@example.invalid"}})
            clerk.apply({"setEmployee": {"employee": "E0003", "name": "欧阳丁某"}})
        with committed(book) as clerk:
            erase(clerk)
        book.database.fold()
        left = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert ("欧阳丁".encode() in left, b"ouyang@example" in left) == (False, False)
    assert "甲一".encode() in left


@pytest.fixture(scope="module")
def ask(backend: Backend) -> Iterator[Asking]:
    with backend.database(founded) as url, opened(url) as book:
        yield Asking(book)


def test_it_is_done_over_graphql_and_history_tells_that_it_was(ask: Asking) -> None:
    with committed(ask.book) as clerk:
        clerk.apply({"openEmployee": {"number": "E0003", "name": "欧阳丁", "email": "ouyang@example.invalid"}})
    done = ask(
        'mutation { eraseEmployee(input: { employee: "E0003", reason: "依本人请求" }) '
        "{ employee { number name contact { email } } erased standing userErrors { code } } }"
    )["eraseEmployee"]
    assert done == {
        "employee": {"number": "E0003", "name": None, "contact": None},
        "erased": 2,
        "standing": [],
        "userErrors": [],
    }
    found = ask(
        '{ registry { search(text: "欧阳") { totalCount } employees(filter: { name: "欧阳" }) { totalCount } '
        'employee(number: "E0003") { history { edges { node { attributes { name value } } } } } } }'
    )["registry"]
    assert (found["search"]["totalCount"], found["employees"]["totalCount"]) == (0, 0)
    [version] = [edge["node"] for edge in found["employee"]["history"]["edges"]]
    assert version["attributes"] == [{"name": "name", "value": None}, {"name": "email", "value": None}]


def test_a_repeated_request_is_answered_as_what_was_done(ask: Asking) -> None:
    with committed(ask.book) as clerk:
        clerk.apply({"openEmployee": {"number": "E0004", "name": "上官戊"}})
    document = (
        'mutation { eraseEmployee(input: { employee: "E0004", reason: "离职满五年" }) { erased userErrors { code } } }'
    )
    ask.idempotency = Key("once", "f")
    assert ask(document) == ask(document) == {"eraseEmployee": {"erased": 1, "userErrors": []}}
    ask.idempotency = None
    assert ask(document)["eraseEmployee"]["userErrors"] == [{"code": "ERASED"}]


def test_the_command_erases_and_tells_where_the_name_still_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DUTYBOOK_LANGUAGE", "en")
    with Sqlite(tmp_path).database(founded) as url:
        with opened(url) as book, committed(book) as clerk:
            clerk.apply({"openEmployee": {"number": "E0003", "name": "欧阳丁"}})
            clerk.apply({"openDocument": {"title": "关于欧阳丁退休的通知"}})
        context = Context(lambda: Settings(database_url=url))

        def run(*words: str) -> Result:
            return CliRunner().invoke(app, words, obj=context)

        refused, done = (run("staff", "erase", number, "--reason", WHY, "--json") for number in ("E0001", "E0003"))
        assert (refused.exit_code, done.exit_code) == (1, 0)
        told = orjson.loads(done.stdout)
        assert (told["employee"], told["erased"], len(told["standing"])) == ("E0003", 1, 2)
        assert run("verify-book").exit_code == 0
        context.database.dispose()
