"""A small database with a table of a plugin and one that is not its own, and hooks called in a session of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import BigInteger, Column, MetaData, Table, Text, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from dutybook.book.nouns import CORE
from dutybook.db.engine import Database
from dutybook.lifecycle.calling import Measures, PluginFailure, call
from dutybook.lifecycle.guard import HookCall

Act = Callable[[Session], Any]
OURS = frozenset({"plg_toll_pass"})


class Base(DeclarativeBase):
    metadata = MetaData()


class Pass(Base):
    """A row of the plugin's own."""

    __tablename__ = "plg_toll_pass"
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(Text, unique=True)


theirs = Table("department", Base.metadata, Column("key", BigInteger, primary_key=True), Column("text", Text))


def filled(url: str) -> None:
    """Makes the tables, with one row in each."""
    database = Database(url, CORE)
    with database.write() as session:
        Base.metadata.create_all(session.connection())
        session.add(Pass(key=1, text="甲"))
        session.execute(theirs.insert().values(key=1, text="办公室"))
    database.dispose()


@dataclass
class Toll:
    """The plugin whose hooks are called, and the database that they are called in."""

    database: Database
    measures: Measures = field(default_factory=Measures)

    def call(
        self, session: Session, act: Act, writes: frozenset[str] | None = frozenset(), seconds: float = 5.0
    ) -> Any:
        """One call of a hook."""

        def run() -> Any:
            answer = act(session)
            session.flush()
            return answer

        return call(run, HookCall("toll", "derive", writes), seconds, self.measures, session)

    def allowed(self, act: Act, writes: frozenset[str] | None = OURS) -> Any:
        """A hook that is called and committed."""
        with self.database.write() as session:
            return self.call(session, act, writes)

    def refused(self, act: Act, writes: frozenset[str] | None = OURS, seconds: float = 5.0) -> PluginFailure:
        """Why a hook fails; nothing of it stays, and no connection is lost by it."""
        before = self.rows()
        with pytest.raises(PluginFailure) as failure:
            self._publish(act, writes, seconds)
        assert self.rows() == before
        assert self.leaked() == 0
        return failure.value

    def _publish(self, act: Act, writes: frozenset[str] | None, seconds: float) -> None:
        with self.database.write() as session:
            session.add(Pass(key=100, text="先"))
            session.flush()
            self.call(session, act, writes, seconds)

    def rows(self) -> tuple[int | None, ...]:
        """How many rows both tables have, and how many the plugin's has by now."""
        with self.database.read() as session:
            return tuple(session.scalar(select(func.count()).select_from(it)) for it in (Pass.__table__, theirs))

    def leaked(self) -> int:
        """Connections that nobody gave back."""
        found: int = self.database.engine.pool.checkedout()  # type: ignore[attr-defined]
        return found


@contextmanager
def tolling(url: str) -> Iterator[Toll]:
    """The plugin at a database."""
    database = Database(url, CORE)
    try:
        yield Toll(database)
    finally:
        database.dispose()
