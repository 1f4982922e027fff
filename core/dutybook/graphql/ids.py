"""Ids as the schema hands them out and takes them back.

A standard position's duty is shown by every follower with that follower's ordinal and position, so its id there names the
follower too (`Duty:55/12`): client caches must keep the two apart. Whoever changes something by such an id means the duty.
A suggestion is known by all the positions that it is for (`StandardSuggestion:12/15/19`): it is kept nowhere.
"""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import strawberry

from dutybook.book.ids import GlobalId, MalformedId, read_id
from dutybook.errors import BadInput

_BEHIND = re.compile(r"(?<=\d)/(\d{1,18}(?:/\d{1,18})*)(?=@|$)", re.ASCII)
_SHOWN_BY = re.compile(r"(?<=\d)/(\d{1,18})(?=@|$)", re.ASCII)


@dataclass(frozen=True, slots=True)
class NodeId:
    """What an id names, and the keys behind that: by which position it is shown, or which others it stands for."""

    plain: GlobalId
    behind: tuple[int, ...] = ()


def write(name: str, key: int, as_of: date | None, known_at: int | None, shown_by: int | None = None) -> strawberry.ID:
    """The id of an object in a time."""
    if shown_by is None:
        return strawberry.ID(str(GlobalId(name, key, as_of, known_at)))
    return write_all(name, [key, shown_by], as_of, known_at)


def write_all(name: str, keys: Sequence[int], as_of: date | None, known_at: int | None) -> strawberry.ID:
    """The id of what several keys make up, in their order."""
    first, *behind = keys
    text = str(GlobalId(name, first, as_of, known_at))
    return strawberry.ID(_with(behind, text, f"{name}:{first}") if behind else text)


def _with(behind: Sequence[int], text: str, own: str) -> str:
    plain = base64.urlsafe_b64decode(text).decode()
    return base64.urlsafe_b64encode("/".join([own, *map(str, behind)]).encode() + plain[len(own) :].encode()).decode()


def parse(text: str) -> NodeId:
    """What an id names; MalformedId for any text that is none."""
    bare, behind = _apart(_BEHIND, text)
    found = read_id(bare)
    keys = tuple(int(key) for key in behind.split("/") if key)
    if found is None or write_all(found.type, [found.key, *keys], found.as_of, found.known_at) != text:
        raise MalformedId(text)
    return NodeId(found, keys)


def expect(name: str, text: str) -> int:
    """The key of an id of one type; BadInput for an id of another."""
    found = parse(text).plain
    if found.type != name:
        zh = f"此处应为 {name} 的标识，收到的是 {found.type} 的标识。"
        raise BadInput(zh, f"The id of a {name} is expected here, not of a {found.type}.", path=["id"])
    return found.key


def id_of(name: str, number: int) -> strawberry.ID:
    """The id of an object without versions, such as a row of a plugin's table; no other type has the same."""
    return write(name, number, None, None)


def number_of(name: str, text: str, place: str = "id") -> int:
    """The number in an id that `id_of` made; BadInput for an id of anything else, told at its place in the input."""
    try:
        return expect(name, text)
    except BadInput as wrong:
        wrong.path = (place,)
        raise


def _apart(form: re.Pattern[str], text: str) -> tuple[str, str]:
    """An id without the keys behind its own, and those."""
    try:
        plain = base64.urlsafe_b64decode(text.encode()).decode()
    except (binascii.Error, UnicodeError, ValueError):
        return text, ""
    found = form.search(plain)
    if not found:
        return text, ""
    bare = plain[: found.start()] + plain[found.end() :]
    return base64.urlsafe_b64encode(bare.encode()).decode(), found[1]


def timeless(value: Any) -> Any:
    """A mutation's input with the followers taken out of the ids in it; the services know no such ids."""
    if isinstance(value, Mapping):
        return {name: timeless(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [timeless(item) for item in value]
    return _apart(_SHOWN_BY, value)[0] if isinstance(value, str) else value


class UnknownType(BadInput):
    """An id of something that is no node."""

    def __init__(self, name: str) -> None:
        zh = f"标识中的类型「{name}」不存在；请使用本接口给出的 id。"
        super().__init__(zh, f"There is no type '{name}' as the id says; use ids that this API gave out.", path=["id"])
