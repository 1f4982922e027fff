#!/usr/bin/env python3
"""From a fresh clone to a running demo or a tested tree, with the standard library alone.

  python3 dev.py demo [--port N] [--no-browser] [--database-url URL]
                                 load the demo company and serve it
  python3 dev.py test [ARG...]   run the test suite; arguments go to pytest
  python3 dev.py check           lint, format, types, layers and the published schema
  python3 dev.py install         only install, with the tools of test and check

Everything is installed into .venv beside this file, and again only when something has changed.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  an older Python is told what to do instead of tripping further down
    sys.exit(
        f"dutybook needs Python 3.11 or newer, and this is {sys.version.split()[0]} ({sys.executable}).\n"
        "Call dev.py with a newer one, such as: python3.12 dev.py demo"
    )

import difflib
import hashlib
import importlib.util
import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
SCRIPTS = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = SCRIPTS / "python"
STAMP = VENV / "dutybook.json"
SCHEMA = ROOT / "schema" / "dutybook.graphql"

NO_VENV = """\
This Python ({python}) cannot make a virtual environment: its venv or ensurepip module is missing.
  Debian, Ubuntu:  apt install python3-venv
  elsewhere:       call dev.py with a complete Python 3.11 or newer"""
NOT_INSTALLED = """\
The packages could not be installed; pip's own message stands above.
  Behind a mirror, name it in PIP_INDEX_URL or in pip's configuration, then call this again."""


def main(words: list[str]) -> None:
    if not words or words[0] not in COMMANDS:
        helped = words[:1] in (["-h"], ["--help"])
        print(__doc__, file=sys.stdout if helped else sys.stderr)
        sys.exit(0 if helped else 2)
    command = COMMANDS[words[0]]
    prepare(command.extras)
    os.chdir(ROOT)
    command.run(words[1:])


def demo(rest: list[str]) -> None:
    become(PYTHON, "-m", "dutybook.cli", "demo", *rest)


def test(rest: list[str]) -> None:
    workers = min(os.cpu_count() or 1, 4)
    become(PYTHON, "-m", "pytest", f"--numprocesses={workers}", "--dist=worksteal", *rest)


def check(_: list[str]) -> None:
    """Every step, also after one that failed."""
    steps: list[tuple[str | Path, ...]] = [
        (PYTHON, "-m", "ruff", "check"),
        (PYTHON, "-m", "ruff", "format", "--check"),
        (PYTHON, "-m", "mypy"),
        (SCRIPTS / "lint-imports", "--no-logo"),
    ]
    passed = [subprocess.run(step, check=False).returncode == 0 for step in steps]
    if not all([*passed, schema_is_current()]):
        sys.exit(1)


def schema_is_current() -> bool:
    """Whether the committed schema is the one that the code serves; else shows how they differ."""
    served = subprocess.run(
        [PYTHON, "-m", "dutybook.cli", "schema", "print"], check=False, stdout=subprocess.PIPE, encoding="utf-8"
    )
    committed = SCHEMA.read_text(encoding="utf-8") if SCHEMA.exists() else ""
    if served.returncode or served.stdout == committed:
        return served.returncode == 0
    lines = (committed.splitlines(), served.stdout.splitlines())
    print(*difflib.unified_diff(*lines, "committed", "served", lineterm=""), sep="\n")
    print("schema/dutybook.graphql is not what the code serves: if the change is meant, `make schema` writes it.")
    return False


def prepare(extras: frozenset[str]) -> None:
    """Bring .venv to what pyproject.toml asks for, at once when it is there already."""
    done = json.loads(STAMP.read_text()) if STAMP.exists() else None
    python = interpreter()
    project = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    if done and (done["python"], done["project"]) == (python, project) and extras <= set(done["extras"]):
        return
    if not python or (done and done["python"] != python):
        make_environment()
    STAMP.unlink(missing_ok=True)
    extras |= set(done["extras"]) if done else set()
    install(extras)
    STAMP.write_text(json.dumps({"python": interpreter(), "project": project, "extras": sorted(extras)}))


def interpreter() -> str:
    """What the Python of .venv says of itself and where it stands; empty when none works there."""
    try:
        return subprocess.check_output(
            [PYTHON, "-c", "import sys, pip; print(sys.version, sys.prefix)"], stderr=subprocess.DEVNULL, text=True
        )
    except (OSError, subprocess.CalledProcessError):
        return ""


def make_environment() -> None:
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        sys.exit(NO_VENV.format(python=sys.executable))
    tell("making .venv")
    if subprocess.run((sys.executable, "-m", "venv", "--clear", VENV), check=False).returncode:
        sys.exit(1)


def install(extras: frozenset[str]) -> None:
    tell("installing into .venv, a minute or two the first time")
    wanted = f".[{','.join(sorted(extras))}]" if extras else "."
    pip = (PYTHON, "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check", "-e", wanted)
    if subprocess.run(pip, cwd=ROOT, check=False, stdout=sys.stderr).returncode:
        sys.exit(NOT_INSTALLED)


def become(program: Path, *arguments: str) -> None:
    """Hand over to another program: signals and the exit code are then its own."""
    if os.name == "nt":
        sys.exit(subprocess.run([program, *arguments], check=False).returncode)
    os.execv(program, [str(program), *arguments])


def tell(message: str) -> None:
    print(f"dev.py: {message} …", file=sys.stderr, flush=True)


class Command(NamedTuple):
    """What a command needs installed, and what it then does."""

    extras: frozenset[str]
    run: Callable[[list[str]], None]


COMMANDS = {
    "demo": Command(frozenset(), demo),
    "test": Command(frozenset({"test"}), test),
    "check": Command(frozenset({"test", "check"}), check),
    "install": Command(frozenset({"test", "check"}), lambda _: None),
}

if __name__ == "__main__":
    main(sys.argv[1:])
