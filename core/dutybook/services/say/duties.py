"""What is said of duties: split, merge, move, reorder."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from dutybook.book import ranks
from dutybook.book.changes import CLOSE, OPEN, SET, Change
from dutybook.book.kinds import Value
from dutybook.book.nouns import DUTY
from dutybook.book.times import FOREVER
from dutybook.services.drafts import Draft
from dutybook.services.say.ordering import place, reorder
from dutybook.services.say.words import Words

OWNERS = ("position", "standard")
TEXT = DUTY.by_name["text"]


def _owner(draft: Draft, duty: int, day: date) -> tuple[str, int]:
    """The reference by which a duty belongs to a list, and the list's key."""
    for name in OWNERS:
        if isinstance(key := draft.value("duty", duty, name, day), int):
            return name, key
    return OWNERS[0], 0


def split_duty(draft: Draft, words: Words) -> None:
    """One duty becomes several in its place."""
    source, day = words.key("duty", "duty"), words.start()
    texts = [words.checked_as(TEXT, "into", text) for text in words.items("into")]
    if len(texts) < 2:
        raise words.fail("into", "拆分至少需要两条内容。", "A split needs at least two texts.")
    low, high = _room(draft, source, day)
    parts = []
    for text in texts:
        low = ranks.between(low, high)
        parts.append(_open_like(draft, source, {"text": text, "rank": low, "involvement": None}, day))
        draft.link("duty", parts[-1], "SPLIT_FROM", "duty", source)
    keep_left_out(draft, [source], parts, day)
    draft.add(Change(CLOSE, "duty", source, day))


def _room(draft: Draft, duty: int, day: date) -> tuple[str | None, str | None]:
    """The ranks between which a duty's place lies: its own, and its successor's."""
    field, owner = _owner(draft, duty, day)
    siblings = draft.children("duty", field, owner, day)
    at = siblings.index(duty) + 1 if duty in siblings else len(siblings)
    return draft.rank("duty", duty, day), draft.rank("duty", siblings[at], day) if at < len(siblings) else None


def _open_like(draft: Draft, source: int, values: Mapping[str, Value], day: date) -> int:
    """A new duty with the values of another one, but for those given."""
    kind, key = draft.book.kinds["duty"], draft.new_key()
    span = draft.timeline("duty", source).span_on(day)
    like, end = (span.values(day), span.end) if span else ({}, FOREVER)
    new = kind.complete({**like, **values})
    draft.add(Change(OPEN, "duty", key, day, None if end == FOREVER else end, new, organisation=0))
    return key


def merge_duties(draft: Draft, words: Words) -> None:
    """Several duties become one, in the place of the first."""
    sources, day = list(dict.fromkeys(words.keys("duties", "duty"))), words.start()
    if len(sources) < 2:
        raise words.fail("duties", "合并至少需要两条职责。", "A merge needs at least two duties.")
    low, high = _room(draft, sources[0], day)
    text = words.checked_as(TEXT, "text", words.take("text"))
    new = _open_like(draft, sources[0], {"text": text, "rank": ranks.between(low, high), "involvement": None}, day)
    keep_left_out(draft, sources, [new], day)
    for source in sources:
        draft.add(Change(CLOSE, "duty", source, day))
        draft.link("duty", source, "MERGED_INTO", "duty", new)


def move_duty(draft: Draft, words: Words) -> None:
    """A duty goes to the list of another position or standard position."""
    key, day = words.key("duty", "duty"), words.start()
    field = "standard" if words.has("standard") else "position"
    target = words.key(field, "standard_position" if field == "standard" else "position")
    old_field, old = _owner(draft, key, day)
    beside = [other for other in draft.children("duty", field, target, day) if other != key]
    values: dict[str, Value] = {**dict.fromkeys(OWNERS), field: target, "rank": place(words, "duty", beside, day)}
    draft.add(Change(SET, "duty", key, day, values=values))
    if old and old != target:
        draft.link("duty", key, "MOVED_FROM", "standard_position" if old_field == "standard" else "position", old)


def reorder_duties(draft: Draft, words: Words) -> None:
    """The duties of one list take another order."""
    field = "standard" if words.has("standard") else "position"
    owner = words.key(field, "standard_position" if field == "standard" else "position")
    day = words.start()
    listed = [key for key in draft.children("duty", field, owner, day) if draft.value("duty", key, field, day) == owner]
    reorder(draft, "duty", words.keys("duties", "duty"), listed, day)


def open_copy(
    draft: Draft, key: int, duty: int, values: Mapping[str, Value], day: date, owner: tuple[str, int]
) -> None:
    """A new duty like another one of a list, with all that is to become of that one there; it may outlive its list's owner."""
    span, holder = draft.timeline("duty", duty).span_on(day), draft.timeline(*owner).span_on(day)
    if span is None or holder is None:
        return
    kind, field = draft.book.kinds["duty"], "position" if owner[0] == "position" else "standard"
    gone = (when for when, other in span.steps.get(field, {}).items() if when > day and other != owner[1])
    end = min((*gone, FOREVER if span.end >= holder.end else span.end))
    until = None if end == FOREVER else end
    draft.add(Change(OPEN, "duty", key, day, until, kind.complete({**span.values(day), **values}), organisation=0))
    for when in sorted({when for steps in span.steps.values() for when in steps if day < when < end}):
        later = {name: steps[when] for name, steps in span.steps.items() if when in steps and name not in values}
        if later := {name: value for name, value in later.items() if name not in (*OWNERS, "rank")}:
            draft.add(Change(SET, "duty", key, when, values=later))


def keep_left_out(draft: Draft, sources: Sequence[int], new: Sequence[int], day: date) -> None:
    """Whoever leaves out all of some duties of a standard leaves out what becomes of them."""
    field, owner = _owner(draft, sources[0], day)
    for follower in draft.children("position", "standard", owner, day) if field == "standard" else ():
        for when in draft.referring("position", follower, "standard", owner, day):
            left_out = draft.value("position", follower, "exceptions", when)
            if isinstance(left_out, list) and set(sources) <= set(left_out):
                draft.add(Change(SET, "position", follower, when, values={"exceptions": [*left_out, *new]}))


SAYINGS: Mapping[str, Callable[[Draft, Words], None]] = {
    "splitDuty": split_duty,
    "mergeDuties": merge_duties,
    "moveDuty": move_duty,
    "reorderDuties": reorder_duties,
}
