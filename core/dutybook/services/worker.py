"""The worker: delivers events, runs jobs, lets change sets take effect; any number of them share one book."""

from collections.abc import Iterator
from threading import Event, Thread
from time import monotonic

from dutybook.outbox.delivery import Delivery
from dutybook.outbox.jobs import Jobs
from dutybook.outbox.loop import Loop
from dutybook.services.book import Book
from dutybook.services.effects import TakingEffect
from dutybook.services.files import Sweeping

SELDOM = 1.0
"""Seconds between two looks at what depends on the hour."""

HOURLY = 3600.0
"""Seconds between two looks for files that nobody has named."""

ATTENTION = 0.2
"""Seconds after which the main thread looks up: a signal that another thread received does not wake it."""

FAREWELL = 1.5
"""Seconds that running steps have to end; whatever has not is rolled back with the process."""

RELIEF = 0.01
"""On SQLite a worker with much to do lets other writers in: they look for a gap only now and then."""


class Worker:
    """All that a book has to be done after commit. Each plugin has threads of its own, so one that hangs delays nobody."""

    def __init__(self, book: Book) -> None:
        self.loops = list(_loops(book))

    def run(self, stop: Event) -> None:
        """Works until told to stop."""
        threads = [Thread(target=loop.run, args=[stop], name=loop.name, daemon=True) for loop in self.loops]
        for thread in threads:
            thread.start()
        while not stop.wait(ATTENTION):
            pass
        end = monotonic() + FAREWELL
        for thread in threads:
            thread.join(max(0, end - monotonic()))

    def drain(self) -> None:
        """Does all that can be done now, in this thread; what is parked for later or held by another worker stays."""
        done = [True]
        while any(done):
            done = [loop.step() for loop in self.loops]


def _loops(book: Book) -> Iterator[Loop]:
    relief = RELIEF if book.database.is_sqlite else 0.0
    yield Loop("effects", TakingEffect(book).step, SELDOM, relief)
    yield Loop("files", Sweeping(book).step, HOURLY, relief)
    for plugin in book.plugins.implementing("on_events"):
        yield Loop(f"{plugin.name} events", Delivery(book, plugin).step, relief=relief)
    for plugin in book.plugins.implementing("contribute_jobs"):
        yield Loop(f"{plugin.name} jobs", Jobs(book, plugin).step, SELDOM, relief)
