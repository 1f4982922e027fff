"""What people say — open, set, close, move, merge, split, reorder — turned into changes of a draft.

A saying is one member of the @oneOf input of GraphQL as plain JSON: `{"openPosition": {"title": "主任", …}}`;
the command line, the demo and the import speak the same form.
"""

from collections.abc import Callable, Mapping, Sequence

from dutybook.book.kinds import Kinds
from dutybook.errors import BadInput
from dutybook.services.drafts import Draft
from dutybook.services.say import departments, documents, duties, plain, positions, routes, standards, synonyms
from dutybook.services.say.words import Words

Say = Callable[[Draft, Words], None]
Saying = Mapping[str, Mapping[str, object]]

SPECIAL: Mapping[str, Say] = {
    **departments.SAYINGS,
    **positions.SAYINGS,
    **duties.SAYINGS,
    **documents.SAYINGS,
    **standards.SAYINGS,
    **routes.SAYINGS,
    **synonyms.SAYINGS,
    "reopen": plain.reopen,
    "rescind": plain.rescind,
}


def vocabulary(kinds: Kinds) -> dict[str, Say]:
    """Every saying by its name: those of each kind, and the special ones."""
    return {name: say for kind in kinds for name, say in plain.of(kind).items()} | dict(SPECIAL)


def say(draft: Draft, sayings: Sequence[Saying]) -> None:
    """Adds what is said to a draft, in order; an error carries the ordinal of the saying it is about."""
    known = vocabulary(draft.book.kinds)
    for ordinal, saying in enumerate(sayings):
        name = next(iter(saying)) if isinstance(saying, Mapping) and len(saying) == 1 else None
        if name not in known or not isinstance(saying[name], Mapping):
            raise UnknownSaying(saying, ordinal)
        words = Words(draft, name, saying[name], ("changes", str(ordinal), name))
        draft.begin(words.said)
        known[name](draft, words)
        words.refuse_unknown()


class UnknownSaying(BadInput):
    """A change is not exactly one known saying."""

    def __init__(self, saying: Saying, ordinal: int) -> None:
        given = ", ".join(saying) or "∅" if isinstance(saying, Mapping) else str(saying)[:60]
        zh = f"第 {ordinal + 1} 项变更「{given}」无法识别；每项应恰有一个已知的动作，如 openPosition。"
        en = f"Change {ordinal + 1}, '{given}', is not understood; each must be exactly one known act such as openPosition."
        super().__init__(zh, en, path=["changes", ordinal])
