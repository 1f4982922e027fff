"""What is said of standard positions: make one, follow it, leave a duty of it out, detach, close."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from dutybook.book import ranks
from dutybook.book.changes import CLOSE, SET, Change
from dutybook.book.kinds import Value
from dutybook.catalogue.likeness import plain as folded
from dutybook.services.drafts import Draft
from dutybook.services.say import plain
from dutybook.services.say.duties import TEXT, open_copy
from dutybook.services.say.words import Words

KIND = "standard_position"
SAME = ("involvement", "tags", "documents", "classification")
"""What two duties must agree in, besides their texts, to say the same."""

Life = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """A duty of a standard, the life that a position's own duty must have to give way to it, and those that are told to."""

    key: int
    life: Life
    told: Collection[int] = ()
    reworded: bool = False


def make_standard(draft: Draft, words: Words) -> None:
    """Alike positions come to follow a new standard position; what it says for them is withdrawn, the rest stays theirs.

    A position that does not say one of the standard's duties leaves it out, so that all show what they showed before.
    """
    day, positions = words.start(), _newcomers(draft, words)
    own = own_duties(draft, positions, day)
    standard = plain.new_record(draft.book.kinds[KIND], draft, words)
    items = list(_new_items(draft, words, standard, own))
    for position in positions:
        _follow(draft, position, (standard, items), own[position], day)


def follow_standard(draft: Draft, words: Words) -> None:
    """Positions come to follow a standard position; own duties that say the same give way to its duties."""
    day, standard = words.start(), words.key("standard", KIND)
    positions, left_out = _newcomers(draft, words), words.keys("leave_out", "duty")
    theirs = _in_force(draft, draft.children("duty", "standard", standard, day), "standard", standard, day)
    for duty in (duty for duty in left_out if duty not in theirs):
        raise _not_of_it(words, "leave_out", duty)
    items = [Item(duty, life(draft, duty, (KIND, standard), day)) for duty in theirs if duty not in left_out]
    own = own_duties(draft, positions, day)
    for position in positions:
        _follow(draft, position, (standard, items), own[position], day, left_out)


def _newcomers(draft: Draft, words: Words) -> list[int]:
    """The positions that are to follow a standard: in force, and following none yet."""
    day, positions = words.start(), list(dict.fromkeys(words.keys("positions", "position")))
    if not positions:
        zh, en = "请至少指明一个岗位。", "Name one position at least."
        raise words.fail("positions", zh, en)
    for position in positions:
        if draft.timeline("position", position).span_on(day) is None:
            zh, en = (
                f"在 {day} 不在有效期内；请去掉它，或另选日期",
                f"is not in force on {day}; leave it out, or choose another day",
            )
            raise _about(draft, words, position, zh, en)
        if draft.value("position", position, "standard", day) is not None:
            zh = "已遵循一个标准岗位；请先用 detachPosition 脱离，或去掉它"
            raise _about(
                draft,
                words,
                position,
                zh,
                "follows a standard already; detach it first (detachPosition), or leave it out",
            )
    return positions


def _about(draft: Draft, words: Words, position: int, zh: str, en: str) -> Exception:
    code = draft.code_of("position", position)
    return words.fail("positions", f"岗位 {code} {zh}。", f"Position {code} {en}.")


def own_duties(draft: Draft, positions: Collection[int], day: date) -> dict[int, list[int]]:
    """The duties of each position's own that are in force on a day, in official order."""
    found = draft.families("duty", "position", positions, day)
    return {position: _in_force(draft, duties, "position", position, day) for position, duties in found.items()}


def _in_force(draft: Draft, duties: Sequence[int], field: str, owner: int, day: date) -> list[int]:
    return [duty for duty in duties if draft.value("duty", duty, field, day) == owner]


def life(draft: Draft, duty: int, owner: tuple[str, int], day: date) -> Life:
    """All that a duty says from a day on: two with equal lives can stand for each other.

    That it ends with its position says nothing, since the position shows nothing either then.
    """
    span, holder = draft.timeline("duty", duty).span_on(day), draft.timeline(*owner).span_on(day)
    if span is None or holder is None:
        return ()
    field = "standard" if owner[0] == KIND else "position"
    told: list[object] = []
    for segment in span.segments():
        values = segment.values
        said = (
            folded(str(values.get("text"))),
            *(str(values.get(name)) for name in SAME),
            values.get(field) == owner[1],
        )
        if segment.start <= day:
            told = [(None, said)]
        elif not told or told[-1][1] != said:  # type: ignore[index]
            told.append((segment.start, said))
    return (*told, None if span.end >= holder.end else span.end)


def _new_items(draft: Draft, words: Words, standard: int, own: Mapping[int, Sequence[int]]) -> Iterator[Item]:
    """Opens the standard's duties, each like one that a position has."""
    day, seen = words.start(), set[int]()
    holders = {duty: position for position, duties in own.items() for duty in duties}
    items = [words.part("duties", index, item) for index, item in enumerate(words.items("duties"))]
    if not items:
        raise words.fail("duties", "请至少指明一条职责。", "Name one duty at least.")
    last = None
    for key, part in zip(draft.new_keys("duty", len(items)), items, strict=True):
        model, alike = part.key("duty", "duty"), part.keys("alike", "duty")
        for name, duty in (("duty", model), *(("alike", duty) for duty in alike)):
            if duty not in holders or duty in seen:
                zh = "不是所列岗位自有的职责，或重复列出" if duty not in holders else "在同一标准岗位中列了两次"
                en = "is no own duty of these positions" if duty not in holders else "is listed twice"
                raise part.fail(name, f"职责 {duty} {zh}；请去掉它。", f"Duty {duty} {en}; leave it out.")
            seen.add(duty)
        given = part.checked_as(TEXT, "text", part.take("text")) if part.has("text") else None
        part.refuse_unknown()
        last = ranks.following(last)
        values: dict[str, Value] = {"position": None, "standard": standard, "rank": last}
        owner = ("position", holders[model])
        open_copy(draft, key, model, values if given is None else {**values, "text": given}, day, owner)
        draft.link("duty", key, "COPIED_FROM", "duty", model)
        yield Item(key, life(draft, model, owner, day), frozenset((model, *alike)), given is not None)


def _follow(
    draft: Draft,
    position: int,
    standard: tuple[int, Sequence[Item]],
    own: Sequence[int],
    day: date,
    left_out: Sequence[int] | None = None,
) -> None:
    """A position follows a standard; without `left_out` it leaves out whatever it did not say itself."""
    key, items = standard
    told = {duty for item in items for duty in item.told}
    lives = {duty: life(draft, duty, ("position", position), day) for duty in own}
    free = [duty for duty in own if duty not in told]
    missing: list[Value] = []
    for item in items:
        same = [duty for duty in free if lives[duty] == item.life][:1]
        given_way = [duty for duty in own if duty in item.told] or same
        free = [duty for duty in free if duty not in given_way]
        if not given_way:
            missing.append(item.key)
        for duty in given_way:
            _give_way(draft, duty, item, day, exact=lives[duty] == item.life)
    exceptions: list[Value] = missing if left_out is None else [*left_out]
    values: dict[str, Value] = {"standard": key}
    if exceptions or left_out_by(draft, position, day):
        values["exceptions"] = exceptions or None
    draft.add(Change(SET, "position", position, day, values=values))


def _give_way(draft: Draft, duty: int, item: Item, day: date, *, exact: bool) -> None:
    edge = "SUCCEEDED_BY" if exact and not item.reworded else "MERGED_INTO"
    plain.end(draft, "duty", duty, [day])
    draft.link("duty", duty, edge, "duty", item.key)


def leave_out_duty(draft: Draft, words: Words) -> None:
    """A follower does without one of the standard's duties: a recorded exception."""
    position, duty, left_out = _exception(draft, words)
    if duty in left_out:
        zh, en = "该岗位已不适用这条职责。", "The position leaves this duty out already."
        raise words.fail("duty", zh, en)
    _except(draft, position, [*left_out, duty], words.start())


def take_back_duty(draft: Draft, words: Words) -> None:
    """A follower takes a duty of the standard back that it left out."""
    position, duty, left_out = _exception(draft, words)
    if duty not in left_out:
        zh, en = "该岗位没有把这条职责列为不适用。", "The position does not leave this duty out."
        raise words.fail("duty", zh, en)
    _except(draft, position, [other for other in left_out if other != duty], words.start())


def _exception(draft: Draft, words: Words) -> tuple[int, int, list[Value]]:
    """A follower, a duty of its standard, and what it leaves out now."""
    position, duty, day = words.key("position", "position"), words.key("duty", "duty"), words.start()
    standard = draft.value("position", position, "standard", day)
    if standard is None:
        raise words.fail("position", "该岗位没有遵循标准岗位。", "The position follows no standard position.")
    if draft.value("duty", duty, "standard", day) != standard:
        raise _not_of_it(words, "duty", duty)
    return position, duty, left_out_by(draft, position, day)


def _not_of_it(words: Words, name: str, duty: int) -> Exception:
    zh = f"职责 {duty} 不是该标准岗位当日的职责；请从标准岗位的清单中选取。"
    return words.fail(name, zh, f"Duty {duty} is not of that standard position on the day; choose from its list.")


def left_out_by(draft: Draft, position: int, day: date) -> list[Value]:
    """The standard's duties that a follower leaves out on a day."""
    found = draft.value("position", position, "exceptions", day)
    return found if isinstance(found, list) else []


def _except(draft: Draft, position: int, left_out: Sequence[Value], day: date) -> None:
    draft.add(Change(SET, "position", position, day, values={"exceptions": [*left_out] or None}))


def detach_position(draft: Draft, words: Words) -> None:
    """A follower of a standard position goes its own way with copies of the duties it followed."""
    key, day = words.key("position", "position"), words.start()
    standard = draft.value("position", key, "standard", day)
    if not isinstance(standard, int):
        raise words.fail("position", "该岗位没有遵循标准岗位。", "The position follows no standard position.")
    _detach(draft, {key: [day]}, standard, day)


def detach_for(draft: Draft, source: int, target: int, day: date) -> None:
    """Before a position merges into one that does not follow its standard, what it shows becomes its own."""
    standard = draft.value("position", source, "standard", day)
    if isinstance(standard, int) and standard != draft.value("position", target, "standard", day):
        _detach(draft, {source: [day]}, standard, day)


def close_standard(draft: Draft, words: Words) -> None:
    """A standard position ends. `withDependents` ends its duties too, and its followers keep copies of what they showed."""
    key, day = words.key(KIND, KIND), words.start()
    if words.take("with_dependents"):
        followers = draft.children("position", "standard", key, day)
        _detach(draft, {each: draft.referring("position", each, "standard", key, day) for each in followers}, key, day)
        plain.close_dependents(draft, KIND, key, day)
    draft.add(Change(CLOSE, KIND, key, day))


def _detach(draft: Draft, followers: Mapping[int, Sequence[date]], standard: int, day: date) -> None:
    """Followers go their own way, each from its first day on; what is copied stands ahead of what they have."""
    own = draft.families("duty", "position", followers, day)
    theirs = draft.children("duty", "standard", standard, day)
    begins = {duty: draft.referring("duty", duty, "standard", standard, day)[0] for duty in theirs}
    kept = {
        position: [duty for duty in theirs if duty not in left_out_by(draft, position, days[0])]
        for position, days in followers.items()
    }
    keys = iter(draft.new_keys("duty", sum(len(duties) for duties in kept.values())))
    for position, days in followers.items():
        high = draft.rank("duty", own[position][0], day) if own[position] else None
        places = ranks.among(None, high, len(kept[position]))
        for duty, rank in zip(kept[position], places, strict=True):
            key, values = next(keys), {"position": position, "standard": None, "rank": rank}
            open_copy(draft, key, duty, values, max(begins[duty], days[0]), (KIND, standard))
            draft.link("duty", key, "COPIED_FROM", "duty", duty)
        for when in days:
            draft.add(Change(SET, "position", position, when, values={"standard": None, "exceptions": None}))


SAYINGS: Mapping[str, Callable[[Draft, Words], None]] = {
    "makeStandard": make_standard,
    "followStandard": follow_standard,
    "leaveOutDuty": leave_out_duty,
    "takeBackDuty": take_back_duty,
    "detachPosition": detach_position,
    "closeStandardPosition": close_standard,
}
