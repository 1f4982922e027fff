"""Ids as the schema hands them out and takes them back.

A standard position's duty is shown by every follower with that follower's ordinal and position, so its id there names the
follower too (`Duty:55/12`): client caches must keep the two apart. Whoever changes something by such an id means the duty.
"""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import strawberry

from dutybook.book.ids import GlobalId, MalformedId, read_id
from dutybook.errors import BadInput

_SHOWN_BY = re.compile(r"(?<=\d)/(\d{1,18})(?=@|$)", re.ASCII)


@dataclass(frozen=True, slots=True)
class NodeId:
    """What an id names, and by which position it is shown where that matters."""

    plain: GlobalId
    shown_by: int | None = None


def write(name: str, key: int, as_of: date | None, known_at: int | None, shown_by: int | None = None) -> strawberry.ID:
    """The id of an object in a time."""
    text = str(GlobalId(name, key, as_of, known_at))
    return strawberry.ID(text if shown_by is None else _with_follower(text, name, key, shown_by))


def _with_follower(text: str, name: str, key: int, shown_by: int) -> str:
    plain, own = base64.urlsafe_b64decode(text).decode(), f"{name}:{key}"
    return base64.urlsafe_b64encode(f"{own}/{shown_by}{plain[len(own) :]}".encode()).decode()


def parse(text: str) -> NodeId:
    """What an id names; MalformedId for any text that is none."""
    bare, shown_by = _without_follower(text)
    found = read_id(bare)
    if found is None or write(*found, shown_by) != text:
        raise MalformedId(text)
    return NodeId(found, shown_by)


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


def _without_follower(text: str) -> tuple[str, int | None]:
    try:
        plain = base64.urlsafe_b64decode(text.encode()).decode()
    except (binascii.Error, UnicodeError, ValueError):
        return text, None
    found = _SHOWN_BY.search(plain)
    if not found:
        return text, None
    bare = plain[: found.start()] + plain[found.end() :]
    return base64.urlsafe_b64encode(bare.encode()).decode(), int(found[1])


def timeless(value: Any) -> Any:
    """A mutation's input with the followers taken out of the ids in it; the services know no such ids."""
    if isinstance(value, Mapping):
        return {name: timeless(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [timeless(item) for item in value]
    return _without_follower(value)[0] if isinstance(value, str) else value


class UnknownType(BadInput):
    """An id of something that is no node."""

    def __init__(self, name: str) -> None:
        zh = f"标识中的类型「{name}」不存在；请使用本接口给出的 id。"
        super().__init__(zh, f"There is no type '{name}' as the id says; use ids that this API gave out.", path=["id"])
