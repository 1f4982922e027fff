"""Every hook of the core. All are synchronous, and each plugin is called alone, in a worker thread with a deadline.

`session` is a guarded SQLAlchemy session: a hook may neither commit nor roll back, checks and previews only read, and
`derive` and `on_events` write the plugin's own tables only. What a hook must not do is refused with the plugin's name.
"""

from collections.abc import Iterable, Sequence

import pluggy
from pydantic import BaseModel
from sqlalchemy.orm import DeclarativeBase, Session
from starlette.routing import BaseRoute
from typer import Typer

from dutybook.book.kinds import Kind
from dutybook.lifecycle.events import Event, EventType
from dutybook.lifecycle.gifts import GraphQLContribution, Job, NavItem, Panel
from dutybook.lifecycle.manifest import PluginMeta
from dutybook.lifecycle.objections import Objection
from dutybook.lifecycle.states import (
    AssignmentChange,
    DepartmentChange,
    DutyChange,
    EmployeeChange,
    KindChange,
    PositionChange,
)
from dutybook.lifecycle.views import AppContext, ChangeSetView, Health, Impact, PeriodView

GROUP = "dutybook"
"""The project name of hookspecs and hookimpls."""

hookspec = pluggy.HookspecMarker(GROUP)
hookimpl = pluggy.HookimplMarker(GROUP)


class Specs:
    """The hooks, in the order of a plugin's life."""

    @hookspec
    def describe(self) -> PluginMeta:  # type: ignore[empty-body]
        """Say who you are: name, version, what you need; pure, and asked before anything else."""

    @hookspec
    def contribute_kinds(self) -> Sequence[Kind]:  # type: ignore[empty-body]
        """Give dated record types; the core keeps their versions, change sets, diff, scope, history and both time axes."""

    @hookspec
    def contribute_models(self) -> Sequence[type[DeclarativeBase]]:  # type: ignore[empty-body]
        """Give the mapped classes of your own tables, each named `plg_<plugin>_…`."""

    @hookspec
    def contribute_graphql(self) -> GraphQLContribution:  # type: ignore[empty-body]
        """Give fields for types of the schema, the roots included, and the types that they lead to."""

    @hookspec
    def contribute_routes(self, settings: BaseModel) -> Sequence[BaseRoute]:  # type: ignore[empty-body]
        """Give Starlette routes, served under `/x/<plugin>/` to whoever is signed in."""

    @hookspec
    def contribute_panels(self) -> Sequence[Panel | NavItem]:  # type: ignore[empty-body]
        """Give parts of pages and entries of the navigation."""

    @hookspec
    def contribute_jobs(self) -> Sequence[Job]:  # type: ignore[empty-body]
        """Give work that a worker does again and again."""

    @hookspec
    def contribute_cli(self) -> Typer:  # type: ignore[empty-body]
        """Give commands, called as `dutybook <plugin> …`."""

    @hookspec
    def contribute_hookspecs(self) -> type:  # type: ignore[empty-body]
        """Give a class of hookspecs of your own, which other plugins implement and `dutybook.api.call` calls."""

    @hookspec
    def contribute_demo(self, session: Session) -> None:
        """Fill your tables for the demo company, which is loaded already; seeded, the same each time."""

    @hookspec
    def declare_events(self) -> Sequence[EventType]:  # type: ignore[empty-body]
        """Name the types of events that you emit."""

    @hookspec
    def startup(self, app: AppContext) -> None:
        """The server begins to serve; what raises here keeps it from starting."""

    @hookspec
    def shutdown(self, app: AppContext) -> None:
        """The server ends."""

    @hookspec
    def check_department(
        self, session: Session, changes: Sequence[DepartmentChange], dry_run: bool
    ) -> Iterable[Objection] | None:
        """Object to changes of departments, inside the publishing transaction when the core's rules are content."""

    @hookspec
    def check_position(
        self, session: Session, changes: Sequence[PositionChange], dry_run: bool
    ) -> Iterable[Objection] | None:
        """Object to changes of positions."""

    @hookspec
    def check_duty(self, session: Session, changes: Sequence[DutyChange], dry_run: bool) -> Iterable[Objection] | None:
        """Object to changes of duties."""

    @hookspec
    def check_employee(
        self, session: Session, changes: Sequence[EmployeeChange], dry_run: bool
    ) -> Iterable[Objection] | None:
        """Object to changes of employees."""

    @hookspec
    def check_assignment(
        self, session: Session, changes: Sequence[AssignmentChange], dry_run: bool
    ) -> Iterable[Objection] | None:
        """Object to appointments, their changes and their ends."""

    @hookspec
    def check_kind(self, session: Session, changes: Sequence[KindChange], dry_run: bool) -> Iterable[Objection] | None:
        """Object to changes of any other kind, a plugin's own included; one kind at a time."""

    @hookspec
    def check_changeset(self, session: Session, changeset: ChangeSetView, dry_run: bool) -> Iterable[Objection] | None:
        """Object to a change set as a whole, when it is submitted and again when it is published."""

    @hookspec
    def check_period_close(self, session: Session, period: PeriodView, dry_run: bool) -> Iterable[Objection] | None:
        """Object to the closing of a month: name what is still missing in it."""

    @hookspec
    def preview_changeset(self, session: Session, changeset: ChangeSetView) -> Iterable[Impact] | None:
        """Tell what becomes of your metrics; the set is published in this transaction, which is then taken back."""

    @hookspec
    def derive(self, session: Session, events: Sequence[Event], dry_run: bool) -> None:
        """Write along into your own tables, in the transaction that the events belong to and after all checks."""

    @hookspec
    def on_events(self, session: Session, events: Sequence[Event]) -> None:
        """React after the commit: at least once, in order for each aggregate; what you write is kept exactly once."""

    @hookspec
    def reset_projection(self, session: Session) -> None:
        """Empty what `on_events` has built; all events since the beginning follow."""

    @hookspec(firstresult=True)
    def upcast_event(self, event: Event) -> Event | None:
        """Turn an old version of your own event into today's; None leaves it as it is."""

    @hookspec
    def on_enable(self, session: Session) -> None:
        """You were enabled on this database, for the first time or again; your tables are there."""

    @hookspec
    def on_disable(self, session: Session) -> None:
        """You were disabled; your data stays."""

    @hookspec
    def on_uninstall(self, session: Session, keep_data: bool) -> None:
        """You are being forgotten; unless `keep_data`, your tables are dropped right after."""

    @hookspec
    def health(self, session: Session) -> Health:  # type: ignore[empty-body]
        """Say how you are, for `/readyz`, `plugins { health }` and `dutybook plugin doctor`."""
