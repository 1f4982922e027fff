"""Where a record stands among its siblings."""

from collections.abc import Sequence
from datetime import date

from dutybook.book import ranks
from dutybook.book.changes import SET, Change
from dutybook.errors import BadInput
from dutybook.services.drafts import Draft
from dutybook.services.say.words import Words


def place(words: Words, kind: str, siblings: Sequence[int], day: date) -> str:
    """The rank for a newcomer: `before` or `after` the sibling that the words name, else last."""
    before, after = words.key_or_none("before", kind), words.key_or_none("after", kind)
    anchor = before if before is not None else after
    if anchor is None:
        return last_rank(words.draft, kind, siblings, day)
    if anchor not in siblings:
        zh, en = "before/after 必须指向同一上级下的记录。", "before/after must name a sibling under the same parent."
        raise words.fail("before" if before is not None else "after", zh, en)
    at = siblings.index(anchor) + (before is None)
    return _between(words.draft, kind, siblings, at, day)


def _between(draft: Draft, kind: str, siblings: Sequence[int], at: int, day: date) -> str:
    low = draft.rank(kind, siblings[at - 1], day) if at else None
    high = draft.rank(kind, siblings[at], day) if at < len(siblings) else None
    return ranks.between(low, high)


def last_rank(draft: Draft, kind: str, siblings: Sequence[int], day: date) -> str:
    """The rank behind all siblings."""
    return ranks.following(draft.rank(kind, siblings[-1], day) if siblings else None)


def reorder(draft: Draft, kind: str, wanted: Sequence[int], siblings: Sequence[int], day: date) -> None:
    """Puts siblings into the wanted order, giving new ranks to as few of them as possible."""
    if sorted(wanted) != sorted(siblings):
        zh = f"新的次序应恰好列出全部 {len(siblings)} 项，实际给出 {len(wanted)} 项。"
        raise BadInput(zh, f"The new order must list exactly all {len(siblings)} items; {len(wanted)} were given.")
    before = [draft.rank(kind, key, day) for key in wanted]
    for key, old, new in zip(wanted, before, ranks.arranged(before), strict=True):
        if new != old:
            draft.add(Change(SET, kind, key, day, values={"rank": new}))
