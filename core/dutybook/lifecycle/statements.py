"""What a statement would do, told by its words: which tables it writes, and whether it is one that a hook may say at all.

Words are read and not parsed: that is the same for both databases, and whatever is in doubt counts as writing.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

_TOKENS = re.compile(
    r"""
    (?P<left_out> [eE]'(?:\\.|''|[^'\\])*' | '(?:[^']|'')*' | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$
                | --[^\n]* | /\*.*?\*/ | %\(\w+\)s | \s+ )
  | (?P<name> "(?:[^"]|"")*" | `[^`]*` | \[\w*\] )
  | (?P<word> \w+ ) | (?P<sign> . )
    """,
    re.VERBOSE | re.DOTALL,
)
_READS = {"SELECT", "WITH", "VALUES"}
_WRITES = {"INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE"}
_SAVEPOINTS = {"SAVEPOINT", "RELEASE"}
_TRANSACTIONS = {"COMMIT", "END", "ROLLBACK", "ABORT", "BEGIN", "START"}
_CACHED = 2_000
"""Characters up to which a statement is remembered: longer ones hold rows of values and do not come again."""


class Said(NamedTuple):
    """What a statement would do."""

    ends: bool = False
    """It begins or ends a transaction."""
    strange: str | None = None
    """The word that it begins with, where that is no reading, writing or savepoint."""
    writes: Sequence[str] = ()


def read(statement: str) -> Said:
    """What a text of SQL would do, all the statements in it together."""
    return _remembered(statement) if len(statement) <= _CACHED else _read(statement)


def _read(statement: str) -> Said:
    tokens = [it[0] if it["name"] else it[0].upper() for it in _TOKENS.finditer(statement) if not it["left_out"]]
    firsts = [_first(part) for part in _split(tokens)]
    return Said(
        ends="END" in firsts,
        strange=next((first for first in firsts if first not in {"", "END"}), None),
        writes=tuple(_targets(tokens)),
    )


_remembered = lru_cache(maxsize=1_024)(_read)


def _split(tokens: Sequence[str]) -> Iterator[Sequence[str]]:
    begin = 0
    for place, word in enumerate([*tokens, ";"]):
        if word == ";":
            yield tokens[begin:place]
            begin = place + 1


def _first(tokens: Sequence[str]) -> str:
    """END for what begins or ends a transaction, nothing for what is common, else the word itself."""
    words = [word for word in tokens if word != "("]
    word = words[0] if words else ""
    if word == "ROLLBACK" and "TO" in words[1:3]:
        return ""
    if word in _TRANSACTIONS:
        return "END"
    return "" if word in {"", *_READS, *_WRITES, *_SAVEPOINTS} else word


def _targets(tokens: Sequence[str]) -> Iterator[str]:
    """The tables that are written, in lower case."""
    for place, token in enumerate(tokens):
        before, after = tokens[max(place - 2, 0) : place], tokens[place + 1 :]
        match token:
            case "INTO":
                yield _name(after)
            case "UPDATE" if not _is_clause(before):
                yield _name(after[2:] if after[:1] == ["OR"] else after)
            case "DELETE" if after[:1] == ["FROM"]:
                yield _name(after[1:])


def _is_clause(before: Sequence[str]) -> bool:
    """Whether an UPDATE goes on from ON CONFLICT DO, WHEN MATCHED THEN, FOR, or FOR NO KEY."""
    return before[-1:] in (["DO"], ["THEN"], ["FOR"]) or before == ["NO", "KEY"]


def _name(tokens: Sequence[str]) -> str:
    """The name that tokens begin with, with that of its schema where there is one."""
    words = tokens[1:] if tokens[:1] == ["ONLY"] else tokens
    length = 3 if words[1:2] == ["."] else 1
    return "".join(word.strip('"`[]') for word in words[:length]).lower()
