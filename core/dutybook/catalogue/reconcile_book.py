"""The book as reconciliation sees it: records in force on the effective day, and those it knew before."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from dutybook.book.changes import Change
from dutybook.book.kinds import Kinds, Values


@dataclass(frozen=True, slots=True)
class Known:
    """A record of the book. `parent`: the department above it, its department or its position, as a key.

    `former` is one that the book knows but that is not in force on the day. `until` is the day from which an
    existing one is known to end, or from which a former one exists again.
    """

    key: int
    parent: int | None
    rank: str | None
    values: Values
    code: str | None = None
    former: bool = False
    until: date | None = None
    followed: bool = False


class State(Protocol):
    """One organisation in the book on one day; lists stand in official order."""

    @property
    def kinds(self) -> Kinds:
        """The kinds of the book."""

    @property
    def day(self) -> date:
        """The effective day."""

    @property
    def organisation(self) -> Known | None:
        """The organisation itself, None where the book has never known it."""

    @property
    def name(self) -> str:
        """The organisation's name."""

    @property
    def last_rank(self) -> str | None:
        """The rank of the last organisation of the book."""

    @property
    def departments(self) -> Sequence[Known]:
        """Those in force, siblings in official order."""

    @property
    def positions(self) -> Sequence[Known]:
        """Those in force, siblings in official order."""

    @property
    def former_departments(self) -> Sequence[Known]:
        """Those that are not in force, with what was last known of them."""

    @property
    def former_positions(self) -> Sequence[Known]:
        """Those that are not in force, with what was last known of them."""

    def duties(self, positions: Collection[int]) -> Mapping[int, Sequence[Known]]:
        """The lists of some positions in force; duties of a standard that one follows come first, as `followed`."""

    def former_duties(self, positions: Collection[int]) -> Mapping[int, Sequence[Known]]:
        """The duties that some positions once had, with what was last known of them."""

    def texts(self) -> Iterable[str]:
        """The texts of all duties in force."""

    def ends(self, kind: str, keys: Collection[int]) -> Mapping[int, Sequence[Change]]:
        """The changes by which records end on the day, by key."""

    def dependents(self, kind: str, keys: Collection[int]) -> Iterable[Change]:
        """The changes of what refers to records that end on the day, as far as no people are concerned."""

    def holders(self, positions: Collection[int]) -> Mapping[int, Sequence[str]]:
        """The numbers of those who are assigned to positions on the day or later."""
