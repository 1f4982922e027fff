"""The toll stations as dutybook meets them: who they are, and all their hooks."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import DeclarativeBase, Session
from typer import Typer

from dutybook.api import EventType, Health, Job, Kind, Message, PluginMeta, hookimpl
from dutybook_toll import cash, jobs, specials
from dutybook_toll.checks import (
    check_assignment,
    check_department,
    check_kind,
    check_period_close,
    preview_changeset,
)
from dutybook_toll.commands import app
from dutybook_toll.demo import contribute_demo
from dutybook_toll.graphql import READ, contribute_graphql
from dutybook_toll.handlers import SUBSCRIBES, derive, on_events, reset_projection
from dutybook_toll.kinds import LANE, RULE
from dutybook_toll.models import MODELS, SpecialEvent
from dutybook_toll.panels import contribute_panels
from dutybook_toll.reads import unreported
from dutybook_toll.settings import TollSettings

__all__ = [
    "check_assignment",
    "check_department",
    "check_kind",
    "check_period_close",
    "contribute_demo",
    "contribute_graphql",
    "contribute_panels",
    "derive",
    "on_events",
    "preview_changeset",
    "reset_projection",
]

EVERYBODY = ("reader", "editor", "approver", "publisher", "administrator")
META = PluginMeta(
    "toll",
    Message("收费站", "Toll stations"),
    "0.1.0",
    subscribes=SUBSCRIBES,
    permissions={
        READ: EVERYBODY,
        specials.RECORD: ("editor", "publisher", "administrator"),
        "toll.roster": ("publisher", "administrator"),
        cash.RECONCILE: ("publisher", "administrator"),
    },
    settings=TollSettings,
    migrations="dutybook_toll.migrations",
    core_revision="0003",
)


@hookimpl
def describe() -> PluginMeta:
    """The manifest."""
    return META


@hookimpl
def contribute_kinds() -> Sequence[Kind]:
    """What the book keeps."""
    return (LANE, RULE)


@hookimpl
def contribute_models() -> Sequence[type[DeclarativeBase]]:
    """What the plugin keeps."""
    return MODELS


@hookimpl
def contribute_jobs() -> Sequence[Job]:
    """The nightly look at overdue reports."""
    return jobs.JOBS


@hookimpl
def contribute_cli() -> Typer:
    """`dutybook toll …`."""
    return app


@hookimpl
def declare_events() -> Sequence[EventType]:
    """What the plugin tells the log."""
    return (*specials.EVENTS, *cash.EVENTS)


@hookimpl
def health(session: Session) -> Health:
    """A warning while events that were escalated are still unreported."""
    escalated = select(func.count()).where(unreported(), SpecialEvent.escalated_at.is_not(None))
    count = session.scalar(escalated) or 0
    if not count:
        return Health()
    zh, en = f"{count} 起特情逾期未报，已督办", f"{count} special events are escalated and still unreported"
    return Health("WARN", Message(zh, en))
