"""What is said of positions: move, merge, split."""

from collections.abc import Callable, Mapping
from datetime import date

from dutybook.book.changes import CLOSE, SET, Change
from dutybook.services.drafts import Draft
from dutybook.services.say import plain
from dutybook.services.say.departments import hand_over, successor
from dutybook.services.say.ordering import place
from dutybook.services.say.standards import detach_for
from dutybook.services.say.words import Words

REFERRERS = ("reports_to", "deputy_of")


def move_position(draft: Draft, words: Words) -> None:
    """A position goes to another department with its duties and people."""
    key, day = words.key("position", "position"), words.start()
    department, old = words.key("department", "department"), draft.value("position", key, "department", day)
    beside = [other for other in draft.children("position", "department", department, day) if other != key]
    rank = place(words, "position", beside, day)
    draft.add(Change(SET, "position", key, day, values={"department": department, "rank": rank}))
    if isinstance(old, int) and old != department:
        draft.link("position", key, "MOVED_FROM", "department", old)


def merge_positions(draft: Draft, words: Words) -> None:
    """Positions become one; duties, people and those who report to them go along."""
    sources, day = words.keys("positions", "position"), words.start()
    target = successor(draft, words, "position")
    for source in (source for source in sources if source != target):
        _hand_over(draft, source, target, day)
        draft.add(Change(CLOSE, "position", source, day))
        draft.link("position", source, "MERGED_INTO", "position", target)


def _hand_over(draft: Draft, source: int, target: int, day: date) -> None:
    detach_for(draft, source, target, day)
    for duty in draft.children("duty", "position", source, day):
        hand_over(draft, "duty", "position", duty, source, target, day)
        draft.link("duty", duty, "MOVED_FROM", "position", source)
    for assignment in draft.children("assignment", "position", source, day):
        hand_over(draft, "assignment", "position", assignment, source, target, day)
    for field in REFERRERS:
        for other in draft.children("position", field, source, day):
            days = draft.referring("position", other, field, source, day)
            plain.refer(draft, "position", other, field, None if other == target else target, days)


def split_position(draft: Draft, words: Words) -> None:
    """A position becomes several; each takes the duties and people it names. It ends unless `keep` is true."""
    source, day = words.key("position", "position"), words.start()
    department = draft.value("position", source, "department", day)
    for index, item in enumerate(words.items("into")):
        part = words.part("into", index, item)
        extra = {} if part.has("department") else {"department": department}
        target = plain.new_record(draft.book.kinds["position"], draft, part, extra)
        for duty in part.keys("duties", "duty"):
            part.held_by(source, "duties", "duty", "position", duty)
            hand_over(draft, "duty", "position", duty, source, target, day)
            draft.link("duty", duty, "MOVED_FROM", "position", source)
        for assignment in part.keys("assignments", "assignment"):
            part.held_by(source, "assignments", "assignment", "position", assignment)
            hand_over(draft, "assignment", "position", assignment, source, target, day)
        part.refuse_unknown()
        draft.link("position", target, "SPLIT_FROM", "position", source)
    if not words.take("keep"):
        draft.add(Change(CLOSE, "position", source, day))


SAYINGS: Mapping[str, Callable[[Draft, Words], None]] = {
    "movePosition": move_position,
    "mergePositions": merge_positions,
    "splitPosition": split_position,
}
