"""Importing a catalogue: reconciled with the book into one change set, or nothing where the book says it already."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain, count

from sqlalchemy import select
from sqlalchemy.orm import Session

from dutybook.access.actor import PROPOSE, Actor
from dutybook.book.changes import Change
from dutybook.catalogue.reconcile import Plan, reconcile
from dutybook.catalogue.reconcile_acts import Act, Supply, Walk
from dutybook.catalogue.roster import Roster
from dutybook.db.head import take_keys
from dutybook.db.names import in_batches
from dutybook.errors import BadInput, Message
from dutybook.services.book import Book
from dutybook.services.catalogue_state import state_of
from dutybook.services.changesets import Proposal, open_changeset
from dutybook.services.codes import free_codes
from dutybook.services.drafts import changeset_row, stage
from dutybook.services.rights import refuse_set_beyond_scope, require

CODED = ("organisation", "department", "position")
PACE = 2_000
"""Progress is told after so many changes."""

Progress = Callable[[int, int], None]
"""Told how many changes are staged, of how many that are expected."""


def silent(done: int, total: int) -> None:
    """Tells nobody."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to: the change set, if there was anything to propose; how often each thing was done to each kind."""

    changeset: int | None
    done: Counter[tuple[str, str]]
    agreeing: Counter[str]
    notes: tuple[Message, ...]


def plan_import(
    session: Session, book: Book, roster: Roster, *, organisation: str | None, effective_on: date | None, complete: bool
) -> Plan:
    """What a roster would change, without storing anything."""
    name = organisation or roster.organisation
    if not name:
        zh = "文件未写明单位；请用 --organisation 给出单位名称。"
        raise BadInput(zh, "The file names no organisation; give it by --organisation.", path=["organisation"])
    if not any(department.positions for department in roster.departments):
        files = ", ".join(roster.sources)
        zh, en = f"「{files}」中没有岗位职责清单。", f"'{files}' holds no duty list."
        raise BadInput(zh, en, path=roster.sources)
    state = state_of(session, book, name.strip(), effective_on or book.clock.today())
    return reconcile(roster, state, complete=complete)


@dataclass(frozen=True, slots=True)
class Proposed:
    """What an import would do: its acts, and once they have been looked at, their counts. Nothing is stored."""

    plan: Plan
    walk: Walk
    done: Counter[tuple[str, str]]

    @property
    def acts(self) -> Iterator[Act]:
        """The acts, told once."""
        for act in self.walk.acts():
            self.done[act.kind, act.what] += 1
            yield act

    def imported(self) -> Imported:
        """The outcome so far."""
        return Imported(None, self.done, self.walk.agreeing, tuple(self.plan.notes))


def propose_import(
    session: Session,
    book: Book,
    roster: Roster,
    *,
    organisation: str | None = None,
    effective_on: date | None = None,
    complete: bool = False,
) -> Proposed:
    """What an import would do, with keys that nobody gets."""
    plan = plan_import(session, book, roster, organisation=organisation, effective_on=effective_on, complete=complete)
    return Proposed(plan, Walk(plan, _supply(session, book, plan, count(1))), Counter())


def import_catalogue(
    session: Session,
    book: Book,
    actor: Actor,
    roster: Roster,
    *,
    organisation: str | None = None,
    effective_on: date | None = None,
    complete: bool = False,
    progress: Progress = silent,
) -> Imported:
    """Opens one change set with all that a roster changes, or none where it changes nothing."""
    require(actor, PROPOSE)
    plan = plan_import(session, book, roster, organisation=organisation, effective_on=effective_on, complete=complete)
    fresh = plan.fresh()
    keys = iter(take_keys(session, book.tables, fresh) if fresh else ())
    walk = Walk(plan, _supply(session, book, plan, keys))
    acts, tally = walk.acts(), Counter[tuple[str, str]]()
    changeset = None
    if first := next(acts, None):
        changeset = open_changeset(session, book, actor, _proposal(plan))
        stage(session, book, changeset, _counted(chain([first], acts), tally, fresh, progress), 0)
        refuse_set_beyond_scope(session, book, actor, PROPOSE, changeset_row(session, book, changeset))
    return Imported(changeset, tally, walk.agreeing, tuple(plan.notes))


def _proposal(plan: Plan) -> Proposal:
    known = plan.state.organisation
    files = ", ".join(plan.roster.sources)
    title = f"导入职责目录 {files} / Import {files}"
    return Proposal(title, organisation=known.key if known else None, effective_on=plan.state.day)


def _counted(
    acts: Iterable[Act], tally: Counter[tuple[str, str]], expected: int, progress: Progress
) -> Iterator[Change]:
    """The changes of the acts, while these are counted and told."""
    for done, act in enumerate(acts):
        tally[act.kind, act.what] += 1
        if done % PACE == 0:
            progress(done, max(done, expected))
        yield from act.changes


def _supply(session: Session, book: Book, plan: Plan, keys: Iterator[int]) -> Supply:
    """New codes follow on those of the book and do not take what the file gives to others."""
    known = plan.state.organisation
    wanted = {
        "organisation": {plan.roster.organisation_code},
        "department": {said.code for said in plan.roster.departments},
        "position": {said.code for said in plan.placed.positions},
    }
    codes, taken = {}, {}
    for kind, some in wanted.items():
        within = known.key if known and kind != "organisation" else 0
        given = {code for code in some if code}
        free = free_codes(session, book, book.kinds[kind], within, given)
        # The first is drawn at once: later ones need no more of the database, which is busy storing by then.
        codes[kind] = chain([next(free)], free)
        identities = book.tables.identities[kind]
        used = select(identities.c.code).where(identities.c.organisation == within)
        taken[kind] = {row[0] for row in in_batches(session, used, identities.c.code, given)}
    return Supply(keys, codes, taken)
