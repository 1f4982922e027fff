"""The demo company as typed data: a fictional county power company, read from `company.yaml` beside this file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from dutybook.errors import BadInput

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Organisation:
    """The legal entity that the demo book serves."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Section:
    """A named part of a job description that is not a duty, such as 任职资格."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Position:
    """A post; `reports_to`, `deputy_of` and `substitutes` are codes of positions of the same company."""

    code: str
    title: str
    grade: str
    headcount: int
    reports_to: str | None
    deputy_of: str | None
    substitutes: tuple[str, ...]
    sections: tuple[Section, ...]
    note: str | None
    duties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Department:
    """A node of the tree in official order; `parent` is a department's code, positions[0] is its head."""

    code: str
    name: str
    kind: str
    category: str
    quota: int
    parent: str | None
    positions: tuple[Position, ...]

    @property
    def head(self) -> Position:
        """The post that leads the department: the first of its list."""
        return self.positions[0]


@dataclass(frozen=True, slots=True)
class Company:
    """One organisation with its departments, parents before children."""

    organisation: Organisation
    departments: tuple[Department, ...]

    @property
    def categories(self) -> tuple[str, ...]:
        """The catalogue's chapters in the order in which they first occur."""
        return tuple(dict.fromkeys(department.category for department in self.departments))

    def positions(self) -> Iterator[tuple[Department, Position]]:
        """Every post with its department, in catalogue order."""
        for department in self.departments:
            for position in department.positions:
                yield department, position


@cache
def company() -> Company:
    """The demo company as it is founded; later revisions are in `history`."""
    return read_company(read_yaml("company.yaml"))


def read_yaml(name: str) -> Any:
    """A data file of this package, parsed by the fast loader where PyYAML has it."""
    text = (files("dutybook.demo") / name).read_text("utf-8")
    return yaml.load(text, Loader=_LOADER)  # noqa: S506  (both loaders are the safe ones)


def read_company(data: Mapping[str, Any]) -> Company:
    """Typed records from the plain form; titles named by `reports_to` and its like become codes."""
    entries = data["departments"]
    names = _Names(entries)
    departments = tuple(_department(entry, names) for entry in entries)
    return Company(Organisation(**data["organisation"]), departments)


class _Names:
    """Finds codes by the names a reader of the file would use: `主任` in the same department, `营销部/主任` elsewhere."""

    def __init__(self, entries: Sequence[Mapping[str, Any]]) -> None:
        self.departments: dict[str, str] = {entry["name"]: entry["code"] for entry in entries}
        self.positions: dict[str, str] = {
            f"{e['name']}/{p['title']}": p["code"] for e in entries for p in e["positions"]
        }
        self.heads: dict[str, str] = {entry["name"]: entry["positions"][0]["code"] for entry in entries}

    def department(self, name: str, place: str) -> str:
        return self._found(self.departments, name, place)

    def position(self, name: str, home: str, place: str) -> str:
        return self._found(self.positions, name if "/" in name else f"{home}/{name}", place)

    def superior(self, entry: Mapping[str, Any], parent: str | None, code: str) -> str | None:
        """Whom a post reports to when the file is silent: its department's head; for the head, the parent's head."""
        head = self.heads[entry["name"]]
        if code != head:
            return head
        return self.heads[parent] if parent else None

    @staticmethod
    def _found(known: Mapping[str, str], name: str, place: str) -> str:
        if name not in known:
            raise BadInput(
                f"{place}提到“{name}”，本文件没有；请改成已有的名称，或先补上它",
                f"{place} names “{name}”, which this file does not have; use an existing name or add it first",
                path=[place],
            )
        return known[name]


def _department(entry: Mapping[str, Any], names: _Names) -> Department:
    name, parent = entry["name"], entry.get("parent")
    _refuse_unknown_fields(Department, entry, name)
    return Department(
        code=entry["code"],
        name=name,
        kind=entry["kind"],
        category=entry["category"],
        quota=entry["quota"],
        parent=names.department(parent, name) if parent else None,
        positions=tuple(_position(post, entry, names) for post in entry["positions"]),
    )


def _position(post: Mapping[str, Any], entry: Mapping[str, Any], names: _Names) -> Position:
    home, code = entry["name"], post["code"]
    place = f"{home}/{post['title']}"
    _refuse_unknown_fields(Position, post, place)

    def named(field: str) -> str | None:
        return names.position(post[field], home, place) if field in post else None

    return Position(
        code=code,
        title=post["title"],
        grade=str(post["grade"]),
        headcount=post.get("headcount", 1),
        reports_to=named("reports_to") or names.superior(entry, entry.get("parent"), code),
        deputy_of=named("deputy_of"),
        substitutes=tuple(names.position(title, home, place) for title in post.get("substitutes", ())),
        sections=tuple(Section(name, text) for name, text in post.get("sections", {}).items()),
        note=post.get("note"),
        duties=tuple(post["duties"]),
    )


def _refuse_unknown_fields(record: type[Department | Position], entry: Mapping[str, Any], place: str) -> None:
    known = [field.name for field in fields(record)]
    if unknown := sorted(set(entry) - set(known)):
        allowed = "、".join(known)
        raise BadInput(
            f"{place}有不认识的字段“{'、'.join(unknown)}”；可用的字段：{allowed}",
            f"{place} has unknown fields {unknown}; known fields: {allowed}",
            path=[place],
        )
