"""`dutybook worker`: delivers events to plugins, runs their jobs, lets change sets take effect on their day."""

import signal
from threading import Event, Thread

import typer

from dutybook.cli.context import Context, failures_told
from dutybook.cli.enabling import Degraded, ready
from dutybook.cli.logs import announce
from dutybook.services.book import Book
from dutybook.services.worker import Worker


def worker(context: typer.Context, degraded: Degraded = False) -> None:
    """投递事件、执行定时任务 / Deliver events and run jobs; any number of workers share one database."""
    at: Context = context.obj
    with failures_told():
        at = ready(at.degraded() if degraded else at)
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        names = [plugin.name for plugin in at.plugins]
        shown = ", ".join(names) or "-"
        announce(f"开始工作；插件：{shown}", f"Working; plugins: {shown}", "working", plugins=names)
        Worker(at.book).run(stop)


def working(book: Book) -> None:
    """A worker beside a server, for as long as the process lives."""
    Thread(target=Worker(book).run, args=[Event()], daemon=True).start()
