"""What an import does, in people's words: its acts, and how many of each there are."""

from collections.abc import Mapping

from dutybook.book.nouns import CORE
from dutybook.catalogue.reconcile_acts import (
    CHANGED,
    MOVED,
    NEW,
    RENAMED,
    REORDERED,
    RESTORED,
    REWORDED,
    WITHDRAWN,
    Act,
)
from dutybook.catalogue.staff_reconcile import LEFT
from dutybook.catalogue.staff_tenures import APPOINTED, ENDED, RESUMED, SUSPENDED, TRANSFERRED
from dutybook.errors import Message

WORDS: Mapping[str, Message] = {
    NEW: Message("新设", NEW),
    RESTORED: Message("恢复", RESTORED),
    MOVED: Message("移动", MOVED),
    RENAMED: Message("更名", RENAMED),
    REWORDED: Message("改写", REWORDED),
    REORDERED: Message("重排", REORDERED),
    CHANGED: Message("变更", CHANGED),
    WITHDRAWN: Message("撤销", WITHDRAWN),
    LEFT: Message("离职", LEFT),
    APPOINTED: Message("任职", APPOINTED),
    ENDED: Message("结束", ENDED),
    TRANSFERRED: Message("调岗", TRANSFERRED),
    SUSPENDED: Message("停职", SUSPENDED),
    RESUMED: Message("复职", RESUMED),
}


def named(kind: str, what: str) -> Message:
    """What is done to records of a kind."""
    label, word = CORE[kind].label, WORDS[what]
    return Message(f"{label.zh} {word.zh}", f"{label.en.lower()} {word.en}")


def counted(done: Mapping[tuple[str, str], int]) -> Message | None:
    """How many there are of each; None of none."""
    told = [(named(kind, what), count) for (kind, what), count in done.items()]
    zh, en = (
        "；".join(f"{name.zh} {count}" for name, count in told),
        "; ".join(f"{name.en} {count}" for name, count in told),
    )
    return Message(zh, en) if told else None


def line(act: Act, language: str) -> str:
    """An act as a line: what is done to what, where, and what it was and becomes."""
    parts = (named(act.kind, act.what).pick(language), act.place, act.before, act.after)
    return "\t".join(part for part in parts if part)
