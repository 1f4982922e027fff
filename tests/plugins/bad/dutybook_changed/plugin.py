"""Its contract speaks of a permission that is gone."""

from dutybook.api import Message, PluginMeta, hookimpl


@hookimpl
def describe() -> PluginMeta:
    return PluginMeta("changed", Message("坏", "Bad"), "1.0")
