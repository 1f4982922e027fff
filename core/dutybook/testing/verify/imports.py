"""Imports: a plugin sees `dutybook.api` and `dutybook.testing`; all else may change under it."""

import ast
from collections.abc import Iterator
from pathlib import Path

from dutybook.testing.verify.findings import Code, Finding, finding
from dutybook.testing.verify.subject import Subject

OPEN = ("dutybook.api", "dutybook.testing")


def foreign_imports(subject: Subject) -> Iterator[Finding]:
    """Every import of something else."""
    for file in subject.modules:
        place = file.relative_to(subject.folder.parent)
        for line, name in _imported(file):
            if _is_closed(name):
                zh, en = f"{name}；请只用 {'、'.join(OPEN)}", f"{name}; take it from {' or '.join(OPEN)}"
                yield finding(Code.FOREIGN_IMPORT, f"{place}:{line}", zh, en)


def _is_closed(name: str) -> bool:
    ours = name == "dutybook" or name.startswith("dutybook.")
    return ours and not any(name == it or name.startswith(f"{it}.") for it in OPEN)


def _imported(file: Path) -> Iterator[tuple[int, str]]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"), str(file))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            module = str(node.module)
            # `from dutybook import api` names a module where others name what is in it.
            names = (f"dutybook.{alias.name}" for alias in node.names) if module == "dutybook" else (module,)
            yield from ((node.lineno, name) for name in names)
