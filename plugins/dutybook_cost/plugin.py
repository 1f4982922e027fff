"""Cost accounting as dutybook meets it: who it is, and all its hooks."""

from collections.abc import Sequence

from sqlalchemy.orm import DeclarativeBase
from typer import Typer

from dutybook.api import GraphQLContribution, Kind, Message, PluginMeta, hookimpl
from dutybook_cost.checks import check_kind, check_period_close
from dutybook_cost.cli import app
from dutybook_cost.demo import contribute_demo
from dutybook_cost.graphql import figures, mutations, periods
from dutybook_cost.impacts import preview_changeset
from dutybook_cost.kinds import KINDS
from dutybook_cost.marking import derive
from dutybook_cost.models import MODELS
from dutybook_cost.panels import contribute_panels
from dutybook_cost.payitems import contribute_hookspecs, contribute_pay_items
from dutybook_cost.services.desk import PERSONS, READ, RECORD, SETTLE, SIGN

__all__ = [
    "check_kind",
    "check_period_close",
    "contribute_demo",
    "contribute_hookspecs",
    "contribute_panels",
    "contribute_pay_items",
    "derive",
    "preview_changeset",
]

WRITERS = ("editor", "publisher", "administrator")
META = PluginMeta(
    "cost",
    Message("成本核算", "Cost accounting"),
    "0.1.0",
    permissions={
        READ: ("editor", "approver", "publisher", "administrator"),
        PERSONS: ("publisher", "administrator"),
        RECORD: WRITERS,
        SIGN: ("approver", "publisher", "administrator"),
        SETTLE: ("publisher", "administrator"),
    },
    migrations="dutybook_cost.migrations",
    core_revision="0003",
)


@hookimpl
def describe() -> PluginMeta:
    """The manifest."""
    return META


@hookimpl
def contribute_kinds() -> Sequence[Kind]:
    """What the book keeps."""
    return KINDS


@hookimpl
def contribute_models() -> Sequence[type[DeclarativeBase]]:
    """What the plugin keeps."""
    return MODELS


@hookimpl
def contribute_graphql() -> GraphQLContribution:
    """What the schema shows."""
    return GraphQLContribution({**figures.FIELDS, "Query": periods.FIELDS, "Mutation": mutations.FIELDS})


@hookimpl
def contribute_cli() -> Typer:
    """`dutybook cost …`."""
    return app
