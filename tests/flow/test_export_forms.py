"""Exports: the schema they keep, a department with all below it, the catalogue of an earlier day."""

from datetime import date
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from dutybook.book.nouns import CORE
from dutybook.catalogue.export import FORMAT
from dutybook.catalogue.roster import FIELDS
from tests.flow.catalogue_desk import DAY, Desk

jsonschema: Any = pytest.importorskip("jsonschema")  # it brings no types
SCHEMA = orjson.loads((Path(__file__).parents[2] / "schema" / "catalogue.schema.json").read_bytes())
LATER = date(2026, 3, 1)
FOUNDING: list[dict[str, Any]] = [
    {"openOrganisation": {"name": "青岚县供水公司"}},
    {"openDepartment": {"name": "管网部", "kind": "UNIT", "category": "生产类", "quota": 9}},
    {"openDepartment": {"name": "城东站", "parent": "D001"}},
    {"openDepartment": {"name": "城西站", "parent": "D001", "category": "生产类"}},
    {"openPosition": {"title": "主任", "department": "D001", "grade": "12", "headcount": 2, "note": "兼管车辆"}},
    {"addDuty": {"position": "P0001", "text": "主持工作。", "tags": ["安全"], "involvement": "ACCOUNTABLE"}},
    {"openPosition": {"title": "站长", "department": "D002", "sections": [{"name": "任职资格", "text": "大专以上。"}]}},
    {"addDuty": {"position": "P0002", "text": "巡查管线。"}},
    {"openPosition": {"title": "站长", "department": "D003"}},
    {"addDuty": {"position": "P0003", "text": "值守泵房。"}},
    {"addDuty": {"position": "P0003", "text": "做好交接班。"}},
]


@pytest.fixture
def waterworks(desk: Desk) -> Desk:
    desk.say(*FOUNDING)
    return desk


def test_json_and_yaml_keep_the_schema_and_say_the_same(waterworks: Desk) -> None:
    told = orjson.loads(waterworks.export("json"))
    jsonschema.validate(told, SCHEMA)
    assert yaml.safe_load(waterworks.export("yaml")) == told
    assert (told["asOf"], told["revision"], told["organisation"]["code"]) == ("2026-01-01", 1, "O01")


def test_the_schema_knows_every_field(waterworks: Desk) -> None:
    for kind, fields in FIELDS.items():
        known = SCHEMA["$defs"][kind]["properties"]
        assert set(fields) <= known.keys()
        choices = {name: list(CORE[kind].by_name[name].choices) for name in fields if CORE[kind].by_name[name].choices}
        assert choices == {name: [one for one in known[name]["enum"] if one] for name in choices}


@pytest.mark.parametrize("form", ["json", "yaml", "md"])
def test_what_is_exported_proposes_nothing(waterworks: Desk, form: str) -> None:
    assert waterworks.proposal(waterworks.export(form), on=LATER) == []


@pytest.mark.parametrize("form", ["json", "yaml"])
def test_what_is_exported_makes_an_equal_catalogue_elsewhere(waterworks: Desk, form: str) -> None:
    waterworks.put(waterworks.export(form), to="云岭供水公司")
    assert waterworks.tree(to="云岭供水公司") == waterworks.tree()


def test_markdown_makes_the_same_lists_elsewhere(waterworks: Desk) -> None:
    waterworks.put(waterworks.export("md"), to="云岭供水公司")
    [department] = waterworks.tree(to="云岭供水公司")
    assert department["category"] == "生产类"
    assert [inner["positions"][0]["title"] for inner in department["departments"]] == ["站长", "站长"]
    assert department["departments"][0]["positions"][0]["sections"] == [{"name": "任职资格", "text": "大专以上。"}]
    assert department["positions"][0]["note"] == "兼管车辆。"


@pytest.mark.parametrize(
    "texts",
    [
        ["值守"],
        ["主持工作。", "值守泵房。\n对结果负责。"],
        ["巡查下列设施：\n(1)管线；\n(2)泵房。", "值守。"],
        ["1.6MPa管线巡查", "3号泵房值守", "负责：a）甲泵；b）乙泵。"],
    ],
)
def test_markdown_keeps_duties_apart_however_they_are_written(desk: Desk, texts: list[str]) -> None:
    duties = [{"text": text} for text in texts]
    position = {"title": "站长", "duties": duties}
    tree = [{"name": "泵站", "positions": [position, {"title": "值班员", "duties": [{"text": "登记数据。"}]}]}]
    desk.put(orjson.dumps({"format": FORMAT, "departments": tree}))
    assert desk.proposal(desk.export("md")) == []


def test_a_department_comes_with_all_below_it_and_leaves_others_alone(waterworks: Desk) -> None:
    export = waterworks.export(department="D003")
    [department] = orjson.loads(export)["departments"]
    assert "positions" not in department
    assert [inner["code"] for inner in department["departments"]] == ["D003"]
    assert waterworks.proposal(export.replace("做好交接班。".encode(), "登记交接班。".encode())) == [
        ("reworded", "duty", "城西站/站长")
    ]


def test_an_earlier_day_is_exported_as_it_was(waterworks: Desk) -> None:
    waterworks.say({"setPosition": {"position": "P0001", "title": "经理"}}, on=LATER)
    assert "主任" in waterworks.export("md", on=DAY).decode()
    assert "经理" in waterworks.export("md", on=LATER).decode()


def test_null_clears_and_what_is_left_out_is_left_alone(waterworks: Desk) -> None:
    told = orjson.loads(waterworks.export())
    position = told["departments"][0]["positions"][0]
    del position["note"]
    position["grade"] = None
    waterworks.put(orjson.dumps(told))
    [department] = waterworks.tree()
    assert department["positions"][0]["note"] == "兼管车辆"
    assert "grade" not in department["positions"][0]


def test_codes_of_an_export_lead_to_the_records_whatever_their_names(waterworks: Desk) -> None:
    told = orjson.loads(waterworks.export())
    told["departments"][0]["departments"][0]["name"] = "城北站"
    told["departments"][0]["positions"][0]["title"] = "总工程师"
    acts = waterworks.proposal(orjson.dumps(told))
    assert acts == [("renamed", "department", "城北站"), ("renamed", "position", "管网部/总工程师")]
