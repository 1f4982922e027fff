"""It imports what may change under it."""

from dutybook.api import Message, PluginMeta, hookimpl
from dutybook.db.head import head

HEAD = head


@hookimpl
def describe() -> PluginMeta:
    return PluginMeta("inside", Message("坏", "Bad"), "1.0")
