"""What is published has one form, RFC 8785, and each hash stands for all before it."""

import hashlib
import json

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from dutybook.book.canonical import GENESIS, canonical, chained, document
from dutybook.book.kinds import Field, Type, Value
from dutybook.errors import BadInput, Message

JSON = Field("sections", Message("章节", "Sections"), Type.JSON)

texts = st.text(st.characters(codec="utf-8"))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts, inner),
    max_leaves=12,
)
bodies = st.lists(st.dictionaries(st.sampled_from(["key", "kind", "values"]), values))


def accepted(value: object) -> Value:
    try:
        return JSON.check(value)
    except BadInput:
        return None


@given(values)
def test_whatever_a_field_accepts_is_written_as_rfc_8785_says(value: object) -> None:
    written: dict[str, Value] = {"sections": accepted(value)}
    assert canonical(written) == rfc8785.dumps(written)


@given(bodies, st.integers(1, 99), st.sampled_from(["变更", 'a"b', "\u2028"]))
def test_a_document_in_pieces_is_the_document_in_one(changes: list[dict[str, object]], number: int, title: str) -> None:
    kept = [{name: accepted(value) for name, value in change.items()} for change in changes]
    header: dict[str, Value] = {"format": 1, "number": number, "title": title}
    pieces = document(header, (canonical(change) for change in kept))
    assert b"".join(pieces) == rfc8785.dumps({"changes": kept, **header})


def test_the_first_hash_rests_on_the_empty_book() -> None:
    assert chained(GENESIS, [b"{", b"}"]) == hashlib.sha256(b"0" * 64 + b"\n{}").hexdigest()


@given(texts, texts)
def test_different_predecessors_give_different_hashes(one: str, other: str) -> None:
    hashes = {chained(chained(GENESIS, [json.dumps(text).encode()]), [b"{}"]) for text in (one, other)}
    assert len(hashes) == len({one, other})
