"""What people decide about objections: warnings are acknowledged, and some refusals may be overridden with a reason."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from dutybook.access.actor import Actor
from dutybook.access.scope import scope_of
from dutybook.db.head import head
from dutybook.db.in_force import Scope
from dutybook.errors import BadInput
from dutybook.lifecycle.objections import Objection
from dutybook.services.book import Book
from dutybook.services.refusals import RefusedByRules


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Objections by their names (`toll:NO_CERTIFICATE`): those acknowledged, and those overridden with the reason."""

    acknowledged: frozenset[str] = frozenset()
    overridden: Mapping[str, str] = field(default_factory=dict)


NONE = Verdicts()


def refuse_bare(names: Iterable[str], path: str) -> None:
    """BadInput for a name that says not whose objection it is: it could never stand for one."""
    if bare := next((name for name in names if not all(name.partition(":"))), None):
        zh = f"「{bare}」应写作 插件:代码，如 core:QUOTA_EXCEEDED。"
        raise BadInput(zh, f"'{bare}' must be PLUGIN:CODE, like core:QUOTA_EXCEEDED.", path=[path])


class Overriding:
    """What an actor may override: by its permissions, and where an objection names a department, in their scope."""

    def __init__(self, session: Session, book: Book, actor: Actor) -> None:
        self.session, self.book, self.actor = session, book, actor
        self._scopes: dict[str, Scope] = {}

    def may(self, objection: Objection) -> bool:
        """Whether the actor holds the permission that the objection names, the core's own or one that a plugin added."""
        permission = objection.overridable_by
        if permission is None or not self.actor.holds(permission, self.book.plugins.holders(permission)):
            return False
        return objection.department is None or self._reaches(permission, objection.department)

    def _reaches(self, permission: str, department: int) -> bool:
        if permission not in self._scopes:
            self._scopes[permission] = self._scope(permission)
        departments = self._scopes[permission].departments
        return departments is None or department in departments

    def _scope(self, permission: str) -> Scope:
        book, revision = self.book, head(self.session, self.book.tables).revision
        holders, today = book.plugins.holders(permission), book.clock.today()
        return scope_of(self.session, book.tables, self.actor, permission, revision, today, holders)


def outstanding(
    session: Session, book: Book, actor: Actor, objections: Iterable[Objection], verdicts: Verdicts
) -> Iterator[Objection]:
    """The objections that still stand against it."""
    overriding = Overriding(session, book, actor)
    for objection in objections:
        if objection.severity == "WARN":
            if objection.name not in verdicts.acknowledged and objection.name not in verdicts.overridden:
                yield objection
        elif not (verdicts.overridden.get(objection.name) and overriding.may(objection)):
            yield objection


def overridden(objections: Iterable[Objection], verdicts: Verdicts) -> Iterator[tuple[Objection, str]]:
    """Of objections none of which stands any more: those that were overridden, each with the reason that was given."""
    for objection in objections:
        reason = verdicts.overridden.get(objection.name)
        if objection.severity == "BLOCK" and reason:
            yield objection, reason


def refuse_outstanding(
    session: Session, book: Book, actor: Actor, objections: Iterable[Objection], verdicts: Verdicts
) -> None:
    """RefusedByRules, naming every objection that still stands, unless there is none."""
    if standing := list(outstanding(session, book, actor, objections, verdicts)):
        raise RefusedByRules(standing)
