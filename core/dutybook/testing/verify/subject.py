"""The plugin that is looked at: found by its name where it is installed, or by a folder."""

import importlib
import sys
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from dutybook.errors import BadInput
from dutybook.lifecycle.loading import ENTRY_POINTS, installed

CONTRACT = "contract.json"


class NoPlugin(BadInput):
    """Neither an installed plugin nor a folder with one."""

    def __init__(self, text: str, known: Sequence[str]) -> None:
        there = ", ".join(known)
        zh = f"「{text}」不是已安装的插件，也不是插件目录（含声明入口点的 pyproject.toml，或 plugin.py）；已安装的有：{there or '无'}。"
        en = (
            f"'{text}' is no installed plugin and no folder of one, which holds a pyproject.toml with its entry point or a "
            f"plugin.py; installed are: {there or 'none'}."
        )
        super().__init__(zh, en, path=["plugin"])


@dataclass(frozen=True)
class Subject:
    """A plugin before it is loaded; `folder` is its import package, `settings` those that it is tried with."""

    name: str
    load: Callable[[], Any]
    folder: Path
    settings: Mapping[str, object] = field(default_factory=dict)

    @property
    def modules(self) -> Sequence[Path]:
        """The modules of its package."""
        return sorted(self.folder.rglob("*.py"))

    @property
    def contract(self) -> Path:
        """Where its contract is written down."""
        return self.folder / CONTRACT


def subject_of(text: str) -> Subject:
    """The plugin of a name or a folder; NoPlugin where there is none."""
    known = installed()
    if text in known:
        return _installed(text, known[text])
    folder = Path(text).resolve()
    project = _read(folder / "pyproject.toml")
    points = _within(project, "project", "entry-points", ENTRY_POINTS)
    if len(points) == 1:
        [(name, place)] = points.items()
        return replace(_in_folder(name, folder, place), settings=_within(project, "tool", "dutybook", "settings"))
    if (folder / "plugin.py").is_file():
        return _in_folder(folder.name.removeprefix("dutybook_"), folder.parent, f"{folder.name}.plugin")
    raise NoPlugin(text, list(known))


def _installed(name: str, load: Callable[[], Any]) -> Subject:
    module = load()
    return Subject(name, load, Path(str(module.__file__)).parent)


def _in_folder(name: str, root: Path, place: str) -> Subject:
    """A package that need not be installed: the folder around it is put on the path."""
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
    folder = root.joinpath(*place.split(".")[:-1])
    return Subject(name, lambda: importlib.import_module(place), folder)


def _read(file: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return {}


def _within(document: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """A table of a TOML document; empty where there is none."""
    for name in names:
        document = document.get(name, {})
    return document
