"""Positions that say alike what they do: which of them could follow one standard position, and what speaks for it."""

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from rapidfuzz.fuzz import ratio
from rapidfuzz.process import extractOne

from dutybook.book.folding import fold

NEAR = 70
"""From so many per cent on two texts may be one duty in other words; whether they are is for people to say."""

JOIN = 0.5
"""A position belongs to the first one of its title with which it shares at least half of their duties."""

LEADERS = 12
"""Groups within one title; whoever fits none of so many stays alone, so that no title costs more than it is worth."""

SOUGHT = 100
"""Duties of a group among which a nearly equal one is looked for."""

_ASIDE = re.compile(r"\([^)]*\)|[0-9]+|#|[一二三四五六七八九十甲乙丙丁](?=[号班组队所站值])|\s")


def title_key(title: str) -> str:
    """What alike titles have in common: what is in brackets, spaces and the numbers of teams left out."""
    return _ASIDE.sub("", fold(title)) or fold(title)


class Item(NamedTuple):
    """A duty of a position; `plain` is its text as it is compared, `said` is equal for duties that say exactly the same."""

    key: int
    text: str
    plain: str
    said: Hashable
    is_catch_all: bool = False


class Holder(NamedTuple):
    """A position with its own duties, in order."""

    key: int
    title: str
    duties: Sequence[Item]


class Occurrence(NamedTuple):
    """A duty of a position that says what a shared one says, how far by text, and whether in every other respect too."""

    position: int
    duty: int
    percent: int
    is_exact: bool


@dataclass(frozen=True, slots=True)
class Shared:
    """What several positions say; `model` is the form that most of them have. Proposed is what at least half of them say."""

    model: Item
    occurrences: Sequence[Occurrence]
    is_proposed: bool

    @property
    def exact(self) -> int:
        """How many say exactly the same."""
        return sum(it.is_exact for it in self.occurrences)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One standard position for some positions. `total` counts their duties, but for those that say everything and nothing;
    `same` are said exactly by two or more, `near` are said in other words.
    """

    title: str
    positions: Sequence[int]
    duties: Sequence[Shared]
    same: int
    near: int
    total: int
    score: int
    """How much of all that the positions do the standard would say, by likeness, in per cent."""

    @property
    def proposed(self) -> Sequence[Shared]:
        """What the standard would say."""
        return [shared for shared in self.duties if shared.is_proposed]

    @property
    def least(self) -> int:
        """How like each other the least alike of the duties are that it takes for one."""
        return min((it.percent for shared in self.proposed for it in shared.occurrences), default=100)


def suggestions(holders: Iterable[Holder]) -> Iterator[Suggestion]:
    """A suggestion for each group of alike positions among those of alike titles."""
    by_title: dict[str, list[Holder]] = {}
    for holder in holders:
        by_title.setdefault(title_key(holder.title), []).append(holder)
    for some in by_title.values():
        for group in _groups(some):
            if len(group) > 1:
                yield suggestion(group)


def _groups(holders: Sequence[Holder]) -> list[list[Holder]]:
    groups: list[list[Holder]] = []
    alone = 0
    for holder in holders:
        home = next((group for group in groups if _belong(group[0], holder)), None)
        if home is not None:
            home.append(holder)
        elif len(groups) < LEADERS:
            groups.append([holder])
        else:
            alone += 1
    return groups


def _belong(one: Holder, other: Holder) -> bool:
    """Whether two positions share at least half of their duties, each counted once."""
    ours, theirs = ([item for item in holder.duties if not item.is_catch_all] for holder in (one, other))
    needed = max(1.0, JOIN * (len(ours) + len(theirs)) / 2)
    same = Counter(item.said for item in ours) & Counter(item.said for item in theirs)
    left = {index: item.plain for index, item in enumerate(theirs) if item.said not in same}
    shared, rest = same.total(), [item for item in ours if item.said not in same]
    for behind, item in zip(range(len(rest), 0, -1), rest, strict=True):
        if shared >= needed or shared + behind < needed:
            break
        if found := extractOne(item.plain, left, scorer=ratio, score_cutoff=NEAR):
            del left[found[2]]
            shared += 1
    return shared >= needed


@dataclass(slots=True)
class _Cluster:
    """Duties of different positions that are taken for one."""

    first: Item
    members: dict[int, Item] = field(default_factory=dict)


def suggestion(holders: Sequence[Holder]) -> Suggestion:
    """What these positions share, whatever their titles are, and what a standard position for them would say."""
    clusters = _clusters(holders)
    needed = max(2, (len(holders) + 1) // 2)
    common = [cluster for cluster in clusters if len(cluster.members) >= needed and not cluster.first.is_catch_all]
    taken = {item.key for cluster in common for item in cluster.members.values()}
    has_more = any(item.key not in taken and not item.is_catch_all for holder in holders for item in holder.duties)
    if common and not has_more:
        # It closes a list, so it can be the standard's only where nothing of the positions' own comes behind it.
        common += [cluster for cluster in clusters if cluster.first.is_catch_all and len(cluster.members) >= needed]
    duties = [_shared(cluster, cluster in common) for cluster in clusters if len(cluster.members) > 1]
    said = [it for one in duties if one.is_proposed and not one.model.is_catch_all for it in one.occurrences]
    total = sum(not item.is_catch_all for holder in holders for item in holder.duties)
    same = sum(one.exact for one in duties if one.is_proposed and not one.model.is_catch_all and one.exact > 1)
    weight = sum(100 if it.is_exact else it.percent for it in said)
    title = Counter(holder.title for holder in holders).most_common(1)[0][0] if holders else ""
    keys = [holder.key for holder in holders]
    return Suggestion(title, keys, duties, same, len(said) - same, total, weight // total if total else 0)


def _clusters(holders: Sequence[Holder]) -> list[_Cluster]:
    """Duties by what they say: equal ones first, then what is nearly equal to none or one of them."""
    clusters: list[_Cluster] = []
    by_said: dict[Hashable, list[_Cluster]] = {}
    for holder in holders:
        rest = []
        for item in holder.duties:
            home = next((one for one in by_said.get(item.said, ()) if holder.key not in one.members), None)
            if home is None:
                rest.append(item)
            else:
                home.members[holder.key] = item
        for item in rest:
            home = _nearest(item, [one for one in clusters[:SOUGHT] if holder.key not in one.members])
            if home is None:
                clusters.append(home := _Cluster(item))
            by_said.setdefault(item.said, []).append(home)
            home.members[holder.key] = item
    return clusters


def _nearest(item: Item, clusters: Sequence[_Cluster]) -> _Cluster | None:
    fitting = [one for one in clusters if one.first.is_catch_all == item.is_catch_all]
    found = extractOne(item.plain, [one.first.plain for one in fitting], scorer=ratio, score_cutoff=NEAR)
    return fitting[found[2]] if found else None


def _shared(cluster: _Cluster, is_proposed: bool) -> Shared:
    usual = Counter(item.said for item in cluster.members.values()).most_common(1)[0][0]
    model = next(item for item in cluster.members.values() if item.said == usual)
    occurrences = [
        Occurrence(position, item.key, int(ratio(model.plain, item.plain)), item.said == model.said)
        for position, item in cluster.members.items()
    ]
    return Shared(model, occurrences, is_proposed)
