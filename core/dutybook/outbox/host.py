"""What deliveries need of a book."""

from typing import Protocol

from sqlalchemy.orm import Session

from dutybook.book.clock import Clock
from dutybook.db.engine import Database
from dutybook.lifecycle.plugins import Plugins


class Host(Protocol):
    """The database that is delivered from, its time, and the plugins that are delivered to."""

    @property
    def database(self) -> Database:
        """Where the log is, and where each plugin writes."""

    @property
    def clock(self) -> Clock:
        """Says what is due."""

    @property
    def plugins(self) -> Plugins:
        """Whoever may subscribe."""

    def hooks(self, session: Session) -> Plugins:
        """The plugins, for calls with this session."""
