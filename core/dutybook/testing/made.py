"""Records that a test has made, and how they are named in what it says and asks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from dutybook.book.ids import GlobalId, type_name


@dataclass(frozen=True, slots=True)
class Made:
    """A record: `key` for rows of a plugin's tables, `code` for people, `id` for GraphQL. Sayings and variables take it as it is."""

    kind: str
    key: int
    code: str | None = None

    @property
    def id(self) -> str:
        """The id that GraphQL knows it by."""
        return str(GlobalId(type_name(self.kind), self.key))

    def __str__(self) -> str:
        """Its code, or its id where its kind has no codes."""
        return self.code or self.id


def plain(said: Any) -> Any:
    """What is said or asked as plain JSON, records by their ids."""
    match said:
        case Made():
            return said.id
        case date():
            return said.isoformat()
        case Mapping():
            return {name: plain(part) for name, part in said.items()}
        case list() | tuple():
            return [plain(part) for part in said]
        case _:
            return said
