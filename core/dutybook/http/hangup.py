"""Stop working for a client that has hung up; but what changes the book is done to its end."""

import asyncio
from collections.abc import Awaitable, Coroutine
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect
from starlette.types import Receive

T = TypeVar("T")


async def unless_hung_up(receive: Receive, work: Awaitable[T]) -> T:
    """The result of the work; ClientDisconnect once the client hangs up, and the work is cancelled. Read the body first."""
    me = asyncio.current_task()
    assert me is not None
    watch = asyncio.create_task(_cancel_on_hangup(receive, me))
    try:
        return await work
    except asyncio.CancelledError:
        if watch.done() and not watch.cancelled() and not me.uncancel():
            raise ClientDisconnect from None
        raise
    finally:
        watch.cancel()


async def _cancel_on_hangup(receive: Receive, working: "asyncio.Task[Any]") -> None:
    await hung_up(receive)
    working.cancel()


async def hung_up(receive: Receive) -> None:
    """Waits until the client hangs up."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def to_its_end(work: Coroutine[Any, Any, T]) -> T:
    """The result of the work, which is finished before a cancellation goes on."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise


async def ended(*tasks: "asyncio.Future[Any]") -> None:
    """Cancels tasks and waits until they are gone; what they raise meanwhile concerns nobody any more."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
