"""The manifest: what a plugin says of itself before anything else of it is used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel

from dutybook.errors import Message

API = "1.0"
"""The version of everything that `dutybook.api` and the hooks promise; it moves slower than the core."""


class NoSettings(BaseModel):
    """The settings of a plugin that has none."""


@dataclass(frozen=True, slots=True)
class PluginMeta:
    """A plugin's manifest.

    `api` is the range of plugin API versions it works with. `requires` are plugins without which it cannot run, `after`
    ones that come before it where they are enabled. `subscribes` are the event types for `on_events`, `*` at the end
    allowed; all if empty. `permissions` maps each permission it adds to the roles that hold it. `settings` is a pydantic
    model whose fields are read from `[plugin.<name>]` of dutybook.toml or from `DUTYBOOK_<NAME>_<FIELD>`. `migrations` is
    the import package that holds its Alembic versions, `core_revision` the migration of the core that they build on.
    """

    name: str
    title: Message
    version: str
    api: str = f">={API},<2"
    requires: Sequence[str] = ()
    after: Sequence[str] = ()
    subscribes: Sequence[str] = ()
    permissions: Mapping[str, Sequence[str]] = field(default_factory=dict)
    settings: type[BaseModel] = NoSettings
    migrations: str | None = None
    core_revision: str | None = None
