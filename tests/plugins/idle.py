"""Plugins that implement every hook and do nothing: what the platform itself costs is what a book with them costs more."""

import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any

from typer import Typer

from dutybook.api import GraphQLContribution, Health, hookspec
from dutybook.lifecycle.specs import Specs
from tests.made_plugins import made

NAMES = ("idleone", "idletwo", "idlethree")
SPECS = {name: spec for name, spec in vars(Specs).items() if not name.startswith("_")}


def _hookspecs(name: str) -> type:
    def idle(self: object) -> None:
        """Do nothing."""

    return type("Hooks", (), {f"{name}_idle": hookspec(idle)})


def _answer(name: str, hook: str) -> Any:
    """The least that a hook may answer."""
    if hook.startswith("contribute_"):
        special = {"graphql": GraphQLContribution(), "cli": Typer(), "hookspecs": _hookspecs(name), "demo": None}
        return special.get(hook.removeprefix("contribute_"), [])
    return {"declare_events": [], "health": Health()}.get(hook)


def _idle(name: str, hook: str, spec: Callable[..., Any]) -> Callable[..., Any]:
    answer, signature = _answer(name, hook), inspect.signature(spec)

    def idle(*_: object) -> Any:
        return answer

    bare: Any = idle
    bare.__name__, bare.__annotations__ = hook, spec.__annotations__
    bare.__signature__ = signature.replace(parameters=[p for p in signature.parameters.values() if p.name != "self"])
    return idle


def idle(name: str) -> ModuleType:
    """One of them."""
    return made(name, *(_idle(name, hook, spec) for hook, spec in SPECS.items() if hook != "describe"))


idleone, idletwo, idlethree = (idle(name) for name in NAMES)
"""As entry points name them."""
