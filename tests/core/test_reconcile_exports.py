"""Exports read back: known by their first word, in any encoding, and every mistake told with its path."""

from typing import Any

import orjson
import pytest

from dutybook.catalogue.export import FORMAT, as_json, as_yaml
from dutybook.catalogue.export_read import DEEPEST, roster_from
from dutybook.errors import BadInput

DUTY = {"text": "值守泵房。"}
POSITION = {"code": "P0001", "title": "站长", "duties": [DUTY]}
DEPARTMENT = {"code": "D001", "name": "泵站", "positions": [POSITION]}


def told(*departments: Any, **more: Any) -> bytes:
    return orjson.dumps({"format": FORMAT, "departments": departments, **more})


@pytest.mark.parametrize("text", ["泵站\n1.值守泵房。\n", "format 是一个英文单词。\n", "#format: 甲\n正文\n"])
def test_a_printed_text_is_no_export(text: str) -> None:
    assert roster_from("a.txt", text.encode()) is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_json_and_yaml_say_the_same(encoding: str) -> None:
    read = roster_from("a.json", told(DEPARTMENT))
    assert read
    for form in (as_json, as_yaml):
        again = roster_from("a.json", form(read, {}).decode().encode(encoding))
        assert again
        assert again.departments == read.departments


def test_yaml_may_be_written_in_gb18030() -> None:
    read = roster_from("a.json", told(DEPARTMENT))
    assert read
    again = roster_from("a.json", as_yaml(read, {}).decode().encode("gb18030"))
    assert again == read


WRONG = {
    "departments[0].name": told({"positions": []}),
    "departments[0].quota": told({**DEPARTMENT, "quota": -1}),
    "departments[0].colour": told({**DEPARTMENT, "colour": "red"}),
    "departments[0].positions": told({**DEPARTMENT, "positions": {}}),
    "departments[0].positions[0]": told({**DEPARTMENT, "positions": ["站长"]}),
    "departments[0].positions[0].headcount": told({**DEPARTMENT, "positions": [{**POSITION, "headcount": "2"}]}),
    "departments[0].positions[0].code": told({**DEPARTMENT, "positions": [{**POSITION, "code": 7}]}),
    "departments[0].positions[1].code": told({**DEPARTMENT, "positions": [POSITION, POSITION]}),
    "departments[0].positions[0].duties[1].text": told(
        {**DEPARTMENT, "positions": [{**POSITION, "duties": [DUTY, {"text": None}]}]}
    ),
    "departments[0].positions[0].duties[0].involvement": told(
        {**DEPARTMENT, "positions": [{**POSITION, "duties": [{**DUTY, "involvement": "NONE"}]}]}
    ),
    "departments[0].positions[0].duties": told({**DEPARTMENT, "positions": [{"title": "站长"}]}),
    "organisation.name": told(DEPARTMENT, organisation={"name": 7}),
    "format": orjson.dumps({"format": "dutybook-catalogue/2", "departments": []}),
}


@pytest.mark.parametrize("place", WRONG)
def test_a_mistake_is_told_with_its_path(place: str) -> None:
    with pytest.raises(BadInput) as caught:
        roster_from("a.json", WRONG[place])
    joined = "".join(f"[{step}]" if step.isdigit() else f".{step}" for step in caught.value.path).lstrip(".")
    assert joined == place
    assert place in caught.value.message.en


def test_yaml_that_refers_to_itself_is_refused() -> None:
    with pytest.raises(BadInput, match="aliases"):
        roster_from("a.yaml", f"format: {FORMAT}\ndepartments: &a\n- *a\n".encode())


def test_a_day_that_yaml_makes_of_a_text_is_told() -> None:
    with pytest.raises(BadInput, match=r"departments\[0\]\.name"):
        roster_from("a.yaml", f"format: {FORMAT}\ndepartments:\n- name: 2026-01-01\n".encode())


@pytest.mark.parametrize("depth", [DEEPEST + 1, 5000])
def test_departments_without_end_are_refused(depth: int) -> None:
    inner = b'{"name": "a", "departments": [' * depth + b"]}" * depth
    with pytest.raises(BadInput):
        roster_from("a.json", b'{"format": "dutybook-catalogue/1", "departments": [' + inner + b"]}")
