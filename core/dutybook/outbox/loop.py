"""A step that is repeated in a thread of its own: at once while there is something to do, else after a pause."""

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event

import structlog

from dutybook.errors import causes

log = structlog.stdlib.get_logger()

PAUSE = 0.2
LONGEST_PAUSE = 10.0
"""Seconds between two looks at a database that is out of reach."""


@dataclass(frozen=True)
class Loop:
    """What is repeated, and how long it rests: `relief` after it did something, `pause` when there was nothing."""

    name: str
    step: Callable[[], bool]
    pause: float = PAUSE
    relief: float = 0.0

    def run(self, stop: Event) -> None:
        """Until told to stop; what a step raises is logged, and tried again less and less often."""
        failures = 0
        while not stop.is_set():
            try:
                rest, failures = self.relief if self.step() else self.pause, 0
            except Exception as error:
                failures += 1
                rest = min(self.pause * 2**failures, LONGEST_PAUSE)
                log.error("worker failed", loop=self.name, failures=failures, causes=causes(error))
            stop.wait(rest)
