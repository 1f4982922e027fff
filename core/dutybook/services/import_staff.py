"""Importing people: a staff table reconciled with the book into one change set, or nothing where the book says it already."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from dutybook.access.actor import PROPOSE, READ_PERSONAL, Actor
from dutybook.access.scope import require_everywhere
from dutybook.book.changes import Change
from dutybook.book.nouns import ASSIGNMENT
from dutybook.catalogue.reconcile_acts import Act
from dutybook.catalogue.staff_reconcile import reconcile_staff
from dutybook.catalogue.staff_rows import BadRow, Read, Staff, read_rows, staff_of
from dutybook.catalogue.staff_table import Sheet, read_sheets
from dutybook.catalogue.staff_walk import Walk
from dutybook.catalogue.staff_words import COLUMNS, EMPLOYEE, is_leaving
from dutybook.db.head import head, take_keys
from dutybook.errors import BadInput, Message
from dutybook.lifecycle.objections import Objection
from dutybook.services.book import Book
from dutybook.services.changesets import Proposal, open_changeset
from dutybook.services.drafts import stage
from dutybook.services.import_catalogue import PACE, Progress, silent
from dutybook.services.preview import tried
from dutybook.services.seals import Seals
from dutybook.services.staff_homes import Homes
from dutybook.services.staff_state import StaffReader, documents_known

MOST_TOLD = 200
"""Bad rows and absent people that are told one by one; the rest is counted."""

KEYS_AT_ONCE = 1_000
KEPT_AS = {"external": "external_ids", **dict.fromkeys(("department", "from", "to", "last"), "position")}
"""The fields of the book that columns of other names are about."""


class BadRows(BadInput):
    """Rows of a table that cannot be taken; nothing is stored."""

    def __init__(self, bad: Sequence[BadRow]) -> None:
        self.bad = tuple(bad)
        zh = f"有 {len(bad)} 处错误，未导入任何内容；请更正，或用 --skip-bad（skipBad）略过有错的人。"
        en = f"{len(bad)} cells are wrong, so that nothing was imported; correct them, or leave these people out by --skip-bad (skipBad)."
        super().__init__(zh, en, path=bad[0].path)


@dataclass(frozen=True, slots=True)
class Table:
    """What was uploaded, as tables, and how to take it: `system` is where it comes from."""

    file: str
    sheets: Sequence[Sheet]
    system: str | None = None
    organisation: str | None = None
    effective_on: date | None = None
    complete: bool = False
    skip_bad: bool = False


@dataclass(frozen=True, slots=True)
class StaffImported:
    """What an import came to: the set, if there was anything to propose, and the rows that were left out."""

    changeset: int | None
    done: Counter[tuple[str, str]]
    agreeing: Counter[str]
    notes: tuple[Message, ...]
    bad: tuple[BadRow, ...]


@dataclass(slots=True)
class StaffPlan:
    """What an import would do; nothing of it is stored yet. `organisation` is the one that it is about, if it is one."""

    organisation: int | None
    day: date
    acts: list[Act]
    bad: list[BadRow]
    notes: list[Message]
    agreeing: Counter[str]
    seals: Seals

    def outcome(self, changeset: int | None) -> StaffImported:
        """What it came to."""
        done = Counter((act.kind, act.what) for act in self.acts)
        return StaffImported(changeset, done, self.agreeing, tuple(self.notes), tuple(self.bad))


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What an import would do, and what rules and plugins would object to its publication."""

    plan: StaffPlan
    objections: tuple[Objection, ...] = ()


def table_of(file: str, data: bytes, **taken: object) -> Table:
    """Reads an upload; BadInput for what is no table."""
    return Table(file, read_sheets(file, data), **taken)  # type: ignore[arg-type]


def import_staff(
    session: Session, book: Book, actor: Actor, table: Table, progress: Progress = silent
) -> StaffImported:
    """Opens one change set with all that a table changes, or none where it changes nothing.

    BadRows tells every row that cannot be taken; the good ones go in only if the table is taken with `skip_bad`, and of a
    person with a bad row, none.
    """
    plan = plan_staff(session, book, actor, table)
    if plan.bad and not table.skip_bad:
        raise BadRows(plan.bad)
    return plan.outcome(_staged(session, book, actor, table, plan, progress))


def rehearse_staff(book: Book, actor: Actor, table: Table, progress: Progress = silent) -> Rehearsal:
    """Imports, publishes and takes all of it back, asking every plugin: nothing is stored.

    With bad rows that are not to be skipped there would be no change set, so that there is nothing to object to.
    """
    with Session(book.database.engine, autoflush=False) as session:
        try:
            plan, changeset = plan_staff(session, book, actor, table), None
            if not plan.bad or table.skip_bad:
                changeset = _staged(session, book, actor, table, plan, progress)
            return Rehearsal(plan, tried(session, book, changeset).objections if changeset else ())
        finally:
            session.rollback()


def plan_staff(session: Session, book: Book, actor: Actor, table: Table) -> StaffPlan:
    """What a table changes, with keys that are taken for it; nobody is erased between being read and being sealed again."""
    require_everywhere(actor, PROPOSE)
    require_everywhere(actor, READ_PERSONAL)  # else it could be tried out which values the book holds
    head(session, book.tables, lock=True)
    day, seals, read = table.effective_on or book.clock.today(), Seals(session, book), _read(book, table)
    homes = Homes(session, book, day, table.organisation, read.rows)
    housed, lost = homes.settle(read.rows)
    wrong = [*read.bad, *lost]
    known, closed = documents_known(session, book, day), _closed(book, table.system)
    walk = Walk(day, known, seals.seal, _keys(session, book), table.system, closed)
    acts, bad, notes = list[Act](), list[BadRow](wrong), list(read.notes)
    for organisation, rows in housed.items():
        staff, reader = staff_of(rows, wrong), StaffReader(session, book, seals, day, organisation)
        walk.book = reader.book_of(staff.people, table.system)
        walk.within = f"{homes.code(organisation)}/" if len(housed) > 1 else ""
        done, told = reconcile_staff(walk, staff.people, staff.spoilt)
        acts += done
        bad += [*staff.bad, *told]
        if table.complete:
            notes += _absent(reader, staff, walk)
    bad.sort(key=lambda one: (one.sheet, one.row))
    home = next(iter(housed)) if len(housed) == 1 else None
    return StaffPlan(home, day, [*walk.documents(), *acts], bad, [*notes, *walk.notes()], walk.agreeing, seals)


def _staged(
    session: Session, book: Book, actor: Actor, table: Table, plan: StaffPlan, progress: Progress
) -> int | None:
    """The change set that holds a plan; None where that changes nothing."""
    if not plan.acts:
        return None
    title = f"导入职工 {table.file} / Import staff {table.file}"
    proposal = Proposal(title, organisation=plan.organisation, effective_on=plan.day)
    changeset = open_changeset(session, book, actor, proposal)
    plan.seals.keep(_digests(book, plan.acts))
    stage(session, book, changeset, _counted(plan.acts, progress), 0)
    return changeset


def _read(book: Book, table: Table) -> Read:
    """The table without what other systems are the masters of."""
    ignored = {}
    for column in COLUMNS:
        kind, name = EMPLOYEE if column.of == EMPLOYEE else ASSIGNMENT.name, KEPT_AS.get(column.name, column.name)
        # Why something is so is said of people and of assignments: only by its own name is it somebody else's.
        master = book.masters.of_attribute(kind, name) if column.of else book.masters.systems.get(f"{kind}.{name}")
        if master and master != table.system:
            ignored[column.name] = master
    return read_rows(table.file, table.sheets, ignored, table.system)


def _closed(book: Book, system: str | None) -> frozenset[str]:
    """The fields of employees that another system is the master of, and the assignments if they are."""
    masters = {name: book.masters.of_attribute(EMPLOYEE, name) for name in book.kinds[EMPLOYEE].by_name}
    masters[ASSIGNMENT.name] = book.masters.of_kind(ASSIGNMENT.name)
    return frozenset(name for name, master in masters.items() if master and master != system)


def _absent(reader: StaffReader, staff: Staff, walk: Walk) -> Iterator[Message]:
    """Who is in the book and not in the table. Nobody leaves for being forgotten: people are to say so."""
    numbers = {person.number for person in (*staff.people, *staff.spoilt)} | {
        it.code for it in walk.book.padded.values()
    }
    missing = [walk.within + row.code for row in reader.absent(numbers) if not is_leaving(row.status)]
    if missing:
        some, more = "、".join(missing[:MOST_TOLD]), "…" if len(missing) > MOST_TOLD else ""
        zh = f"账册中有 {len(missing)} 名职工不在文件中，未作改动：{some}{more}；如已离职，请在文件中写明。"
        en = f"{len(missing)} employees are not in the file and were left alone: {some}{more}; if they have left, let it say so."
        yield Message(zh, en)


def _keys(session: Session, book: Book) -> Iterator[int]:
    """Keys that nobody else gets, taken when they are needed."""
    while True:
        yield from take_keys(session, book.tables, KEYS_AT_ONCE)


def _digests(book: Book, acts: Sequence[Act]) -> set[str]:
    """The digests that changes hold."""
    changes = [change for act in acts for change in act.changes]
    personal: Mapping[str, frozenset[str]] = {kind.name: kind.personal for kind in book.kinds}
    return {
        str(change.values[name])
        for change in changes
        for name in change.values.keys() & personal[change.kind]
        if change.values[name]
    }


def _counted(acts: Sequence[Act], progress: Progress) -> Iterator[Change]:
    for done, act in enumerate(acts):
        if done % PACE == 0:
            progress(done, len(acts))
        yield from act.changes
