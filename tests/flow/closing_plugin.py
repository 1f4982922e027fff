"""A plugin that objects to the closing of months, and a book that has it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy.orm import Session

from dutybook.errors import Message
from dutybook.lifecycle.events import Event
from dutybook.lifecycle.loading import load_plugins
from dutybook.lifecycle.manifest import PluginMeta
from dutybook.lifecycle.objections import Objection
from dutybook.lifecycle.specs import hookimpl
from dutybook.lifecycle.views import PeriodView
from dutybook.services.book import Book

UNSIGNED = Objection("UNSIGNED", Message("考核未签字", "appraisals are unsigned"), ("month",))
OVERRIDABLE = replace(UNSIGNED, overridable_by="late.override")
ROUNDED = Objection("ROUNDED", Message("有尾差", "fen were rounded"), severity="WARN")


@dataclass
class Late:
    """Objects as it is told to, remembers what it was asked, and does more where a test says what."""

    objections: list[Objection] = field(default_factory=list)
    asked: list[tuple[PeriodView, bool]] = field(default_factory=list)
    checking: Callable[[Session], object] = lambda _: None
    deriving: Callable[[Session, Sequence[Event]], object] = lambda *_: None

    @hookimpl
    def describe(self) -> PluginMeta:
        return PluginMeta("late", Message("迟到", "Late"), "1.0", permissions={"late.override": ["administrator"]})

    @hookimpl
    def check_period_close(
        self,
        session: Session,
        period: PeriodView,
        dry_run: bool,
    ) -> Iterable[Objection] | None:
        self.asked.append((period, dry_run))
        self.checking(session)
        return self.objections

    @hookimpl
    def derive(self, session: Session, events: Sequence[Event], dry_run: bool) -> None:  # noqa: ARG002
        self.deriving(session, events)


def with_plugin(book: Book, late: Late) -> Book:
    """The same book with that plugin enabled."""
    return replace(book, plugins=load_plugins(["late"], found={"late": lambda: late}))
