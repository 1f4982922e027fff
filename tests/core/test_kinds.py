"""Fields take what they can hold, in one form only, and say clearly what is wrong with anything else."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dutybook.book.canonical import canonical
from dutybook.book.kinds import Field, InvalidValue, Type, Value
from dutybook.book.nouns import CORE, DEPARTMENT, EMPLOYEE, POSITION
from dutybook.errors import BadInput, Message

LABEL = Message("字段", "Field")


def field(form: Type, **more: object) -> Field:
    return Field("it", LABEL, form, **more)  # type: ignore[arg-type]  # each test gives what its field needs


@pytest.mark.parametrize(
    ("form", "value", "reason"),
    [
        (Type.TEXT, 5, "text is expected"),
        (Type.TEXT, "x" * 4001, "longer than 4000 characters"),
        (Type.TEXT, "甲\x00乙", r"control character U\+0000"),
        (Type.TEXT, "甲\x85乙", r"control character U\+0085"),
        (Type.TEXT, "甲\ud800乙", r"control character U\+D800"),
        (Type.INTEGER, "5", "a whole number is expected"),
        (Type.INTEGER, True, "a whole number is expected"),
        (Type.INTEGER, 2**53, "a whole number is expected"),
        (Type.DECIMAL, "viel", "a number is expected"),
        (Type.DECIMAL, "1.005", "more than 2 decimal places"),
        (Type.DECIMAL, "NaN", "a number is expected"),
        (Type.DECIMAL, "1e40", "a number is expected"),
        (Type.DECIMAL, "90071992547409.93", "a number is expected"),
        (Type.BOOLEAN, 1, "true or false is expected"),
        (Type.DATE, "2026-02-30", "not a day of the calendar"),
        (Type.DATE, "20260301", "write it like 2026-03-01"),
        (Type.REFERENCE, 0, "the key of a"),
        (Type.REFERENCE, True, "the key of a"),
        (Type.REFERENCES, 7, "a list is expected"),
        (Type.REFERENCES, ["7"], "the key of a"),
        (Type.JSON, 0.5, "floats are not accepted"),
        (Type.JSON, {"a": [1, {"b": 0.5}]}, "floats are not accepted"),
        (Type.JSON, 2**53, "a whole number is expected"),
        (Type.JSON, {"a": {1, 2}}, "JSON is expected"),
        (Type.JSON, {"甲\x00": 1}, r"control character U\+0000"),
        (Type.JSON, {"𠀀": 1}, "names of the basic plane"),
    ],
)
def test_what_a_field_cannot_hold_is_refused_with_a_reason(form: Type, value: object, reason: str) -> None:
    with pytest.raises(BadInput, match=reason) as refusal:
        field(form).check(value)
    assert refusal.value.code == "BAD_USER_INPUT"


@pytest.mark.parametrize(
    ("form", "value", "kept"),
    [
        (Type.TEXT, "第一行\n\t第二行", "第一行\n\t第二行"),
        (Type.INTEGER, -(2**53) + 1, -(2**53) + 1),
        (Type.DECIMAL, "1.5", "1.50"),
        (Type.DECIMAL, 3, "3.00"),
        (Type.DATE, date(2026, 3, 1), "2026-03-01"),
        (Type.REFERENCES, [3, 1], [3, 1]),
        (Type.JSON, {"b": (1, None, True), "a": "甲"}, {"b": [1, None, True], "a": "甲"}),
    ],
)
def test_what_a_field_can_hold_is_kept_in_canonical_form(form: Type, value: object, kept: object) -> None:
    assert field(form).check(value) == kept


def answer(text: str) -> Value:
    """What becomes of a text: itself, or what is wrong with it."""
    try:
        return field(Type.TEXT).check(text)
    except InvalidValue as refusal:
        return refusal.message.en


@given(st.text(st.characters(), max_size=100))
def test_whatever_becomes_of_a_text_can_be_written_down(text: str) -> None:
    assert len(canonical({"text": answer(text)})) < 700


@pytest.mark.parametrize("empty", [None, "", " \n\u3000"])
def test_nothing_is_null_unless_it_is_required(empty: str | None) -> None:
    assert field(Type.TEXT).check(empty) is None
    with pytest.raises(InvalidValue, match="it must not be empty"):
        field(Type.TEXT, required=True).check(empty)


def test_bounds_and_choices_are_told() -> None:
    with pytest.raises(InvalidValue, match="between 0 and 100000"):
        POSITION.check({"headcount": -1})
    with pytest.raises(InvalidValue, match="one of PUBLIC, INTERNAL, SECRET is expected"):
        DEPARTMENT.check({"classification": "TOP"})


def test_an_unknown_field_is_refused_with_those_there_are() -> None:
    with pytest.raises(InvalidValue, match="department has name, kind, category"):
        DEPARTMENT.check({"colour": "red"})


def test_an_opening_holds_every_field() -> None:
    assert POSITION.complete({"title": "主任", "department": 1, "headcount": 1}).keys() == POSITION.by_name.keys()
    with pytest.raises(InvalidValue, match="title: 'None' is not valid"):
        POSITION.complete({"department": 1})


def test_an_unknown_kind_is_refused_with_those_there_are() -> None:
    with pytest.raises(BadInput, match="No kind is called 'ship'; known are organisation, department"):
        CORE["ship"]


def test_who_depends_on_whom_is_read_from_the_references() -> None:
    on_position = {(kind.name, field.name) for kind, field in CORE.referring_to("position")}
    assert on_position == {
        ("position", "reports_to"),
        ("position", "deputy_of"),
        ("duty", "position"),
        ("assignment", "position"),
    }


def test_everything_about_a_person_but_number_employment_and_its_document_is_personal() -> None:
    assert EMPLOYEE.by_name.keys() - EMPLOYEE.personal == {"employment_type", "status", "status_document"}
