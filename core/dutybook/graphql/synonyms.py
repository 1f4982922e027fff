"""Synonyms: words of the company that mean the same, for finding."""

import orjson

from dutybook.book.kinds import Value
from dutybook.graphql.describe import resolved
from dutybook.graphql.nodes import Dated, Node
from dutybook.graphql.records import record


@record(
    "synonym",
    "同义词：检索时视为相同的一组词。",
    "Words that mean the same when something is looked for.",
)
class Synonym(Dated, Node):
    """One group of words."""

    __slots__ = ()

    @resolved("意思相同的词。", "The words that mean the same.")
    def terms(self) -> list[str]:
        """The words."""
        return terms_of(self.row.terms)


def terms_of(said: str | None) -> list[str]:
    """The words of a stored list; what is not a word is passed over."""
    words: Value = orjson.loads(said) if said else []
    return [word for word in words if isinstance(word, str) and word] if isinstance(words, list) else []
