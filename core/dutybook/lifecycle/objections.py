"""Objections: what a rule or a plugin has against a change, as data and never as an exception."""

from dataclasses import dataclass, replace
from typing import Literal

from dutybook.errors import BadInput, Message

Severity = Literal["BLOCK", "WARN"]


@dataclass(frozen=True, slots=True)
class Objection:
    """One reason against publishing; `path` leads to the record and field it speaks of.

    BLOCK refuses; who holds the permission `overridable_by` may publish all the same, giving a reason: anywhere, or
    where `department` is a key, for that department. WARN only wants to be acknowledged. `plugin` is filled in by
    whoever asked.
    """

    code: str
    message: Message
    path: tuple[str, ...] = ()
    plugin: str = "core"
    severity: Severity = "BLOCK"
    overridable_by: str | None = None
    department: int | None = None

    def __post_init__(self) -> None:
        refuse_untold("message", self.message)
        if self.severity not in {"BLOCK", "WARN"}:
            known = f"severity={self.severity!r}"
            raise BadInput(f"{known}：应为 BLOCK 或 WARN。", f"{known} must be BLOCK or WARN.", path=["severity"])

    @property
    def name(self) -> str:
        """What it is acknowledged or overridden by: `toll:NO_CERTIFICATE`."""
        return f"{self.plugin}:{self.code}"

    def of(self, plugin: str) -> "Objection":
        """The same as said by a plugin."""
        return replace(self, plugin=plugin)


def refuse_untold(name: str, message: object) -> None:
    """BadInput, unless it is a message in both languages: a plugin's mistake is told where it was made."""
    if not isinstance(message, Message):
        what = type(message).__name__
        raise BadInput(f"{name} 是 {what}，应为 Message。", f"{name} is a {what} and must be a Message.", path=[name])
