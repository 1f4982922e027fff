"""The page at /graphiql: ask the book by hand, with nothing that comes from elsewhere."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

STATIC = Path(__file__).parent / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


async def page(_request: Request) -> Response:
    """The console itself; it signs in by a token or by the session's cookie."""
    return FileResponse(
        STATIC / "console.html", headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}
    )


def console_routes() -> list[BaseRoute]:
    """The page and its files."""
    return [Route("/graphiql", page), Mount("/graphiql", StaticFiles(directory=STATIC))]
