"""Loading: only enabled plugins, found by entry point, checked before anything of theirs is used, in topological order."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import Any

import pluggy
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from pydantic import BaseModel, ValidationError

from dutybook.book.kinds import Kind, Kinds
from dutybook.book.nouns import CORE
from dutybook.errors import BadInput, Message
from dutybook.lifecycle import answers
from dutybook.lifecycle.calling import Measures, PluginFailure
from dutybook.lifecycle.events import EventType
from dutybook.lifecycle.gifts import Job, NavItem, Panel
from dutybook.lifecycle.lint import Finding, lint_hooks, lint_kinds, lint_manifest, lint_models
from dutybook.lifecycle.manifest import API, PluginMeta
from dutybook.lifecycle.plugins import DEADLINE, Loaded, Plugins
from dutybook.lifecycle.specs import GROUP, Specs
from dutybook.settings import PREFIX, from_files

ENTRY_POINTS = "dutybook.plugins"

Found = Mapping[str, Callable[[], Any]]
"""How to import each plugin that is installed."""


class PluginsRefused(BadInput):
    """Enabled plugins that cannot be used; the server does not start without them, since a missing veto is worse."""

    def __init__(self, problems: Mapping[str, Message]) -> None:
        zh = "；".join(f"插件 {name}：{problem.zh}" for name, problem in problems.items())
        en = "; ".join(f"plugin {name}: {problem.en}" for name, problem in problems.items())
        super().__init__(
            f"{zh}。请修正，或从 DUTYBOOK_PLUGINS 去掉；应急时可用 --degraded 不带它启动。",
            f"{en}. Mend it, or take it out of DUTYBOOK_PLUGINS; in an emergency, --degraded starts without it.",
            path=["plugins", *problems],
        )
        self.problems = problems


class _Unfit(Exception):
    """Why one plugin cannot be used."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.message = Message(zh, en)


def installed() -> Found:
    """The plugins that are installed, by the names of their entry points."""
    return {point.name: point.load for point in _points()}


def versions_installed() -> Mapping[str, str]:
    """The installed plugins with the versions of the packages that they came in."""
    return {point.name: point.dist.version if point.dist else "" for point in _points()}


def _points() -> Iterable[EntryPoint]:
    return entry_points(group=ENTRY_POINTS)


def load_plugins(
    names: Sequence[str],
    given: Mapping[str, Mapping[str, object]] | None = None,
    *,
    found: Found | None = None,
    degraded: bool = False,
    deadline: float = DEADLINE,
) -> Plugins:
    """The named plugins in topological order; PluginsRefused tells all that is wrong with any of them.

    `given` are their settings as dutybook.toml says them; `degraded` leaves out what cannot be used.
    """
    known = installed() if found is None else found
    asking, broken = _Asking(Measures(), deadline), dict[str, Message]()
    chosen: dict[str, Loaded] = {}
    for name in dict.fromkeys(names):
        try:
            chosen[name] = _load(name, known, (given or {}).get(name, {}), asking)
        except _Unfit as reason:
            broken[name] = reason.message
    while wrong := dict(_lacking(chosen)) or _circular(chosen) or _clashing(chosen.values()) or _misfitting(chosen):
        broken |= wrong
        chosen = {name: plugin for name, plugin in chosen.items() if name not in wrong}
    if broken and not degraded:
        raise PluginsRefused(broken)
    return Plugins([chosen[name] for name in _sorter(chosen).static_order()], broken, deadline, asking.measures)


@dataclass(frozen=True, slots=True)
class _Asking:
    """How a plugin is asked before it is loaded: measured and within a deadline, as ever after."""

    measures: Measures
    deadline: float

    def one(self, plugin: Loaded, hook: str, wanted: type[Any]) -> Any:
        """The answer of a hook, of the type that it must be."""
        return self._answer(plugin, hook, answers.one(wanted))

    def several(self, plugin: Loaded, hook: str, *wanted: type[Any]) -> Sequence[Any]:
        """The answers of a hook that a plugin need not have."""
        return tuple(self._answer(plugin, hook, answers.several(*wanted))) if hook in plugin.hooks else ()

    def _answer(self, plugin: Loaded, hook: str, read: answers.Reading) -> Any:
        try:
            return Plugins([plugin], deadline=self.deadline, measures=self.measures).ask(plugin, hook, read)
        except PluginFailure as failure:
            raise _Unfit(f"{hook}：{failure.short[0]}", f"{hook}: {failure.short[1]}") from failure


def _load(name: str, known: Found, given: Mapping[str, object], asking: _Asking) -> Loaded:
    if name not in known:
        there = ", ".join(known)
        raise _Unfit(
            f"未安装；已安装的有 {there or '无'}。请先 pip install 提供它的包",
            f"it is not installed; installed are {there or 'none'}. Install the package that provides it first",
        )
    module = _imported(known[name])
    _refuse(lint_hooks(module))
    nobody = PluginMeta(name, Message(name, name), "0")
    plugin = Loaded(nobody, _hooks(name, module), module=module, package=_package(module))
    meta = asking.one(plugin, "describe", PluginMeta)
    _refuse(lint_manifest(name, meta))
    _refuse_api(meta)
    plugin = replace(plugin, meta=meta, settings=_settings(meta, given))
    kinds, models = asking.several(plugin, "contribute_kinds", Kind), asking.several(plugin, "contribute_models", type)
    _refuse([*lint_kinds(meta, kinds), *lint_models(meta, models)])
    specs = asking.one(plugin, "contribute_hookspecs", type) if "contribute_hookspecs" in plugin.hooks else None
    return replace(
        plugin,
        kinds=kinds,
        models=models,
        hookspecs=specs,
        panels=asking.several(plugin, "contribute_panels", Panel, NavItem),
        jobs=asking.several(plugin, "contribute_jobs", Job),
        events=asking.several(plugin, "declare_events", EventType),
    )


def _imported(load: Callable[[], Any]) -> Any:
    """The plugin's module. What else than a failed import its code raises may quote secrets, so only its type is told."""
    try:
        return load()
    except (Exception, SystemExit) as error:
        told = repr(error) if isinstance(error, ImportError | SyntaxError) else type(error).__name__
        raise _Unfit(f"无法导入（{told}）", f"it cannot be imported ({told})") from error


def _manager(plugins: Iterable[Loaded] = ()) -> pluggy.PluginManager:
    """A pluggy manager that knows the hooks of the core and of these plugins."""
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(Specs)
    for plugin in plugins:
        if plugin.hookspecs is not None:
            manager.add_hookspecs(plugin.hookspecs)
    return manager


def _hooks(name: str, module: object) -> dict[str, pluggy.HookImpl]:
    """A plugin's implementations of hooks, as pluggy finds and checks them."""
    manager = _manager()
    try:
        manager.register(module, name)
    except pluggy.PluginValidationError as reason:
        raise _Unfit(str(reason), str(reason)) from reason
    return {caller.name: caller.get_hookimpls()[0] for caller in manager.get_hookcallers(module) or ()}


def _misfitting(chosen: Mapping[str, Loaded]) -> dict[str, Message]:
    """Plugins whose implementations fit no hook of all that are there together."""
    manager, broken = _manager(chosen.values()), dict[str, Message]()
    for name, plugin in chosen.items():
        try:
            manager.register(plugin.module, name)
            manager.check_pending()
        except pluggy.PluginValidationError as reason:
            broken[name] = Message(str(reason), str(reason))
    return broken


def _package(module: object) -> str:
    name = module.__name__ if isinstance(module, ModuleType) else type(module).__module__
    return str(name).partition(".")[0]


def _refuse(findings: Iterable[Finding]) -> None:
    if told := [finding.message for finding in findings]:
        raise _Unfit("；".join(it.zh for it in told), "; ".join(it.en for it in told))


def _refuse_api(meta: PluginMeta) -> None:
    try:
        fits = API in SpecifierSet(meta.api)
    except InvalidSpecifier as reason:
        raise _Unfit(f"api 的范围「{meta.api}」无法识别", f"its api range '{meta.api}' cannot be read") from reason
    if not fits:
        raise _Unfit(
            f"要求插件接口 {meta.api}，本版提供 {API}；请安装与之相符的插件版本",
            f"it wants plugin API {meta.api}, this is {API}; install a release of it that fits",
        )


def _settings(meta: PluginMeta, given: Mapping[str, object]) -> BaseModel:
    """The plugin's settings: variables of the environment and the files they name before dutybook.toml."""
    prefix, fields = f"{PREFIX}{meta.name.upper()}_", meta.settings.model_fields
    named = {name: os.environ[prefix + name.upper()] for name in fields if prefix + name.upper() in os.environ}
    try:
        return meta.settings.model_validate({**given, **from_files(fields, prefix), **named})
    except BadInput as unreadable:
        raise _Unfit(*unreadable.message) from unreadable
    except ValidationError as error:
        wrong = error.errors()[0]
        where = ".".join(str(step) for step in wrong["loc"])
        way = f"{prefix}{where.upper()}"
        raise _Unfit(
            f"设置 {where} 无效（{wrong['msg']}）；请在 dutybook.toml 的 [plugin.{meta.name}] 或 {way} 中给出",
            f"its setting {where} is not valid ({wrong['msg']}); give it in [plugin.{meta.name}] of dutybook.toml or in {way}",
        ) from error


def _lacking(chosen: Mapping[str, Loaded]) -> Iterator[tuple[str, Message]]:
    """The plugins that require one which is not there."""
    for name, plugin in chosen.items():
        if absent := [other for other in plugin.meta.requires if other not in chosen]:
            all_of = ", ".join(absent)
            yield (
                name,
                Message(
                    f"需要插件 {all_of}，但它未启用或不可用",
                    f"it requires {all_of}, which is not enabled or not usable",
                ),
            )


def _sorter(chosen: Mapping[str, Loaded]) -> TopologicalSorter[str]:
    """What others need comes first; otherwise as they were named."""
    sorter = TopologicalSorter[str]()
    for name, plugin in chosen.items():
        before = (*plugin.meta.requires, *plugin.meta.after)
        sorter.add(name, *(other for other in before if other in chosen))
    return sorter


def _circular(chosen: Mapping[str, Loaded]) -> dict[str, Message]:
    """The plugins of one circle of requirements."""
    try:
        _sorter(chosen).prepare()
    except CycleError as error:
        circle = " → ".join(error.args[1])
        said = Message(f"依赖成环：{circle}", f"its requirements form a cycle: {circle}")
        return dict.fromkeys(error.args[1], said)
    return {}


def _clashing(plugins: Iterable[Loaded]) -> dict[str, Message]:
    """Plugins whose kinds or tables have the name of another one, be it their own."""
    taken: dict[str, str] = {}
    broken: dict[str, Message] = {}
    for plugin in plugins:
        for name in _names(plugin):
            if name in taken:
                broken[plugin.name] = Message(
                    f"{name} 已属于插件 {taken[name]}", f"{name} belongs to plugin {taken[name]} already"
                )
            taken.setdefault(name, plugin.name)
    return broken


def _names(plugin: Loaded) -> Iterator[str]:
    """What no two things may be called: kinds, and tables, of which each kind has two."""
    for kind in plugin.kinds:
        yield from (f"kind {kind.name}", f"table {kind.table}", f"table {kind.table}_version")
    yield from (f"table {model.__table__.name}" for model in plugin.models)


def kinds_with(plugins: Plugins) -> Kinds:
    """The kinds of a book with these plugins."""
    contributed: list[Kind] = [kind for plugin in plugins for kind in plugin.kinds]
    return Kinds([*CORE, *contributed])
