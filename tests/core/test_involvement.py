"""The opening words of a duty tell how it involves its position."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dutybook.book.involvement import OPENING_WORDS, involvement
from dutybook.book.nouns import INVOLVEMENTS


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("全面负责本部门工作。", "ACCOUNTABLE"),
        ("主持召开安全例会。", "ACCOUNTABLE"),
        ("牵头编制年度计划。", "ACCOUNTABLE"),
        ("负责档案的收集与整理。", "RESPONSIBLE"),
        ("组织开展业务培训。", "RESPONSIBLE"),
        ("督促各班组落实整改。", "SUPERVISE"),
        ("审核费用报销单据。", "SUPERVISE"),
        ("协助主任做好日常管理。", "ASSIST"),
        ("配合财务部门开展盘点。", "ASSIST"),
        ("参加事故调查。", "PARTICIPATE"),
        ("参与方案讨论。", "PARTICIPATE"),
        ("完成领导交办的其他工作。", "CATCH_ALL"),
        ("承办部门领导临时安排的事项。", "CATCH_ALL"),
        ("负责完成上级交办的其他任务。", "CATCH_ALL"),
        ("1、认真负责设备巡视。", "RESPONSIBLE"),
        ("（3）积极协助调度工作。", "ASSIST"),
        ("熟悉本岗位规程。", "OTHER"),
    ],
)
def test_involvement_is_read_from_the_opening_words(text: str, found: str) -> None:
    assert involvement(text) == found


@pytest.mark.parametrize(("name", "words"), OPENING_WORDS.items())
def test_every_word_of_the_table_counts(name: str, words: tuple[str, ...]) -> None:
    assert {involvement(f"{word}甲") for word in words} == {name}


@given(st.text())
def test_any_text_has_an_involvement(text: str) -> None:
    assert involvement(text) in INVOLVEMENTS
