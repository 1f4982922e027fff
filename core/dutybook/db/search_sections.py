"""What is looked for, where it may stand by what is counted, and in which portions that is read."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from dutybook.db.positions import ANYWHERE, Place
from dutybook.db.search_tokens import SHIFT, sought

FEW = 50
"""So many entries of a slot are read to rank all hits; more are read in the order of their ids."""

TEXT, SYNONYM, PINYIN = range(3)
"""How a hit was found, the best first."""

WHOLE = 1_500
"""Entries with a token that are read in one go: more cost more than to look through a part of the slot."""

SPARE = 2
"""Pages of hits expected in the first window of a common word: more than one, since hits may be of another day."""

WIDER = 6
"""How much wider each further window is."""

WIDEST = 20_000
"""Ids of a window; where wider ones would be needed hits are few, whatever their tokens, so that all are read in one go."""

NARROW = 4_096
"""Ids of a window within which every entry is looked at: less than the price of a common word in the index."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What the statements for a text depend on; `synonyms` is how many it has."""

    kind: str
    synonyms: int
    place: Place
    position: str | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Records of a kind that hold a folded text, or one of its synonyms; duties only at a place and by involvement."""

    kind: str
    text: str
    synonyms: tuple[str, ...]
    slots: tuple[int, ...]
    place: Place = ANYWHERE
    position: str | None = None

    @property
    def terms(self) -> tuple[str, ...]:
        """All that may be found."""
        return (self.text, *self.synonyms)

    @property
    def shape(self) -> Shape:
        """The shape of its statements."""
        return Shape(self.kind, len(self.synonyms), self.place, self.position)


Pieces = Sequence[tuple[str, int]]
"""Terms, each with a slot to look for it in."""


@dataclass(frozen=True, slots=True)
class Section:
    """What is found in one way in one slot; `weight` is how many entries it may be."""

    how: int
    slot: int
    pieces: Pieces
    weight: int


class Weights:
    """In how many entries of a slot a term may stand."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = counts

    def of(self, term: str, slot: int) -> int:
        """As many as have its rarest token, at most."""
        return min(self._counts.get(token, 0) for token in sought(term, slot))

    def pieces(self, terms: Collection[str], slots: Collection[int]) -> Pieces:
        """Where terms may stand at all."""
        return [(term, slot) for slot in slots for term in terms if self.of(term, slot)]

    def total(self, pieces: Pieces) -> int:
        """How many entries may hold any of them."""
        return sum(self.of(*piece) for piece in pieces)

    def sections(self, wanted: Wanted) -> list[Section]:
        """What is read one after the other where hits are many, the best first."""
        ways = [(TEXT, (wanted.text,)), (SYNONYM, wanted.synonyms)]
        ways += [] if wanted.kind == "duty" else [(PINYIN, (wanted.text,))]
        each = ((how, slot, self.pieces(terms, (slot,))) for how, terms in ways for slot in wanted.slots)
        return [Section(how, slot, pieces, self.total(pieces)) for how, slot, pieces in each if pieces]


class Window(NamedTuple):
    """Ids between two others, and what finds entries there: their ids, their tokens, or first one and then the other."""

    behind: int
    before: int
    by: Literal["ids", "tokens", "both"] = "tokens"


def whole(section: Section, behind: int) -> Window:
    """All of a section behind an id."""
    return Window(max(behind, section.slot << SHIFT), (section.slot + 1) << SHIFT)


def windows(section: Section, behind: int, size: int, newest: int) -> Iterator[Window]:
    """Where to look in turn for the next hits of a section, for a database that cannot read tokens in the order of ids."""
    at, width = whole(section, behind).behind, max(1, SPARE * size * newest // section.weight)
    end = (section.slot << SHIFT) + newest
    while section.weight > WHOLE and width <= WIDEST and at + width < end:
        yield Window(at, at + width + 1, "ids" if width < NARROW else "both")
        at, width = at + width, width * WIDER
    yield whole(section, at)
