"""What was said together stands or falls together when a rebase keeps what others made of any of it."""

from datetime import date

from dutybook.access.actor import OPERATOR
from dutybook.services.changesets import rebase
from tests.flow.clerk import Clerk

MARCH = date(2025, 3, 1)
RETITLED = {"setPosition": {"position": "P0001", "title": "经理", "from": MARCH.isoformat()}}


def test_a_position_keeps_its_duties_where_others_let_it_follow_another_standard(clerk: Clerk) -> None:
    clerk.apply({"openStandardPosition": {"title": "管理岗"}}, {"addDuty": {"position": "P0002", "text": "主持班前会"}})
    mine = clerk.draft({"followStandard": {"standard": "S001", "positions": ["P0002"]}}, RETITLED)
    clerk.apply({"setPosition": {"position": "P0002", "standard": "S002"}})
    rebase(clerk.session, clerk.book, OPERATOR, mine, "THEIRS", [])
    clerk.publish(mine)
    assert clerk.duties("P0002", MARCH) == ["负责收发文件", "主持班前会"]
    assert clerk.title("P0001", MARCH) == "经理"


def test_closing_a_standard_gives_way_with_its_dependents(clerk: Clerk) -> None:
    mine = clerk.draft(
        {"closeStandardPosition": {"standardPosition": "S001", "withDependents": True, "from": MARCH.isoformat()}},
        RETITLED,
    )
    clerk.apply({"openStandardPosition": {"title": "管理岗"}})
    clerk.apply({"setPosition": {"position": "P0003", "standard": "S002"}})
    rebase(clerk.session, clerk.book, OPERATOR, mine, "THEIRS", [])
    clerk.publish(mine)
    assert (clerk.duties("P0003", MARCH), clerk.title("P0001", MARCH)) == ([], "经理")
    assert len(clerk.named("duty", MARCH, standard=clerk.key("standard_position", "S001"))) == 2
