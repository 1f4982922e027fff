"""Which department and position of the book is meant: by code, path and name, then by what they hold."""

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from dutybook.catalogue.likeness import ALIKE, likeness, overlap, plain
from dutybook.catalogue.reconcile_book import Known, State
from dutybook.catalogue.roster import Department, Position, Roster

Said = TypeVar("Said")
Name = Hashable | None
Texts = frozenset[str]


class Pairs(Generic[Said]):
    """One-to-one pairs of what a file says and what the book knows, made by ever weaker reasons."""

    def __init__(self, said: Mapping[int, Said], known: Iterable[Known]) -> None:
        self.said = dict(said)
        self.known = {record.key: record for record in known}
        self.found: dict[int, Known] = {}

    def by(self, named: Callable[[Said], Name], called: Callable[[Known], Name]) -> None:
        """Pairs what has equal names, in order where several have; None is no name."""
        if not self.said or not self.known:
            return
        waiting: dict[Name, deque[Known]] = defaultdict(deque)
        for record in self.known.values():
            waiting[called(record)].append(record)
        for index, said in list(self.said.items()):
            name = named(said)
            if name is not None and waiting.get(name):
                self.pair(index, waiting[name].popleft())

    def alike(self, scores: Iterable[tuple[float, int, Known]]) -> None:
        """Pairs what is alike enough, the most alike first."""
        best = sorted((s for s in scores if s[0] >= ALIKE), key=lambda score: (-score[0], score[1], score[2].key))
        for _, index, record in best:
            if index in self.said and record.key in self.known:
                self.pair(index, record)

    def pair(self, index: int, record: Known) -> None:
        """Makes one pair."""
        self.found[index] = record
        del self.said[index], self.known[record.key]


def codes_hold(roster: Roster, state: State) -> bool:
    """Whether the codes of a file are those of this organisation; another book may use the same ones otherwise."""
    return roster.organisation is None or plain(roster.organisation) == plain(state.name)


class Profiles:
    """The duties of positions as sets of plain texts, read when first asked for."""

    def __init__(self, state: State) -> None:
        self.state = state
        self._known: dict[int, Texts] = {}

    def load(self, positions: Iterable[int]) -> None:
        """Reads the lists of many positions at once."""
        missing = [key for key in positions if key not in self._known]
        lists = self.state.duties(missing) if missing else {}
        for key in missing:
            self._known[key] = frozenset(plain(str(duty.values["text"])) for duty in lists.get(key, ()))

    def known(self, position: int) -> Texts:
        """The texts of a position of the book."""
        self.load([position])
        return self._known[position]


def texts_of(position: Position) -> Texts:
    """The texts of a position of the file."""
    return frozenset(plain(duty.text) for duty in position.duties)


def pair_departments(roster: Roster, state: State, profiles: Profiles) -> dict[int, Known]:
    """The department of the book that each department of the file stands for, by index; new ones are absent."""
    said = dict(enumerate(roster.departments))
    pairs = Pairs(said, (*preorder(state.departments), *state.former_departments))
    if codes_hold(roster, state):
        pairs.by(lambda one: one.code, lambda one: one.code)
    former = {record.key: record for record in state.former_departments if record.key in pairs.known}
    for key in former:
        del pairs.known[key]
    _by_place(pairs, roster, state)
    _by_content(pairs, state, profiles)
    _by_place(pairs, roster, state)
    pairs.known = former
    _by_place(pairs, roster, state)
    return pairs.found


def preorder(departments: Sequence[Known]) -> Sequence[Known]:
    """Departments as a printed catalogue lists them: each followed by those below it."""
    children: dict[int | None, list[Known]] = defaultdict(list)
    keys = {record.key for record in departments}
    for record in departments:
        children[record.parent if record.parent in keys else None].append(record)
    ordered, waiting = [], children[None][::-1]
    while waiting:
        record = waiting.pop()
        ordered.append(record)
        waiting += children[record.key][::-1]
    return ordered


def _by_place(pairs: Pairs[Department], roster: Roster, state: State) -> None:
    """By the name below the same department, parents first; a file that tells no tree may print a lower one alone.

    A department without a name goes by its organisation's.
    """

    def name(one: Department) -> str:
        return plain(one.name or state.name)

    def placed(one: Department) -> Name:
        if one.parent is None:
            return None, name(one)
        above = pairs.found.get(one.parent)
        return (above.key, name(one)) if above else None

    _by_name(pairs, placed, lambda record: (record.parent, plain(str(record.values["name"]))))
    if not roster.tells_tree:
        alone = {id(one): name(one) for one in pairs.said.values() if one.parent is None}
        _by_name(pairs, lambda one: alone.get(id(one)), lambda record: plain(str(record.values["name"])))


def _by_name(pairs: Pairs[Department], said: Callable[[Department], Name], known: Callable[[Known], Name]) -> None:
    """Equal names in the same category first, since a category may be lost or may change."""

    def within(one: Department) -> Name:
        category, name = one.values.get("category"), said(one)
        return (plain(str(category)), name) if category and name else None

    pairs.by(within, lambda record: (plain(str(record.values.get("category") or "")), known(record)))
    pairs.by(said, known)


def _by_content(pairs: Pairs[Department], state: State, profiles: Profiles) -> None:
    """Nameless departments, and renamed ones: an extract, which leaves more departments out than it adds, renames none."""
    if not pairs.said or not pairs.known:
        return
    renames = len(pairs.known) <= len(pairs.said)
    some = {index: one for index, one in pairs.said.items() if renames or not one.name}
    inside: dict[int, list[int]] = defaultdict(list)
    for position in state.positions if some else ():
        if position.parent in pairs.known:
            inside[position.parent].append(position.key)
    profiles.load(key for keys in inside.values() for key in keys)
    held = {key: frozenset().union(*map(profiles.known, keys)) for key, keys in inside.items()}
    told = {index: frozenset().union(*map(texts_of, one.positions)) for index, one in some.items()}
    pairs.alike(
        (overlap(told[index], held[record.key]), index, record)
        for index, keys in _sharing(told, held).items()
        for record in (pairs.known[key] for key in keys)
    )


def _sharing(told: Mapping[int, Texts], held: Mapping[int, Texts]) -> dict[int, set[int]]:
    """For each department of the file those of the book that hold some of its texts; texts that all hold tell nothing."""
    holders: dict[str, list[int]] = defaultdict(list)
    for key, texts in held.items():
        for text in texts:
            holders[text].append(key)
    counted = {
        index: Counter(key for text in texts for key in holders.get(text, ()) if len(holders[text]) <= _MANY)
        for index, texts in told.items()
    }
    return {index: {key for key, _ in votes.most_common(_MANY)} for index, votes in counted.items()}


_MANY = 20
"""So many candidates are compared in full; a text that more hold than that tells nothing of whose it is."""


class Placed:
    """The positions of a file, flat: `at[i]` is the index of the department of position `i`."""

    def __init__(self, roster: Roster) -> None:
        self.positions = [position for department in roster.departments for position in department.positions]
        self.at = [index for index, department in enumerate(roster.departments) for _ in department.positions]


def pair_positions(
    roster: Roster, placed: Placed, departments: Mapping[int, Known], state: State, profiles: Profiles
) -> dict[int, Known]:
    """The position of the book that each position of the file stands for, by flat index; new ones are absent."""
    named = {record.key for record in departments.values()}
    known = [record for record in state.positions if record.parent in named]
    pairs = Pairs(dict(enumerate(placed.positions)), known)
    if codes_hold(roster, state):
        _by_code(pairs, state)
    homes = {index: record.key for index, record in departments.items()}
    _by_title(pairs, placed, homes)
    _alike_within(pairs, placed, homes, profiles)
    _moved(pairs, profiles)
    taken = {record.key for record in pairs.found.values()}
    pairs.known = {record.key: record for record in state.former_positions if record.key not in taken}
    _by_title(pairs, placed, homes)
    return pairs.found


def _by_code(pairs: Pairs[Position], state: State) -> None:
    """A code leads to its position wherever it is, in force or not."""
    codes = {record.code: record for record in (*state.former_positions, *state.positions)}
    for index, position in list(pairs.said.items()):
        if position.code is not None and (record := codes.get(position.code)):
            pairs.known[record.key] = record
            pairs.pair(index, record)


def _by_title(pairs: Pairs[Position], placed: Placed, homes: Mapping[int, int]) -> None:
    places = {id(position): homes.get(at) for position, at in zip(placed.positions, placed.at, strict=True)}

    def named(position: Position) -> Name:
        home = places[id(position)]
        return (home, plain(position.title)) if home is not None and position.title else None

    pairs.by(named, lambda record: (record.parent, plain(str(record.values["title"]))))


def _alike_within(pairs: Pairs[Position], placed: Placed, homes: Mapping[int, int], profiles: Profiles) -> None:
    """Retitled positions of one department."""
    left: dict[int | None, list[Known]] = defaultdict(list)
    for record in pairs.known.values():
        left[record.parent].append(record)
    rivals = {index: left[homes[at]] for index in pairs.said if (at := placed.at[index]) in homes}
    profiles.load(record.key for records in rivals.values() for record in records)
    pairs.alike(
        (_likeness(pairs.said[index], record, profiles), index, record)
        for index, records in rivals.items()
        for record in records
    )


def _likeness(position: Position, record: Known, profiles: Profiles) -> float:
    """What a position does tells most; a similar title weighs as much as its duties where those have changed."""
    texts, known = texts_of(position), profiles.known(record.key)
    title = likeness(plain(position.title), plain(str(record.values["title"])))
    if not texts and not known:
        return title
    content = overlap(texts, known)
    return max(content, (title + content) / 2)


def _moved(pairs: Pairs[Position], profiles: Profiles) -> None:
    """Positions that went to another department of the file: one of that title is missing here, and one is new there."""
    missing = Counter(plain(str(record.values["title"])) for record in pairs.known.values())
    extra = Counter(plain(position.title) for position in pairs.said.values())
    by_title = {plain(str(record.values["title"])): record for record in pairs.known.values()}
    rivals = {
        index: by_title[title]
        for index, position in pairs.said.items()
        if missing[title := plain(position.title)] == extra[title] == 1
    }
    profiles.load(record.key for record in rivals.values())
    pairs.alike(
        (overlap(texts_of(pairs.said[index]), profiles.known(record.key)), index, record)
        for index, record in rivals.items()
    )
