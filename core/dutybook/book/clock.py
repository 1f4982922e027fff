"""Time comes from here, so that tests can set it."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


@dataclass
class Clock:
    """The wall clock, and the day it is in the enterprise's own time zone."""

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Shanghai"))

    def now(self) -> datetime:
        """This moment in UTC."""
        return datetime.now(UTC)

    def today(self) -> date:
        """The enterprise's day."""
        return self.now().astimezone(self.zone).date()


@dataclass
class FrozenClock(Clock):
    """A clock that stands still until it is set."""

    moment: datetime = datetime(2026, 1, 1, 4, tzinfo=UTC)

    def now(self) -> datetime:
        """The moment it was set to."""
        return self.moment
