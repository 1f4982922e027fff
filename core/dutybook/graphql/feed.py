"""The feed: what happens to the book, told to whoever listens, in order and once."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from functools import partial
from typing import Annotated, TypeVar

from dutybook.access.actor import READ, Actor
from dutybook.access.scope import require
from dutybook.db.watch import Tail
from dutybook.errors import BadInput
from dutybook.graphql.change_events import ChangeEvent, Page
from dutybook.graphql.context import Asking, Context
from dutybook.graphql.describe import argument, named, streamed
from dutybook.http.problems import Unauthenticated
from dutybook.outbox.failures import outage

T = TypeVar("T")

RENEWAL = 2.0
"""Seconds after which it is asked again who listens and what they may see."""

AWAY = 1.0
"""Seconds until a database that is away is asked again."""

AFTER = argument(
    "自此序号之后；0 为从头开始，lastSequence 为从现在起。",
    "Behind this sequence: 0 is the beginning, lastSequence is now.",
)
ENOUGH = argument("共取多少条后结束；不给则一直继续。", "How many events end it; without it the stream goes on.")


class BeyondTheLog(BadInput):
    """A place that the log has not reached: it belongs to another book, or to one that was restored."""

    def __init__(self, after: int, last: int) -> None:
        super().__init__(
            f"after 的值 {after} 超出最近一次变动的序号 {last}；账册可能已从备份恢复，请重新读取全册后从 lastSequence 续订。",
            f"after: {after} is beyond the last event, {last}. If the book was restored from a backup, read it again "
            "and follow from lastSequence.",
            path=["after"],
        )


class Negative(BadInput):
    """A number of events below zero."""

    def __init__(self, name: str, value: int) -> None:
        super().__init__(f"{name} 的值 {value} 不得小于 0。", f"{name}: {value} must not be below 0.", path=[name])


@named("订阅。", "What can be listened to.")
class Subscription:
    """The root of all streams."""

    @streamed(
        "序号 after 之后的变动，按提交次序，每条一次；给出 first 时在该数之后结束，否则一直继续。",
        "What happened after sequence `after`, in the order of commits, each once; ends after `first` events where "
        "given, else goes on.",
    )
    def changes(
        self,
        info: Asking,
        after: Annotated[int, AFTER],
        first: Annotated[int | None, ENOUGH] = None,
    ) -> AsyncGenerator[ChangeEvent, None]:
        """The events."""
        return follow(info.context, after, first)


async def follow(context: Context, after: int, first: int | None) -> AsyncGenerator[ChangeEvent, None]:
    """The events behind a sequence that the listener may know of; a page of the log is read when the last one was taken."""
    listener = Listener(context)
    await listener.actor()
    await _demand(listener, after, first)
    told = 0
    while first is None or told < first:
        actor = await listener.actor()
        tail = await steadily(partial(listener.watch.after, after))
        if not tail.rows:
            await listener.watch.grown(after, RENEWAL)
            continue
        for event in await steadily(partial(_events, context, actor, tail)):
            yield event
            after, told = event.sequence, told + 1
            if listener.is_stale or told == first:
                break
        else:
            after = tail.rows[-1].sequence


async def _events(context: Context, actor: Actor, tail: Tail) -> list[ChangeEvent]:
    """What an actor may know of a page, by the scope at a head that knows all of it: it may hold a department that is new."""
    await context.stand(actor, tail.head)
    return await Page(context, tail.rows).visible()


async def _demand(listener: "Listener", after: int, first: int | None) -> None:
    for name, value in (("after", after), ("first", first or 0)):
        if value < 0:
            raise Negative(name, value)
    last = (await steadily(listener.watch.head)).sequence
    if after > last:
        raise BeyondTheLog(after, last)


class Listener:
    """Who listens. Rights that are taken away end the stream, also of somebody to whom nothing happens to be told."""

    def __init__(self, context: Context) -> None:
        assert context.listening is not None, "a subscription is executed by what can answer more than once"
        self.watch = context.listening.watch
        self._renew = context.listening.renew
        self._actor = context.actor
        self._until = 0.0

    @property
    def is_stale(self) -> bool:
        """Whether it has to be asked again who it is."""
        return asyncio.get_running_loop().time() > self._until

    async def actor(self) -> Actor:
        """Whoever it is by now; Unauthenticated or Forbidden where they may listen no more."""
        if self.is_stale:
            actor = await steadily(self._renew)
            if actor is None:
                raise Unauthenticated
            require(actor, READ)
            self._actor = actor
            self._until = asyncio.get_running_loop().time() + RENEWAL
        return self._actor


async def steadily(read: Callable[[], Awaitable[T]]) -> T:
    """What is read, as soon as the database can be: a stream outlives its restart."""
    while True:
        try:
            return await read()
        except Exception as error:
            if outage(error) is None and not isinstance(error, OSError):
                raise
            await asyncio.sleep(AWAY)
