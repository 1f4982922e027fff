"""What people decide about objections: warnings are acknowledged, and some refusals may be overridden with a reason."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from dutybook.access.actor import Actor
from dutybook.lifecycle.objections import Objection
from dutybook.services.book import Book
from dutybook.services.refusals import RefusedByRules


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Objections by their names (`toll:NO_CERTIFICATE`): those acknowledged, and those overridden with the reason."""

    acknowledged: frozenset[str] = frozenset()
    overridden: Mapping[str, str] = field(default_factory=dict)


NONE = Verdicts()


def outstanding(book: Book, actor: Actor, objections: Iterable[Objection], verdicts: Verdicts) -> Iterator[Objection]:
    """The objections that still stand against it."""
    for objection in objections:
        if objection.severity == "WARN":
            if objection.name not in verdicts.acknowledged and objection.name not in verdicts.overridden:
                yield objection
        elif not (verdicts.overridden.get(objection.name) and may_override(book, actor, objection)):
            yield objection


def may_override(book: Book, actor: Actor, objection: Objection) -> bool:
    """Whether the actor holds the permission that the objection names, the core's own or one that a plugin added."""
    permission = objection.overridable_by
    return permission is not None and actor.holds(permission, book.plugins.holders(permission))


def overridden(
    book: Book, actor: Actor, objections: Iterable[Objection], verdicts: Verdicts
) -> Iterator[tuple[Objection, str]]:
    """The objections that were overridden, each with the reason that was given."""
    for objection in objections:
        reason = verdicts.overridden.get(objection.name)
        if objection.severity == "BLOCK" and reason and may_override(book, actor, objection):
            yield objection, reason


def refuse_outstanding(book: Book, actor: Actor, objections: Iterable[Objection], verdicts: Verdicts) -> None:
    """RefusedByRules, naming every objection that still stands, unless there is none."""
    if standing := list(outstanding(book, actor, objections, verdicts)):
        raise RefusedByRules(standing)
