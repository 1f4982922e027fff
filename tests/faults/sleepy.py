"""A plugin whose check sleeps for a minute."""

from collections.abc import Iterable, Sequence
from time import sleep

from dutybook.api import Message, Objection, PluginMeta, PositionChange, hookimpl


@hookimpl
def describe() -> PluginMeta:
    return PluginMeta("sleepy", Message("瞌睡", "Sleepy"), "1.0")


@hookimpl
def check_position(changes: Sequence[PositionChange]) -> Iterable[Objection] | None:
    sleep(60)
    return None
