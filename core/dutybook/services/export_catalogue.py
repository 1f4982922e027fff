"""The catalogue of one organisation on one day, in every form that can be imported again."""

from collections.abc import Iterator, Sequence
from datetime import date

from sqlalchemy.orm import Session

from dutybook.access.actor import READ, Actor
from dutybook.access.scope import scope_of
from dutybook.book.kinds import Values
from dutybook.catalogue.document import Duty
from dutybook.catalogue.export import as_json, as_markdown, as_yaml
from dutybook.catalogue.reconcile_book import Known
from dutybook.catalogue.reconcile_duties import batches
from dutybook.catalogue.reconcile_names import preorder
from dutybook.catalogue.roster import Department, Position, Roster
from dutybook.db.head import head
from dutybook.errors import BadInput
from dutybook.services.book import Book
from dutybook.services.catalogue_state import BookState, existing_state
from dutybook.services.rights import require

FORMATS = ("json", "yaml", "md")


def export_catalogue(
    session: Session,
    book: Book,
    actor: Actor,
    form: str,
    *,
    organisation: str | None = None,
    department: str | None = None,
    as_of: date | None = None,
) -> bytes:
    """The catalogue of an organisation, or of one department and those below it, as a file of the given form."""
    if form not in FORMATS:
        known = ", ".join(FORMATS)
        raise BadInput(
            f"没有「{form}」这种格式，可选 {known}。", f"'{form}' is no format; choose one of {known}.", path=["format"]
        )
    roster, about = told(session, book, actor, organisation=organisation, department=department, as_of=as_of)
    return as_markdown(roster) if form == "md" else as_json(roster, about) if form == "json" else as_yaml(roster, about)


def told(
    session: Session, book: Book, actor: Actor, *, organisation: str | None, department: str | None, as_of: date | None
) -> tuple[Roster, Values]:
    """What the book says of an organisation, and of which day and revision it speaks."""
    require(actor, READ)
    revision, today = head(session, book.tables).revision, book.clock.today()
    scope = scope_of(session, book.tables, actor, READ, revision, today)
    state = existing_state(session, book, organisation, as_of or today, scope)
    departments = preorder(state.departments)
    shown = {record.key for record in departments} if department is None else _below(departments, department)
    listed = [record for record in departments if record.key in shown | _above(departments, shown)]
    code = state.organisation.code if state.organisation else None
    roster = Roster((), list(_told(state, listed, shown)), state.name, code, tells_tree=True)
    return roster, {"asOf": state.day.isoformat(), "revision": revision}


def _below(departments: Sequence[Known], code: str) -> set[int]:
    """A department and all below it; parents come before children."""
    found = {record.key for record in departments if record.code == code}
    if not found:
        zh, en = f"没有编号为「{code}」的部门，请核对编号。", f"No department has the code '{code}'; check it."
        raise BadInput(zh, en, path=["department"])
    for record in departments:
        if record.parent in found:
            found.add(record.key)
    return found


def _above(departments: Sequence[Known], shown: set[int]) -> set[int | None]:
    """The departments on the way to those shown."""
    found: set[int | None] = set()
    for record in reversed(departments):
        if record.key in shown | found:
            found.add(record.parent)
    return found


def _told(state: BookState, listed: Sequence[Known], shown: set[int]) -> Iterator[Department]:
    places = {record.key: index for index, record in enumerate(listed)}
    held: dict[int | None, list[Position]] = {}
    for some in batches([record for record in state.positions if record.parent in shown]):
        lists = state.duties([record.key for record in some])
        for record in some:
            held.setdefault(record.parent, []).append(_position(record, lists.get(record.key, ())))
    for record in listed:
        parent = places.get(record.parent) if record.parent is not None else None
        positions = tuple(held.get(record.key, ()))
        yield Department(record.values, positions, record.code, parent, implied=record.key not in shown)


def _position(record: Known, duties: Sequence[Known]) -> Position:
    texts = tuple(Duty(no, "", str(duty.values["text"]), ()) for no, duty in enumerate(duties, start=1))
    extras = {
        index: values
        for index, duty in enumerate(duties)
        if (values := {name: value for name, value in duty.values.items() if name != "text" and value})
    }
    return Position(record.values, texts, record.code, extras)
