"""The plugin kept as if it were installed: an entry point on the path of other processes."""

import os
from collections.abc import Mapping
from pathlib import Path

HOUSE = Path(__file__).parents[3]
MODULE = "tests.plugins.kept.plugin"


def environment(folder: Path, installed: Mapping[str, str], **settings: str) -> Mapping[str, str]:
    """The environment of a process that finds these plugins, by names and modules, installed in a folder."""
    info = folder / "site" / "kept-1.2.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: kept\nVersion: 1.2\n", "utf-8")
    points = "\n".join(f"{name} = {module}" for name, module in installed.items())
    (info / "entry_points.txt").write_text(f"[dutybook.plugins]\n{points}\n", "utf-8")
    given = {f"DUTYBOOK_{name.upper()}": value for name, value in settings.items()}
    path = os.pathsep.join([str(folder / "site"), str(HOUSE)])
    return {**os.environ, "PYTHONPATH": path, "DUTYBOOK_LANGUAGE": "en", **given}
