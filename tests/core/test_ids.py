"""Ids are opaque, carry the time they speak of, and nothing else passes for one."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dutybook.book.ids import GlobalId, MalformedId, kind_name, parse_id, read_id, type_name
from dutybook.book.nouns import CORE
from dutybook.errors import BadInput

ids = st.builds(
    GlobalId,
    st.sampled_from([type_name(kind.name) for kind in CORE]),
    st.integers(1, 10**18 - 1),
    st.none() | st.dates(),
    st.none() | st.integers(0, 10**9 - 1),
)


@given(ids)
def test_an_id_is_read_back_with_its_time(it: GlobalId) -> None:
    assert parse_id(str(it)) == it


@given(ids, ids)
def test_different_ids_have_different_texts(one: GlobalId, other: GlobalId) -> None:
    assert (str(one) == str(other)) is (one == other)


@given(st.text())
def test_any_other_text_is_refused_briefly(text: str) -> None:
    if read_id(text) is None:
        with pytest.raises(MalformedId) as refusal:
            parse_id(text)
        assert len(refusal.value.message.en) < 120


@pytest.mark.parametrize("code", ["P0001", "D001", "YX-03", "E00012345678"])
def test_codes_are_no_ids(code: str) -> None:
    assert read_id(code) is None


@pytest.mark.parametrize("plain", ["Duty:", "Duty:-1", "Duty:1@2026-02-30", "Duty:1~", "Duty:1" + "0" * 18])
def test_texts_that_only_look_like_ids_are_refused(plain: str) -> None:
    with pytest.raises(BadInput):
        parse_id(base64.urlsafe_b64encode(plain.encode()).decode())


@pytest.mark.parametrize("kind", [kind.name for kind in CORE])
def test_every_kind_has_a_type_and_is_found_by_it(kind: str) -> None:
    assert kind_name(type_name(kind)) == kind
