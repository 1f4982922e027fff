"""Importing people: a staff table reconciled with the book into one change set, or nothing where the book says it already."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import count

from sqlalchemy.orm import Session

from dutybook.access.actor import PROPOSE, READ_PERSONAL, Actor
from dutybook.access.scope import require_everywhere
from dutybook.book.changes import Change
from dutybook.book.nouns import ASSIGNMENT
from dutybook.catalogue.likeness import plain
from dutybook.catalogue.reconcile_acts import Act
from dutybook.catalogue.staff_reconcile import reconcile_staff
from dutybook.catalogue.staff_rows import BadRow, Person, Staff, read_staff
from dutybook.catalogue.staff_table import Sheet, read_sheets
from dutybook.catalogue.staff_walk import Walk
from dutybook.catalogue.staff_words import COLUMNS, EMPLOYEE, is_leaving
from dutybook.db.head import head, take_keys
from dutybook.db.in_force import EVERYTHING
from dutybook.errors import BadInput, Message
from dutybook.services.book import Book
from dutybook.services.catalogue_state import existing_state
from dutybook.services.changesets import Proposal, open_changeset
from dutybook.services.drafts import stage
from dutybook.services.import_catalogue import PACE, Progress, silent
from dutybook.services.seals import Seals
from dutybook.services.staff_state import StaffReader

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
    """What an import would do; nothing is stored yet."""

    organisation: int
    day: date
    acts: list[Act]
    bad: list[BadRow]
    notes: list[Message]
    agreeing: Counter[str] = field(default_factory=Counter)

    def outcome(self, changeset: int | None) -> StaffImported:
        """What it came to."""
        done = Counter((act.kind, act.what) for act in self.acts)
        return StaffImported(changeset, done, self.agreeing, tuple(self.notes), tuple(self.bad))


def table_of(file: str, data: bytes, **taken: object) -> Table:
    """Reads an upload; BadInput for what is no table."""
    return Table(file, read_sheets(file, data), **taken)  # type: ignore[arg-type]


def propose_staff(session: Session, book: Book, actor: Actor, table: Table) -> StaffPlan:
    """What a table would change, with keys that nobody gets and seals that nobody keeps."""
    return _planned(session, book, actor, table, Seals(session, book), count(1))


def import_staff(
    session: Session, book: Book, actor: Actor, table: Table, progress: Progress = silent
) -> StaffImported:
    """Opens one change set with all that a table changes, or none where it changes nothing.

    BadRows tells every row that cannot be taken; the good ones go in only if the table is taken with `skip_bad`, and of a
    person with a bad row, none.
    """
    head(session, book.tables, lock=True)  # nobody is erased between being read and being sealed again
    seals = Seals(session, book)
    plan = _planned(session, book, actor, table, seals, _keys(session, book))
    if plan.bad and not table.skip_bad:
        raise BadRows(plan.bad)
    if not plan.acts:
        return plan.outcome(None)
    title = f"导入职工 {table.file} / Import staff {table.file}"
    proposal = Proposal(title, organisation=plan.organisation, effective_on=plan.day)
    changeset = open_changeset(session, book, actor, proposal)
    seals.keep(_digests(book, plan.acts))
    stage(session, book, changeset, _counted(plan.acts, progress), 0)
    return plan.outcome(changeset)


def _planned(session: Session, book: Book, actor: Actor, table: Table, seals: Seals, keys: Iterator[int]) -> StaffPlan:
    require_everywhere(actor, PROPOSE)
    require_everywhere(actor, READ_PERSONAL)  # else it could be tried out which values the book holds
    day, staff = table.effective_on or book.clock.today(), _staff(book, table)
    home = existing_state(session, book, table.organisation or _organisation(staff.people), day, EVERYTHING)
    organisation = home.organisation.key if home.organisation else 0
    strangers = _strangers(staff.people, {plain(home.name), plain(str(home.organisation and home.organisation.code))})
    people = [person for person in staff.people if person.number not in {other.number for other, _ in strangers}]
    reader = StaffReader(session, book, seals, day, organisation)
    found = reader.book_of(people, table.system)
    walk = Walk(found, seals.seal, keys, table.system, _closed(book, table.system))
    acts, bad = reconcile_staff(walk, people, staff.spoilt)
    notes = [*staff.notes, *walk.notes()]
    if table.complete:
        notes += _absent(reader, staff)
    wrong = sorted([*staff.bad, *(one for _, one in strangers), *bad], key=lambda one: (one.sheet, one.row))
    return StaffPlan(organisation, day, acts, wrong, notes, walk.agreeing)


def _staff(book: Book, table: Table) -> Staff:
    """The table without what other systems are the masters of."""
    ignored = {}
    for column in COLUMNS:
        kind, name = EMPLOYEE if column.of == EMPLOYEE else ASSIGNMENT.name, KEPT_AS.get(column.name, column.name)
        # Why something is so is said of people and of assignments: only by its own name is it somebody else's.
        master = book.masters.of_attribute(kind, name) if column.of else book.masters.systems.get(f"{kind}.{name}")
        if master and master != table.system:
            ignored[column.name] = master
    return read_staff(table.file, table.sheets, ignored, table.system)


def _closed(book: Book, system: str | None) -> frozenset[str]:
    """The fields of employees that another system is the master of, and the assignments if they are."""
    masters = {name: book.masters.of_attribute(EMPLOYEE, name) for name in book.kinds[EMPLOYEE].by_name}
    masters[ASSIGNMENT.name] = book.masters.of_kind(ASSIGNMENT.name)
    return frozenset(name for name, master in masters.items() if master and master != system)


def _organisation(people: Sequence[Person]) -> str | None:
    """The one organisation that a table names, if it names any."""
    named = list(
        dict.fromkeys(
            str(row.said["organisation"]) for person in people for row in person.rows if row.said.get("organisation")
        )
    )
    if len(named) > 1:
        listed = "、".join(named[:10])
        zh = f"文件中有 {len(named)} 个单位：{listed}；请用 --organisation 指明导入哪一个，其余的另行导入。"
        en = f"The file names {len(named)} organisations: {listed}; say which one to import by --organisation."
        raise BadInput(zh, en, path=["organisation"])
    return named[0] if named else None


def _strangers(people: Sequence[Person], names: Collection[str]) -> list[tuple[Person, BadRow]]:
    """Rows of other organisations."""
    zh, en = "不是所导入的单位；请另行导入", "this is another organisation; import it by itself"
    rows = ((person, row) for person in people for row in person.rows if row.said.get("organisation"))
    return [
        (person, row.bad("organisation", zh, en))
        for person, row in rows
        if plain(str(row.said["organisation"])) not in names
    ]


def _absent(reader: StaffReader, staff: Staff) -> Iterator[Message]:
    """Who is in the book and not in the table. Nobody leaves for being forgotten: people are to say so."""
    numbers = {person.number for person in (*staff.people, *staff.spoilt)}
    missing = [row.code for row in reader.absent(numbers) if not is_leaving(row.status)]
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
