"""The two time axes: half-open intervals of days, and revisions."""

from datetime import date, timedelta
from typing import NamedTuple

from dutybook.errors import BadInput, Message

FOREVER = date.max
"""The `valid_to` of what has no known end."""

STILL_KNOWN = 2**31 - 1
"""The `until_revision` of what the head still says."""


class Time(NamedTuple):
    """One point on both axes: what is in force on `as_of`, as the book knew it at revision `known_at`."""

    as_of: date
    known_at: int


class NotADay(BadInput):
    """A text that names no day of the calendar, or not in the one form."""

    def __init__(self, text: str) -> None:
        shown = text if len(text) <= 60 else f"{text[:60]}…"
        zh = f"「{shown}」不是日历中的日期，或写法不对；请写成 2026-03-01 的形式。"
        super().__init__(zh, f"'{shown}' is not a day of the calendar, or not in its form; write it like 2026-03-01.")


def parse_day(text: str) -> date:
    """A day written as `2026-03-01`; NotADay shows any other text."""
    try:
        day = date.fromisoformat(text)
    except ValueError as reason:
        raise NotADay(text) from reason
    if day.isoformat() != text:
        raise NotADay(text)
    return day


def eve(day: date) -> date:
    """The day before; before the first day of all there is none, and nothing changed since."""
    return max(day, date.min + timedelta(days=1)) - timedelta(days=1)


def days_told(start: date | None, end: date | None) -> Message:
    """The days of [start, end) as people say them, by the last one; an interval without any is shown as it was given."""
    if start is None:
        return Message("", "") if end is None else Message(f"至 {eve(end)}", f"through {eve(end)}")
    if end is None or end == FOREVER:
        return Message(f"{start} 起", f"from {start}")
    if end <= start:
        return Message(f"起 {start} 止 {end}（不含）", f"from {start} to {end} (not included)")
    return Message(f"{start} 至 {eve(end)}", f"{start} through {eve(end)}")
