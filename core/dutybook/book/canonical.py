"""The canonical form (RFC 8785) of what is published, and the chain of hashes over it."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping

import orjson

from dutybook.book.kinds import Value

FORMAT = 1
"""Grows when the canonical form changes; old revisions keep the form they were hashed in."""

GENESIS = "0" * 64
"""The hash of the empty book, revision 0."""


def canonical(value: Mapping[str, Value]) -> bytes:
    """RFC 8785 bytes. Names are ASCII and numbers are integers, so sorted compact JSON is that form already."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def document(header: Mapping[str, Value], changes: Iterable[bytes]) -> Iterator[bytes]:
    """The canonical document of a revision in pieces: `changes` sorts before every name of the header."""
    yield b'{"changes":['
    for ordinal, change in enumerate(changes):
        yield b"," + change if ordinal else change
    yield b"]," + canonical(header)[1:]


def chained(previous: str, pieces: Iterable[bytes]) -> str:
    """The hash of a revision: SHA-256 over the previous hash, a line feed and the canonical document."""
    digest = hashlib.sha256(previous.encode() + b"\n")
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()
