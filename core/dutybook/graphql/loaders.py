"""Batches: what resolvers of one level ask for is read in one statement."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

Load = Callable[[Sequence[K]], Awaitable[Mapping[K, V]]]


PATIENCE = 3
"""Turns of the event loop: the executor takes one more for several things to await than for one, on each level."""


class Batch(Generic[K, V]):
    """Collects the keys asked for in a few turns of the event loop, loads them at once, and remembers the answers."""

    def __init__(self, load: Load[K, V]) -> None:
        self._load = load
        self._known: dict[K, asyncio.Future[V]] = {}
        self._wanted: list[K] = []
        self._running: set[asyncio.Task[None]] = set()

    def __call__(self, key: K) -> Awaitable[V]:
        """The answer for a key; a key that the load function leaves out is a KeyError of that key alone."""
        if key in self._known:
            return self._known[key]
        loop = asyncio.get_running_loop()
        if not self._wanted:
            loop.call_soon(self._gather, 0, 0)
        self._wanted.append(key)
        self._known[key] = future = loop.create_future()
        return future

    def known(self, key: K) -> V | None:
        """The answer for a key, if it is there already."""
        future = self._known.get(key)
        if future is None or not future.done() or future.cancelled() or future.exception():
            return None
        return future.result()

    def _gather(self, seen: int, quiet: int) -> None:
        """Waits until a few turns have brought no further key."""
        loop, count = asyncio.get_running_loop(), len(self._wanted)
        quiet = quiet + 1 if count == seen else 0
        if quiet < PATIENCE:
            loop.call_soon(self._gather, count, quiet)
            return
        keys, self._wanted = self._wanted, []
        task = loop.create_task(self._answer(keys))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _answer(self, keys: Sequence[K]) -> None:
        try:
            found = await self._load(keys)
        except Exception as reason:
            for key in keys:
                self._fail(key, reason)
            return
        for key in keys:
            try:
                self._settle(key, found[key])
            except KeyError as missing:
                self._fail(key, missing)

    def _settle(self, key: K, answer: V) -> None:
        if not (future := self._known[key]).done():
            future.set_result(answer)

    def _fail(self, key: K, reason: Exception) -> None:
        if not (future := self._known[key]).done():
            future.set_exception(reason)
            future.exception()  # a resolver that was cancelled meanwhile does not ask for it
