"""What is personal never enters documents, and erasing it leaves the book whole."""

from sqlalchemy import delete, select

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
