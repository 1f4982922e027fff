"""Panels of plugins, as fragments of pages: `/x/<plugin>/panels/<name>?key=…&asOf=…`; one that fails is a box that says so."""

from dataclasses import dataclass

import structlog
from anyio import to_thread
from markupsafe import Markup, escape
from sqlalchemy import select
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from dutybook.access.actor import Actor
from dutybook.access.scope import NOTHING, scope_in
from dutybook.book.ids import kind_name, parse_id
from dutybook.book.times import Time, parse_day
from dutybook.db.in_force import Scope, in_force
from dutybook.errors import BadInput, Forbidden, Message, NotFound
from dutybook.http.problems import language_of
from dutybook.lifecycle.calling import PluginFailure
from dutybook.lifecycle.gifts import HOME, Panel, PanelRequest
from dutybook.lifecycle.plugins import Loaded
from dutybook.services.book import Book

log = structlog.stdlib.get_logger()

FAILED = Message(
    "插件面板无法显示；请稍后重试，或请管理员查看日志",
    "This panel cannot be shown; try again later, or have the log looked at",
)


@dataclass(frozen=True, slots=True)
class PanelPage:
    """The endpoint of one panel."""

    book: Book
    plugin: Loaded
    panel: Panel

    async def page(self, request: Request) -> Response:
        """The fragment, for who may see the record that it is about."""
        head = await self._head()
        asked = await self._asked(request, head, await self._scope(request.state.actor, head))
        return HTMLResponse(await to_thread.run_sync(self._drawn, asked), headers={"Cache-Control": "no-store"})

    async def _head(self) -> int:
        row = self.book.tables["head"]
        revision: int = (await self.book.database.rows(select(row.c.revision)))[0][0]
        return revision

    async def _scope(self, actor: Actor, head: int) -> Scope:
        permission, holders = self.panel.permission, self.book.plugins.holders(self.panel.permission)
        scope = await scope_in(self.book.database, actor, permission, head, self.book.clock.today(), holders)
        if scope.departments == NOTHING.departments:
            roles = ", ".join(sorted(holders)) or "-"
            zh = f"此面板需要权限 {permission}（角色：{roles}）；请管理员授予。"
            raise Forbidden(zh, f"This panel needs the permission {permission} (roles: {roles}); ask an administrator.")
        return scope

    async def _asked(self, request: Request, head: int, scope: Scope) -> PanelRequest:
        day, key = request.query_params.get("asOf"), request.query_params.get("key")
        as_of = parse_day(day) if day else self.book.clock.today()
        about = None if self.panel.place == HOME else await self._key(key, Time(as_of, head), scope)
        language = language_of(request.headers.get("accept-language")) or "zh"
        return PanelRequest(about, as_of, language, scope.departments)

    async def _key(self, text: str | None, time: Time, scope: Scope) -> int:
        """The record that the page is about; one that may not be seen is as if it were absent."""
        kind, label = self.panel.place, self.book.kinds[self.panel.place].label
        if text is None:
            raise BadInput(
                f"请用 key 指明{label.zh}的标识。", f"Name the {label.en.lower()} by its id in `key`.", path=["key"]
            )
        found, rows = parse_id(text), in_force(self.book.tables, kind, time, scope)
        seen = await self.book.database.rows(select(rows.c.key).where(rows.c.key == found.key))
        if kind_name(found.type) != kind or not seen:
            zh, en = f"没有标识为「{text}」的{label.zh}。", f"There is no {label.en.lower()} with the id '{text}'."
            raise NotFound(zh, en, path=["key"])
        return found.key

    def _drawn(self, asked: PanelRequest) -> str:
        title, what = self.panel.title.pick(asked.language), f"panel {self.panel.name}"
        with self.book.database.read() as session:
            plugins = self.book.hooks(session)
            try:
                body = plugins.run(self.plugin, what, lambda: self.panel.draw(session, asked), session, frozenset())
            except PluginFailure as failure:
                log.warning("panel failed", plugin=self.plugin.name, panel=self.panel.name, reason=failure.short[1])
                return _box(title, FAILED.pick(asked.language), failed=True)
        return _box(title, body)


def _box(title: str, body: str, *, failed: bool = False) -> str:
    """A section with its heading; whatever is not markup is escaped."""
    attributes = Markup(' class="panel panel-failed" role="alert"') if failed else Markup(' class="panel"')
    return Markup("<section{}><h2>{}</h2>{}</section>").format(attributes, title, escape(body))
