"""`dutybook serve`: the server."""

import gc
import socket
from typing import Annotated, Any

import typer
import uvicorn

from dutybook.app import application
from dutybook.cli.context import Context, failures_told
from dutybook.cli.enabling import Degraded, ready
from dutybook.cli.logs import announce, log_to_stderr
from dutybook.errors import Refused

UVICORN: dict[str, Any] = {
    "loop": "uvloop",
    "http": "httptools",
    "ws": "websockets-sansio",
    "ws_per_message_deflate": False,  # events are small, and each compressed socket would keep its own windows
    "access_log": False,  # it would print the documents of GET requests
    "log_config": None,  # its lines go where all others go
    "log_level": "warning",
    "timeout_graceful_shutdown": 3,  # else one client that never finishes its request keeps the server from ending
}

Host = Annotated[str | None, typer.Option(help="监听地址 / The address to listen on")]
Port = Annotated[int | None, typer.Option(help="端口 / The port")]


def serve(
    context: typer.Context,
    host: Host = None,
    port: Port = None,
    workers: Annotated[int, typer.Option(min=1, help="进程数 / Processes")] = 1,
    degraded: Degraded = False,
) -> None:
    """启动服务 / Serve the book."""
    at: Context = context.obj
    with failures_told():
        at = ready(at.degraded() if degraded else at)
        to, door = host or at.settings.host, at.settings.port if port is None else port
        refuse_taken(to, door)
        address = f"http://{to}:{door}/graphql"
        announce(address, address, "serving", address=address, workers=workers)
        most = at.settings.max_body_bytes
        uvicorn.run(
            "dutybook.cli.server:served",
            factory=True,
            workers=workers,
            host=to,
            port=door,
            ws_max_size=most,
            **UVICORN,
        )


def refuse_taken(host: str, port: int) -> None:
    """Refused where nobody can listen: told before anything begins, and in words."""
    try:
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError as reason:
        why = (reason.strerror or str(reason)).partition(" (")[0]
        zh = f"无法在 {host} 的端口 {port} 监听：{why}。请用 --port 或 --host 另选。"
        en = f"Cannot listen at {host}, port {port}: {why}. Choose another by --port or --host."
        raise Refused(zh, en, path=["port"]) from reason


def served() -> object:
    """The application as each server process makes it."""
    log_to_stderr()
    at = ready(Context(), told=True)
    made = application(at.settings, at.book)
    _collect_briefly()
    return made


def _collect_briefly() -> None:
    """What statements leave behind goes in small lots, of a millisecond each; nobody waits for a look through schema and modules."""
    gc.set_threshold(5_000, 10, 10)
    gc.collect()
    gc.freeze()
