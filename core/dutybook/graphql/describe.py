"""Descriptions in both languages, on everything that the schema shows."""

from collections.abc import Callable
from typing import Any, TypeVar, cast, dataclass_transform

import strawberry

C = TypeVar("C", bound=type)
F = TypeVar("F", bound=Callable[..., Any])


def both(zh: str, en: str) -> str:
    """The description of one thing."""
    return f"{zh} {en}"


def column(zh: str, en: str, **options: Any) -> Any:
    """A field that is read from the object as it stands."""
    return strawberry.field(description=both(zh, en), **options)


def resolved(zh: str, en: str, **options: Any) -> Callable[[F], F]:
    """A field that a method answers."""
    return cast("Callable[[F], F]", strawberry.field(description=both(zh, en), **options))


def streamed(zh: str, en: str) -> Callable[[F], F]:
    """A stream that a method answers with."""
    return cast("Callable[[F], F]", strawberry.subscription(description=both(zh, en)))


def argument(zh: str, en: str, **options: Any) -> Any:
    """An argument of a field."""
    return strawberry.argument(description=both(zh, en), **options)


def value(name: str, zh: str, en: str) -> Any:
    """A value of an enum."""
    return strawberry.enum_value(name, description=both(zh, en))


@dataclass_transform(kw_only_default=True, field_specifiers=(column,))
def named(zh: str, en: str, **options: Any) -> Callable[[C], C]:
    """A type whose objects are made from its fields."""
    return cast("Callable[[C], C]", strawberry.type(description=both(zh, en), **options))
