"""No network while hooks run: whoever reaches for it is refused and remembered."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from dutybook.lifecycle.guard import HookCall, current
from dutybook.testing.verify.findings import Code, Finding, finding

WAYS = ("connect", "connect_ex", "sendto")


class NetworkRefused(OSError):
    """A hook reached for the network."""


@contextmanager
def without_network() -> Iterator[list[Finding]]:
    """Refuses connections to hooks; the databases' own are made elsewhere, and go on."""
    found: list[Finding] = []

    def refuse(call: HookCall, where: object) -> None:
        place = f"{call.plugin}.{call.hook}"
        zh, en = (
            f"连接 {where!r}；钩子在事务中运行，请改用任务（Job）",
            f"to {where!r}; hooks run in a transaction, use a job",
        )
        found.append(finding(Code.NETWORK_IN_HOOK, place, zh, en))
        raise NetworkRefused(en)

    def guarded(real: Any) -> Any:
        def reach(*given: Any, **more: Any) -> Any:
            call = current()
            if call is not None:
                refuse(call, given[-1] if given else "?")
            return real(*given, **more)

        return reach

    patches = [patch.object(socket.socket, way, guarded(getattr(socket.socket, way))) for way in WAYS]
    patches.append(patch.object(socket, "getaddrinfo", guarded(socket.getaddrinfo)))
    for it in patches:
        it.start()
    try:
        yield found
    finally:
        for it in patches:
            it.stop()
