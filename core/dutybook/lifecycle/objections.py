"""Objections: what a rule or a plugin has against a change, as data and never as an exception."""

from dataclasses import dataclass, replace
from typing import Literal

from dutybook.errors import Message

Severity = Literal["BLOCK", "WARN"]


@dataclass(frozen=True, slots=True)
class Objection:
    """One reason against publishing; `path` leads to the record and field it speaks of.

    BLOCK refuses; who holds the permission `overridable_by` may publish all the same, giving a reason. WARN only wants
    to be acknowledged. `plugin` is filled in by whoever asked.
    """

    code: str
    message: Message
    path: tuple[str, ...] = ()
    plugin: str = "core"
    severity: Severity = "BLOCK"
    overridable_by: str | None = None

    @property
    def name(self) -> str:
        """What it is acknowledged or overridden by: `toll:NO_CERTIFICATE`."""
        return f"{self.plugin}:{self.code}"

    def of(self, plugin: str) -> "Objection":
        """The same as said by a plugin."""
        return replace(self, plugin=plugin)
