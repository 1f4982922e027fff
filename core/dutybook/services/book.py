"""What every service works with: the database, the clock, where secrets come from, and the plugins."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from dutybook.book.clock import Clock
from dutybook.book.kinds import Kinds
from dutybook.book.masters import NOBODY, Masters
from dutybook.db.engine import Database
from dutybook.db.tables import Tables
from dutybook.lifecycle.plugins import Plugins


@dataclass(frozen=True)
class Book:
    """One book with all that its services need; `entropy` gives secret bytes, seeded for demos and tests.

    `masters` says what other systems are the masters of.
    """

    database: Database
    clock: Clock = field(default_factory=Clock)
    entropy: Callable[[int], bytes] = secrets.token_bytes
    plugins: Plugins = field(default_factory=Plugins)
    masters: Masters = NOBODY

    @property
    def tables(self) -> Tables:
        """The tables of the book."""
        return self.database.tables

    @property
    def kinds(self) -> Kinds:
        """The kinds registered in the book."""
        return self.database.tables.kinds

    def hooks(self, session: Session) -> Plugins:
        """The plugins, for calls with this session: through it `dutybook.api` finds the book."""
        session.info["book"] = self
        return self.plugins
