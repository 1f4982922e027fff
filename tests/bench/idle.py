"""The same server and the same publication with three plugins that implement every hook and do nothing, turn and turn about."""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median

from tests.bench.book import change_headcounts, opened
from tests.bench.servers import Command, ours
from tests.made_plugins import loaded
from tests.plugins import idle

PAIRS = 9
MODULE = idle.__name__


def with_idle_plugins(folder: Path) -> Callable[[str, int], Command]:
    """`dutybook serve` with the plugins, which it finds as installed in a folder."""
    info = folder / "idle-1.0.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: idle\nVersion: 1.0\n", "utf-8")
    points = "\n".join(f"{name} = {MODULE}:{name}" for name in idle.NAMES)
    (info / "entry_points.txt").write_text(f"[dutybook.plugins]\n{points}\n", "utf-8")

    def make(url: str, port: int) -> Command:
        command, environment = ours(url, port)
        path = os.pathsep.join([str(folder), str(Path(__file__).parents[2])])
        return command, {**environment, "PYTHONPATH": path, "DUTYBOOK_PLUGINS": ",".join(idle.NAMES)}

    return make


@contextmanager
def enabled(make: Callable[[str, int], Command], url: str) -> Iterator[None]:
    """The plugins are enabled in this database while the block runs."""
    command, environment = make(url, 0)
    upgrade = [*command[:3], "db", "upgrade"]
    subprocess.run(upgrade, env=environment, check=True, capture_output=True)
    try:
        yield
    finally:
        subprocess.run(upgrade, env={**environment, "DUTYBOOK_PLUGINS": ""}, check=True, capture_output=True)


def publication_cost(url: str, changes: int) -> tuple[float, float]:
    """How many times as long a publication takes with the plugins, and how far pairs without any differ by themselves."""
    plugins = loaded(*(getattr(idle, name) for name in idle.NAMES))
    with opened(url) as book:
        together = replace(book, plugins=plugins)
        with_them, alone = [], []
        for _ in range(PAIRS):
            one, two, three = (change_headcounts(each, changes) for each in (book, together, book))
            with_them.append(two / one)
            alone.append(three / one)
    return median(with_them), max(abs(ratio - 1) for ratio in alone)
