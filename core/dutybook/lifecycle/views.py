"""What hooks are told besides records, and what they answer: change sets, periods, impacts, health."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import BaseModel

from dutybook.errors import Message
from dutybook.lifecycle.objections import refuse_untold


@dataclass(frozen=True, slots=True)
class ChangeSetView:
    """A change set as hooks see it; `revision` is the one that it makes, None while it is only submitted."""

    id: int
    title: str
    reason: str | None
    organisation: int | None
    effective_on: date
    base_revision: int
    author: str
    revision: int | None


@dataclass(frozen=True, slots=True)
class PeriodView:
    """A month of accounts: its days are [start, end)."""

    month: str
    start: date
    end: date
    state: str


@dataclass(frozen=True, slots=True)
class Impact:
    """What becomes of a metric by a change set, as decimal or plain text; `kind` and `key` name the record it is about."""

    metric: Message
    before: str | None
    after: str | None
    unit: str | None = None
    kind: str | None = None
    key: int | None = None

    def __post_init__(self) -> None:
        refuse_untold("metric", self.metric)


@dataclass(frozen=True, slots=True)
class Health:
    """How a plugin is. WARN is told and DOWN makes the server unready."""

    state: Literal["OK", "WARN", "DOWN"] = "OK"
    detail: Message | None = None


@dataclass(frozen=True, slots=True)
class AppContext:
    """What `startup` and `shutdown` are given: the plugin's own settings, and the names of all enabled plugins."""

    settings: BaseModel
    plugins: Mapping[str, str]
