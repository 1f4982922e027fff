"""What the HTTP layer is given: who asks, what resolvers are told, what was answered before, what must be well."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from dutybook.access.actor import Actor


@dataclass(frozen=True, slots=True)
class Idempotency:
    """A client's own name for one mutation, and the digest of what it asked for under that name."""

    key: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Call:
    """One operation on its way to the resolvers; `language` is empty where the client names none.

    `renew` asks again who it is that listens to a stream; there is none where one answer is all.
    """

    actor: Actor
    request_id: str
    language: str = ""
    idempotency: Idempotency | None = None
    renew: "Renew | None" = None


class Context(Protocol):
    """What resolvers see as `info.context`."""

    def max_age(self) -> int | None:
        """For how many seconds the answer stays true; None where it must not be kept. Asked after the resolvers ran."""

    def close(self) -> None:
        """Let go of all that was read: nobody asks any more."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An answer that went out under an idempotency key."""

    status: int
    body: bytes


class IdempotencyStore(Protocol):
    """Answers by actor and key; the transaction of the mutation keeps the record, the last bytes are added here."""

    async def look_up(self, actor: Actor, idempotency: Idempotency) -> Stored | None:
        """What was answered; a DutybookError with code IDEMPOTENCY_KEY_REUSED where the fingerprint is another."""

    async def complete(self, actor: Actor, idempotency: Idempotency, stored: Stored) -> Stored:
        """Keep the bytes that will go out, and give them; the first ones kept stand."""


Authenticate: TypeAlias = Callable[[str | None, Mapping[str, str]], Awaitable[Actor | None]]
"""The `Authorization` header and the cookies of a request, to whoever sent it; None is answered with 401."""

Renew: TypeAlias = Callable[[], Awaitable[Actor | None]]
"""Who sends this, as the accounts stand now; None once it is nobody any more."""

MakeContext: TypeAlias = Callable[[Call], Awaitable[Context]]

MayIntrospect: TypeAlias = Callable[[Actor], bool]

Check: TypeAlias = Callable[[], Awaitable[str | None]]
"""None when all is well, else what is wrong, in one sentence; raising counts as being unwell."""
