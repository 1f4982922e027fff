"""Markdown out of texts that anybody wrote: whatever they hold, it is read as text, never as markup."""

import re
from collections.abc import Iterable, Iterator, Sequence

BLANK = "—"
"""Where there is nothing to say."""

_SPECIAL = re.compile(r"[\\`*_\[\]<>|~#&$]")
_LINKED = re.compile(r"(?<=:)//|(?<=www)\.|@", re.IGNORECASE)
"""What readers of GitHub's dialect make links of by themselves."""

_LEADING = re.compile(r"^(?:(\d{1,9})([.)])|([-+=]))")
"""What would begin a list, or make a heading of the line before."""


def one_line(text: str) -> str:
    """A text without line breaks and tabs; spaces at the ends of its lines go with them."""
    return " ".join(part for line in text.splitlines() if (part := line.replace("\t", " ").strip()))


def escaped(text: str) -> str:
    """A text as one line of Markdown that reads like the text."""
    marked = _SPECIAL.sub(r"\\\g<0>", one_line(text))
    marked = _LINKED.sub(r"\\\g<0>", marked)
    return _LEADING.sub(lambda found: f"{found[1]}\\{found[2]}" if found[1] else f"\\{found[3]}", marked)


def heading(level: int, text: str) -> str:
    """A heading."""
    return f"{'#' * level} {escaped(text)}"


def paragraphs(text: str) -> Iterator[str]:
    """A text of several lines, each a paragraph of its own."""
    yield from (escaped(line) for line in text.splitlines() if line.strip())


def table(head: Sequence[str], rows: Iterable[Sequence[str | None]]) -> str:
    """A table; a cell that is None has a dash."""
    lines = [_row(head), f"|{' --- |' * len(head)}", *(_row(row) for row in rows)]
    return "\n".join(lines)


def _row(cells: Sequence[str | None]) -> str:
    return f"| {' | '.join(BLANK if cell is None else escaped(cell) for cell in cells)} |"


def numbered(texts: Iterable[str]) -> str:
    """A list by numbers from 1."""
    return "\n".join(f"{number}. {escaped(text) or BLANK}" for number, text in enumerate(texts, start=1))


def document(parts: Iterable[str]) -> str:
    """Blocks as one document."""
    return "\n\n".join(part for part in parts if part) + "\n"
