"""The two time axes: half-open intervals of days, and revisions."""

from datetime import date
from typing import NamedTuple

from dutybook.errors import BadInput

FOREVER = date.max
"""The `valid_to` of what has no known end."""

STILL_KNOWN = 2**31 - 1
"""The `until_revision` of what the head still says."""


class Time(NamedTuple):
    """One point on both axes: what is in force on `as_of`, as the book knew it at revision `known_at`."""

    as_of: date
    known_at: int


def parse_day(text: str) -> date:
    """A day written as `2026-03-01`; BadInput names what is wrong with any other text."""
    try:
        return date.fromisoformat(text)
    except ValueError as reason:
        zh = f"「{text}」不是有效日期（{reason}）。请写成 2026-03-01 的形式。"
        raise BadInput(zh, f"'{text}' is not a day ({reason}). Write it like 2026-03-01.") from reason
