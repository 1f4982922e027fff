"""How far an import is, for whoever waits for it."""

from time import monotonic

from dutybook.cli.context import say


class Progress:
    """Tells on stderr how far an import is, every few seconds."""

    EVERY = 2.0

    def __init__(self) -> None:
        self.told = monotonic()

    def __call__(self, done: int, total: int) -> None:
        """So many changes of so many."""
        if monotonic() - self.told > self.EVERY:
            self.told = monotonic()
            say(f"已形成变更 {done:,} / {total:,}", f"{done:,} of {total:,} changes")
