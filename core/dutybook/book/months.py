"""Months of accounts, written `2026-03`: their days, and their number as an integer."""

import re
from datetime import date

from dutybook.errors import BadInput

_FORM = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)


class NotAMonth(BadInput):
    """A text that names no month, or not in the one form."""

    def __init__(self, text: str) -> None:
        shown = text if len(text) <= 60 else f"{text[:60]}…"
        zh = f"「{shown}」不是有效月份；请写成 2026-03 的形式。"
        super().__init__(zh, f"'{shown}' is not a month; write it like 2026-03.", path=["month"])


def parse_month(text: str) -> str:
    """The month as it is kept; NotAMonth for any other text."""
    if not _FORM.fullmatch(text) or text < "0001" or text > "9999-11":
        raise NotAMonth(text)
    return text


def month_of(day: date) -> str:
    """The month that a day lies in."""
    return day.isoformat()[:7]


def first_day(month: str) -> date:
    """The first day of a month."""
    return date.fromisoformat(f"{month}-01")


def end_of(month: str) -> date:
    """The first day after a month."""
    first = first_day(month)
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def number_of(month: str) -> int:
    """A month as an integer, by which events and ids know it: 202603."""
    return int(month.replace("-", ""))


def month_numbered(number: int) -> str:
    """The month of such an integer; NotAMonth for any other."""
    return parse_month(f"{number // 100:04}-{number % 100:02}")
