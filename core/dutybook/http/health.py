"""Whether this process lives, and whether it may be sent requests."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import orjson
from starlette.requests import Request
from starlette.responses import Response

from dutybook.http.complaints import report
from dutybook.http.negotiation import JSON
from dutybook.http.ports import Check

PATIENCE = 2.0
NO_STORE = {"Cache-Control": "no-store"}


async def livez(_request: Request) -> Response:
    """This process answers; nothing else is asked."""
    return Response(b'{"alive":true}', headers=NO_STORE, media_type=JSON)


@dataclass(frozen=True, slots=True)
class Readiness:
    """The answer at /readyz: what each check finds."""

    checks: Mapping[str, Check]

    async def page(self, request: Request) -> Response:
        """200 when every check is well, else 503; each is named."""
        asked = (_ask(check, request.state.request_id) for check in self.checks.values())
        found = dict(zip(self.checks, await asyncio.gather(*asked), strict=True))
        ready = not any(found.values())
        checks = {name: {"ok": wrong is None, "detail": wrong} for name, wrong in found.items()}
        return Response(orjson.dumps({"ready": ready, "checks": checks}), 200 if ready else 503, NO_STORE, JSON)


async def _ask(check: Check, request_id: str) -> str | None:
    try:
        async with asyncio.timeout(PATIENCE):
            return await check()
    except TimeoutError:
        return f"no answer within {PATIENCE:g} s"
    except Exception as error:
        report("check failed", error, request_id)
        return type(error).__name__
