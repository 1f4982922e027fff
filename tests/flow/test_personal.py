"""What is personal never enters documents, and erasing it leaves the book whole."""

import pytest
from sqlalchemy import delete, select

from dutybook.services.refusals import Conflicted
from dutybook.services.replay import documents, verify
from tests.flow.clerk import Clerk


def test_published_documents_hold_digests_and_no_names(clerk: Clerk) -> None:
    told = b"".join(documents(clerk.session, clerk.book)).decode()
    assert "甲一" not in told
    assert "0000-1001" not in told
    assert "办公室" in told


def test_equal_values_of_two_people_have_different_digests(clerk: Clerk) -> None:
    clerk.apply({"openEmployee": {"number": "E0003", "name": "甲一"}})
    assert len({row["name"] for row in clerk.in_force("employee")}) == 3


def test_erasing_a_person_leaves_the_chain_of_hashes_sound(clerk: Clerk) -> None:
    for name in ("personal_value", "personal_key"):
        table = clerk.book.tables[name]
        clerk.session.execute(delete(table).where(table.c.key == clerk.key("employee", "E0001")))
    assert all(sound for _, sound in verify(clerk.session, clerk.book))
    vault = clerk.book.tables["personal_value"]
    assert "甲一" not in "".join(clerk.session.scalars(select(vault.c.value)))


def everything_but_the_vault(clerk: Clerk) -> str:
    """Every cell of every table, but for the one in which clear values are kept."""
    tables = [table for name, table in clerk.book.tables.metadata.tables.items() if name != "personal_value"]
    return "\n".join(str(row) for table in tables for row in clerk.session.execute(select(table)))


def test_a_clear_value_is_kept_in_one_table_only_through_all_of_a_life(clerk: Clerk) -> None:
    said = {"name": "欧阳丁", "officePhone": "0000-7777", "enteredOn": "1999-09-09", "externalIds": {"oa": "ouyang-oa"}}
    clerk.apply({"openEmployee": {"number": "E0003", **said}})
    changed = clerk.apply({"setEmployee": {"employee": "E0003", "email": "ouyang@example.invalid"}})
    clerk.revert(clerk.revert(changed))
    clerk.draft({"setEmployee": {"employee": "E0003", "room": "密室404"}})
    held = everything_but_the_vault(clerk) + b"".join(documents(clerk.session, clerk.book)).decode()
    clear = ("欧阳丁", "0000-7777", "1999-09-09", "1999, 9, 9", "ouyang", "密室404")
    assert [value for value in clear if value in held] == []


def test_the_same_value_of_the_same_person_has_the_same_digest(clerk: Clerk) -> None:
    again = clerk.apply({"setEmployee": {"employee": "E0001", "name": "甲一"}})
    first, last = (clerk.in_force("employee", known_at=n)[0]["name"] for n in (1, again))
    assert first == last


def test_a_personal_field_may_be_emptied(clerk: Clerk) -> None:
    clerk.apply({"setEmployee": {"employee": "E0001", "officePhone": None}})
    assert clerk.in_force("employee")[0]["office_phone"] is None


def test_a_conflict_over_a_personal_value_tells_no_clear_value(clerk: Clerk) -> None:
    mine = clerk.draft({"setEmployee": {"employee": "E0001", "officePhone": "0000-8888"}})
    clerk.apply({"setEmployee": {"employee": "E0001", "officePhone": "0000-9999"}})
    with pytest.raises(Conflicted) as refusal:
        clerk.publish(mine)
    assert not {"0000-1001", "0000-8888", "0000-9999"} & set(str(refusal.value).split("'"))
