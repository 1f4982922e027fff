"""The commands of the core and of the enabled plugins: `dutybook <plugin> …`."""

from typing import Any

import typer
from typer.core import TyperGroup

from dutybook.cli.context import Context, failures_told
from dutybook.cli.tree import TREE
from dutybook.errors import BadInput, DutybookError
from dutybook.lifecycle.answers import one
from dutybook.lifecycle.loading import installed


def context_of(context: typer.Context) -> Context:
    """What every command works with, made once."""
    context.obj = context.obj or Context()
    found: Context = context.obj
    return found


class Commands(TyperGroup):
    """The commands of the core and of each enabled plugin, imported only when they are called: the list needs none."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands = {name: TyperGroup(name=name, help=it.help) for name, it in TREE.items()}

    def list_commands(self, ctx: Any) -> list[str]:
        """The core's commands, then those of the plugins that the settings name, if these can be read."""
        core = super().list_commands(ctx)
        return [*core, *(name for name in _enabled(ctx) if name not in core)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A command as the list shows it."""
        if (found := super().get_command(ctx, cmd_name)) is not None:
            return found
        shown = f"插件 {cmd_name} 的命令 / Commands of the plugin {cmd_name}"
        return TyperGroup(name=cmd_name, help=shown) if cmd_name in _enabled(ctx) else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that is called; that of an installed plugin which is not enabled says how to enable it."""
        if args and self.get_command(ctx, args[0]) is None and args[0] in (context_of(ctx).found or installed()):
            raise NotEnabled(args[0])
        name, _, rest = super().resolve_command(ctx, args)
        called = str(name)
        return name, TREE[called].loaded(called) if called in TREE else _of_plugin(context_of(ctx), called), rest

    def invoke(self, ctx: Any) -> Any:
        """Runs a command; what it refuses is told as everywhere."""
        with failures_told():
            return super().invoke(ctx)


class NotEnabled(BadInput):
    """The command of a plugin that is installed, but not named in the settings."""

    def __init__(self, name: str) -> None:
        zh = f"插件 {name} 已安装但未启用；请把它加入 DUTYBOOK_PLUGINS，再运行 dutybook db upgrade。"
        en = f"The plugin {name} is installed but not enabled; name it in DUTYBOOK_PLUGINS and run dutybook db upgrade."
        super().__init__(zh, en, path=["plugins", name])


def _enabled(ctx: typer.Context) -> tuple[str, ...]:
    try:
        return context_of(ctx).settings.plugins
    except DutybookError:
        return ()


def _of_plugin(at: Context, name: str) -> Any:
    plugin = next((it for it in at.plugins.implementing("contribute_cli") if it.name == name), None)
    if plugin is None:
        reason = at.plugins.broken.get(name)
        zh, en = reason or ("它没有命令", "it has no commands")
        raise BadInput(f"插件 {name}：{zh}。", f"Plugin {name}: {en}.", path=[name])
    return typer.main.get_group(at.plugins.ask(plugin, "contribute_cli", one(typer.Typer)))
