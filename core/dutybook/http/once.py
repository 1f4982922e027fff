"""The same mutation sent twice under one key is answered twice and executed once."""

import asyncio
from collections.abc import Awaitable, Callable
from weakref import WeakValueDictionary

from dutybook.access.actor import Actor
from dutybook.http.documents import Operation
from dutybook.http.params import Params
from dutybook.http.ports import Idempotency, IdempotencyStore, Stored
from dutybook.http.refusals import SeveralMutations, WrongKey

LONGEST_KEY = 200


def idempotency_of(key: str | None, operation: Operation, params: Params) -> Idempotency | None:
    """What the `Idempotency-Key` header asks for; queries need none."""
    if key is None or not operation.is_mutation:
        return None
    if not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        raise WrongKey(key)
    fields = [name for name, field in operation.roots.items() if not field.startswith("__")]
    if len(fields) > 1:
        raise SeveralMutations(fields)
    return Idempotency(key, params.fingerprint)


class Once:
    """Answers kept by actor and key; repetitions that arrive meanwhile wait for the first."""

    def __init__(self, store: IdempotencyStore) -> None:
        self._store = store
        # A lock lives as long as somebody holds it or waits for it.
        self._locks: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def answer(
        self, actor: Actor, idempotency: Idempotency, execute: Callable[[], Awaitable[tuple[Stored, bool]]]
    ) -> Stored:
        """What was answered before, else what `execute` answers; kept if it says that this answer is final."""
        async with self._locks.setdefault((actor.name, idempotency.key), asyncio.Lock()):
            if stored := await self._store.look_up(actor, idempotency):
                return stored
            answer, final = await execute()
            return await self._store.complete(actor, idempotency, answer) if final else answer
