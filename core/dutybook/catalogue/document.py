"""What readers yield (numbered blocks) and what the grammar makes of them (catalogues, damages, skipped spans)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson

Span: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Marker:
    """A number as printed before a block: its style (`1、`, `(一)`, …), value and printed form.

    `weak` marks (`3 `, `3负责`, `3:`) count only where the sequence expects them; `prefix` is the exact text cut off.
    """

    style: str
    number: int
    printed: str
    prefix: str
    weak: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """One line or paragraph without its number; `level` is that of an explicit heading, 0 for running text.

    `line` is counted from 1; readers of other formats say in `place` where the block stands (a sheet, a cell, a page).
    """

    text: str
    line: int
    marker: Marker | None = None
    level: int = 0
    place: str = ""

    @property
    def printed(self) -> str:
        """The block as printed, its number included."""
        return self.marker.prefix + self.text if self.marker else self.text

    @property
    def style(self) -> str:
        """What its peers share: heading level, style of number, or neither."""
        if self.level:
            return "#" * self.level
        return self.marker.style if self.marker else ""


@dataclass(frozen=True, slots=True)
class Damage:
    """One damage at a line: its kind, what was seen and what was done about it."""

    line: int
    kind: str
    message: str
    repair: str


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """What every reader yields: blocks in reading order and the damages met on the way."""

    file: str
    encoding: str
    blocks: Sequence[Block]
    damages: tuple[Damage, ...] = ()


@dataclass(frozen=True, slots=True)
class Duty:
    """One duty: its repaired number, the printed one, the text without number."""

    no: int
    printed_no: str
    text: str
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """What a position sheet says besides duties: purpose, qualifications, authority, standards."""

    name: str
    text: str
    lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Position:
    """A position with its duties in order."""

    title: str
    printed_heading: str
    note: str | None
    lines: tuple[int, ...]
    duties: tuple[Duty, ...]
    sections: tuple[Section, ...] = ()


@dataclass(frozen=True, slots=True)
class Department:
    """A department, nameless when the file names none."""

    name: str
    positions: tuple[Position, ...]


@dataclass(frozen=True, slots=True)
class Category:
    """A group of departments, nameless when the file names none."""

    name: str
    departments: tuple[Department, ...]


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A position printed again: `of` is department/title, `lines` its second heading."""

    of: str
    lines: tuple[int, ...]
    same_duties: int
    other_duties: int


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One organisation's duty lists as read from one span of lines."""

    span: Span
    organisation: str | None
    categories: tuple[Category, ...]
    duplicates: tuple[Duplicate, ...] = ()
    warnings: tuple[Damage, ...] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """A span that holds no duty list, and why it was left out."""

    span: Span
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """All that one file says."""

    file: str
    encoding: str
    catalogues: tuple[Catalogue, ...]
    skipped: tuple[Skipped, ...]


def reading_json(reading: Reading) -> dict[str, Any]:
    """The reading in the form of `dutybook catalogue read --json`: the fields above, in their order."""
    form: dict[str, Any] = orjson.loads(orjson.dumps(reading))
    return form
