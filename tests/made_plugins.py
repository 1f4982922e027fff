"""Plugins made on the spot: a name and some functions that are its hooks."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

from dutybook.errors import Message
from dutybook.lifecycle.loading import Found, load_plugins
from dutybook.lifecycle.manifest import PluginMeta
from dutybook.lifecycle.plugins import DEADLINE, Plugins
from dutybook.lifecycle.specs import hookimpl


def made(name: str, *hooks: Callable[..., Any], **manifest: Any) -> ModuleType:
    """A plugin whose hooks these functions are, each by its name."""

    def describe() -> PluginMeta:
        return PluginMeta(name, Message(name, name), **{"version": "1.0", **manifest})

    module = ModuleType(f"dutybook_{name}")
    for hook in (describe, *hooks):
        setattr(module, hook.__name__, hookimpl(hook))
    return module


def found(*plugins: ModuleType) -> Found:
    """The plugins as if they were installed."""
    named = {plugin.__name__.removeprefix("dutybook_"): plugin for plugin in plugins}
    return {name: lambda plugin=plugin: plugin for name, plugin in named.items()}  # type: ignore[misc]


def loaded(*plugins: ModuleType, deadline: float = DEADLINE) -> Plugins:
    """The plugins, enabled."""
    known = found(*plugins)
    return load_plugins(list(known), found=known, deadline=deadline)
