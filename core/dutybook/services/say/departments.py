"""What is said of departments: move, merge, split."""

from collections.abc import Callable, Mapping
from datetime import date

from dutybook.book.changes import CLOSE, SET, Change
from dutybook.services.drafts import Draft
from dutybook.services.say import plain
from dutybook.services.say.ordering import last_rank, place
from dutybook.services.say.words import Words

HELD = (("department", "parent"), ("position", "department"))
"""What a department holds, and by which reference."""


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
    for source in (source for source in sources if source != target):
        move_contents(draft, source, target, day)
        draft.add(Change(CLOSE, "department", source, day))
        draft.link("department", source, "MERGED_INTO", "department", target)


def split_department(draft: Draft, words: Words) -> None:
    """A department becomes several; each takes the positions and departments it names. It ends unless `keep` is true."""
    source, day = words.key("department", "department"), words.start()
    for index, item in enumerate(words.items("into")):
        part = words.part("into", index, item)
        target = plain.new_record(draft.book.kinds["department"], draft, part)
        for kind, field in HELD:
            for key in part.keys(f"{kind}s", kind):
                put_last(draft, kind, field, key, target, day)
        part.refuse_unknown()
        draft.link("department", target, "SPLIT_FROM", "department", source)
    if not words.take("keep"):
        draft.add(Change(CLOSE, "department", source, day))


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
                put_last(draft, kind, field, key, target, day)


def put_last(draft: Draft, kind: str, field: str, key: int, parent: int, day: date) -> None:
    """A record goes under a parent, behind its other children."""
    start = max(day, draft.timeline(kind, key).spans[-1].start)
    rank = last_rank(draft, kind, draft.children(kind, field, parent, day), day)
    draft.add(Change(SET, kind, key, start, values={field: parent, "rank": rank}))


SAYINGS: Mapping[str, Callable[[Draft, Words], None]] = {
    "moveDepartment": move_department,
    "mergeDepartments": merge_departments,
    "splitDepartment": split_department,
}
