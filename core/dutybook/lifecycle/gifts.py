"""What plugins contribute: GraphQL fields, panels, navigation, jobs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Any, TypeAlias

from sqlalchemy.orm import Session

from dutybook.errors import Message


@dataclass(frozen=True, slots=True)
class GraphQLContribution:
    """Fields for types of the schema, by the type's name; `Query`, `Mutation` and `Registry` are such types too.

    A type that only these fields lead to needs no mention; `types` are those that nothing leads to by its own type, such as
    the ones that implement an interface.
    """

    fields: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    types: Sequence[type[Any]] = ()


HOME = "home"
"""The place of a panel that is about no record."""


@dataclass(frozen=True, slots=True)
class PanelRequest:
    """For what a panel is drawn: the record whose page it stands on (None at home), the day, and the language.

    `departments` are those for which the reader holds the panel's permission, None for all: a panel at home keeps to them.
    """

    key: int | None
    as_of: date
    language: str
    departments: frozenset[int] | None = None


Html: TypeAlias = str
"""Text that is markup already; make it with `markupsafe.Markup`, which escapes whatever is put into it."""


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of a page, served at `/x/<plugin>/panels/<name>`; `place` is a kind such as `position`, or `home`.

    `draw` runs in a worker thread with a deadline and only reads. What is not `markupsafe.Markup` is escaped.
    """

    name: str
    title: Message
    place: str
    permission: str
    draw: Callable[[Session, PanelRequest], Html]


@dataclass(frozen=True, slots=True)
class NavItem:
    """An entry of the navigation that leads to a page of the plugin, such as `/x/toll/shifts`."""

    title: Message
    path: str
    permission: str


@dataclass(frozen=True, slots=True)
class Job:
    """Work that a worker does again and again: `every` so often, or `at` a time of each day in the book's time zone.

    One run is one transaction in which its next time is set too, so no run is lost or done twice.
    """

    name: str
    run: Callable[[Session], None]
    every: timedelta | None = None
    at: time | None = None
