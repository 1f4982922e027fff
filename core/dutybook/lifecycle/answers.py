"""What hooks answer, read in their own thread and within their deadline: iterating may hang or raise as well."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from dutybook.errors import DutybookError

MOST = 10_000
"""Things that a hook may answer at once; a generator that never ends is found out by it."""

Reading = Callable[[Any], Any]
"""How an answer is read; Nonsense where it cannot be."""


class Nonsense(DutybookError):
    """A hook answered something else than it promises."""

    code = "NONSENSE"


def plain(answer: Any) -> Any:
    """The answer as it is, but for generators, which are listed."""
    return _listed(answer) if isinstance(answer, Iterator) else answer


def several(*wanted: type[Any]) -> Reading:
    """A list of things of these types; None is an empty one, and one alone a list of it."""

    def read(answer: Any) -> list[Any]:
        return [_fitting(item, *wanted) for item in _listed(answer)]

    return read


def one(wanted: type[Any]) -> Reading:
    """One of these."""
    return lambda answer: _fitting(answer, wanted)


def perhaps(wanted: type[Any]) -> Reading:
    """One of these, or None."""
    return lambda answer: None if answer is None else _fitting(answer, wanted)


def _listed(answer: Any) -> list[Any]:
    if answer is None:
        return []
    if not isinstance(answer, Iterable) or isinstance(answer, str | bytes | Mapping | type):
        return [answer]
    found = list(islice(answer, MOST + 1))
    if len(found) > MOST:
        raise Nonsense(f"返回了超过 {MOST} 项。", f"it answered more than {MOST} things.")
    return found


def _fitting(item: Any, *wanted: type[Any]) -> Any:
    if not isinstance(item, wanted):
        what, names = type(item).__name__, " | ".join(kind.__name__ for kind in wanted)
        raise Nonsense(f"返回了 {what}，应为 {names}。", f"it answered {what}, not {names}.")
    return item
