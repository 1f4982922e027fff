"""The same catalogue printed again: where a copy begins, which positions pair, and what each copy repairs in the other."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from dutybook.catalogue.damage import Report
from dutybook.catalogue.document import Duplicate, Duty
from dutybook.catalogue.drafts import Draft

_KEPT = "并入上一岗位 / kept in the position before"
_WINDOW = 6
_SLACK = 3
_MANY = 5_000


def split_copies(drafts: list[Draft]) -> list[list[Draft]]:
    """The copies that a run of positions consists of; mostly just one."""
    copies = [drafts]
    while (start := _restart(copies[-1])) is not None:
        copies[-1:] = [copies[-1][:start], copies[-1][start:]]
    return copies


def is_copy(first: Sequence[Draft], second: Sequence[Draft]) -> bool:
    """Whether most of the smaller run is printed in the other as well."""
    shorter, longer = sorted((first, second), key=len)
    known = {print_ for draft in longer for print_ in _prints(draft, _place(draft))}
    same = sum(any(print_ in known for print_ in _prints(draft, _place(draft))) for draft in shorter)
    return same * 10 >= len(shorter) * 6


def _place(draft: Draft) -> str:
    return f"{draft.category}/{draft.department}"


def _prints(draft: Draft, place: str, *, few: bool = False) -> list[int]:
    """Hashes of the duties, or a few of them, with the names they stand under."""
    duties = draft.duties
    if few and len(duties) > 3:
        duties = [duties[0], duties[len(duties) // 2], duties[-1]]
    return [hash((place, draft.title, text)) for text in {duty.text for duty in duties}]


def _restart(drafts: Sequence[Draft]) -> int | None:
    """Where the second copy begins, if positions repeat at one distance nearly all the way."""
    twins = _earlier(drafts)
    distances = Counter(index - twin for index, twin in twins.items())
    for distance, _ in sorted(distances.items()):
        votes = sum(distances[near] for near in range(distance - _SLACK, distance + _SLACK + 1))
        shorter = min(distance, len(drafts) - distance)
        if votes * 2 >= shorter and votes * 2 > min(shorter, 2):
            return _boundary(drafts, twins, distance)
    return None


def _earlier(drafts: Sequence[Draft]) -> dict[int, int]:
    """For each position that repeats an earlier one, which."""
    first: dict[int, int] = {}
    mixed = len({(bool(draft.category), bool(draft.department)) for draft in drafts}) > 1
    anywhere: dict[int, int] = {}
    twins: dict[int, int] = {}
    few = len(drafts) > _MANY
    for index, draft in enumerate(drafts):
        prints = _prints(draft, _place(draft), few=few)
        seen = Counter(first[print_] for print_ in prints if print_ in first)
        loose = _prints(draft, "", few=few) if mixed else []
        if not seen:
            places = (anywhere[print_] for print_ in loose if print_ in anywhere)
            seen = Counter(place for place in places if _near(drafts[place], draft))
        if seen and seen.most_common(1)[0][1] * 3 >= len(prints):
            twins[index] = seen.most_common(1)[0][0]
        for print_ in prints:
            first.setdefault(print_, index)
        for print_ in loose:
            anywhere.setdefault(print_, index)
    return twins


def _near(mine: Draft, other: Draft) -> bool:
    """Whether two positions stand in the same place, as far as both copies tell."""
    categories, departments = {mine.category, other.category} - {""}, {mine.department, other.department} - {""}
    return len(categories) < 2 and len(departments) < 2


def _boundary(drafts: Sequence[Draft], twins: dict[int, int], distance: int) -> int:
    near = [index for index in sorted(twins) if abs(index - twins[index] - distance) <= _SLACK]
    start, twin = near[0], twins[near[0]]
    while start > 1 and twin > 0 and start - 1 > twin - 1 and drafts[start - 1].title == drafts[twin - 1].title:
        start, twin = start - 1, twin - 1
    return start


def repair(copies: Sequence[list[Draft]], report: Report) -> tuple[list[Draft], list[Duplicate]]:
    """One run of positions out of all copies, and what the later ones print again."""
    merged, duplicates = copies[0], []
    for copy in copies[1:]:
        report.add(copy[0].start, "duplicate_catalogue", f"{merged[0].line} | {copy[0].line}")
        merged, more = _merge(merged, copy, report)
        duplicates += more
    return merged, duplicates


def _merge(ours: Sequence[Draft], theirs: Sequence[Draft], report: Report) -> tuple[list[Draft], list[Duplicate]]:
    merged: list[Draft] = []
    duplicates: list[Duplicate] = []
    pairs = list(_align(ours, theirs))
    named: set[tuple[bool, str]] = set()
    last = max((place for place, pair in enumerate(pairs) if pair[0] and pair[1]), default=-1)
    for place, (mine, other) in enumerate(pairs):
        if mine and other:
            _repair_names(mine, other, named, report)
            same = _repair_duties(mine, other, place == last, report)
            duplicates.append(Duplicate(mine.path, (other.line,), same, len(other.duties) - same))
        elif other:
            _only_in_one(other, merged[-1] if merged else ours[0], place > last, report)
        elif mine and place > last:
            _only_in_one(mine, theirs[-1], True, report)
        if kept := mine or other:
            merged.append(kept)
    return merged, duplicates


def _only_in_one(draft: Draft, neighbour: Draft, at_end: bool, report: Report) -> None:
    """A position that one copy lacks, reported where it should stand."""
    report.drop(neighbour.end, "last_punctuation")
    report.add(neighbour.end, "truncated_copy" if at_end else "missing_heading", draft.path)


def _align(ours: Sequence[Draft], theirs: Sequence[Draft]) -> Iterator[tuple[Draft | None, Draft | None]]:
    """Positions of two copies side by side, None where one copy lacks a position."""
    mine, other = 0, 0
    while mine < len(ours) and other < len(theirs):
        ahead, behind = _step(ours, theirs, mine, other)
        yield from ((draft, None) for draft in ours[mine : mine + ahead])
        yield from ((None, draft) for draft in theirs[other : other + behind])
        mine, other = mine + ahead, other + behind
        if mine < len(ours) and other < len(theirs):
            yield ours[mine], theirs[other]
        mine, other = mine + 1, other + 1
    yield from ((draft, None) for draft in ours[mine:])
    yield from ((None, draft) for draft in theirs[other:])


def _step(ours: Sequence[Draft], theirs: Sequence[Draft], mine: int, other: int) -> tuple[int, int]:
    """How many positions to pass in each copy until the next pair; both are single when none is near."""
    for total in range(2 * _WINDOW):
        for ahead in range(min(total, _WINDOW) + 1):
            here, there = mine + ahead, other + total - ahead
            if here < len(ours) and there < len(theirs) and _match(ours[here], theirs[there]):
                return ahead, total - ahead
    return (1, 1) if mine + 1 <= len(ours) else (0, 0)


def _match(mine: Draft, other: Draft) -> bool:
    texts, others = {duty.text for duty in mine.duties}, {duty.text for duty in other.duties}
    same = len(texts & others)
    if not _near(mine, other):
        return False
    if mine.title == other.title:
        return same > 0 or not texts or not others or bool({text[:6] for text in texts} & {text[:6] for text in others})
    return not (mine.title and other.title) and same * 2 >= min(len(texts), len(others)) > 0


def _repair_names(mine: Draft, other: Draft, named: set[tuple[bool, str]], report: Report) -> None:
    """Title, department and category that one copy lost; `named` holds what has been reported."""
    for lacking, giving in ((mine, other), (other, mine)):
        for name in ("title", "department", "category"):
            found = getattr(giving, name)
            if not found or getattr(lacking, name):
                continue
            if name == "title" or (lacking is mine, found) not in named:
                report.add(lacking.line, "missing_heading", found)
                named.add((lacking is mine, found))
            setattr(lacking, name, found)
            lacking.restarted = False
    mine.heading = mine.heading or other.heading
    _repair_notes(mine, other, report)
    mine.sections = mine.sections or other.sections


def _repair_notes(mine: Draft, other: Draft, report: Report) -> None:
    """A note that is a numbered duty in the other copy has only lost its number."""
    for lacking, giving in ((mine, other), (other, mine)):
        numbered = {duty.text for duty in giving.duties}
        for text, line in [note for note in lacking.note if note[0] in numbered]:
            report.drop(line, "unnumbered_paragraph")
            report.add(line, "lost_number", text)
            lacking.note.remove((text, line))
            lacking.duties.append(Duty(len(lacking.duties) + 1, "", text, (line,)))
    mine.note = mine.note or other.note


def _repair_duties(mine: Draft, other: Draft, last: bool, report: Report) -> int:
    """Duties that one copy lacks or cut off; how many were the same before."""
    texts, others = [duty.text for duty in mine.duties], [duty.text for duty in other.duties]
    same = sum((Counter(texts) & Counter(others)).values())
    if texts == others:
        return same
    if len(texts) != len(others) and last and _stops_early(*sorted((texts, others), key=len)):
        short = mine if len(texts) < len(others) else other
        report.drop(short.end, "last_punctuation")
        report.drop(short.end, "final_punctuation_missing")
        report.add(short.end, "truncated_copy", f"{len(short.duties)} / {max(len(texts), len(others))}")
        if short is mine:
            mine.duties = [*mine.duties[:-1], *other.duties[len(texts) - 1 :]] if texts else list(other.duties)
        return same
    if _better(other.duties, mine.duties, same):
        report.add(mine.line, "copies_differ", mine.path, "取自另一份 / taken from the other copy")
        mine.duties = list(other.duties)
    else:
        report.add(other.line, "copies_differ", mine.path)
        mine.duties = [_longer(duty, twin) for duty, twin in _side_by_side(mine.duties, other.duties)]
    return same


def _better(theirs: Sequence[Duty], ours: Sequence[Duty], same: int) -> bool:
    """Whether the other copy's duties are less damaged: no lost numbers, no loose lines, none missing."""
    damaged, others = (sum(not duty.printed_no or "\n" in duty.text for duty in duties) for duties in (ours, theirs))
    return others < damaged or (others == damaged and len(theirs) > len(ours) == same)


def _stops_early(short: Sequence[str], long: Sequence[str]) -> bool:
    """Whether one list is the beginning of the other, its last line perhaps cut off."""
    if not short:
        return True
    return list(short[:-1]) == list(long[: len(short) - 1]) and long[len(short) - 1].startswith(short[-1])


def _side_by_side(mine: Sequence[Duty], others: Sequence[Duty]) -> Iterator[tuple[Duty, Duty | None]]:
    same_length = len(mine) == len(others)
    for index, duty in enumerate(mine):
        yield duty, others[index] if same_length else None


def _longer(duty: Duty, twin: Duty | None) -> Duty:
    """The duty, or its twin's text where the first copy cut it off."""
    if twin and len(twin.text) > len(duty.text) and twin.text.startswith(duty.text):
        return replace(duty, text=twin.text)
    return duty


def settle_nameless(drafts: Sequence[Draft], report: Report) -> list[Draft]:
    """Lists that began anew without a heading go on in the position before them, unless a copy named them."""
    _first_names(drafts, report)
    settled: list[Draft] = []
    for draft in drafts:
        if draft.title:
            settled.append(draft)
        elif draft.restarted and settled:
            report.add(draft.line, "missing_heading", draft.duties[0].text if draft.duties else "", _KEPT)
            before = settled[-1]
            start = len(before.duties)
            before.duties += [replace(duty, no=start + duty.no) for duty in draft.duties]
            before.note += draft.note
            before.end = draft.end
        else:
            report.add(draft.line, "missing_heading", draft.department or draft.duties[0].text)
            settled.append(draft)
    return settled


def _first_names(drafts: Sequence[Draft], report: Report) -> None:
    """Names that only the first positions lack were lost with the top of the page."""
    for names in ([draft.category for draft in drafts], [draft.department for draft in drafts]):
        later = next((name for name in names if name), "")
        if later and not names[0]:
            report.add(drafts[0].line, "missing_heading", f"… | {later}")
