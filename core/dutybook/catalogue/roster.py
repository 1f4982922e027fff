"""The common form of what an import says and an export tells: departments, positions and duties with their values."""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from dutybook.book.kinds import Value, Values
from dutybook.catalogue.document import Catalogue, Duty
from dutybook.catalogue.document import Position as Printed

DEPARTMENT_FIELDS = ("name", "kind", "category", "quota")
POSITION_FIELDS = ("title", "grade", "headcount", "note", "sections")
DUTY_FIELDS = ("text", "involvement", "tags")
FIELDS: Mapping[str, Sequence[str]] = {
    "organisation": ("name",),
    "department": DEPARTMENT_FIELDS,
    "position": POSITION_FIELDS,
    "duty": DUTY_FIELDS,
}
"""What a catalogue can say of each kind; everything else in the book is none of its business."""

STEP = "/"
"""Stands between the names of a department's path where a form has no tree."""


@dataclass(frozen=True, slots=True)
class Position:
    """A position; `values` holds only what is said. `extras` are values of duties besides the text, by index."""

    values: Values
    duties: Sequence[Duty]
    code: str | None = None
    extras: Mapping[int, Values] = field(default_factory=dict)
    lines: tuple[int, ...] = ()
    source: str = ""

    @property
    def title(self) -> str:
        """The title, empty where it was lost."""
        return str(self.values.get("title") or "")

    def duty_values(self, index: int) -> dict[str, Value]:
        """All that is said of one duty."""
        return {"text": self.duties[index].text, **self.extras.get(index, {})}


@dataclass(frozen=True, slots=True)
class Department:
    """A department; `parent` is the index of the one above it. An `implied` one is only named as a part of paths."""

    values: Values
    positions: Sequence[Position]
    code: str | None = None
    parent: int | None = None
    implied: bool = False

    @property
    def name(self) -> str:
        """The name, empty where there is none."""
        return str(self.values.get("name") or "")


@dataclass(frozen=True, slots=True)
class Roster:
    """What sources say of one organisation; parents stand before children.

    `tells_tree`: a department without parent is known to have none. `printed`: read from a text that may be cut off.
    """

    sources: tuple[str, ...]
    departments: Sequence[Department]
    organisation: str | None = None
    organisation_code: str | None = None
    tells_tree: bool = False
    printed: bool = False


def roster_of(catalogue: Catalogue, source: str) -> Roster:
    """What a catalogue that was read from text says; names like `甲/乙` are paths, as the reader makes them of headings."""
    printed = [
        (category.name, department.name, department.positions)
        for category in catalogue.categories
        for department in category.departments
    ]
    return Roster((source,), tuple(_departments(printed, source)), catalogue.organisation, printed=True)


def _departments(printed: Iterable[tuple[str, str, Sequence[Printed]]], source: str) -> Iterator[Department]:
    """One department for each path in a category, however often a text comes back to it; those above are made as needed."""
    places: dict[tuple[str, ...], int] = {}
    found: list[Department] = []
    for category, name, positions in printed:
        path = (category, *name.split(STEP))
        place: int | None = None
        for depth in range(2, len(path) + 1):
            if path[:depth] not in places:
                places[path[:depth]] = len(found)
                found.append(Department(_named(path[depth - 1], category), (), parent=place, implied=True))
            place = places[path[:depth]]
        assert place is not None
        said = (*found[place].positions, *(_position(position, source) for position in positions))
        found[place] = replace(found[place], positions=said, implied=False)
    return iter(found)


def _named(name: str, category: str) -> dict[str, Value]:
    return {word: text for word, text in (("name", name), ("category", category)) if text}


def _position(printed: Printed, source: str) -> Position:
    values: dict[str, Value] = {"title": printed.title}
    if printed.note:
        values["note"] = printed.note
    if printed.sections:
        values["sections"] = [{"name": section.name, "text": section.text} for section in printed.sections]
    return Position(values, printed.duties, lines=printed.lines, source=source)


def joined(rosters: Sequence[Roster]) -> Roster:
    """One roster out of several files; what they say of one department comes together."""
    if len(rosters) == 1:
        return rosters[0]
    found: list[Department] = []
    places: dict[Hashable, int] = {}
    for roster in rosters:
        moved: list[int] = []
        for said in roster.departments:
            parent = None if said.parent is None else moved[said.parent]
            name = said.code or (parent, said.values.get("category"), said.name)
            if name not in places:
                places[name] = len(found)
                found.append(replace(said, parent=parent))
            else:
                place = places[name]
                positions = (*found[place].positions, *said.positions)
                found[place] = replace(found[place], positions=positions, implied=found[place].implied and said.implied)
            moved.append(places[name])
    first, last = rosters[0], rosters[-1]
    sources = tuple(source for roster in rosters for source in roster.sources)
    tells_tree = all(roster.tells_tree for roster in rosters)
    return replace(first, sources=sources, departments=tuple(found), tells_tree=tells_tree, printed=last.printed)
