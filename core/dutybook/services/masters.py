"""What another system is the master of is refused here, by name, whoever says it; its own file is the one door."""

from collections.abc import Iterator, Mapping, Sequence

from dutybook.book.changes import OPEN, RESCIND, Change
from dutybook.book.ids import kind_name, read_id
from dutybook.book.masters import KINDS
from dutybook.book.timeline import CLOSING, OPENING
from dutybook.errors import Refused
from dutybook.services.book import Book
from dutybook.services.say import Saying, plain
from dutybook.services.say.words import snake

SAYINGS: Mapping[str, str] = {name: kind.name for kind in KINDS.values() for name in plain.of(kind)}


class Mastered(Refused):
    """Something is said of what another system is the master of."""

    code = "MASTERED"

    def __init__(self, ordinal: int, saying: str, system: str, kind: str, attribute: str | None) -> None:
        name = f"{kind}.{attribute}" if attribute else kind
        label = KINDS[kind].label.zh + (f"的{KINDS[kind].by_name[attribute].label.zh}" if attribute else "")
        zh = f"{saying}：{label}（{name}）以系统 {system} 为准，此处只读；请在 {system} 中修改，随其文件导入。"
        en = f"{saying}: '{name}' is mastered by {system} and read-only here; change it in {system}, whose file brings it."
        super().__init__(zh, en, path=["changes", ordinal, saying, *([attribute] if attribute else [])])


def refuse_mastered(book: Book, sayings: Sequence[Saying], added: Sequence[Change]) -> None:
    """Mastered for the first thing said of an attribute or kind that has a master.

    What follows from something else, as when the position of an assignment is merged, is not said of the person.
    """
    if not book.masters.systems:
        return
    for ordinal, saying in enumerate(sayings):
        [(name, given)] = saying.items()
        for kind, attribute in _said_of(name, given, added):
            system = book.masters.of_attribute(kind, attribute) if attribute else book.masters.of_kind(kind)
            if system:
                raise Mastered(ordinal, name, system, kind, attribute)


def _said_of(name: str, given: Mapping[str, object], added: Sequence[Change]) -> Iterator[tuple[str, str | None]]:
    """The attributes that a saying is about, and the kind where it is about a whole record."""
    if name == "rescind":
        yield from _rescinded(given, added)
    elif name == "reopen":
        yield from {(change.kind, None) for change in added if change.verb == OPEN and change.kind in KINDS}
    elif kind := SAYINGS.get(name):
        begins, _, ends = plain.of(KINDS[kind])
        if name in {begins, ends}:
            yield kind, None
        words = {snake(word): value for word, value in given.items()}
        named = (word for word in words if word in KINDS[kind].by_name and word != kind)
        yield from ((kind, word) for word in named if name != begins or words[word] is not None)


def _rescinded(given: Mapping[str, object], added: Sequence[Change]) -> Iterator[tuple[str, str | None]]:
    found = read_id(str(given.get("subject")))
    kind = kind_name(found.type) if found else ""
    if found and kind in KINDS:
        for change in added:
            if (change.verb, change.kind, change.key) == (RESCIND, kind, found.key):
                yield from ((kind, None if name in {OPENING, CLOSING} else name) for name in change.names)
