"""`dutybook plugin new`: a plugin to begin with, written from the templates in `scaffold/`."""

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import orjson

from dutybook.book.ids import type_name
from dutybook.errors import BadInput
from dutybook.lifecycle.lint import NAME, RESERVED
from dutybook.testing.verify.contract import written
from dutybook.testing.verify.subject import CONTRACT

SUFFIX = ".tmpl"
"""Keeps the templates from being taken for modules of this package."""


class BadName(BadInput):
    """A name that no plugin can have."""

    def __init__(self, name: str) -> None:
        reserved = ", ".join(sorted(RESERVED))
        zh = f"插件名「{name}」不可用：应以小写字母开头，只含小写字母和数字，2 至 31 个字符，且不是 {reserved} 之一。"
        en = (
            f"'{name}' cannot name a plugin: take 2 to 31 lower-case letters and digits, a letter first, "
            f"and none of {reserved}."
        )
        super().__init__(zh, en, path=["name"])


class FolderThere(BadInput):
    """The folder of the new plugin is in use."""

    def __init__(self, folder: Path) -> None:
        zh = f"「{folder}」已存在；请换一个名称，或用 --into 换一个目录。"
        super().__init__(
            zh, f"'{folder}' is there already; take another name, or another folder by --into.", path=["into"]
        )


class NotWritable(BadInput):
    """A folder in which nothing can be made."""

    def __init__(self, folder: Path, reason: OSError) -> None:
        why = reason.strerror or str(reason)
        zh = f"无法写入「{folder}」：{why}；请用 --into 换一个目录。"
        super().__init__(zh, f"'{folder}' cannot be written: {why}; take another folder by --into.", path=["into"])


def write_plugin(name: str, into: Path) -> Path:
    """Writes the package `dutybook_<name>` into a folder, and gives where it is. Nothing is ever written over."""
    if not NAME.fullmatch(name) or name in RESERVED:
        raise BadName(name)
    project = into / f"dutybook_{name}"
    if project.exists():
        raise FolderThere(project)
    try:
        for place, text in _filled(name):
            (project / place).parent.mkdir(parents=True, exist_ok=True)
            (project / place).write_text(text, encoding="utf-8")
    except OSError as reason:
        raise NotWritable(project, reason) from reason
    return project


def _filled(name: str) -> Iterator[tuple[Path, str]]:
    """Every file of the plugin: the word sample stands for its name, Sample for its name in types."""
    for place, template in _templates(files("dutybook.testing") / "scaffold", Path()):
        text = _named(template.read_text(encoding="utf-8"), name)
        yield Path(_named(str(place).removesuffix(SUFFIX), name)), _sorted(text) if CONTRACT in place.name else text


def _sorted(contract: str) -> str:
    """Another name may come at another place in the alphabet."""
    return written(orjson.loads(contract)).decode()


def _named(text: str, name: str) -> str:
    return text.replace("sample", name).replace("Sample", type_name(name))


def _templates(folder: Traversable, place: Path) -> Iterator[tuple[Path, Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _templates(entry, place / entry.name)
        elif entry.name.endswith(SUFFIX):
            yield place / entry.name, entry
