"""The plugins as operators and pages see them: how they are, and the panels and entries that they bring."""

import strawberry
from anyio import to_thread

from dutybook.access.actor import ADMINISTER
from dutybook.graphql.context import Context
from dutybook.graphql.describe import column, named, resolved
from dutybook.lifecycle.gifts import NavItem as GivenItem
from dutybook.lifecycle.gifts import Panel as GivenPanel
from dutybook.lifecycle.plugins import Loaded
from dutybook.services.plugin_troubles import Condition, condition


@named("插件在某类页面上的一个面板。", "A part of a page that a plugin draws.")
class Panel:
    """A panel."""

    name: str = column("名称。", "Its name.")
    title: str = column("标题。", "Its title.")
    place: str = column(
        "所在的页面：home 或记录的类型，如 position。", "Where it stands: home, or a kind such as position."
    )
    path: str = column("片段的地址，以 key 指明记录。", "Where its fragment is; `key` names the record.")


@named("导航中的一项。", "An entry of the navigation.")
class NavItem:
    """An entry."""

    title: str = column("标题。", "Its title.")
    path: str = column("地址。", "Where it leads.")


@named("一个插件。", "A plugin.")
class Plugin:
    """A plugin as operators see it."""

    name: str = column("名称。", "Its name.")
    version: str = column("版本。", "Its version.")
    state: str = column(
        "状态：ENABLED，或降级启动时被略去的 BROKEN。", "ENABLED, or BROKEN where a degraded start left it out."
    )
    context: strawberry.Private[Context]
    plugin: strawberry.Private[Loaded | None] = None
    reason: strawberry.Private[str] = ""

    @resolved("标题。", "What people call it.")
    def title(self) -> str:
        """The title."""
        return self.plugin.meta.title.pick(self.context.language) if self.plugin else self.name

    @resolved(
        "健康状况：OK、WARN 或 DOWN；详情只给管理员。",
        "OK, WARN or DOWN; the details are for administrators.",
    )
    async def health(self) -> str:
        """The condition."""
        if self.plugin is None:
            return f"DOWN: {self.reason}"
        found = await to_thread.run_sync(_condition, self.context, self.plugin)
        told = "; ".join(detail.pick(self.context.language) for detail in found.details)
        return f"{found.state}: {told}" if told and self.context.actor.may(ADMINISTER) else found.state

    @resolved("当前用户可见的面板。", "The panels that the viewer may see.")
    def panels(self) -> list[Panel]:
        """The panels."""
        given = [panel for panel in self._given() if isinstance(panel, GivenPanel)]
        return [
            Panel(name=it.name, title=self._pick(it), place=it.place, path=f"/x/{self.name}/panels/{it.name}")
            for it in given
        ]

    @resolved("当前用户可见的导航项。", "The entries of the navigation that the viewer may see.")
    def navigation(self) -> list[NavItem]:
        """The entries."""
        given = [item for item in self._given() if isinstance(item, GivenItem)]
        return [NavItem(title=self._pick(item), path=item.path) for item in given]

    def _given(self) -> list[GivenPanel | GivenItem]:
        given = self.plugin.panels if self.plugin else ()
        return [gift for gift in given if self.context.may(gift.permission)]

    def _pick(self, gift: GivenPanel | GivenItem) -> str:
        return gift.title.pick(self.context.language)


def _condition(context: Context, plugin: Loaded) -> Condition:
    with context.book.database.read() as session:
        return condition(session, context.book, plugin)


def plugins_of(context: Context) -> list[Plugin]:
    """The enabled plugins in the order in which they are called, then those that could not be used."""
    plugins = context.book.plugins
    enabled = [
        Plugin(name=it.name, version=it.meta.version, state="ENABLED", context=context, plugin=it) for it in plugins
    ]
    broken = [
        Plugin(name=name, version="", state="BROKEN", context=context, reason=reason.pick(context.language))
        for name, reason in plugins.broken.items()
    ]
    return [*enabled, *broken]
