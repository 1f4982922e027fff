"""A roster as JSON, YAML or Markdown. All three can be imported again; Markdown carries what a reader sees."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import orjson
import yaml

from dutybook.book.kinds import Values
from dutybook.catalogue.roster import STEP, Department, Position, Roster
from dutybook.catalogue.words import ends_sentence

FORMAT = "dutybook-catalogue/1"
"""The first word of an export, by which an import knows it; the number grows when older readers would misread it."""


def as_json(roster: Roster, about: Values) -> bytes:
    """The form of `schema/catalogue.schema.json`, made to be read by people as well."""
    return orjson.dumps(_tree(roster, about), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def as_yaml(roster: Roster, about: Values) -> bytes:
    """The same form as YAML."""
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text: str = yaml.dump(_tree(roster, about), Dumper=dumper, allow_unicode=True, sort_keys=False, width=10_000)
    return text.encode()


def _tree(roster: Roster, about: Values) -> dict[str, Any]:
    below: dict[int | None, list[int]] = defaultdict(list)
    for index, department in enumerate(roster.departments):
        below[department.parent].append(index)
    organisation = {"code": roster.organisation_code, "name": roster.organisation}
    departments = [_department(roster, below, index) for index in below[None]]
    return {"format": FORMAT, **about, "organisation": _said(organisation), "departments": departments}


def _department(roster: Roster, below: Mapping[int | None, Sequence[int]], index: int) -> dict[str, Any]:
    """What is known of a department; one that is only the way to others says nothing of its positions."""
    department = roster.departments[index]
    told = _said({"code": department.code, **department.values})
    if not department.implied:
        told["positions"] = [_position(position) for position in department.positions]
    if inner := below.get(index):
        told["departments"] = [_department(roster, below, each) for each in inner]
    return told


def _position(position: Position) -> dict[str, Any]:
    duties = [_said(position.duty_values(index)) for index in range(len(position.duties))]
    return {**_said({"code": position.code, **position.values}), "duties": duties}


def _said(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def as_markdown(roster: Roster) -> bytes:
    """A catalogue as it is printed: categories, departments by their path, positions, numbered duties, notes, sections."""
    lines = [f"# {roster.organisation}岗位职责汇编"]
    paths, roots = _paths(roster.departments), _roots(roster.departments)
    listed = [(index, department) for index, department in enumerate(roster.departments) if department.positions]
    for category, some in groupby(listed, key=lambda one: roots[one[0]].values.get("category")):
        lines += [f"## {category}"] if category else []
        for index, department in some:
            lines.append(f"### {paths[index]}")
            for position in department.positions:
                lines += _printed(position)
    return ("\n\n".join(lines) + "\n").encode()


def _paths(departments: Sequence[Department]) -> list[str]:
    """The names of each department and of those above it; a stroke inside a name is printed in full width."""
    paths: list[str] = []
    for department in departments:
        above = [paths[department.parent]] if department.parent is not None else []
        paths.append(STEP.join([*above, department.name.replace(STEP, "／")]))
    return paths


def _roots(departments: Sequence[Department]) -> list[Department]:
    """For each department the one at the top: its category is the chapter under which all below it are printed."""
    roots: list[Department] = []
    for department in departments:
        roots.append(department if department.parent is None else roots[department.parent])
    return roots


def _printed(position: Position) -> Iterator[str]:
    yield f"#### {position.title}岗位职责"
    texts = (_sentences("".join(duty.text.splitlines())) for duty in position.duties)
    yield "\n".join(f"{number}. {text}" for number, text in enumerate(texts, start=1))
    if note := position.values.get("note"):
        yield _sentences(str(note))
    sections: Any = position.values.get("sections") or ()
    for section in sections:
        yield f"##### {section['name']}\n\n{_sentences(section['text'])}"


def _sentences(text: str) -> str:
    """Lines that end like sentences, since a short one that does not would be read as a heading."""
    return "\n".join(line if ends_sentence(line) else f"{line}。" for line in text.splitlines() if line.strip())
