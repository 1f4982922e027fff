"""What the tree is built from while it grows: positions under construction."""

from dataclasses import dataclass, field

from dutybook.catalogue.document import Duty, Position, Section


@dataclass(slots=True)
class Draft:
    """A position under construction, with the names of what it belongs to; nameless when its heading is lost."""

    title: str
    heading: str
    suffix: str
    line: int
    category: str
    department: str
    part: int
    duties: list[Duty] = field(default_factory=list)
    note: list[tuple[str, int]] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    start: int = 0
    end: int = 0
    restarted: bool = False

    @property
    def path(self) -> str:
        """Department and title, as duplicates name it."""
        return f"{self.department}/{self.title}" if self.department else self.title

    def position(self) -> Position:
        """The finished position."""
        return Position(
            self.title,
            self.heading,
            "\n".join(text for text, _ in self.note) or None,
            (self.line,),
            tuple(self.duties),
            tuple(self.sections),
        )
