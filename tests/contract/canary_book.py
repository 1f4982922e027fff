"""A book that holds one person with unmistakable values in every personal field, in every place where they may come to stand."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

import orjson
from sqlalchemy import select

from dutybook.book.ids import GlobalId, type_name
from dutybook.book.kinds import Field, Kind, Type
from dutybook.services.approval import Opinion, approve
from dutybook.services.changesets import submit
from dutybook.services.comments import Remark, comment
from dutybook.testing.answers import actor_of
from dutybook.testing.book import FOUNDED, TestBook, opened, prepared
from dutybook_cost import plugin as cost
from tests.backends import Backend
from tests.plugins.cost.mine import AFTER, MARCH, SECTION, Mine, turn
from tests.plugins.kept import plugin as kept

PLUGINS, _found = prepared([cost, kept])
NUMBER = "E7777"
FREE = "金丝雀之事"
"""What free text of those who work on change sets holds: reasons and opinions."""


BEYOND = "界外之评"
"""What is said of changes in another department."""

SIGNER = "user:operator"
"""Who signs by a route of the book."""

PROPOSED = "23"
"""With what values end that are in drafts only."""
CONFLICTING = 16
"""The number of a draft that collides with what was published since."""


def value(kind: Kind, field: Field, turn: int = 0) -> Any:
    """An unmistakable value of a personal field; a type that is new here is given one first."""
    at = list(kind.by_name).index(field.name) + 20 * turn
    match field.type:
        case Type.TEXT:
            return f"金丝雀{kind.name[:3]}{field.name}{turn}"[: field.longest]
        case Type.DATE:
            return date(1907, 1 + at % 12, 1 + at % 28).isoformat()
        case Type.JSON:
            return {"oa": f"canary-{kind.name}-{field.name}-{turn}"}
        case other:
            raise AssertionError(f"nobody has said what a personal {other.value} looks like: {kind.name}.{field.name}")


def personal(kind: Kind, turn: int = 0) -> dict[str, Any]:
    """Values of all personal fields of a kind."""
    return {field.name: value(kind, field, turn) for field in kind.fields if field.personal}


def _fill(url: str) -> None:
    _found(url)
    with opened(url, PLUGINS) as book:
        book.apply(*SECTION, on=FOUNDED)
        book.clock.moment = AFTER
        _live(book)
        _furnish(book)
        _account(book)
        _propose(book)
        _cross(book)


def _live(book: TestBook) -> None:
    """The person is employed, named anew, and transferred by a document; the room of a plugin has a keeper."""
    kinds = book.book.kinds
    book.apply({"openDocument": {"title": "任免通知", "number": "人〔2025〕7号"}}, on=FOUNDED)
    opening = {"number": NUMBER, **personal(kinds["employee"])}
    post = {"employee": NUMBER, "position": "P0004", **personal(kinds["assignment"])}
    book.apply({"openEmployee": opening}, {"appoint": post}, on=FOUNDED)
    book.apply({"setEmployee": {"employee": NUMBER, **personal(kinds["employee"], 1)}}, on=date(2026, 1, 1))
    held, document = _one(book, "assignment"), _one(book, "document")
    transfer = {"assignment": held, "position": "P0003", "document": document, **personal(kinds["assignment"], 1)}
    book.apply({"setAssignment": transfer}, on=date(2026, 2, 1))
    book.apply({"openKeptShift": {"name": "班", "department": "D003", **personal(kinds["kept_shift"])}}, on=FOUNDED)
    book.apply({"setPosition": {"position": "P0003", "title": "机电工长"}}, on=date(2026, 2, 1))
    book.apply({"appoint": {"employee": "E0001", "position": "P0001"}}, on=FOUNDED)


def _one(book: TestBook, kind: str) -> int:
    with book.session() as session:
        key: int = session.scalars(select(book.book.tables.identities[kind].c.key)).all()[-1]
    return key


def _furnish(book: TestBook) -> None:
    """Something of whatever else there is to be seen."""
    book.apply(
        {"openStandardPosition": {"title": "工长"}},
        {"addDuty": {"standard": "S001", "text": "主持班前会。"}},
        {"openPosition": {"title": "副工长", "department": "D003", "standard": "S001"}},
        {"setPosition": {"position": "P0003", "sections": [{"name": "资格", "text": "大专"}]}},
        {"addDuty": {"position": "P0003", "text": "负责检修。", "source": {"document": "a.txt", "firstLine": 7}}},
        {"openSynonym": {"terms": ["机电", "电机"]}},
        {"openQuota": {"department": "D003", "reach": "OWN", "seats": 90}},
        on=FOUNDED,
    )
    split = {"duty": _one(book, "duty"), "into": ["负责检查。", "负责修理。"]}
    book.apply({"splitDuty": split}, on=date(2026, 1, 1))


def _account(book: TestBook) -> None:
    """A month with a shift of the person's."""
    mine = Mine(book).set()
    mine.open(MARCH)
    material = mine.material("5", "2")
    where = turn("CC0002")
    mine.done("recordCostShift", shift=where, sections="6", tonsPerSection="120")
    mine.done("recordCostMember", shift=where, employee=NUMBER, position="P0003", points="10")
    mine.slip("1", where, material, "2")
    mine.settle()


def _propose(book: TestBook) -> None:
    """A draft, one that collides with what was published since, and one that was signed with an opinion."""
    kinds, it = book.book.kinds, book.book
    reasons = {"employee": NUMBER, **personal(kinds["employee"], 2)}
    book.draft({"setEmployee": reasons}, on=date(2026, 4, 1))
    collides = book.draft({"setEmployee": {"employee": NUMBER, **personal(kinds["employee"], 3)}}, on=date(2026, 5, 1))
    assert collides == CONFLICTING
    book.apply({"setEmployee": {"employee": NUMBER, **personal(kinds["employee"], 4)}}, on=date(2026, 4, 15))
    signed = book.draft({"setDepartment": {"department": "D001", "quota": 9}})
    with it.database.write() as session:
        sets = it.tables["changeset"]
        session.execute(sets.update().values(reason=FREE))
        comment(session, it, actor_of("editor"), signed, Remark(FREE))
        submit(session, it, actor_of("editor"), signed)
        approve(session, it, actor_of("approver"), signed, Opinion(FREE, FREE))


def _cross(book: TestBook) -> None:
    """What lies across a border: D002 is told apart from all others, but refers to them and took from them; and more beyond it."""
    book.apply(
        {"openPosition": {"title": "外来旧名", "department": "D003", "note": "外来旧注", "code": "X1"}},
        {"addDuty": {"position": "X1", "text": "旧日职责。"}},
        {"openPosition": {"title": "并入岗", "department": "D004", "code": "X2"}},
        {"addDuty": {"position": "X2", "text": "并入之责。"}},
        {"openApprovalRoute": {"name": "一队", "department": "D003", "steps": [{"signers": [SIGNER]}]}},
        {"openQuota": {"department": "D002", "reach": "OWN", "seats": 90}},
        on=FOUNDED,
    )
    book.apply(
        {"setPosition": {"position": "X1", "title": "新名", "note": "新注", "reportsTo": "P0001"}},
        {"movePosition": {"position": "X1", "department": "D002"}},
        {"setPosition": {"position": "P0001", "reportsTo": "P0003", "substitutes": ["P0003"], "standard": "S001"}},
        {"mergePositions": {"positions": ["X2"], "into": "P0002"}},
        on=date(2026, 1, 15),
    )
    mixed = book.draft(
        {"setPosition": {"position": "P0003", "title": "拟改之名", "note": "拟改之注"}},
        {"setPosition": {"position": "P0002", "reportsTo": "P0004"}},
        {"openDepartment": {"name": "拟设之部", "parent": "D003"}},
        {"setStandardPosition": {"standardPosition": "S001", "title": "总工长"}},
        on=date(2026, 6, 1),
    )
    quota = {"department": "D004", "reach": "OWN", "seats": 0, "note": "拟定之额"}
    beyond = book.draft({"setPosition": {"position": "P0003", "title": "争议之名"}}, {"openQuota": quota})
    book.apply({"setPosition": {"position": "P0003", "title": "已定之名"}}, on=date(2026, 5, 1))
    with book.book.database.write() as session:
        for number in (mixed, beyond):
            comment(session, book.book, actor_of("editor"), number, Remark(BEYOND, 0))
        submit(session, book.book, actor_of("editor"), beyond)


@contextmanager
def canary_book(backend: Backend) -> Iterator[TestBook]:
    """That book."""
    with backend.database(_fill) as url, opened(url, PLUGINS) as book:
        book.clock.moment = AFTER
        yield book


def canaries(book: TestBook, fields: set[str] | None = None) -> Sequence[str]:
    """Every clear value, or those of some fields, as it would stand in an answer."""
    vault = book.book.tables["personal_value"]
    with book.session() as session:
        person = (vault.c.kind != "employee") | (vault.c.key == key_of(book, "employee", NUMBER))
        rows = session.execute(select(vault.c.field, vault.c.value).where(person)).all()
    values = [orjson.loads(row.value) for row in rows if fields is None or row.field in fields]
    return sorted({text for one in values for text in (one.values() if isinstance(one, dict) else [one])})


def digests(book: TestBook) -> Sequence[str]:
    """Whatever stands for them in the book."""
    with book.session() as session:
        return session.scalars(select(book.book.tables["personal_value"].c.digest)).all()


def key_of(book: TestBook, kind: str, code: str) -> int:
    """The key of a code."""
    table = book.book.tables.identities[kind]
    with book.session() as session:
        key: int = session.scalars(select(table.c.key).where(table.c.code == code)).one()
    return key


def codes(book: TestBook, kind: str) -> list[str]:
    """The codes of all records of a kind."""
    table = book.book.tables.identities[kind]
    with book.session() as session:
        return list(session.scalars(select(table.c.code).order_by(table.c.key)))


def ids(book: TestBook, kind: str) -> list[str]:
    """The ids of all records of a kind."""
    table = book.book.tables.identities[kind]
    with book.session() as session:
        return [
            str(GlobalId(type_name(kind), key)) for key in session.scalars(select(table.c.key).order_by(table.c.key))
        ]
