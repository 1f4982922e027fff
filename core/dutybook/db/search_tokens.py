"""Tokens of texts: every two neighbouring characters, marked with the slot of their entry."""

from collections.abc import Sequence
from operator import add

from dutybook.book.involvement import involvement
from dutybook.book.ranking import INVOLVEMENTS

SHIFT = 44
"""An entry's id is its slot above this many bits, and the id of its version below."""

ENOUGH = 16
"""Tokens looked for; more of a long text would hardly narrow it down."""

BREAK = "\x1f"
"""Between the parts of an entry, and behind the last."""

DEPARTMENT, POSITION, FIRST_DUTY = 1, 2, 8
SLOTS: dict[str, range] = {
    "department": range(DEPARTMENT, DEPARTMENT + 1),
    "position": range(POSITION, POSITION + 1),
    "duty": range(FIRST_DUTY, FIRST_DUTY + len(INVOLVEMENTS)),
}
"""The slots of each kind in the order of their ranks; a duty's is its involvement."""


def slot_of_duty(text: str, said: str | None) -> int:
    """The slot of a duty."""
    return FIRST_DUTY + INVOLVEMENTS.index(said or involvement(text))


def involvement_of(slot: int) -> str:
    """The involvement of a duty's slot."""
    return INVOLVEMENTS[slot - FIRST_DUTY]


class Letters(dict[int, str]):
    """A letter for each character, since any other kind would break a word of FTS5. Some share one, which costs a look."""

    def __missing__(self, code: int) -> str:
        self[code] = chr(code if 0x4E00 <= code < 0xA000 else 0xAC00 + code % 11_172)
        return self[code]


_LETTERS = Letters()


def pairs(folded: str) -> list[str]:
    """The tokens of an entry without the mark of its slot; its last character has the break for a neighbour."""
    letters = (folded + BREAK).translate(_LETTERS)
    return list(map(add, letters, letters[1:]))


def mark(slot: int) -> str:
    """What the tokens of a slot begin with."""
    return f"{slot:x}"


def sought(folded: str, slot: int) -> Sequence[str]:
    """Tokens that an entry must have to hold a text; of one character only the beginning of a token is known."""
    letters = folded.translate(_LETTERS)
    found = set(map(add, letters, letters[1:])) or {letters}
    return sorted(mark(slot) + one for one in found)[:ENOUGH]
