"""When the server begins to end: streams would never be complete by themselves, and hold it up."""

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Ending:
    """Something to wait for: the signal that ends this process, long before the server tells the application."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    async def wait(self) -> None:
        """Until the server begins to end."""
        await self._event.wait()

    @contextmanager
    def heard(self) -> Iterator[None]:
        """A block in which signals are heard before the server's own handlers get them."""
        if threading.current_thread() is not threading.main_thread():
            yield  # no signals reach this thread; whoever runs a server here closes its clients first
            return
        loop, handlers = asyncio.get_running_loop(), {number: signal.getsignal(number) for number in SIGNALS}
        # Where nobody handles a signal, it ends the process at once, and so it shall.
        before = {int(number): handler for number, handler in handlers.items() if callable(handler)}

        def hear(number: int, frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(self._event.set)
            before[number](number, frame)

        for number in before:
            signal.signal(number, hear)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
