"""Pages and panels of plugins under `/x/<plugin>/`, for whoever is signed in."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from dutybook.errors import Message
from dutybook.http.ports import Authenticate
from dutybook.http.problems import Unauthenticated
from dutybook.lifecycle.calling import PluginFailure
from dutybook.lifecycle.gifts import Panel
from dutybook.lifecycle.loading import PluginsRefused
from dutybook.lifecycle.plugins import Loaded, Plugins
from dutybook.services.book import Book
from dutybook.web.panels import PanelPage


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Answers 401 to whoever is not known; a plugin's page finds `actor` and `book` in `request.state`."""

    app: ASGIApp
    authenticate: Authenticate
    book: Book

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on once it is known who sends it."""
        if scope["type"] == "http":
            request = Request(scope)
            actor = await self.authenticate(request.headers.get("authorization"), request.cookies)
            if actor is None:
                raise Unauthenticated
            scope.setdefault("state", {}).update(actor=actor, book=self.book)
        await self.app(scope, receive, send)


def plugin_routes(book: Book, authenticate: Authenticate) -> list[BaseRoute]:
    """A mount for each plugin that has pages or panels; PluginsRefused where it gives something else."""
    mounts: list[BaseRoute] = []
    for plugin in book.plugins:
        panels = [panel for panel in plugin.panels if isinstance(panel, Panel)]
        routes = [Route(f"/panels/{panel.name}", PanelPage(book, plugin, panel).page) for panel in panels]
        mount = Mount(f"/x/{plugin.name}", routes=[*routes, *_pages(book.plugins, plugin)])
        mount.app = SignedIn(mount.app, authenticate, book)
        mounts.append(mount)
    return mounts


def _pages(plugins: Plugins, plugin: Loaded) -> Sequence[BaseRoute]:
    try:
        return plugins.gather(plugin, "contribute_routes", BaseRoute, settings=plugin.settings)
    except PluginFailure as failure:
        raise PluginsRefused({plugin.name: Message(*failure.short)}) from failure
