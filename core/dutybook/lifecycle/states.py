"""What hooks are told of records: their state before and after a change set, one dataclass for each noun.

Fields are those of the kinds in `book/nouns.py`, references are keys. Personal values are left out: the book itself holds
only their digests.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class RecordChange(Generic[S]):
    """One record on one day: what the book said until now of that day, and what it would say of it.

    `before` is None where the record begins, `after` where it ends. The rest of the change set counts in `after`.
    """

    kind: str
    key: int
    before: S | None
    after: S | None
    effective_on: date
    actor: str


@dataclass(frozen=True, slots=True)
class DepartmentState:
    """A department."""

    name: str
    kind: str | None
    category: str | None
    parent: int | None
    rank: str | None
    quota: int | None
    classification: str | None


@dataclass(frozen=True, slots=True)
class PositionState:
    """A position."""

    title: str
    department: int
    grade: str | None
    headcount: int
    leading: bool | None
    rank: str | None
    standard: int | None
    reports_to: int | None
    deputy_of: int | None
    substitutes: Sequence[int] | None
    exceptions: Sequence[int] | None
    sections: Any
    note: str | None
    classification: str | None


@dataclass(frozen=True, slots=True)
class DutyState:
    """A duty."""

    text: str
    position: int | None
    standard: int | None
    rank: str | None
    involvement: str | None
    tags: Any
    documents: Sequence[int] | None
    source: Any
    classification: str | None


@dataclass(frozen=True, slots=True)
class EmployeeState:
    """An employee, without anything personal."""

    employment_type: str | None
    status: str | None
    status_document: int | None


@dataclass(frozen=True, slots=True)
class AssignmentState:
    """An assignment."""

    employee: int
    position: int
    kind: str
    suspended: bool | None
    share: int | None
    document: int | None


DepartmentChange = RecordChange[DepartmentState]
PositionChange = RecordChange[PositionState]
DutyChange = RecordChange[DutyState]
EmployeeChange = RecordChange[EmployeeState]
AssignmentChange = RecordChange[AssignmentState]
KindChange = RecordChange[Mapping[str, Any]]
"""Their values are `Value`, whose name for itself could not be read where a plugin annotates its hook."""

STATES: Mapping[str, type[Any]] = {
    "department": DepartmentState,
    "position": PositionState,
    "duty": DutyState,
    "employee": EmployeeState,
    "assignment": AssignmentState,
}
"""The state of each kind that has a check of its own; `check_kind` is told all others as mappings."""
