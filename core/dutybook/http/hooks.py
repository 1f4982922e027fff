"""What hooks of plugins cost this process, for Prometheus."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from dutybook.lifecycle.calling import Measure, Measures

COUNTED: tuple[tuple[str, str, Callable[[Measure], float]], ...] = (
    ("dutybook_hook_calls", "Calls of hooks, by plugin and hook.", lambda it: it.calls),
    ("dutybook_hook_seconds", "Seconds spent in hooks.", lambda it: it.seconds),
    ("dutybook_hook_statements", "SQL statements that hooks have executed.", lambda it: it.statements),
    ("dutybook_hook_failures", "Calls of hooks that failed.", lambda it: it.failures),
)


@dataclass(eq=False)
class HookCosts(Collector):
    """The measures of hooks as counters."""

    measures: Measures

    def collect(self) -> Iterator[CounterMetricFamily]:
        """One family for each figure."""
        for name, text, figure in COUNTED:
            family = CounterMetricFamily(name, text, labels=["plugin", "hook"])
            for (plugin, hook), measure in list(self.measures.by_hook.items()):
                family.add_metric([plugin, hook], figure(measure))
            yield family
