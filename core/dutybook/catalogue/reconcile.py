"""A roster against the book: what is meant by what, and what follows from it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from dutybook.catalogue.reconcile_book import Known, State
from dutybook.catalogue.reconcile_duties import DutyPlan, pair_duties, stops_early
from dutybook.catalogue.reconcile_names import Placed, Profiles, pair_departments, pair_positions
from dutybook.catalogue.roster import Roster
from dutybook.errors import BadInput, Message

HEAD_AND_DEPUTY = re.compile(r"(.+?)[(（](副.+?)[)）]")


@dataclass(frozen=True, slots=True)
class Plan:
    """Which record of the book each part of a roster stands for, by index; which records end; what people should know."""

    roster: Roster
    state: State
    placed: Placed
    departments: Mapping[int, Known]
    positions: Mapping[int, Known]
    duties: DutyPlan
    gone_departments: Sequence[Known]
    gone_positions: Sequence[Known]
    notes: list[Message] = field(default_factory=list)

    def fresh(self) -> int:
        """How many keys the records need that the book has never known."""
        duties = sum(
            len(self.duties.lists[index].fresh) if index in self.duties.lists else len(said.duties)
            for index, said in enumerate(self.placed.positions)
            if index in self.duties.lists or index not in self.positions
        )
        departments = len(self.roster.departments) - len(self.departments)
        positions = len(self.placed.positions) - len(self.positions)
        return (self.state.organisation is None) + departments + positions + duties


def reconcile(roster: Roster, state: State, *, complete: bool = False) -> Plan:
    """What a roster means in this state of the book.

    It speaks for the departments it names, with `complete` for all. In them, what it lacks ends; people are not touched.
    """
    placed, profiles = Placed(roster), Profiles(state)
    departments = pair_departments(roster, state, profiles)
    positions = pair_positions(roster, placed, departments, state, profiles)
    _refuse_untitled(placed, positions)
    torn = not complete and _is_torn(roster, placed, positions, state)
    spoken_for = _spoken_for(roster, departments, state, complete=complete)
    gone = _gone_positions(placed, positions, spoken_for, state, torn=torn)
    duties = pair_duties(placed.positions, positions, gone, state, torn=torn)
    gone_departments = _gone_departments(roster, departments, state) if complete else []
    plan = Plan(roster, state, placed, departments, positions, duties, gone_departments, gone)
    plan.notes.extend(_notes(plan, torn=torn))
    return plan


def _refuse_untitled(placed: Placed, positions: Mapping[int, Known]) -> None:
    for index, said in enumerate(placed.positions):
        if not said.title and index not in positions:
            line = said.lines[0] if said.lines else 0
            zh = f"第 {line} 行起的职责没有岗位名称，账册中也没有相应的岗位；请在其前补一行岗位名称。"
            en = f"The duties from line {line} on have no title, and no position of the book has them; add a line with it."
            raise BadInput(zh, en, path=["position", index])


def _is_torn(roster: Roster, placed: Placed, positions: Mapping[int, Known], state: State) -> bool:
    """Whether a printed roster ends in the middle of its last list."""
    last = len(placed.positions) - 1
    if not roster.printed or last not in positions:
        return False
    held = state.duties([positions[last].key]).get(positions[last].key, ())
    texts = [duty.text for duty in placed.positions[last].duties]
    return stops_early(texts, [str(record.values["text"]) for record in held])


def _spoken_for(roster: Roster, departments: Mapping[int, Known], state: State, *, complete: bool) -> set[int]:
    """The departments whose positions the roster lists in full."""
    if complete:
        return {record.key for record in state.departments}
    return {record.key for index, record in departments.items() if not roster.departments[index].implied}


def _gone_positions(
    placed: Placed, positions: Mapping[int, Known], spoken_for: set[int], state: State, *, torn: bool
) -> list[Known]:
    taken = {record.key for record in positions.values()}
    gone = [record for record in state.positions if record.parent in spoken_for and record.key not in taken]
    if not torn:
        return gone
    last = positions[len(placed.positions) - 1]
    behind = {record.key for record in gone if record.parent == last.parent and (record.rank or "") > (last.rank or "")}
    return [record for record in gone if record.key not in behind]


def _gone_departments(roster: Roster, departments: Mapping[int, Known], state: State) -> list[Known]:
    """All that are not named, the lowest first; where the file tells no tree, those above named ones stay."""
    above = {} if roster.tells_tree else {record.key: record.parent for record in state.departments}
    kept: set[int] = set()
    for record in departments.values():
        at: int | None = record.key
        while at is not None and at not in kept:
            kept.add(at)
            at = above.get(at)
    return [record for record in reversed(state.departments) if record.key not in kept]


def _notes(plan: Plan, *, torn: bool) -> list[Message]:
    notes = []
    if torn:
        last = plan.placed.positions[-1].title
        zh = f"文件似乎在最后一个岗位「{last}」处中断，其后账册中已有的内容未作撤销；若确已取消，请将末条以句号结尾。"
        en = f"The file seems to break off in its last position, '{last}'; what the book has beyond is not withdrawn. "
        notes.append(Message(zh, f"{en}If it is meant, end the last line with a full stop."))
    holders = plan.state.holders([record.key for record in plan.gone_positions]) if plan.gone_positions else {}
    for record in plan.gone_positions:
        if people := holders.get(record.key):
            title = f"{record.code} {record.values['title']}"
            zh = f"岗位 {title} 将撤销，但仍有人任职：{'、'.join(people)}；发布前请先调整或结束其任职。"
            en = f"Position {title} ends, but is held by {', '.join(people)}; move them or end their assignments first."
            notes.append(Message(zh, en))
    return [*notes, *_two_in_one(plan)]


def _two_in_one(plan: Plan) -> Iterator[Message]:
    """New titles such as `所长(副所长)` stay as printed: whether they are two positions is for people to say."""
    for index, said in enumerate(plan.placed.positions):
        if index not in plan.positions and (found := HEAD_AND_DEPUTY.fullmatch(said.title)):
            head, deputy = found.groups()
            zh = f"岗位「{said.title}」照原样入册；如为「{head}」和「{deputy}」两个岗位，可用 splitPosition 拆分。"
            en = f"Position '{said.title}' is kept as printed; if '{head}' and '{deputy}' are two, use splitPosition."
            yield Message(zh, en)
