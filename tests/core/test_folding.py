"""Texts are compared without case and width, and what is found is told in the characters as written."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dutybook.book.folding import fold, is_sayable, located
from dutybook.book.pinyin import spellings, spelt_at

TRICKY = st.text(
    st.sampled_from("线损的，。（）Ａａǅßİŉﬁㄱ각Σςe\u0301\u0323㎡…½Ⅷﾊﾞは\u3099 \u0345ᾳ")
    | st.characters(exclude_categories=["Cs"])
)


@pytest.mark.parametrize(
    ("text", "sought", "place"),
    [
        ("负责线损管理", "线损", (2, 2)),
        ("面积㎡，１０ＫＶ线路", "10kv", (4, 4)),
        ("ﬁle", "i", (0, 1)),
        ("cafe\u0301s", "é", (3, 2)),
        ("甲", "乙", None),
    ],
)
def test_a_place_is_told_in_the_characters_as_written(text: str, sought: str, place: tuple[int, int] | None) -> None:
    assert located(text, fold(sought)) == place


@given(TRICKY)
def test_the_short_way_leads_where_the_long_one_does(text: str) -> None:
    long = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    assert fold(text) == long


@given(TRICKY)
def test_folding_again_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(TRICKY, st.data())
def test_what_lies_at_a_place_folds_to_what_was_sought(text: str, data: st.DataObject) -> None:
    folded = fold(text)
    start = data.draw(st.integers(0, len(folded)))
    sought = folded[start : data.draw(st.integers(start, len(folded)))]
    found = located(text, sought)
    assert found is not None
    offset, length = found
    assert sought in unicodedata.normalize("NFKC", fold(text[offset : offset + length]))


@pytest.mark.parametrize(("text", "said"), [("营销部", True), ("a\x00", False), ("a\x1fb", False), ("\ud800", False)])
def test_control_characters_are_in_no_text_of_the_book(text: str, said: bool) -> None:
    assert is_sayable(text) is said


def test_names_are_spelt_whole_and_by_initials() -> None:
    assert spellings("营销部") == ("yingxiaobu", "yxb")
    assert spellings("ABC") == ("", "")
    assert (spelt_at("市营销部", "xiaob"), spelt_at("市营销部", "yx"), spelt_at("营销部", "zz")) == (
        (2, 2),
        (1, 2),
        None,
    )
