"""What an import proposes: records are told apart as people would, and nothing is proposed twice."""

from datetime import date

import pytest

from dutybook.services.refusals import RefusedByRules
from tests.flow.catalogue_desk import DAY, Desk, Lists, printed

LATER = date(2026, 3, 1)
READING = "每月抄录水表读数并当日录入系统。"
PATROL = "巡查所辖管线，发现渗漏当场处置。"
PUMPS = "值守泵房，做好机组运行记录。"
STORE = "清点库房备件，按季核对账目。"
ODDS = "完成领导交办的其他工作。"
FIRST: Lists = {
    "营业部": {"班长": [READING, STORE, ODDS], "抄表员": [PATROL, ODDS]},
    "泵站": {"班长": [PUMPS, ODDS]},
}


def with_list(position: str, *duties: str) -> Lists:
    """The first roster with another list for one position of the first department."""
    return {**FIRST, "营业部": {**FIRST["营业部"], position: [*duties]}}


def test_a_first_import_opens_everything_in_the_order_of_the_file(desk: Desk) -> None:
    done = desk.put(FIRST)
    assert done.done["duty", "new"] == 7
    assert desk.lists() == FIRST
    codes = [position["code"] for department in desk.tree() for position in department["positions"]]
    assert codes == ["P0001", "P0002", "P0003"]


def test_the_same_file_again_proposes_nothing(desk: Desk) -> None:
    desk.put(FIRST)
    again = desk.put(FIRST, on=LATER)
    assert (again.changeset, desk.revision()) == (None, 1)
    assert again.agreeing == {"department": 2, "position": 3, "duty": 7}


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8-sig"])
def test_another_encoding_proposes_nothing(desk: Desk, encoding: str) -> None:
    desk.put(FIRST)
    assert desk.proposal(printed(FIRST).encode(encoding)) == []


def test_other_widths_and_final_marks_propose_nothing(desk: Desk) -> None:
    desk.put(FIRST)
    other = printed(FIRST).replace("，", ", ").replace("。\n", "；\n").replace("1. ", "１．")
    assert desk.proposal(other) == []


def test_a_reworded_duty_stays_the_same_record(desk: Desk) -> None:
    desk.put(FIRST)
    before = desk.keys()[READING]
    reworded = "每月抄录水表读数，并于次日录入系统。"
    assert desk.put(with_list("班长", reworded, STORE, ODDS), on=LATER).done == {("duty", "reworded"): 1}
    assert desk.keys(LATER)[reworded] == before
    assert desk.keys()[READING] == before


def test_a_duty_that_says_something_else_is_another_record(desk: Desk) -> None:
    desk.put(FIRST)
    other = with_list("班长", "编写年度培训计划。", STORE, ODDS)
    assert sorted(desk.proposal(other)) == [("new", "duty", "营业部/班长"), ("withdrawn", "duty", "班长")]


def test_a_reordered_list_moves_as_few_as_possible(desk: Desk) -> None:
    desk.put(FIRST)
    assert desk.put(with_list("班长", ODDS, READING, STORE), on=LATER).done == {("duty", "reordered"): 1}
    assert desk.lists(LATER)["营业部"]["班长"] == [ODDS, READING, STORE]


def test_a_duty_moves_where_its_text_is_unique(desk: Desk) -> None:
    desk.put(FIRST)
    key = desk.keys()[STORE]
    moved = {**FIRST, "营业部": {"班长": [READING, ODDS], "抄表员": [PATROL, STORE, ODDS]}}
    assert desk.proposal(moved) == [("moved", "duty", "营业部/抄表员")]
    desk.put(moved, on=LATER)
    assert desk.keys(LATER)[STORE] == key
    assert [step[:3] for step in desk.lineage()] == [("MOVED_FROM", "duty", key)]


def test_a_duty_that_others_have_too_does_not_move(desk: Desk) -> None:
    desk.put(FIRST)
    moved = {**FIRST, "营业部": {"班长": [READING, STORE], "抄表员": [PATROL, ODDS, ODDS]}}
    assert sorted(desk.proposal(moved)) == [("new", "duty", "营业部/抄表员"), ("withdrawn", "duty", "班长")]


def test_equal_duties_pair_in_order(desk: Desk) -> None:
    many: Lists = {"营业部": {f"专责{number}": [ODDS, ODDS] for number in range(35)}}
    desk.put(many)
    assert desk.proposal(many) == []
    fewer: Lists = {"营业部": {**many["营业部"], "专责34": [ODDS]}}
    assert desk.proposal(fewer) == [("withdrawn", "duty", "专责34")]


def test_a_retitled_position_keeps_its_code(desk: Desk) -> None:
    desk.put(FIRST)
    known = desk.identities("position")
    retitled = {**FIRST, "营业部": {"组长": FIRST["营业部"]["班长"], "抄表员": FIRST["营业部"]["抄表员"]}}
    assert desk.put(retitled, on=LATER).done == {("position", "renamed"): 1}
    assert (desk.identities("position"), desk.lists(LATER)) == (known, retitled)


def test_a_position_that_went_to_another_department_keeps_its_code(desk: Desk) -> None:
    desk.put(FIRST)
    moved = {
        "营业部": {"班长": FIRST["营业部"]["班长"]},
        "泵站": {**FIRST["泵站"], "抄表员": FIRST["营业部"]["抄表员"]},
    }
    assert desk.put(moved, on=LATER).done == {("position", "moved"): 1}
    assert {step[0] for step in desk.lineage()} == {"MOVED_FROM"}
    assert desk.lists(LATER) == moved


def test_a_renamed_department_keeps_its_code(desk: Desk) -> None:
    desk.put(FIRST)
    renamed = {"客户服务中心": FIRST["营业部"], "泵站": FIRST["泵站"]}
    assert desk.put(renamed, on=LATER).done == {("department", "renamed"): 1}
    assert [department["code"] for department in desk.tree(LATER)] == ["D001", "D002"]


def test_an_extract_renames_no_department(desk: Desk) -> None:
    desk.put(FIRST)
    desk.put({"营业二部": FIRST["营业部"]}, on=LATER)
    assert desk.lists(LATER) == {**FIRST, "营业二部": FIRST["营业部"]}


def test_a_file_speaks_only_for_the_departments_it_names(desk: Desk) -> None:
    desk.put(FIRST)
    desk.put({"营业部": {"班长": [READING]}}, on=LATER)
    assert desk.lists(LATER) == {"营业部": {"班长": [READING]}, "泵站": FIRST["泵站"]}


def test_a_complete_file_closes_what_it_does_not_name(desk: Desk) -> None:
    desk.put(FIRST)
    done = desk.put({"泵站": FIRST["泵站"]}, on=LATER, complete=True).done
    assert desk.lists(LATER) == {"泵站": FIRST["泵站"]}
    assert (done["department", "withdrawn"], done["position", "withdrawn"], done["duty", "withdrawn"]) == (1, 2, 5)
    assert desk.lists() == FIRST


def test_a_new_department_stands_where_the_file_puts_it(desk: Desk) -> None:
    desk.put(FIRST)
    desk.put({"营业部": FIRST["营业部"], "仓库": {"保管员": [STORE]}, "泵站": FIRST["泵站"]}, on=LATER)
    assert list(desk.lists(LATER)) == ["营业部", "仓库", "泵站"]


def test_a_list_cut_off_in_the_middle_withdraws_nothing(desk: Desk) -> None:
    torn: Lists = {"营业部": {"班长": [READING.replace("。", "；"), STORE, ODDS]}}
    desk.put(torn)
    cut = printed(torn).partition(STORE[:4])[0]
    done = desk.put(cut, on=LATER)
    assert (done.changeset, desk.lists(LATER)) == (None, torn)
    assert "中断" in done.notes[0].zh


def test_a_list_that_ends_with_a_full_stop_is_believed(desk: Desk) -> None:
    desk.put(FIRST)
    shorter = {**FIRST, "泵站": {"班长": [PUMPS]}}
    assert desk.proposal(shorter) == [("withdrawn", "duty", "班长")]


def test_what_a_file_leaves_out_of_a_position_is_left_alone(desk: Desk) -> None:
    desk.put(FIRST)
    desk.say({"setPosition": {"position": "P0001", "grade": "12", "note": "兼管车辆"}})
    assert desk.proposal(FIRST) == []


def test_after_a_revert_the_same_records_come_back(desk: Desk) -> None:
    desk.put(FIRST)
    keys, codes = desk.keys(), desk.identities("position")
    desk.undo(1)
    assert desk.put(FIRST).done["position", "restored"] == 3
    assert (desk.keys(), desk.identities("position"), desk.lists()) == (keys, codes, FIRST)
    assert desk.proposal(FIRST) == []


def test_what_was_withdrawn_and_is_printed_again_comes_back_as_itself(desk: Desk) -> None:
    desk.put(FIRST)
    desk.put({**FIRST, "营业部": {"抄表员": [PATROL]}}, on=LATER)
    desk.put(FIRST, on=date(2026, 5, 1))
    assert desk.lists(date(2026, 5, 1)) == FIRST
    assert {code for _, code in desk.identities("position")} == {"P0001", "P0002", "P0003"}
    assert desk.lists(LATER)["营业部"] == {"抄表员": [PATROL]}


def test_what_was_opened_on_the_same_day_never_was(desk: Desk) -> None:
    desk.put(FIRST)
    desk.put({**FIRST, "营业部": {"抄表员": [PATROL]}})
    assert desk.lists() == {**FIRST, "营业部": {"抄表员": [PATROL]}}


def test_an_earlier_day_is_filled_up_to_what_is_known(desk: Desk) -> None:
    desk.put(FIRST, on=LATER)
    desk.put(with_list("班长", READING), on=DAY)
    assert desk.lists(DAY) == with_list("班长", READING)
    assert desk.lists(LATER) == FIRST


def test_a_new_duty_ends_with_a_position_that_is_known_to_end(desk: Desk) -> None:
    desk.put(FIRST)
    desk.say({"closePosition": {"position": "P0001", "withDependents": True}}, on=date(2026, 6, 1))
    desk.put(with_list("班长", READING, STORE, PATROL, ODDS), on=LATER)
    assert desk.lists(LATER)["营业部"]["班长"] == [READING, STORE, PATROL, ODDS]
    assert "班长" not in desk.lists(date(2026, 6, 1))["营业部"]


def test_a_position_that_people_hold_is_not_withdrawn_behind_their_back(desk: Desk) -> None:
    desk.put(FIRST)
    desk.say(
        {"openEmployee": {"number": "E0007", "name": "某人"}}, {"appoint": {"employee": "E0007", "position": "P0001"}}
    )
    without = {**FIRST, "营业部": {"抄表员": [PATROL, ODDS]}}
    with pytest.raises(RefusedByRules, match="E0007 P0001"):
        desk.put(without, on=LATER)
    assert desk.lists(LATER) == FIRST


def test_whoever_reports_to_a_withdrawn_position_reports_to_nobody(desk: Desk) -> None:
    desk.put(FIRST)
    desk.say({"setPosition": {"position": "P0002", "reportsTo": "P0001"}})
    desk.put({**FIRST, "营业部": {"抄表员": [PATROL, ODDS]}}, on=LATER)
    assert list(desk.lists(LATER)["营业部"]) == ["抄表员"]


def test_what_a_standard_position_says_is_not_proposed_again(desk: Desk) -> None:
    desk.put(FIRST)
    standard = {"openStandardPosition": {"code": "S001", "title": "班长", "organisation": "O01"}}
    desk.say(standard, {"addDuty": {"standard": "S001", "text": PUMPS}})
    desk.say({"setPosition": {"position": "P0001", "standard": "S001"}})
    followed = with_list("班长", PUMPS, READING, STORE, ODDS)
    assert (desk.lists(), desk.proposal(followed)) == (followed, [])


def test_a_set_of_one_organisation_leaves_others_alone(desk: Desk) -> None:
    desk.put(FIRST)
    desk.put({"泵站": {"班长": [READING]}}, to="云岭供水公司", complete=True)
    assert desk.lists() == FIRST
    assert desk.tree(to="云岭供水公司")[0]["code"] == "D001"


def test_an_organisation_is_found_by_its_code(desk: Desk) -> None:
    desk.put(FIRST)
    assert desk.proposal(FIRST, to="O01") == []


def test_line_numbers_are_kept_but_change_nothing(desk: Desk) -> None:
    desk.put(FIRST)
    assert desk.proposal("\n\n\n" + printed(FIRST)) == []
