"""What is said of synonyms: plain sayings, whose terms must be several words that mean the same."""

from collections.abc import Callable, Mapping

from dutybook.book.folding import fold
from dutybook.book.kinds import Field
from dutybook.errors import Message
from dutybook.services.drafts import Draft
from dutybook.services.say import plain
from dutybook.services.say.words import Words

KIND = "synonym"
TERM = Field("terms", Message("词", "Terms"), required=True, longest=100)


def open_synonym(draft: Draft, words: Words) -> None:
    """Words mean the same from a day on."""
    _check(words)
    plain.open_(draft.book.kinds[KIND], draft, words)


def set_synonym(draft: Draft, words: Words) -> None:
    """Other words mean the same."""
    _check(words)
    plain.set_(draft.book.kinds[KIND], draft, words)


def _check(words: Words) -> None:
    if words.take("terms") is None:
        return
    terms = [str(words.checked_as(TERM, "terms", str(term).strip())) for term in words.items("terms")]
    if len({fold(term) for term in terms}) < 2:
        given = "、".join(terms)
        zh = f"同义词至少要有两个不同的词，收到「{given}」。"
        raise words.fail("terms", zh, f"Two or more different words mean the same, not '{given}'.")
    words.put("terms", terms)


SAYINGS: Mapping[str, Callable[[Draft, Words], None]] = {
    "openSynonym": open_synonym,
    "setSynonym": set_synonym,
}
