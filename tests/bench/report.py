"""What was measured, as two tables: queries beside the reference, and all else beside its goal."""

from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import NamedTuple

Figures = Mapping[str, float]


class Versus(NamedTuple):
    """One workload on one database: the rounds of both servers, and the statements of ours."""

    database: str
    workload: str
    ours: Sequence[Figures]
    reference: Sequence[Figures]
    statements: int

    def cells(self) -> list[str]:
        """A line of the table."""
        ours, reference = (
            {name: median(figures[name] for figures in rounds) for name in rounds[0]}
            for rounds in (self.ours, self.reference)
        )
        sides = [
            f"{side[name]:,.{digits}f}"
            for name, digits in (("rate", 0), ("p50", 1), ("p99", 1), ("cpu", 2))
            for side in (ours, reference)
        ]
        ratio = median(a["rate"] / b["rate"] for a, b in zip(self.ours, self.reference, strict=True))
        return [self.database, self.workload, *sides, f"**{ratio:.2f}**", str(self.statements)]


HEADINGS = ["", "", "r/s", "ref", "p50 ms", "ref", "p99 ms", "ref", "CPU ms", "ref", "ratio", "SQL"]


class Measured(NamedTuple):
    """One figure beside its goal; `most` is the largest that meets it."""

    database: str
    what: str
    figure: float
    unit: str
    most: float | None = None
    remark: str = ""

    def cells(self) -> list[str]:
        """A line of the table."""
        goal = "" if self.most is None else f"< {self.most:g} {self.unit}"
        verdict = "" if self.most is None else ("met" if self.figure < self.most else "**missed**")
        return [self.database, self.what, f"{self.figure:,.2f} {self.unit}", goal, verdict, self.remark]


def table(headings: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A table of Markdown."""
    rows = [headings, ["---"] * len(headings), *lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows) + "\n"


def versus(found: Iterable[Versus]) -> str:
    """Queries beside the reference."""
    return table(HEADINGS, (one.cells() for one in found))


def goals(found: Iterable[Measured]) -> str:
    """All else beside its goal."""
    return table(["", "", "figure", "goal", "", ""], (one.cells() for one in found))
