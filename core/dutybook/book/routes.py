"""Which routes of approval a change set goes by: each place that it touches picks its most specific one."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import NamedTuple, Self

USER, ROLE = "user", "role"


class Signer(NamedTuple):
    """Who must sign: `user:NAME`, `role:NAME`, or `role:NAME@PLACE`, a role that reaches that place."""

    kind: str
    name: str
    place: str | None = None

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The signer that is written so; None for any other text. A user's name may hold an @."""
        kind, _, rest = text.partition(":")
        if kind == USER and rest:
            return cls(kind, rest)
        name, at, place = rest.partition("@")
        return cls(kind, name, place or None) if kind == ROLE and name and (place or not at) else None

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}@{self.place}" if self.place else f"{self.kind}:{self.name}"


@dataclass(frozen=True, slots=True)
class Step:
    """All of its signers must sign; `routes` are the names of those that ask for it."""

    signers: tuple[str, ...]
    name: str | None = None
    routes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """A route of the book; None stands for any organisation, department or kind."""

    key: int
    name: str
    steps: tuple[Step, ...]
    organisation: int | None = None
    department: int | None = None
    kinds: frozenset[str] | None = None
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands: its department and those above it, the nearest first, and its organisation."""

    kind: str
    departments: tuple[int, ...] = ()
    organisation: int | None = None


def fits(route: Route, place: Place) -> bool:
    """Whether a route speaks of a place."""
    return (
        route.organisation in {None, place.organisation}
        and (route.department is None or route.department in place.departments)
        and (route.kinds is None or place.kind in route.kinds)
    )


def most_specific(routes: Iterable[Route], place: Place) -> Route | None:
    """The route for a place: the nearest department, then any organisation, then the kind, then priority, then the oldest."""

    def rank(route: Route) -> tuple[int, bool, bool, int, int]:
        nobody = len(place.departments)
        height = nobody if route.department is None else place.departments.index(route.department)
        return height, route.organisation is None, route.kinds is None, -route.priority, route.key

    return min((route for route in routes if fits(route, place)), key=rank, default=None)


def joined(routes: Iterable[Route]) -> list[Step]:
    """One route out of several, side by side from the end: the last steps, who decide for the whole, come together.

    From the beginning, the only step of a short route, the head of the enterprise perhaps, would come before the
    second one of a long route. Each route keeps its own order.
    """
    ordered = sorted(routes, key=lambda route: route.key)
    beside = zip_longest(*(_named(route)[::-1] for route in ordered))
    return [_side_by_side([step for step in some if step]) for some in beside][::-1]


def _named(route: Route) -> Sequence[Step]:
    """The steps of a route, each with the route's name; the default route, which is none of the book's, has none."""
    return [Step(step.signers, step.name, (route.name,) if route.name else ()) for step in route.steps]


def _side_by_side(steps: Sequence[Step]) -> Step:
    """Whoever several ask for signs once; where one of them asks for two of a role, two sign."""
    signers: Counter[str] = Counter()
    for step in steps:
        signers |= Counter(step.signers)
    names = tuple(dict.fromkeys(step.name for step in steps if step.name))
    return Step(tuple(signers.elements()), " / ".join(names) or None, tuple(_each_once(steps)))


def _each_once(steps: Sequence[Step]) -> Iterator[str]:
    yield from dict.fromkeys(name for step in steps for name in step.routes)
