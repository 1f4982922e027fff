"""A verification from beginning to end."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from time import perf_counter
from typing import Any

from dutybook.graphql.gifts import schema_with
from dutybook.lifecycle.calling import PluginFailure
from dutybook.lifecycle.lint import lint_hooks
from dutybook.lifecycle.loading import PluginsRefused, installed, kinds_with, load_plugins
from dutybook.lifecycle.manifest import API
from dutybook.lifecycle.plugins import Loaded, Plugins
from dutybook.testing.book import TestBook, opened
from dutybook.testing.databases import Backend
from dutybook.testing.verify.checks import try_checks
from dutybook.testing.verify.contract import compare_contract, contract_of, written
from dutybook.testing.verify.events import try_events
from dutybook.testing.verify.fields import FieldTrial, unguarded
from dutybook.testing.verify.findings import Code, Finding, distinct, finding
from dutybook.testing.verify.imports import foreign_imports
from dutybook.testing.verify.network import without_network
from dutybook.testing.verify.report import Report
from dutybook.testing.verify.specimens import TODAY, Specimens, demo_company
from dutybook.testing.verify.subject import Subject
from dutybook.testing.verify.tables import try_leaving, try_migrations
from dutybook.testing.verify.watching import Watched, watched


class NotUsable(Exception):
    """The plugin cannot even be loaded; `findings` say why."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = list(findings)
        super().__init__(str(self.findings))


Given = Mapping[str, Mapping[str, object]]
"""Settings of plugins, as dutybook.toml says them."""


def verify(subject: Subject, backends: Sequence[Backend], settings: Given | None = None) -> Report:
    """Everything that a plugin has to keep, on each of these databases."""
    findings, measures = list(foreign_imports(subject)), dict[str, Any]()
    try:
        plugins = load(subject, settings)
    except NotUsable as reason:
        return Report(subject.name, "", API, [], list(distinct([*findings, *reason.findings])), measures)
    plugin = plugins[subject.name]
    findings += compare_contract(subject, contract_of(plugins, plugin))
    for backend in backends:
        trial = Trial(backend, plugins, plugin)
        findings += trial.findings()
        measures[backend.name] = trial.measures
    names = [backend.name for backend in backends]
    return Report(plugin.name, plugin.meta.version, API, names, list(distinct(findings)), measures)


def write_contract(subject: Subject, settings: Given | None = None) -> None:
    """Writes down what the plugin gives and wants now."""
    plugins = load(subject, settings)
    subject.contract.write_bytes(written(contract_of(plugins, plugins[subject.name])))


def load(subject: Subject, settings: Given | None = None) -> Plugins:
    """The plugin with all that it requires; NotUsable tells why not."""
    try:
        module = subject.load()
    except Exception as error:
        raise NotUsable([finding(Code.NOT_IMPORTABLE, subject.name, repr(error), repr(error))]) from error
    if found := [Finding(Code.HOOK_LINT, f"{subject.name}: {it.code}", it.message) for it in lint_hooks(module)]:
        raise NotUsable(found)
    given = {**(settings or {}), subject.name: {**(settings or {}).get(subject.name, {}), **subject.settings}}
    try:
        known = {**installed(), subject.name: subject.load}
        plugins = load_plugins(_with_required(subject, module), given, found=known)
    except PluginsRefused as refusal:
        refused = (Finding(Code.NOT_LOADABLE, name, message) for name, message in refusal.problems.items())
        raise NotUsable(refused) from refusal
    _demand_schema(plugins, plugins[subject.name])
    return plugins


def _with_required(subject: Subject, module: Any) -> list[str]:
    """The names of the plugins that it needs, by their own manifests, and its own."""
    known, wanted = installed(), [*module.describe().requires]
    for name in wanted:
        if name in known:
            wanted += (other for other in known[name]().describe().requires if other not in wanted)
    return [*wanted, subject.name]


def _demand_schema(plugins: Plugins, plugin: Loaded) -> None:
    if found := list(unguarded(plugins, plugin)):
        raise NotUsable(found)
    try:
        schema_with(kinds_with(plugins), plugins)
    except PluginsRefused as refusal:
        raise NotUsable(
            Finding(Code.SCHEMA_REFUSED, name, message) for name, message in refusal.problems.items()
        ) from refusal


class Trial:
    """One plugin on one database."""

    def __init__(self, backend: Backend, plugins: Plugins, plugin: Loaded) -> None:
        self.backend, self.plugin = backend, plugin
        self.plugins: Watched = watched(plugins)
        self.measures: dict[str, Any] = {"seconds": {}, "hooks": {}}

    def findings(self) -> list[Finding]:
        """Whatever is found, in the order in which it is met."""
        found: list[Finding] = []
        with without_network() as network, suppress(PluginFailure):  # what fails is remembered, and ends the trial
            found += self._stage("migrations", self._migrations)
            if not any(it.code in {Code.MIGRATION_FAILED, Code.DOWNGRADE_LEAVES} for it in found):
                self._in_company(found)
        self._measure()
        failures = list(self.plugins.findings(self.plugin.name))
        failed = {it.place for it in [*network, *failures]}
        # An event that cannot be delivered is only what comes of a handler that fails.
        return [
            *(it for it in found if it.code is not Code.DELIVERY_STUCK or it.place not in failed),
            *network,
            *failures,
        ]

    def _migrations(self) -> Iterator[Finding]:
        with self.backend.database() as url:
            yield from try_migrations(url, self.plugins, self.plugin)

    def _in_company(self, found: list[Finding]) -> None:
        with self.backend.database(demo_company) as url, opened(url, self.plugins) as book:
            book.clock.moment = TODAY
            for name, stage in self._stages(book):
                found += self._stage(name, stage)

    def _stages(self, book: TestBook) -> Iterator[tuple[str, Callable[[], Iterable[Finding]]]]:
        specimens = Specimens(book)
        yield "enable", lambda: _doing(book.enable, demo=True)
        yield "fill", lambda: _doing(specimens.fill, self.plugin)
        fields = FieldTrial(specimens, self.plugin)
        yield "fields", fields.try_answers
        yield "guards", fields.try_guards
        pinned = fields.pinned()
        yield "checks", lambda: try_checks(specimens, self.plugin)
        yield "events", lambda: try_events(specimens, self.plugin)
        yield "times", lambda: fields.try_times(pinned)
        self.measures |= {"published": specimens.published, "refused": specimens.refused, "unasked": fields.unasked}
        yield "leaving", lambda: try_leaving(book, self.plugin)

    def _stage(self, name: str, act: Callable[[], Iterable[Finding]]) -> list[Finding]:
        begun = perf_counter()
        try:
            return list(act())
        finally:
            self.measures["seconds"][name] = round(perf_counter() - begun, 3)

    def _measure(self) -> None:
        for (name, hook), it in sorted(self.plugins.measures.by_hook.items()):
            if name == self.plugin.name:
                told = {"calls": it.calls, "statements": it.statements, "failures": it.failures}
                self.measures["hooks"][hook] = {**told, "slowest_ms": round(it.slowest * 1000, 1)}


def _doing(act: Callable[..., object], *given: Any, **more: Any) -> Iterator[Finding]:
    act(*given, **more)
    yield from ()
