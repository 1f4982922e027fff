"""All that a plugin may import of the core, besides `dutybook.testing`.

Names are stable within a version of the plugin API (`dutybook.lifecycle.manifest.API`).
"""

from dutybook.access.actor import OPERATOR, Actor
from dutybook.book.kinds import Field, Kind, Type, Value, Values
from dutybook.book.times import FOREVER, Time
from dutybook.db.reads import asked
from dutybook.db.stamps import Id, Stamp
from dutybook.db.tables import NAMING
from dutybook.errors import BadInput, DutybookError, Forbidden, Message, NotFound, Refused
from dutybook.graphql.connections import Connection
from dutybook.graphql.context import Asking, View
from dutybook.graphql.contributed import Axes, field, mutation, perform
from dutybook.graphql.departments import Department
from dutybook.graphql.describe import argument, both, column, named, resolved, value
from dutybook.graphql.duties import Duty
from dutybook.graphql.ids import id_of, number_of
from dutybook.graphql.links import link
from dutybook.graphql.organisations import Organisation
from dutybook.graphql.payloads import UserError
from dutybook.graphql.people import Assignment, Employee
from dutybook.graphql.positions import Position
from dutybook.graphql.rows import RowsBy
from dutybook.lifecycle.events import Event, EventType
from dutybook.lifecycle.gifts import GraphQLContribution, Job, NavItem, Panel, PanelRequest
from dutybook.lifecycle.manifest import API, PluginMeta
from dutybook.lifecycle.objections import Objection
from dutybook.lifecycle.specs import hookimpl, hookspec
from dutybook.lifecycle.states import (
    AssignmentChange,
    AssignmentState,
    DepartmentChange,
    DepartmentState,
    DutyChange,
    DutyState,
    EmployeeChange,
    EmployeeState,
    KindChange,
    PositionChange,
    PositionState,
)
from dutybook.lifecycle.views import AppContext, ChangeSetView, Health, Impact, PeriodView
from dutybook.services.corrections import Correction
from dutybook.services.emitting import emit
from dutybook.services.plugin_data import (
    call,
    hold,
    insert_rows,
    key_of,
    name_of,
    now,
    plugin_settings,
    publish_demo,
    records,
    require,
    revision,
    today,
    transaction,
    zone,
)
from dutybook.services.plugin_periods import (
    closed_months,
    corrections_carried_to,
    note_correction,
    open_demo_month,
    open_month_for,
    period_known_at,
)

__all__ = [
    "API",
    "FOREVER",
    "NAMING",
    "OPERATOR",
    "Actor",
    "AppContext",
    "Asking",
    "Assignment",
    "AssignmentChange",
    "AssignmentState",
    "Axes",
    "BadInput",
    "ChangeSetView",
    "Connection",
    "Correction",
    "Department",
    "DepartmentChange",
    "DepartmentState",
    "Duty",
    "DutyChange",
    "DutyState",
    "DutybookError",
    "Employee",
    "EmployeeChange",
    "EmployeeState",
    "Event",
    "EventType",
    "Field",
    "Forbidden",
    "GraphQLContribution",
    "Health",
    "Id",
    "Impact",
    "Job",
    "Kind",
    "KindChange",
    "Message",
    "NavItem",
    "NotFound",
    "Objection",
    "Organisation",
    "Panel",
    "PanelRequest",
    "PeriodView",
    "PluginMeta",
    "Position",
    "PositionChange",
    "PositionState",
    "Refused",
    "RowsBy",
    "Stamp",
    "Time",
    "Type",
    "UserError",
    "Value",
    "Values",
    "View",
    "argument",
    "asked",
    "both",
    "call",
    "closed_months",
    "column",
    "corrections_carried_to",
    "emit",
    "field",
    "hold",
    "hookimpl",
    "hookspec",
    "id_of",
    "insert_rows",
    "key_of",
    "link",
    "mutation",
    "name_of",
    "named",
    "note_correction",
    "now",
    "number_of",
    "open_demo_month",
    "open_month_for",
    "perform",
    "period_known_at",
    "plugin_settings",
    "publish_demo",
    "records",
    "require",
    "resolved",
    "revision",
    "today",
    "transaction",
    "value",
    "zone",
]
