"""Stop working for a client that has hung up."""

import asyncio
from collections.abc import Awaitable
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
    while (await receive())["type"] != "http.disconnect":
        pass
    working.cancel()
