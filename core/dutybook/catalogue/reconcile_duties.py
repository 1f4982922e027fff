"""Which duty of the book each duty of a file is: by equal text, by a text that went elsewhere, by a similar text."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TypeVar

from dutybook.catalogue.likeness import likeness, plain
from dutybook.catalogue.reconcile_book import Known, State
from dutybook.catalogue.reconcile_names import Pairs
from dutybook.catalogue.roster import Position

BATCH = 1_000
"""Positions whose lists are read at once."""

Item = TypeVar("Item")


@dataclass(slots=True)
class DutyList:
    """One list that differs: for each duty of the file the book's, if any, and what is left over of the book's.

    What is `kept` is left as it is, though the file lacks it; `cut` is the duty at which a torn file ends.
    """

    said: Position
    pairs: list[Known | None]
    missing: list[Known] = field(default_factory=list)
    kept: list[Known] = field(default_factory=list)
    cut: int | None = None

    @property
    def fresh(self) -> dict[int, str]:
        """The texts for which nothing was found yet, by index."""
        return {index: self.said.duties[index].text for index, known in enumerate(self.pairs) if known is None}

    def pair(self, found: Mapping[int, Known]) -> None:
        """Adds pairs that were found."""
        taken = {record.key for record in found.values()}
        for index, record in found.items():
            self.pairs[index] = record
        self.missing = [record for record in self.missing if record.key not in taken]


@dataclass(slots=True)
class DutyPlan:
    """All lists that differ, by the index of their position; the duties of positions that end; how many agree."""

    lists: dict[int, DutyList]
    gone: dict[int, Sequence[Known]]
    agreeing: int


def pair_duties(
    positions: Sequence[Position], known: Mapping[int, Known], gone: Sequence[Known], state: State, *, torn: bool
) -> DutyPlan:
    """Pairs the duties of all positions. `gone` are positions that end; `torn` is a file that may lack its last lines."""
    plan = DutyPlan({}, {}, 0)
    for some in batches(known.items()):
        held = state.duties([record.key for _, record in some])
        for index, record in some:
            end_is_lost = torn and index == len(positions) - 1
            _compare(plan, index, positions[index], held.get(record.key, ()), end_is_lost=end_is_lost)
    for lot in batches(gone):
        plan.gone.update(state.duties([record.key for record in lot]))
    _pair_moved(plan, positions, state)
    for differing in plan.lists.values():
        _pair_alike(differing)
    _pair_former(plan, known, state)
    return plan


def _compare(plan: DutyPlan, index: int, said: Position, held: Sequence[Known], *, end_is_lost: bool) -> None:
    """Pairs equal texts in order, unless the whole list agrees."""
    texts, known = [duty.text for duty in said.duties], [str(record.values["text"]) for record in held]
    if texts != known:
        texts, known = [plain(text) for text in texts], [plain(text) for text in known]
    if texts == known and not _says_more(said, held):
        plan.agreeing += len(held)
        return
    if end_is_lost:
        plan.lists[index] = DutyList(said, [*held[: len(texts)]], kept=[*held[len(texts) :]], cut=len(texts) - 1)
        return
    pairs = Pairs(dict(enumerate(texts)), held)
    by_key = {record.key: text for record, text in zip(held, known, strict=True)}
    pairs.by(lambda text: text, lambda record: by_key[record.key])
    found = [pairs.found.get(at) for at in range(len(texts))]
    plan.lists[index] = DutyList(said, found, [record for record in pairs.known.values() if not record.followed])


def _says_more(said: Position, held: Sequence[Known]) -> bool:
    """Whether the file says other values of duties whose texts agree."""
    return any(
        held[index].values.get(name) != value for index, values in said.extras.items() for name, value in values.items()
    )


def stops_early(texts: Sequence[str], known: Sequence[str]) -> bool:
    """Whether a printed list stops in the middle: it agrees up to its last text, which is cut off or ends no sentence."""
    said, held = [plain(text) for text in texts], [plain(text) for text in known]
    before = len(said) - 1
    if before < 0 or len(said) > len(held) or said[:before] != held[:before]:
        return False
    if said[before] == held[before]:
        return len(said) < len(held) and texts[before].rstrip()[-1:] not in _FULL_STOPS
    return held[before].startswith(said[before])


_FULL_STOPS = ("。", ".", "．", "！", "!")


def _pair_moved(plan: DutyPlan, positions: Sequence[Position], state: State) -> None:
    """A text that left one position and came to another is the same duty only where no other duty says the same."""
    missing = [record for differing in plan.lists.values() for record in differing.missing]
    missing += [record for held in plan.gone.values() for record in held if not record.followed]
    lost = {plain(str(record.values["text"])): record for record in missing}
    if not lost:
        return
    held = Counter(text for text in map(plain, state.texts()) if text in lost)
    told = Counter(text for said in positions for duty in said.duties if (text := plain(duty.text)) in lost)
    moved = {text: record for text, record in lost.items() if held[text] == told[text] == 1}
    for index, said in enumerate(positions) if moved else ():
        found = {at: moved[text] for at, duty in enumerate(said.duties) if (text := plain(duty.text)) in moved}
        if found:
            plan.lists.setdefault(index, DutyList(said, [None] * len(said.duties))).pair(found)
    _take_away(plan, {record.key for record in moved.values()})


def _take_away(plan: DutyPlan, keys: set[int]) -> None:
    for differing in plan.lists.values():
        differing.missing = [record for record in differing.missing if record.key not in keys]
    plan.gone = {key: [one for one in held if one.key not in keys] for key, held in plan.gone.items()}


def _pair_alike(differing: DutyList) -> None:
    if not differing.missing:
        return
    pairs = Pairs(differing.fresh, differing.missing)
    known = {record.key: plain(str(record.values["text"])) for record in differing.missing}
    said = {index: plain(text) for index, text in pairs.said.items()}
    pairs.alike(
        (likeness(text, known[record.key]), index, record)
        for index, text in said.items()
        for record in differing.missing
    )
    differing.pair(pairs.found)


def _pair_former(plan: DutyPlan, known: Mapping[int, Known], state: State) -> None:
    """What the book once knew comes back as itself."""
    wanting = [index for index, differing in plan.lists.items() if index in known and differing.fresh]
    for some in batches(wanting):
        former = state.former_duties([known[index].key for index in some])
        for index in some:
            pairs = Pairs(plan.lists[index].fresh, former.get(known[index].key, ()))
            pairs.by(plain, lambda record: plain(str(record.values["text"])))
            plan.lists[index].pair(pairs.found)


def batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Some at a time."""
    rest = iter(items)
    while some := list(islice(rest, BATCH)):
        yield some
