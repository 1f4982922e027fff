"""What a plan comes to: acts told in people's words, each with its changes, streamed in the order of the file."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date

from dutybook.book import ranks
from dutybook.book.changes import LINK, OPEN, SET, Change, Edge
from dutybook.book.kinds import Value, Values
from dutybook.catalogue.likeness import plain
from dutybook.catalogue.reconcile import Plan
from dutybook.catalogue.reconcile_book import Known
from dutybook.catalogue.reconcile_duties import DutyList, batches
from dutybook.catalogue.reconcile_names import codes_hold
from dutybook.errors import BadInput, DutybookError

NEW, RESTORED, MOVED, RENAMED = "new", "restored", "moved", "renamed"
REWORDED, REORDERED, CHANGED, WITHDRAWN = "reworded", "reordered", "changed", "withdrawn"

PARENT = {"department": "parent", "position": "department", "duty": "position"}
NAMED_BY = {"organisation": "name", "department": "name", "position": "title", "duty": "text"}
OPENED_WITH: Mapping[str, Values] = {"position": {"headcount": 1}}
"""What a new record has where the file is silent."""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that an import does to one record: `before` and `after` are what people would compare."""

    what: str
    kind: str
    place: str
    changes: tuple[Change, ...]
    before: str | None = None
    after: str | None = None

    def told(self) -> dict[str, str | None]:
        """The act without its changes."""
        return {
            "what": self.what,
            "kind": self.kind,
            "place": self.place,
            "before": self.before,
            "after": self.after,
        }


class Supply:
    """Where new keys and codes come from; a code that a file asks for is given where it is free."""

    def __init__(self, keys: Iterator[int], codes: Mapping[str, Iterator[str]], taken: Mapping[str, Set[str]]) -> None:
        self.keys, self._codes, self._taken = keys, codes, taken
        self._group = 0

    def code(self, kind: str, wanted: str | None) -> str:
        """The code for a new record."""
        return wanted if wanted and wanted not in self._taken[kind] else next(self._codes[kind])

    def group(self) -> int:
        """A number for changes that can only be taken back together."""
        self._group += 1
        return self._group


@dataclass(slots=True)
class Target:
    """Where one record of the file belongs in the book; `until` is the end of what it lies within, if that has one."""

    kind: str
    key: int
    known: Known | None
    place: str
    parent: int | None
    rank: str
    group: int
    code: str | None = None
    until: date | None = None


class Walk:
    """One walk through a plan, in the order of the file; `agreeing` counts what needs no change on the way."""

    def __init__(self, plan: Plan, supply: Supply) -> None:
        self.plan, self.state, self.supply = plan, plan.state, supply
        self.day, self.kinds = plan.state.day, plan.state.kinds
        self.organisation = 0
        self.homes: dict[int, int] = {}
        self.agreeing = Counter({"duty": plan.duties.agreeing})

    def acts(self) -> Iterator[Act]:
        """All that is to be done."""
        yield from self._organisation()
        yield from self._departments()
        yield from self._positions()
        yield from self._withdrawals()

    def _organisation(self) -> Iterator[Act]:
        known = self.state.organisation
        self.organisation = known.key if known else next(self.supply.keys)
        if known is None or known.former:
            wanted = self.plan.roster.organisation_code if codes_hold(self.plan.roster, self.state) else None
            rank, name = ranks.following(self.state.last_rank), self.state.name
            target = Target("organisation", self.organisation, known, name, None, rank, self.supply.group(), wanted)
            yield from self._record(target, {"name": name})

    def _departments(self) -> Iterator[Act]:
        roster, known = self.plan.roster, self.plan.departments
        for index in range(len(roster.departments)):
            self.homes[index] = known[index].key if index in known else next(self.supply.keys)
        parents = {index: self._above(index) for index in self.homes}
        placed = self._department_ranks(parents)
        for index, said in enumerate(roster.departments):
            name = said.name or (str(known[index].values["name"]) if index in known else self.state.name)
            values = self._said_of(index) if index in known else {**said.values, "name": name}
            target = Target(
                "department", self.homes[index], known.get(index), name, parents[index], placed[self.homes[index]],
                self.supply.group(), said.code,
            )  # fmt: skip
            yield from self._record(target, values)

    def _said_of(self, index: int) -> Values:
        """What a file says of a known department: the chapter of a print is that of the department at the top."""
        said = self.plan.roster.departments[index]
        if self.plan.roster.printed and said.parent is not None:
            return {name: value for name, value in said.values.items() if name != "category"}
        return said.values

    def _above(self, index: int) -> int | None:
        """The key of the department above: as the file tells, else as the book knows."""
        said, known = self.plan.roster.departments[index].parent, self.plan.departments.get(index)
        if said is not None:
            return self.homes[said]
        if self.plan.roster.tells_tree or known is None:
            return None
        alive = not known.former or known.parent in self._standing()
        return known.parent if alive else None

    def _standing(self) -> set[int]:
        return {*self.homes.values(), *(record.key for record in self.state.departments)}

    def _department_ranks(self, parents: Mapping[int, int | None]) -> dict[int, str]:
        """The rank of every department of the file, siblings by siblings."""
        said: dict[int | None, list[int]] = defaultdict(list)
        for index, parent in parents.items():
            said[parent].append(self.homes[index])
        gone = {record.key for record in self.plan.gone_departments}
        now = {self.homes[index]: parent for index, parent in parents.items()}
        held: dict[int | None, list[Known]] = defaultdict(list)
        for record in self.state.departments:
            if record.key not in gone and now.get(record.key, record.parent) == record.parent:
                held[record.parent].append(record)
        return {key: rank for parent in said for key, rank in _ranked(said[parent], held[parent]).items()}

    def _positions(self) -> Iterator[Act]:
        plan, known = self.plan, self.plan.positions
        now = {record.key: self.homes[plan.placed.at[index]] for index, record in known.items()}
        gone = {record.key for record in plan.gone_positions}
        held: dict[int | None, list[Known]] = defaultdict(list)
        for record in self.state.positions:
            if record.key not in gone and now.get(record.key, record.parent) == record.parent:
                held[record.parent].append(record)
        first = 0
        for index, department in enumerate(plan.roster.departments):
            indexes = range(first, first := first + len(department.positions))
            keys = [known[at].key if at in known else next(self.supply.keys) for at in indexes]
            home = self.homes[index]
            placed = _ranked(keys, held[home])
            for at, key in zip(indexes, keys, strict=True):
                yield from self._position(at, key, home, placed[key])

    def _position(self, index: int, key: int, home: int, rank: str) -> Iterator[Act]:
        said, known = self.plan.placed.positions[index], self.plan.positions.get(index)
        department = self.plan.placed.at[index]
        until = _sooner(known, self.plan.departments.get(department))
        name = self.plan.roster.departments[department].name
        place = f"{name}/{said.title}" if name else said.title
        target = Target("position", key, known, place, home, rank, self.supply.group(), said.code, until)
        yield from self._record(target, said.values)
        differing = self.plan.duties.lists.get(index)
        if differing is None and known is None:
            differing = DutyList(said, [None] * len(said.duties))
        if differing is not None:
            yield from self._duties(differing, target)

    def _duties(self, differing: DutyList, owner: Target) -> Iterator[Act]:
        own = [record is None or not record.followed for record in differing.pairs]
        now = [_rank_in(owner.key, record) for record, ours in zip(differing.pairs, own, strict=True) if ours]
        kept = [record.rank for record in differing.kept if not record.followed]
        placed = iter(ranks.arranged([*now, *kept]))
        opened = owner.known is None or owner.known.former
        for index, record in enumerate(differing.pairs):
            if not own[index]:
                self.agreeing["duty"] += 1
            else:
                key = record.key if record else next(self.supply.keys)
                group = owner.group if opened else self.supply.group()
                target = Target("duty", key, record, owner.place, owner.key, next(placed), group, None, owner.until)
                yield from self._record(target, self._duty_values(differing, index, opening=record is None))

    def _duty_values(self, differing: DutyList, index: int, *, opening: bool) -> Values:
        values = differing.said.duty_values(index)
        if index == differing.cut:
            del values["text"]
        lines = differing.said.duties[index].lines
        if opening:
            place = {"firstLine": lines[0], "lastLine": lines[-1]} if lines else {}
            values["source"] = {"document": differing.said.source, **place}
        return values

    def _record(self, target: Target, said: Values) -> Iterator[Act]:
        """What one record of the file comes to; one that agrees in all is counted."""
        said = self._checked(target, said)
        known = target.known
        if known is None or known.former:
            yield self._opened(target, said)
        elif acts := list(self._changed(target, known, said)):
            yield from acts
        else:
            self.agreeing[target.kind] += 1

    def _changed(self, target: Target, known: Known, said: dict[str, Value]) -> Iterator[Act]:
        if known.parent != target.parent:
            yield self._moved(target, known)
        elif target.rank != known.rank:
            yield self._set(REORDERED, target, {"rank": target.rank})
        changed = {name: value for name, value in said.items() if not same(value, known.values.get(name))}
        name = NAMED_BY[target.kind]
        if name in changed:
            what = REWORDED if target.kind == "duty" else RENAMED
            before, after = str(known.values[name]), str(changed[name])
            yield self._set(what, target, {name: changed.pop(name)}, before, after)
        if changed:
            before, after = (str({name: values.get(name) for name in changed}) for values in (known.values, said))
            yield self._set(CHANGED, target, changed, before, after)

    def _checked(self, target: Target, said: Values) -> dict[str, Value]:
        try:
            return self.kinds[target.kind].check(said)
        except DutybookError as error:
            zh, en = (f"{target.place}：{error.message.zh}", f"{target.place}: {error.message.en}")
            raise BadInput(zh, en, path=[target.kind, target.place, *error.path]) from error

    def _opened(self, target: Target, said: Values) -> Act:
        kind, known = target.kind, target.known
        values = {**OPENED_WITH.get(kind, {}), **(known.values if known else {}), **said, "rank": target.rank}
        if kind in PARENT:
            values[PARENT[kind]] = target.parent
        code, organisation = None, None
        if self.kinds[kind].coded:
            code = known.code if known else self.supply.code(kind, target.code)
            organisation = 0 if kind == "organisation" else self.organisation
        stated = {name: value for name, value in values.items() if value is not None}
        change = Change(
            OPEN, kind, target.key, self.day, _sooner(known, target), stated, code=code, organisation=organisation,
            group=target.group,
        )  # fmt: skip
        after = str(values[NAMED_BY[kind]]) if kind == "duty" else code
        return Act(RESTORED if known else NEW, kind, target.place, (change,), after=after)

    def _moved(self, target: Target, known: Known) -> Act:
        """A move keeps in its lineage where the record came from."""
        kind, field = target.kind, PARENT[target.kind]
        values = {field: target.parent, "rank": target.rank}
        moved = Change(SET, kind, target.key, self.day, values=values, said="move", group=target.group)
        above = self.kinds[kind].by_name[field].target
        if known.parent is None or above is None:
            return Act(MOVED, kind, target.place, (moved,))
        edge = Edge("MOVED_FROM", above, known.parent)
        link = Change(LINK, kind, target.key, edge=edge, said="move", group=target.group)
        return Act(MOVED, kind, target.place, (moved, link), after=str(known.values[NAMED_BY[kind]]))

    def _set(
        self, what: str, target: Target, values: Values, before: str | None = None, after: str | None = None
    ) -> Act:
        change = Change(SET, target.kind, target.key, self.day, values=values, group=target.group)
        known = target.known
        shown = after or (str(known.values[NAMED_BY[target.kind]]) if known else None)
        return Act(what, target.kind, target.place, (change,), before, shown)

    def _withdrawals(self) -> Iterator[Act]:
        """What ends: single duties, then whole positions with theirs, then departments."""
        plan = self.plan
        lists = plan.duties.lists
        yield from self._ended("duty", [(lists[at].said.title, one) for at in lists for one in lists[at].missing])
        titles = {record.key: str(record.values["title"]) for record in plan.gone_positions}
        held = [(titles[key], one) for key, some in plan.duties.gone.items() for one in some if not one.followed]
        yield from self._ended("duty", held)
        for kind, gone in (("position", plan.gone_positions), ("department", plan.gone_departments)):
            yield from self._without_dependents(kind, [record.key for record in gone])
            yield from self._ended(kind, [(str(record.values[NAMED_BY[kind]]), record) for record in gone])

    def _without_dependents(self, kind: str, keys: Sequence[int]) -> Iterator[Act]:
        for change in self.state.dependents(kind, keys) if keys else ():
            yield Act(CHANGED, change.kind, "", (change.grouped(self.supply.group()),))

    def _ended(self, kind: str, gone: Sequence[tuple[str, Known]]) -> Iterator[Act]:
        for some in batches(gone):
            ends = self.state.ends(kind, [record.key for _, record in some])
            for place, record in some:
                group = self.supply.group()
                changes = tuple(change.grouped(group) for change in ends[record.key])
                yield Act(WITHDRAWN, kind, place, changes, before=str(record.values[NAMED_BY[kind]]))


def _ranked(said: Sequence[int], held: Sequence[Known]) -> dict[int, str]:
    """The ranks of siblings in the order of the file; each that the file leaves out stays behind the one it stood behind."""
    named, behind = set(said), defaultdict[int | None, list[int]](list)
    anchor: int | None = None
    for record in held:
        if record.key in named:
            anchor = record.key
        else:
            behind[anchor].append(record.key)
    wanted = [*behind[None], *(key for one in said for key in (one, *behind[one]))]
    now = {record.key: record.rank for record in held}
    return dict(zip(wanted, ranks.arranged([now.get(key) for key in wanted]), strict=True))


def _rank_in(owner: int, record: Known | None) -> str | None:
    """The rank that a record has in a list already."""
    return record.rank if record and not record.former and record.parent == owner else None


def _sooner(*records: Known | Target | None) -> date | None:
    """The first of the days on which some records end."""
    return min((record.until for record in records if record and record.until), default=None)


def same(said: Value, known: Value) -> bool:
    """Whether two values say the same; texts in whatever width and spacing."""
    match said, known:
        case str(), str():
            return plain(said) == plain(known)
        case list(), list():
            return len(said) == len(known) and all(map(same, said, known))
        case dict(), dict():
            return said.keys() == known.keys() and all(same(said[name], known[name]) for name in said)
        case _:
            return said == known
