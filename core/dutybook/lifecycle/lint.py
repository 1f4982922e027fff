"""What is looked at when a plugin is loaded: a mistake is told here, by name, and not met later as a silent nothing."""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from sqlalchemy.orm import DeclarativeBase

from dutybook.book.kinds import Kind
from dutybook.book.nouns import CORE
from dutybook.errors import Message
from dutybook.lifecycle.manifest import PluginMeta
from dutybook.lifecycle.specs import GROUP, Specs

NAME = re.compile(r"[a-z][a-z0-9]{1,30}")
RESERVED = {"core", "plugin", "dutybook", "operator", "system"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong with a plugin."""

    code: str
    message: Message


def _finding(code: str, zh: str, en: str) -> Finding:
    return Finding(code, Message(zh, en))


def lint_hooks(module: object) -> Iterator[Finding]:
    """Hook implementations that would never be called, or not as they think."""
    seen: set[str] = set()
    for name, impl, said in _implementations(module):
        hook = said.get("specname") or name
        if hook in seen:
            yield _finding(
                "TWICE", f"{hook} 实现了两次，只允许一次", f"{hook} is implemented twice; only once is allowed"
            )
        seen.add(hook)
        yield from _lint_hook(hook, impl, said)
    if "describe" not in seen:
        yield _finding("NO_DESCRIBE", "缺少 describe 钩子", "it has no describe hook")


def _implementations(module: object) -> Iterator[tuple[str, Callable[..., Any], dict[str, Any]]]:
    """What is marked as a hook: its name, itself, and what the mark says."""
    for name in dir(module):
        impl = getattr(module, name, None)
        said = getattr(impl, f"{GROUP}_impl", None) if callable(impl) else None
        if isinstance(said, dict) and callable(impl):
            yield name, impl, said


def _lint_hook(name: str, impl: Callable[..., Any], said: dict[str, Any]) -> Iterator[Finding]:
    if said.get("wrapper") or said.get("hookwrapper"):
        yield _finding("WRAPPER", f"{name} 是 wrapper，不允许", f"{name} is a wrapper, which is not allowed")
    if said.get("tryfirst") or said.get("trylast"):
        yield _finding(
            "ORDER",
            f"{name} 用了 tryfirst 或 trylast；先后由 requires 和 after 决定",
            f"{name} says tryfirst or trylast; the order is that of requires and after",
        )
    if inspect.iscoroutinefunction(impl) or inspect.isasyncgenfunction(impl):
        yield _finding("ASYNC_HOOK", f"{name} 是 async；钩子都是同步的", f"{name} is async; hooks are synchronous")
    spec = vars(Specs).get(name)
    if spec is not None:
        yield from _lint_signature(name, impl, spec)
    elif not said.get("optionalhook"):
        yield _finding(
            "UNKNOWN_HOOK",
            f"没有名为 {name} 的钩子；对其他插件的钩子请标注 optionalhook=True",
            f"there is no hook {name}; mark hooks of other plugins with optionalhook=True",
        )


def _lint_signature(name: str, impl: Callable[..., Any], spec: Callable[..., Any]) -> Iterator[Finding]:
    wanted = get_type_hints(spec)
    try:
        given = get_type_hints(impl)
    except Exception as reason:
        # Only what is imported at run time can be compared, and only that tells when the hook of a new version changes.
        what = repr(reason) if isinstance(reason, NameError) else type(reason).__name__
        yield _finding(
            "ANNOTATION", f"{name} 的标注无法解析（{what}）", f"{name} has annotations that cannot be read ({what})"
        )
        return
    known = set(inspect.signature(spec).parameters) - {"self"}
    for parameter in inspect.signature(impl).parameters.values():
        if parameter.name != "self":
            yield from _lint_parameter(name, parameter, given, wanted, known)
    if not _fits(given.get("return"), wanted.get("return")):
        yield _annotation(name, "return", given.get("return"), wanted.get("return"))


def _lint_parameter(
    name: str, it: inspect.Parameter, given: Mapping[str, object], wanted: Mapping[str, object], known: set[str]
) -> Iterator[Finding]:
    if it.name not in known:
        yield _finding(
            "UNKNOWN_ARGUMENT",
            f"{name} 没有参数 {it.name}；已有 {', '.join(sorted(known)) or '无'}",
            f"{name} has no argument {it.name}; it has {', '.join(sorted(known)) or 'none'}",
        )
    elif it.kind not in {it.POSITIONAL_ONLY, it.POSITIONAL_OR_KEYWORD}:
        yield _finding(
            "KIND_OF_ARGUMENT",
            f"{name} 的参数 {it.name} 应为普通参数，不带 *",
            f"{name} must take {it.name} as a plain argument, without a star",
        )
    elif it.default is not it.empty:
        yield _finding(
            "DEFAULT_ARGUMENT",
            f"{name} 给参数 {it.name} 设了默认值，它将永远收不到",
            f"{name} gives {it.name} a default and would never receive it",
        )
    elif given.get(it.name) != wanted.get(it.name):
        yield _annotation(name, it.name, given.get(it.name), wanted.get(it.name))


def _annotation(name: str, where: str, given: object, wanted: object) -> Finding:
    return _finding(
        "ANNOTATION",
        f"{name} 的 {where} 标注为 {_shown(given)}，应为 {_shown(wanted)}",
        f"{name} annotates {where} as {_shown(given)}; it must be {_shown(wanted)}",
    )


def _shown(hint: object) -> str:
    return "∅" if hint is None else str(getattr(hint, "__name__", hint)).replace("dutybook.lifecycle.", "")


def _fits(given: object, wanted: object) -> bool:
    """An answer may be promised more exactly than the hook asks: a list where any iterable will do, or never None."""
    options = _members(wanted)
    return given is not None and all(any(_within(one, option) for option in options) for one in _members(given))


def _members(hint: object) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in {UnionType, Union} else (NoneType if hint is None else hint,)


def _within(given: Any, wanted: Any) -> bool:
    if given == wanted:
        return True
    kinds = (get_origin(given) or given, get_origin(wanted) or wanted)
    if not all(isinstance(kind, type) for kind in kinds) or not issubclass(*kinds):
        return False
    return not get_args(wanted) or get_args(given)[:1] == get_args(wanted)[:1]


def lint_manifest(name: str, meta: PluginMeta) -> Iterator[Finding]:
    """A manifest that does not fit its entry point."""
    if meta.name != name:
        yield _finding(
            "NAME", f"自称 {meta.name}，入口点是 {name}", f"it calls itself {meta.name}, its entry point {name}"
        )
    if not NAME.fullmatch(meta.name) or meta.name in RESERVED:
        yield _finding(
            "NAME",
            f"名称 {meta.name} 不可用；请用小写字母和数字",
            f"the name {meta.name} cannot be used; take lower-case letters and digits",
        )
    for permission in meta.permissions:
        if not permission.startswith(f"{meta.name}."):
            yield _finding(
                "PERMISSION",
                f"权限 {permission} 应以 {meta.name}. 开头",
                f"permission {permission} must begin with {meta.name}.",
            )


def lint_kinds(meta: PluginMeta, kinds: Sequence[object]) -> Iterator[Finding]:
    """Kinds whose names could be taken for others'."""
    for kind in kinds:
        if not isinstance(kind, Kind):
            yield _finding(
                "KIND",
                f"contribute_kinds 给出了 {type(kind).__name__}",
                f"contribute_kinds gave a {type(kind).__name__}",
            )
        elif kind.name in CORE:
            yield _finding("KIND", f"类型 {kind.name} 是核心的", f"the kind {kind.name} is the core's")
        elif not kind.name.startswith(f"{meta.name}_") or kind.plugin != meta.name:
            yield _finding(
                "KIND",
                f'类型 {kind.name} 应以 {meta.name}_ 开头并写明 plugin="{meta.name}"',
                f'the kind {kind.name} must begin with {meta.name}_ and say plugin="{meta.name}"',
            )
        elif kind.person and kind.person not in {it.name for it in kind.references if it.target == "employee"}:
            yield _finding(
                "PERSON",
                f"类型 {kind.name} 的 person「{kind.person}」应是指向 employee 的字段",
                f"the kind {kind.name} says person='{kind.person}', which must be a field that refers to an employee",
            )


def lint_models(meta: PluginMeta, models: Sequence[object]) -> Iterator[Finding]:
    """Tables that would not be recognised as the plugin's own."""
    for model in models:
        if not (isinstance(model, type) and issubclass(model, DeclarativeBase)):
            yield _finding("MODEL", f"contribute_models 给出了 {model!r}", f"contribute_models gave {model!r}")
            continue
        table = model.__table__
        if not str(getattr(table, "name", "")).startswith(f"plg_{meta.name}_"):
            yield _finding(
                "TABLE", f"表 {table} 应以 plg_{meta.name}_ 开头", f"table {table} must begin with plg_{meta.name}_"
            )
    if models and not meta.migrations:
        yield _finding("MIGRATIONS", "有表但没有迁移（migrations）", "it has tables but names no migrations")
