"""All that a plugin may import of the core, besides `dutybook.testing`."""

from dutybook.book.kinds import Field, Kind, Type, Value, Values
from dutybook.book.times import FOREVER, Time
from dutybook.errors import BadInput, DutybookError, Forbidden, Message, NotFound, Refused
from dutybook.lifecycle.objections import Objection

__all__ = [
    "FOREVER",
    "BadInput",
    "DutybookError",
    "Field",
    "Forbidden",
    "Kind",
    "Message",
    "NotFound",
    "Objection",
    "Refused",
    "Time",
    "Type",
    "Value",
    "Values",
]
