"""When two prints say the same, what a text says of departments, and what several files say together."""

import pytest

from dutybook.catalogue.likeness import ALIKE, likeness, plain
from dutybook.catalogue.read import read_bytes
from dutybook.catalogue.roster import Roster, joined, roster_of

TEXT = """青岚县供水公司岗位职责汇编
一、生产类
管网部
(一)主任岗位职责
1.主持管网部工作;
2.审批抢修计划。
泵站
(一)站长岗位职责
1.值守泵房;
2.登记运行数据。
本岗位兼管车辆。
"""


def roster(text: str, name: str = "a.txt") -> Roster:
    reading = read_bytes(name, text.encode())
    return roster_of(reading.catalogues[0], name)


@pytest.mark.parametrize(
    "other",
    [
        "负责水表(口径25)的轮换,做好记录。",
        "负责水表（口径２５）的轮换，做好记录；",
        "负责水表（口径25）的轮换，\n做好记录",
        " 负责 水表（口径25）的轮换， 做好记录。",
    ],
)
def test_width_spaces_breaks_and_the_final_mark_say_nothing(other: str) -> None:
    assert plain(other) == plain("负责水表（口径25）的轮换，做好记录。")


@pytest.mark.parametrize("other", ["负责水表（口径20）的轮换，做好记录。", "负责水表（口径25）的轮换，做好登记。"])
def test_another_word_is_another_text_but_alike(other: str) -> None:
    one, two = plain("负责水表（口径25）的轮换，做好记录。"), plain(other)
    assert one != two
    assert likeness(one, two) >= ALIKE


def test_different_duties_of_one_opening_are_not_alike() -> None:
    assert likeness(plain("负责安全生产工作。"), plain("负责接待来访客户。")) < ALIKE


def test_a_print_says_category_title_note_duties_and_lines() -> None:
    _, station = roster(TEXT).departments
    [position] = station.positions
    assert dict(station.values) == {"name": "泵站", "category": "生产类"}
    assert dict(position.values) == {"title": "站长", "note": "本岗位兼管车辆。"}
    assert [(duty.text, duty.lines) for duty in position.duties] == [("值守泵房;", (9,)), ("登记运行数据。", (10,))]


def test_a_path_makes_a_tree() -> None:
    told = roster("# 青岚县供水公司岗位职责汇编\n\n## 管网部/城东站\n\n### 站长岗位职责\n\n1. 巡查管线。\n2. 值守。\n")
    assert [(one.name, one.parent, one.implied) for one in told.departments] == [
        ("管网部", None, True),
        ("城东站", 0, False),
    ]


def test_files_that_speak_of_one_department_are_heard_together() -> None:
    more = "青岚县供水公司岗位职责汇编\n一、生产类\n泵站\n(一)值班员岗位职责\n1.巡查机组;\n2.做好记录。\n"
    told = joined([roster(TEXT), roster(more, "b.txt")])
    assert [(one.name, [p.title for p in one.positions]) for one in told.departments] == [
        ("管网部", ["主任"]),
        ("泵站", ["站长", "值班员"]),
    ]
    assert told.sources == ("a.txt", "b.txt")
    assert [position.source for position in told.departments[1].positions] == ["a.txt", "b.txt"]
