"""What reconciling a staff table reads of the book: each statement answers for all people of the table at once."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, select

from dutybook.book.times import STILL_KNOWN
from dutybook.db.personal import WHOLE, readable
from dutybook.db.reads import Reading, among


def employees(reading: Reading, organisation: int, numbers: Collection[str]) -> Select[Any]:
    """The keys of employees by their numbers, whether in force or not."""
    identity = reading.database.tables.identities["employee"]
    ours = identity.c.organisation == organisation, among(reading.database, identity.c.code, numbers)
    return select(identity.c.key, identity.c.code).where(*ours)


def padded(reading: Reading, organisation: int) -> Select[Any]:
    """The keys of employees whose numbers begin with a zero."""
    identity = reading.database.tables.identities["employee"]
    ours = identity.c.organisation == organisation, identity.c.code.startswith("0")
    return select(identity.c.key, identity.c.code).where(*ours).order_by(identity.c.code)


def codes_of(reading: Reading, keys: Collection[int]) -> Select[Any]:
    """The numbers of employees by their keys."""
    identity = reading.database.tables.identities["employee"]
    return select(identity.c.key, identity.c.code).where(among(reading.database, identity.c.key, keys))


def external_ids(reading: Reading, organisation: int) -> Select[Any]:
    """The clear external ids of an organisation's employees."""
    rows, vault = reading.source("employee"), readable(reading, WHOLE)
    query = select(rows.c.key, vault.c.value).join(vault, vault.c.digest == rows.c.external_ids)
    return query.where(rows.c.organisation == organisation)


def present(reading: Reading, organisation: int) -> Select[Any]:
    """The numbers and states of an organisation's employees."""
    rows = reading.source("employee")
    return select(rows.c.code, rows.c.status).where(rows.c.organisation == organisation).order_by(rows.c.code)


def assignments(reading: Reading, employees: Collection[int]) -> Select[Any]:
    """The keys of all assignments that employees have, had or will have."""
    rows = reading.database.tables.versions["assignment"]
    known = rows.c.until_revision == STILL_KNOWN, among(reading.database, rows.c.employee, employees)
    return select(rows.c.key, rows.c.employee).where(*known).distinct().order_by(rows.c.key)


def secrets(reading: Reading, kind: str, keys: Collection[int]) -> Select[Any]:
    """The secrets under which personal values of records are sealed."""
    table = reading.database.tables["personal_key"]
    return select(table.c.key, table.c.secret).where(table.c.kind == kind, among(reading.database, table.c.key, keys))


def kept(reading: Reading, digests: Collection[str]) -> Select[Any]:
    """Those of the digests whose clear values are kept."""
    vault = reading.database.tables["personal_value"]
    return select(vault.c.digest).where(among(reading.database, vault.c.digest, digests))


def documents(reading: Reading) -> Select[Any]:
    """The documents that have a number, the first opened first."""
    rows = reading.source("document")
    return select(rows.c.key, rows.c.number).where(rows.c.number.is_not(None)).order_by(rows.c.key)


def lives(reading: Reading, kind: str, shown: str, above: str, organisation: int) -> Select[Any]:
    """The head's versions of an organisation's departments or positions, record by record, in order of days."""
    rows, identity = reading.database.tables.versions[kind], reading.database.tables.identities[kind]
    columns = rows.c.key, identity.c.code, rows.c[shown].label("shown"), rows.c[above].label("above")
    query = select(*columns, rows.c.valid_from, rows.c.valid_to, rows.c.touched)
    query = query.join(identity, identity.c.key == rows.c.key)
    known = rows.c.until_revision == STILL_KNOWN, identity.c.organisation == organisation
    return query.where(*known).order_by(rows.c.key, rows.c.valid_from)
