"""Calling a hook of one plugin: alone, guarded, within a deadline, and measured."""

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from dutybook.errors import DutybookError, Refused
from dutybook.lifecycle.guard import HookCall, running

T = TypeVar("T")

GRACE = 1.0
"""Seconds that a hook has to notice that its statement was interrupted."""

RECENT = 300.0
"""Seconds for which a failure is told at /readyz."""


class PluginFailure(Refused):
    """A plugin's hook raised, took too long, answered nonsense or did what no hook may do."""

    code = "PLUGIN_FAILURE"

    def __init__(self, plugin: str, hook: str, zh: str, en: str) -> None:
        super().__init__(
            f"插件 {plugin} 的 {hook} 出错：{zh}。什么也没有存储；请联系插件作者，或由管理员停用该插件。",
            f"Plugin {plugin} failed in {hook}: {en}. Nothing was stored; tell its author, or disable the plugin.",
            path=[plugin, hook],
        )
        self.plugin, self.hook = plugin, hook
        self.short = (zh, en)


@dataclass
class Measure:
    """What a hook of a plugin has cost this process so far."""

    calls: int = 0
    seconds: float = 0.0
    slowest: float = 0.0
    statements: int = 0
    failures: int = 0
    failed_at: float | None = None
    failure: str | None = None

    def add(self, seconds: float, statements: int, failure: str | None) -> None:
        """Counts one call."""
        self.calls += 1
        self.seconds += seconds
        self.slowest = max(self.slowest, seconds)
        self.statements += statements
        if failure is not None:
            self.failures += 1
            self.failed_at, self.failure = time.monotonic(), failure


@dataclass(frozen=True)
class Measures:
    """The measures of every (plugin, hook) in this process."""

    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    by_hook: dict[tuple[str, str], Measure] = field(default_factory=dict)

    def of(self, plugin: str, hook: str) -> Measure:
        """The measure of one hook."""
        return self.by_hook.setdefault((plugin, hook), Measure())

    def recent_failures(self, plugin: str) -> Mapping[str, str]:
        """The hooks of a plugin that have failed in the last minutes, and how."""
        limit = time.monotonic() - RECENT
        return {
            hook: measure.failure or ""
            for (name, hook), measure in list(self.by_hook.items())
            if name == plugin and measure.failed_at is not None and measure.failed_at > limit
        }


def call(
    function: Callable[[], T], it: HookCall, seconds: float, measures: Measures, session: Session | None = None
) -> T:
    """What a hook answers; PluginFailure in any other case, whatever it did."""
    begun, failure = time.monotonic(), None
    try:
        return _judged(function, it, seconds, session)
    except PluginFailure as error:
        failure = error.short[1]
        raise
    finally:
        measures.of(it.plugin, it.hook).add(time.monotonic() - begun, it.statements, failure)


def _judged(function: Callable[[], T], it: HookCall, seconds: float, session: Session | None) -> T:
    try:
        answer = _within(function, it, seconds, session)
    except PluginFailure:
        raise
    except DutybookError as error:
        raise _failure(it, error) from error
    except Exception as error:
        # The message of an unexpected error may quote what no log shall hold; its type and the traceback tell enough.
        raise PluginFailure(
            it.plugin, it.hook, f"抛出 {type(error).__name__}", f"it raised {type(error).__name__}"
        ) from error
    if it.offence is not None:
        raise _failure(it, it.offence)
    return answer


def _failure(it: HookCall, error: DutybookError) -> PluginFailure:
    return PluginFailure(it.plugin, it.hook, error.message.zh.rstrip("。"), error.message.en.rstrip("."))


def _within(function: Callable[[], T], it: HookCall, seconds: float, session: Session | None) -> T:
    """Runs in a thread of its own: one that hangs is left behind, and may say nothing more to any database."""
    interrupt = _interrupter(session)
    done: list[Callable[[], T]] = []
    context = copy_context()

    def run() -> None:
        with running(it):
            done.append(_outcome(lambda: context.run(function)))

    thread = threading.Thread(target=run, name=f"{it.plugin}.{it.hook}", daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        it.given_up = True
        with suppress(Exception):
            interrupt()
        thread.join(GRACE)
        raise PluginFailure(it.plugin, it.hook, f"超过 {seconds:g} 秒未完成", f"it took more than {seconds:g} s")
    return done[0]()


def _outcome(function: Callable[[], T]) -> Callable[[], T]:
    """What a function gives or raises, to be had later in another thread."""
    try:
        answer = function()
    except BaseException as error:
        raised = error

        def fail() -> T:
            raise raised

        return fail
    return lambda: answer


def _interrupter(session: Session | None) -> Callable[[], None]:
    """Ends the statement that a session's connection is busy with."""
    if session is None or not session.in_transaction():
        return lambda: None
    driver: Any = session.connection().connection.driver_connection
    interrupt: Callable[[], None] = driver.interrupt if hasattr(driver, "interrupt") else driver.cancel
    return interrupt
