"""What is looked for, where it may stand by what is counted, and in which portions that is read."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Literal, NamedTuple

from dutybook.db.positions import ANYWHERE, Place
from dutybook.db.search_tokens import SHIFT, sought

FEW = 50
"""So many entries of a slot are read to rank all hits; more are read in the order of their ids."""

TEXT, SYNONYM, PINYIN = range(3)
"""How a hit was found, the best first."""

WHOLE = 1_000
"""Hits that are read in one go: where more are left, it costs less to look through a part of the slot."""

SPARE = 2
"""How many times the hits that a page still needs are expected in a window, since some may be of another day."""

WIDER = 6
"""How many times wider the next window is where one held nothing."""

DOUBT = 20
"""Entries that are taken to hold a text until others were read: a few that happen to stand together tell little."""

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


class Share:
    """How many of the entries that may hold a text do hold it: all where it has one token, else what reading them tells."""

    def __init__(self, wanted: Wanted) -> None:
        self._is_known = all(len(term) <= len("线损") for term in wanted.terms)
        self._hits = self._entries = float(DOUBT)

    def learn(self, hits: int, entries: float) -> None:
        """Of so many entries so many held it."""
        if not self._is_known:
            self._hits, self._entries = self._hits + hits, self._entries + entries

    def of(self, entries: float) -> float:
        """How many of some entries may be expected to hold it."""
        return entries * min(1.0, self._hits / self._entries)


class Windows:
    """Where to look in turn for the hits of a section, for a database that cannot read tokens in the order of ids."""

    def __init__(self, section: Section, behind: int, newest: int, share: Share) -> None:
        self._section, self._share = section, share
        self._at, self._end = whole(section, behind).behind, (section.slot << SHIFT) + newest
        self._weight = section.weight / max(1, newest)  # of one id
        self._density = share.of(self._weight)

    def ahead(self, size: int) -> Window:
        """The next one, for so many hits; the last one is all that is left."""
        width = ceil(SPARE * size / self._density)
        left = self._end - self._at
        if self._share.of(self._weight * left) <= WHOLE or width >= left:
            return whole(self._section, self._at)
        return Window(self._at, self._at + width + 1, "ids" if width < NARROW else "both")

    def saw(self, window: Window, hits: int) -> None:
        """Goes on behind a window, which held so many hits."""
        self._at = window.before - 1
        width = max(1, min(self._at, self._end) - window.behind)
        self._share.learn(hits, self._weight * width)
        self._density = hits / width if hits else self._density / WIDER
