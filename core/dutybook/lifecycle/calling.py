"""Calling a hook of one plugin: alone, guarded, within a deadline, and measured."""

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Generic, TypeVar

import structlog
from sqlalchemy.orm import Session

from dutybook.errors import DutybookError, Message, Refused, causes
from dutybook.lifecycle.guard import HookCall, current, running
from dutybook.lifecycle.objections import Objection
from dutybook.lifecycle.standing import Standing, shielded

log = structlog.stdlib.get_logger()

T = TypeVar("T")

GRACE = 1.0
"""Seconds that a hook has to notice that its statement was interrupted."""

RECENT = 300.0
"""Seconds for which a failure is told at /readyz."""


class PluginFailure(Refused):
    """A plugin's hook raised, took too long, answered nonsense or did what no hook may do.

    `fatal` is one after which the transaction cannot go on, not even to ask other plugins.
    """

    code = "PLUGIN_FAILURE"

    def __init__(self, plugin: str, hook: str, zh: str, en: str, *, fatal: bool = False) -> None:
        super().__init__(
            f"插件 {plugin} 的 {hook} 出错：{zh}。什么也没有存储；请联系插件作者，或由管理员停用该插件。",
            f"Plugin {plugin} failed in {hook}: {en}. Nothing was stored; tell its author, or disable the plugin.",
            path=[plugin, hook],
        )
        self.plugin, self.hook, self.fatal = plugin, hook, fatal
        self.short = (zh, en)

    @property
    def objection(self) -> Objection:
        """The failure among objections: nobody can override it."""
        return Objection(self.code, self.message, self.path, self.plugin)


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
    left: threading.Thread | None = field(default=None, repr=False)
    """One that did not end when it was given up."""

    def add(self, seconds: float, statements: int, failure: str | None) -> None:
        """Counts one call."""
        self.calls += 1
        self.seconds += seconds
        self.slowest = max(self.slowest, seconds)
        self.statements += statements
        if failure is not None:
            self.failures += 1
            self.failed_at, self.failure = time.monotonic(), failure
        else:
            self.failed_at = None

    @property
    def busy(self) -> bool:
        """Whether a call that was given up still runs."""
        return self.left is not None and self.left.is_alive()


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
    it.caller = current()
    measure = measures.of(it.plugin, it.hook)
    standing = None if session is None else Standing.of(session)
    begun, failure = time.monotonic(), None
    try:
        return _judged(_Run(function, it, seconds, standing), measure)
    except PluginFailure as error:
        failure = error.short[1]
        log.error("plugin failed", plugin=it.plugin, hook=it.hook, how=failure, causes=causes(error.__cause__))
        raise
    finally:
        measure.add(time.monotonic() - begun, it.statements, failure)


@dataclass
class _Run(Generic[T]):
    """One run of a hook in a thread of its own: one that hangs is left behind, and may say nothing more to any database."""

    function: Callable[[], T]
    it: HookCall
    seconds: float
    standing: Standing | None
    answers: list[T] = field(default_factory=list)
    raised: BaseException | None = None

    def wait(self) -> threading.Thread | None:
        """Runs it, and gives its thread where that did not end."""
        context = copy_context()
        thread = threading.Thread(
            target=self._run, args=(context.run,), name=f"{self.it.plugin}.{self.it.hook}", daemon=True
        )
        with nullcontext() if self.standing is None else shielded(self.it, self.standing):
            try:
                thread.start()
                thread.join(self.seconds)
            finally:  # also where waiting itself is interrupted, by Ctrl-C
                if thread.is_alive():
                    self._give_up(thread)
        return thread if thread.is_alive() else None

    def _run(self, within: Callable[[Callable[[], T]], T]) -> None:
        with running(self.it):
            try:
                self.answers.append(within(self.function))
            except BaseException as error:  # even an exit: it would end the server, and not only the hook
                self.raised = error

    def _give_up(self, thread: threading.Thread) -> None:
        self.it.given_up = True
        if self.standing is not None:
            self.standing.interrupt()
        thread.join(GRACE)
        if self.standing is not None and thread.is_alive():
            self.standing.abandon()


def _judged(run: _Run[T], measure: Measure) -> T:
    """What a run answers, if it did nothing wrong."""
    if measure.busy:
        raise _failure(run, Message("上一次超时的调用仍在运行", "an earlier call, given up, still runs"))
    measure.left = run.wait()
    wrong = run.standing.settle() if run.standing else None
    fatal = wrong is not None
    if run.it.given_up:
        late = Message(f"超过 {run.seconds:g} 秒未完成", f"it took more than {run.seconds:g} s")
        raise _failure(run, late, fatal=fatal or measure.left is not None)
    if run.it.offence is not None:
        raise _failure(run, _it(run.it.offence.said), fatal=fatal) from (run.it.offence.__cause__ or run.raised)
    if run.raised is not None:
        raise _failure(run, _told(run.raised), fatal=fatal) from run.raised
    if wrong is not None:
        raise _failure(run, _it(wrong), fatal=True)
    return run.answers[0]


def _failure(run: _Run[T], said: Message, *, fatal: bool = False) -> PluginFailure:
    return PluginFailure(run.it.plugin, run.it.hook, *said, fatal=fatal)


def _it(said: Message) -> Message:
    return Message(said.zh, f"it {said.en}")


def _told(error: BaseException) -> Message:
    """What may be told of an exception: the message of an unexpected one may quote what no log shall hold."""
    if isinstance(error, PluginFailure):
        return Message(
            f"{error.plugin} 的 {error.hook}：{error.short[0]}", f"{error.plugin}.{error.hook}: {error.short[1]}"
        )
    if isinstance(error, DutybookError):
        return Message(error.message.zh.rstrip("。"), error.message.en.rstrip("."))
    return Message(f"抛出 {type(error).__name__}", f"it raised {type(error).__name__}")
