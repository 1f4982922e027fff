"""Input that is refused: clearly, at its place, and without leaving a trace."""

import pytest

from dutybook.access.actor import OPERATOR
from dutybook.book.times import FOREVER
from dutybook.errors import DutybookError
from dutybook.services.book import Book
from dutybook.services.changesets import Proposal, open_changeset, submit
from dutybook.services.say import Saying
from tests.flow.clerk import Clerk, committed

TITLED: Saying = {"setPosition": {"position": "P0001", "title": "经理", "from": "2025-03-01"}}

BAD: list[tuple[Saying, str]] = [
    ({"setPosition": {"position": "P0001", "title": "经理", "from": "2025-06-01", "to": "2025-03-01"}}, "is inverted"),
    (
        {"openPosition": {"title": "司机", "department": "D001", "from": "2025-06-01", "to": "2025-06-01"}},
        "is inverted",
    ),
    ({"openPosition": {"title": "司机", "department": "D001", "from": FOREVER.isoformat()}}, "is inverted"),
    ({"closePosition": {"position": "P0001", "from": "2025-01-01"}}, "is its first day, .* or rescind"),
    ({"setPosition": {"position": "P0001", "title": "经理", "from": "2024-06-01"}}, "not in force on 2024-06-01"),
    (
        {"setPosition": {"position": "P0001", "title": "经理", "from": "2026-02-30"}},
        "'2026-02-30' is not a day of the calendar, or not in its form; write it",
    ),
    ({"setPosition": {"position": "P0001", "title": "经理", "from": "明天"}}, "'明天' is not a day"),
    ({"setPosition": {"position": "P9999", "title": "经理"}}, "No position has the code or id 'P9999'"),
    ({"setPosition": {"position": 4711, "title": "经理"}}, "No position has the code or id '4711'"),
    ({"setPosition": {"position": 2**70, "title": "经理"}}, "No position has the code or id"),
    ({"setPosition": {"position": "P\x00", "title": "经理"}}, r"control character U\+0000"),
    ({"setPosition": {"position": "RHV0eTox", "title": "经理"}}, "must be a position, not a Duty"),
    ({"setPosition": {"position": "P0001", "colour": "red"}}, "setPosition has no 'colour'"),
    ({"setPosition": {"position": "P0001"}}, "setPosition names no field to change"),
    ({"setPosition": {"title": "经理"}}, "setPosition lacks position"),
    ({"setPosition": {"position": "P0001", "title": "经\x07理"}}, r"control character U\+0007"),
    ({"setPosition": {"position": "P0001", "title": "经\ud800理"}}, r"control character U\+D800"),
    ({"setPosition": {"position": "P0001", "title": "长" * 201}}, "longer than 200 characters"),
    ({"setPosition": {"position": "P0001", "title": None}}, "must not be empty"),
    ({"setPosition": {"position": "P0001", "title": 7}}, "text is expected"),
    ({"setPosition": {"position": "P0001", "headcount": 1.5}}, "a whole number is expected"),
    ({"setPosition": {"position": "P0001", "sections": {"任职资格": 0.5}}}, "floats are not accepted"),
    ({"openPosition": {"title": "司机", "department": "D001", "code": "P\n\x01"}}, r"control character U\+0001"),
    ({"openPosition": {"title": "司机", "department": "D001", "code": "P" * 61}}, "longer than 60 characters"),
    ({"openPosition": {"title": "司机", "department": "D001", "after": "P0003"}}, "must name a sibling"),
    ({"addDuty": {"position": "P0001", "text": ""}}, "must not be empty"),
    ({"splitDuty": {"duty": "RHV0eTo5OTk=", "into": ["甲", "乙"]}}, "No duty has the code or id"),
    ({"mergeDepartments": {"departments": ["D001", "D002"]}}, "mergeDepartments lacks successor"),
    ({"mergeDepartments": {"departments": "D001", "into": "D002"}}, "departments must be a list"),
    ({"splitDepartment": {"department": "D001", "into": ["甲"]}}, "into must be an object"),
    ({"detachPosition": {"position": "P0001"}}, "follows no standard position"),
    ({"reorderDuties": {"position": "P0001", "duties": []}}, "must list exactly all 3 items"),
    ({"openSynonym": {"terms": "线损"}}, "terms must be a list"),
    ({"openSynonym": {"terms": ["线损", " "]}}, "empty"),
    ({"openSynonym": {"terms": ["ＡＢ", "ab"]}}, "Two or more different words"),
    ({"rescind": {"subject": "P0001", "from": "2025-01-01"}}, "is not an id of this book"),
    ({"flyToTheMoon": {}}, "'flyToTheMoon', is not understood"),
    ({}, "'∅', is not understood"),
    ({"closePosition": {}, "openPosition": {}}, "'closePosition, openPosition', is not understood"),
    ({"openPosition": "司机"}, "'openPosition', is not understood"),  # type: ignore[dict-item]
]


@pytest.mark.parametrize(("saying", "reason"), BAD)
def test_bad_sayings_are_refused_clearly_and_leave_nothing(company: Book, saying: Saying, reason: str) -> None:
    with committed(company) as clerk:
        counts = clerk.counts()
    with pytest.raises(DutybookError, match=reason) as refusal, committed(company) as clerk:
        clerk.apply(TITLED, {"openEmployee": {"number": "E0009", "name": "丙三"}}, saying)
    assert refusal.value.message.zh != refusal.value.message.en
    with committed(company) as clerk:
        assert clerk.counts() == counts


@pytest.mark.parametrize(
    ("proposal", "reason"),
    [
        (Proposal(" "), "must not be empty"),
        (Proposal("长" * 401), "longer than 400 characters"),
        (Proposal("变\x00更"), r"control character U\+0000"),
        (Proposal("变更", reason="\x00"), r"control character U\+0000"),
        (Proposal("变更", base_revision=7), "There is no base revision 7; the head is 1"),
        (Proposal("变更", base_revision=-1), "There is no base revision -1"),
        (Proposal("变更", route=[]), "at least one step"),
        (Proposal("变更", route=[["role:approver"], ["王主任"]]), "'王主任' must be written as user:NAME"),
        (Proposal("变更", route=[[]]), "Step 1 has no signer"),
    ],
)
def test_bad_proposals_are_refused_clearly(clerk: Clerk, proposal: Proposal, reason: str) -> None:
    with pytest.raises(DutybookError, match=reason):
        open_changeset(clerk.session, clerk.book, OPERATOR, proposal)


def test_a_set_without_a_change_is_neither_submitted_nor_published(clerk: Clerk) -> None:
    with pytest.raises(DutybookError, match="holds no change; add some first"):
        submit(clerk.session, clerk.book, OPERATOR, clerk.draft())
    with pytest.raises(DutybookError, match="holds no change; add some first"):
        clerk.apply()


def test_an_error_leads_to_the_word_it_is_about(clerk: Clerk) -> None:
    with pytest.raises(DutybookError) as refusal:
        clerk.draft(TITLED, {"setPosition": {"position": "P0001", "grade": "x" * 41}})
    assert refusal.value.path == ("changes", "1", "setPosition", "grade")
    with pytest.raises(DutybookError) as refusal:
        clerk.draft({"rescind": {"subject": "P0001"}})
    assert refusal.value.path == ("changes", "0", "rescind", "subject")
