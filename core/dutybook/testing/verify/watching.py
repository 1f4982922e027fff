"""Plugins whose failures are remembered, wherever in a verification they fail and whoever goes on after it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from dutybook.lifecycle.calling import PluginFailure
from dutybook.lifecycle.guard import Offence
from dutybook.lifecycle.plugins import Loaded, Plugins
from dutybook.testing.verify.findings import Code, Finding, finding
from dutybook.testing.verify.network import NetworkRefused


@dataclass(frozen=True)
class Watched(Plugins):
    """Plugins that remember how they fail."""

    failures: list[PluginFailure] = field(default_factory=list)

    def ask(self, plugin: Loaded, hook: str, /, *given: Any, **more: Any) -> Any:
        """What a hook answers."""
        try:
            return super().ask(plugin, hook, *given, **more)
        except PluginFailure as failure:
            self.failures.append(failure)
            raise

    def run(self, plugin: Loaded, what: str, *given: Any, **more: Any) -> Any:
        """What a plugin does that is no hook."""
        try:
            return super().run(plugin, what, *given, **more)
        except PluginFailure as failure:
            self.failures.append(failure)
            raise

    def findings(self, name: str) -> Iterator[Finding]:
        """The failures of one plugin."""
        for failure in self.failures:
            causes = list(_causes(failure))
            if failure.plugin == name and not any(isinstance(cause, NetworkRefused) for cause in causes):
                yield finding(self._code(failure, causes), f"{name}.{failure.hook}", *failure.short)

    def _code(self, failure: PluginFailure, causes: Sequence[BaseException]) -> Code:
        if any(isinstance(cause, Offence) for cause in causes):
            return Code.HOOK_OFFENCE
        if causes:
            return Code.HOOK_FAILED
        late = self.measures.of(failure.plugin, failure.hook).slowest >= self.deadline
        return Code.HOOK_TOO_SLOW if late else Code.HOOK_OFFENCE


def watched(plugins: Plugins) -> Watched:
    """The same plugins, watched."""
    return Watched(plugins.loaded, plugins.broken, plugins.deadline, plugins.measures)


def _causes(failure: BaseException) -> Iterator[BaseException]:
    while (cause := failure.__cause__ or failure.__context__) is not None:
        yield cause
        failure = cause
