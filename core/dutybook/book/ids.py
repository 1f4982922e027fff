"""Global ids: what a record is, and — where a time was asked for explicitly — of which time it speaks."""

import base64
import binascii
import re
from datetime import date
from functools import cache
from typing import NamedTuple

from dutybook.book.times import parse_day
from dutybook.errors import BadInput

_FORM = re.compile(r"([A-Za-z][A-Za-z0-9]*):(\d{1,18})(?:@(\d{4}-\d\d-\d\d)?(?:~(\d{1,9}))?)?", re.ASCII)


class GlobalId(NamedTuple):
    """`type` is a GraphQL type name; `as_of` and `known_at` are given where the id speaks of an explicit time."""

    type: str
    key: int
    as_of: date | None = None
    known_at: int | None = None

    def __str__(self) -> str:
        """The opaque text that clients keep."""
        name, key, as_of, known_at = self
        text = f"{name}:{key}"
        if as_of is not None or known_at is not None:
            day = as_of.isoformat() if as_of else ""
            text += f"@{day}" if known_at is None else f"@{day}~{known_at}"
        return base64.urlsafe_b64encode(text.encode()).decode()


class MalformedId(BadInput):
    """A text that is no global id of this book."""

    def __init__(self, text: str) -> None:
        shown = text if len(text) <= 60 else f"{text[:60]}…"
        super().__init__(f"「{shown}」不是有效的标识（id）。", f"'{shown}' is not an id of this book.", path=["id"])


def read_id(text: str) -> GlobalId | None:
    """The id that a text stands for, or None if it is not an id at all."""
    try:
        plain = base64.urlsafe_b64decode(text.encode()).decode()
    except (binascii.Error, UnicodeError, ValueError):
        return None
    found = _FORM.fullmatch(plain)
    if not found:
        return None
    name, key, day, revision = found.groups()
    return GlobalId(name, int(key), parse_day(day) if day else None, int(revision) if revision else None)


def parse_id(text: str) -> GlobalId:
    """The id that a text stands for; MalformedId for any other text."""
    found = read_id(text)
    if found is None:
        raise MalformedId(text)
    return found


@cache
def type_name(kind: str) -> str:
    """The GraphQL type of a kind: `standard_position` is a StandardPosition."""
    return "".join(part.capitalize() for part in kind.split("_"))


def kind_name(type_name: str) -> str:
    """The kind of a GraphQL type."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", type_name).lower()
