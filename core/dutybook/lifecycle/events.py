"""Lifecycle events: what has happened, in the past tense; one append-only log, gapless and in commit order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from dutybook.book.kinds import Value

CORE_EVENTS: Mapping[str, Sequence[str]] = {
    "organisation": ("opened", "changed", "closed"),
    "department": ("opened", "changed", "moved", "merged", "split", "closed"),
    "standard_position": ("opened", "changed", "closed"),
    "position": ("opened", "changed", "moved", "merged", "split", "closed"),
    "duty": ("added", "changed", "moved", "split", "merged", "reordered", "withdrawn"),
    "employee": ("opened", "changed", "closed", "erased"),
    "assignment": ("started", "changed", "suspended", "resumed", "ended"),
    "document": ("opened", "changed", "closed"),
    "changeset": (
        *("opened", "submitted", "signed", "returned", "approved", "rejected", "withdrawn", "rebased"),
        *("overridden", "published", "took_effect", "reverted"),
    ),
    "period": ("opened", "closing", "closed", "reopened"),
    "plugin": ("enabled", "disabled", "settings_changed", "forgotten"),
}
"""What may have happened to each aggregate. A plugin's kinds have `<kind>.opened|changed|closed`, its own events
`<plugin>.<noun>.<verb>`."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to one aggregate.

    `sequence` is gapless and in commit order, so it also orders the events of each aggregate, and `id` is its text: the
    key by which a handler knows that it has seen an event. `effective_on` is the day from which it holds, `cause` the
    sequence of the event in whose handling it was emitted. For what a publication did, `payload` is the change as it
    stands in the revision's document: verb, values, from, to; personal values are digests there.
    """

    sequence: int
    type: str
    aggregate: str
    key: int
    recorded_at: datetime
    actor: str
    effective_on: date | None = None
    changeset: int | None = None
    revision: int | None = None
    version: int = 1
    cause: int | None = None
    payload: Mapping[str, Value] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The key of the event."""
        return str(self.sequence)


@dataclass(frozen=True, slots=True)
class EventType:
    """A type of event that a plugin emits: `<plugin>.<noun>.<verb>`, and the dataclass that its payload is made from."""

    name: str
    payload: type[Any]
    version: int = 1
