"""What is said of departments: move, merge, split."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import cast

from dutybook.book.changes import CLOSE, SET, Change
from dutybook.services.drafts import Draft
from dutybook.services.say import plain
from dutybook.services.say.ordering import last_rank, place
from dutybook.services.say.words import Words

HELD = (("department", "parent"), ("position", "department"))
"""What a department holds, and by which reference."""
GIVEN = (("quota", "department"),)
"""What is given to a department and ends with it: whoever takes over is given its own."""


def move_department(draft: Draft, words: Words) -> None:
    """A department goes under another parent, or to the top."""
    key, day = words.key("department", "department"), words.start()
    parent, old = words.key_or_none("parent", "department"), draft.value("department", key, "parent", day)
    values = {"parent": parent}
    beside = plain.siblings(
        draft.book.kinds["department"], draft, values, draft.organisation_of("department", key), day
    )
    rank = place(words, "department", [other for other in beside if other != key], day)
    draft.add(Change(SET, "department", key, day, values={"parent": parent, "rank": rank}))
    if isinstance(old, int):
        draft.link("department", key, "MOVED_FROM", "department", old)


def merge_departments(draft: Draft, words: Words) -> None:
    """Departments become one: an existing one (`into`) or a new `successor`; what they held goes with them."""
    sources, day = words.keys("departments", "department"), words.start()
    target = successor(draft, words, "department")
    _rise(draft, target, sources, day)
    for source in (source for source in sources if source != target):
        move_contents(draft, source, target, day)
        _end(draft, source, day)
        draft.link("department", source, "MERGED_INTO", "department", target)


def split_department(draft: Draft, words: Words) -> None:
    """A department becomes several; each takes the positions and departments it names. It ends unless `keep` is true."""
    source, day = words.key("department", "department"), words.start()
    for index, item in enumerate(words.items("into")):
        part = words.part("into", index, item)
        target = plain.new_record(draft.book.kinds["department"], draft, part)
        for kind, field in HELD:
            for key in part.keys(f"{kind}s", kind):
                part.held_by(source, f"{kind}s", kind, field, key)
                hand_over(draft, kind, field, key, source, target, day)
        part.refuse_unknown()
        draft.link("department", target, "SPLIT_FROM", "department", source)
    if not words.take("keep"):
        _end(draft, source, day)


def successor(draft: Draft, words: Words, kind: str) -> int:
    """The record that others merge into: an existing one, or one that the words describe."""
    if (into := words.key_or_none("into", kind)) is not None:
        return into
    part = words.part("successor", 0, words.required("successor"))
    key = plain.new_record(draft.book.kinds[kind], draft, part)
    part.refuse_unknown()
    return key


def move_contents(draft: Draft, source: int, target: int, day: date) -> None:
    """Everything that a department holds goes under another one, in order, behind what is there."""
    for kind, field in HELD:
        for key in draft.children(kind, field, source, day):
            if key != target:
                hand_over(draft, kind, field, key, source, target, day)


def _end(draft: Draft, key: int, day: date) -> None:
    for kind, field in GIVEN:
        for given in draft.children(kind, field, key, day):
            plain.end(draft, kind, given, draft.referring(kind, given, field, key, day))
    draft.add(Change(CLOSE, "department", key, day))


def _rise(draft: Draft, target: int, sources: Sequence[int], day: date) -> None:
    """A department that takes over what stands above it takes its place as well."""
    parent = above = draft.value("department", target, "parent", day)
    while above in sources:
        above = draft.value("department", cast(int, above), "parent", day)
    if above != parent:
        draft.add(Change(SET, "department", target, day, values={"parent": above}))


def hand_over(draft: Draft, kind: str, field: str, key: int, source: int, target: int, day: date) -> None:
    """From a day on a record lies under `target` whenever it would lie under `source`, behind what is there."""
    for when in draft.referring(kind, key, field, source, day):
        beside = [other for other in draft.children(kind, field, target, when) if other != key]
        rank = {"rank": last_rank(draft, kind, beside, when)} if "rank" in draft.book.kinds[kind].by_name else {}
        draft.add(Change(SET, kind, key, when, values={field: target, **rank}))


SAYINGS: Mapping[str, Callable[[Draft, Words], None]] = {
    "moveDepartment": move_department,
    "mergeDepartments": merge_departments,
    "splitDepartment": split_department,
}
