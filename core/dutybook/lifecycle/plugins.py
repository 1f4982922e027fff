"""The enabled plugins of one app: called one by one, in topological order, each answer attributed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import pluggy
from pydantic import BaseModel
from sqlalchemy.orm import Session

from dutybook.book.kinds import Kind
from dutybook.errors import DutybookError, Message
from dutybook.lifecycle.answers import Reading, one, perhaps, plain, several
from dutybook.lifecycle.calling import Measures, PluginFailure, call
from dutybook.lifecycle.events import Event, EventType
from dutybook.lifecycle.gifts import Job, NavItem, Panel
from dutybook.lifecycle.guard import HookCall, Offence
from dutybook.lifecycle.manifest import NoSettings, PluginMeta
from dutybook.lifecycle.objections import Objection
from dutybook.lifecycle.views import Health, Impact

T = TypeVar("T")

CHECKS = {
    "department": "check_department",
    "position": "check_position",
    "duty": "check_duty",
    "employee": "check_employee",
    "assignment": "check_assignment",
}
"""The check of each kind that has one of its own; `check_kind` is for all others."""

DEADLINE = 5.0
"""Seconds that a hook may take within a transaction."""


@dataclass(frozen=True)
class Loaded:
    """One enabled plugin: its manifest, its settings, its kinds and tables, and its implementations of hooks."""

    meta: PluginMeta
    hooks: Mapping[str, pluggy.HookImpl]
    settings: BaseModel = field(default_factory=NoSettings)
    kinds: Sequence[Kind] = ()
    models: Sequence[Any] = ()
    panels: Sequence[Panel | NavItem] = ()
    jobs: Sequence[Job] = ()
    events: Sequence[EventType] = ()
    hookspecs: type | None = None
    module: object = None
    package: str = ""

    @property
    def name(self) -> str:
        """Its name."""
        return self.meta.name

    @property
    def tables(self) -> frozenset[str]:
        """The names of its own tables; those of its kinds are written by change sets alone."""
        return frozenset(model.__table__.name for model in self.models)


@dataclass(frozen=True)
class Plugins:
    """The plugins of one app. `broken` are those that a degraded start left out, and why."""

    loaded: Sequence[Loaded] = ()
    broken: Mapping[str, Message] = field(default_factory=dict)
    deadline: float = DEADLINE
    measures: Measures = field(default_factory=Measures)

    def __iter__(self) -> Iterator[Loaded]:
        return iter(self.loaded)

    def __getitem__(self, name: str) -> Loaded:
        return next(plugin for plugin in self.loaded if plugin.name == name)

    def __contains__(self, name: object) -> bool:
        return any(plugin.name == name for plugin in self.loaded)

    def implementing(self, *hooks: str) -> list[Loaded]:
        """The plugins that implement one of these hooks."""
        return [plugin for plugin in self.loaded if any(hook in plugin.hooks for hook in hooks)]

    def ask(
        self,
        plugin: Loaded,
        hook: str,
        read: Reading = plain,
        /,
        *,
        session: Session | None = None,
        writes: frozenset[str] | None = frozenset(),
        seconds: float | None = None,
        **given: object,
    ) -> Any:
        """What one plugin's hook answers; it takes those of the arguments that it names. PluginFailure names it."""
        implementation = plugin.hooks[hook]
        known = {"session": session, **given} if session is not None else given
        taken = [known[name] for name in implementation.argnames]

        def run() -> Any:
            answer = read(implementation.function(*taken))
            if session is not None:
                session.flush()  # what a hook left unsaid is its own doing, not the next one's
            return answer

        it = HookCall(plugin.name, hook, writes)
        return call(run, it, self.deadline if seconds is None else seconds, self.measures, session)

    def run(self, plugin: Loaded, what: str, act: Callable[[], T], session: Session, writes: frozenset[str]) -> T:
        """What a plugin does that is no hook, guarded like one; errors that it expects are an answer, not a failure."""

        def tried() -> tuple[T, None] | tuple[None, DutybookError]:
            try:
                answer = act()
                session.flush()
            except Offence:
                raise
            except DutybookError as refusal:
                return None, refusal
            return answer, None

        answer, refusal = call(tried, HookCall(plugin.name, what, writes), self.deadline, self.measures, session)
        if refusal is not None:
            raise refusal
        return cast(T, answer)

    def gather(self, plugin: Loaded, hook: str, *wanted: type[Any], **given: Any) -> list[Any]:
        """The items that a plugin gives by a hook that it need not have, each of one of the wanted types."""
        if hook not in plugin.hooks:
            return []
        found: list[Any] = self.ask(plugin, hook, several(*wanted), **given)
        return found

    def each(self, hook: str, **given: Any) -> Iterator[tuple[Loaded, Any]]:
        """The answer of every plugin that implements a hook."""
        for plugin in self.implementing(hook):
            yield plugin, self.ask(plugin, hook, **given)

    def objections(self, hook: str, session: Session, **given: Any) -> Iterator[Objection]:
        """All that all plugins object; each is asked, whatever the others say, and one that fails objects by that.

        PluginFailure where the transaction did not survive it.
        """
        for plugin in self.implementing(hook):
            try:
                found = self.ask(plugin, hook, several(Objection), session=session, **given)
            except PluginFailure as failure:
                found = [_survived(failure)]
            yield from (objection.of(plugin.name) for objection in found)

    def impacts(self, session: Session, changeset: object) -> tuple[list[tuple[str, Impact]], list[Objection]]:
        """What becomes of the metrics of all plugins, and which of them failed to tell."""
        told, failed = list[tuple[str, Impact]](), list[Objection]()
        for plugin in self.implementing("preview_changeset"):
            try:
                found = self.ask(plugin, "preview_changeset", several(Impact), session=session, changeset=changeset)
            except PluginFailure as failure:
                failed.append(_survived(failure))
            else:
                told += ((plugin.name, impact) for impact in found)
        return told, failed

    def health(self, plugin: Loaded, session: Session) -> Health:
        """How a plugin says it is; one without the hook is well."""
        if "health" not in plugin.hooks:
            return Health()
        try:
            found: Health = self.ask(plugin, "health", one(Health), session=session)
        except PluginFailure as failure:
            if failure.fatal:
                session.rollback()  # it is only read from, so others can be asked in a new transaction
            raise
        return found

    def upcast(self, event: Event) -> Event:
        """An event in the version of today, as the plugin that declared it says."""
        owner = event.type.partition(".")[0]
        for plugin in self.implementing("upcast_event") if event.type.count(".") > 1 else ():
            if plugin.name == owner:
                found: Event | None = self.ask(plugin, "upcast_event", perhaps(Event), event=event)
                return found or event
        return event

    def holders(self, permission: str) -> frozenset[str]:
        """The roles that hold a permission which a plugin has added."""
        found = (plugin.meta.permissions.get(permission) for plugin in self.loaded)
        return frozenset(role for roles in found if roles for role in roles)


def _survived(failure: PluginFailure) -> Objection:
    """A failure as an objection; itself, where nothing can be asked in its transaction any more."""
    if failure.fatal:
        raise failure
    return failure.objection
