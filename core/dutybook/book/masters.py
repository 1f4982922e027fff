"""Master systems: which attribute of people is kept in which other system, so that it is read-only here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dutybook.book.kinds import Kind
from dutybook.book.nouns import ASSIGNMENT, EMPLOYEE
from dutybook.errors import BadInput

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (EMPLOYEE, ASSIGNMENT)}
"""What can have a master: a file of that system is the one way by which it changes."""


@dataclass(frozen=True, slots=True)
class Masters:
    """The system of each attribute (`employee.email`) or whole kind (`assignment`); what is named itself goes before its kind."""

    systems: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, said: Mapping[str, Sequence[str]]) -> "Masters":
        """From the setting: the attributes by systems. BadInput names one that does not exist or has two masters."""
        systems: dict[str, str] = {}
        for system, names in said.items():
            for name in names:
                kind, _, attribute = name.partition(".")
                if kind not in KINDS or (attribute and attribute not in KINDS[kind].by_name):
                    raise _unknown(system, name)
                if systems.setdefault(name, system) != system:
                    zh = f"设置 masters：「{name}」同时以 {systems[name]} 和 {system} 为准；只能有一个系统。"
                    en = f"masters: '{name}' is given to both {systems[name]} and {system}; one system is the master."
                    raise BadInput(zh, en, path=["masters", system])
        return cls(systems)

    def of_kind(self, kind: str) -> str | None:
        """The system that is the master of a kind as a whole."""
        return self.systems.get(kind)

    def of_attribute(self, kind: str, attribute: str) -> str | None:
        """The system that is the master of an attribute."""
        return self.systems.get(f"{kind}.{attribute}") or self.systems.get(kind)


NOBODY = Masters()


def _unknown(system: str, name: str) -> BadInput:
    known = ", ".join([*KINDS, *(f"{kind.name}.{each}" for kind in KINDS.values() for each in kind.by_name)])
    zh = f"设置 masters：{system} 的「{name}」不是可由其他系统维护的内容；可选：{known}。"
    return BadInput(
        zh,
        f"masters: '{name}' of {system} is nothing that can have a master; known are {known}.",
        path=["masters", system],
    )
