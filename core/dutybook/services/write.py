"""Changes written as versions: the step of publishing that previews share."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import NamedTuple

import orjson
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from dutybook.book.changes import LINK, OPEN, UNLINK, Change
from dutybook.book.kinds import Kind
from dutybook.book.timeline import Timeline
from dutybook.book.times import STILL_KNOWN
from dutybook.db.bulk import insert_rows
from dutybook.db.names import in_batches, name_of
from dutybook.db.rules import Violation, violations
from dutybook.db.search_index import index_fresh, marks
from dutybook.db.versions import Versions
from dutybook.errors import DutybookError, Message
from dutybook.lifecycle.objections import Objection
from dutybook.services.book import Book
from dutybook.services.refusals import RefusedByRules

CHUNK = 5_000
"""Changes held in memory at once, so that a set of half a million fits beside everything else."""

ANALYZE_FROM = 10_000
"""From so many changes on a database must look at the fresh rows before it can plan the rules' queries."""


def chunks(session: Session, book: Book, changeset: int) -> Iterator[list[Change]]:
    """The changes of a set in order, a few thousand at a time."""
    change, last = book.tables["change"], -1
    columns = select(change.c.ordinal, change.c.body).where(change.c.changeset == changeset)
    while rows := session.execute(columns.where(change.c.ordinal > last).order_by(change.c.ordinal).limit(CHUNK)).all():
        yield [Change.parse(orjson.loads(body)) for _, body in rows]
        last = rows[-1][0]


class Touched(NamedTuple):
    """Some changes of one kind, and the lives of their records before and after them."""

    kind: Kind
    changes: Sequence[Change]
    before: Mapping[int, Timeline]
    after: Mapping[int, Timeline]


@dataclass
class Written:
    """What was written: how many changes, of which kinds, the first day they speak of, what they touched if they are few."""

    count: int = 0
    kinds: set[str] = field(default_factory=set)
    earliest: date | None = None
    touched: list[Touched] = field(default_factory=list)


def write_changes(
    session: Session, book: Book, changeset: int, revision: int, tell: Callable[[Sequence[Change]], None]
) -> Written:
    """Writes the versions of a set, and tells its changes in order; RefusedByRules tells what breaks a rule."""
    written, before = Written(), marks(session, book.tables)
    for chunk in chunks(session, book, changeset):
        written.touched = list(_write(session, book, revision, chunk))
        tell(chunk)
        written.count += len(chunk)
        written.kinds.update(change.kind for change in chunk if change.start)
        days = (written.earliest, *(change.start for change in chunk))
        written.earliest = min((day for day in days if day), default=None)
    index_fresh(session, book.tables, before)
    if written.count >= ANALYZE_FROM:
        session.execute(text("ANALYZE"))
    if broken := [_objection(session, book, violation) for violation in violations(session, book.tables, changeset)]:
        raise RefusedByRules(broken)
    return written


def touched_by(session: Session, book: Book, changeset: int, revision: int, written: Written) -> Iterator[Touched]:
    """What a set that has just been written touched: kept from the writing, or read again where it is too much to keep."""
    if written.count <= CHUNK:
        yield from written.touched
        return
    for chunk in chunks(session, book, changeset):
        for kind, changes in _by_kind(book, chunk):
            versions, keys = Versions(session, book.tables, kind.name), {change.key for change in changes}
            yield Touched(kind, changes, versions.timelines(keys, revision - 1), versions.timelines(keys, revision))


def _by_kind(book: Book, changes: Sequence[Change]) -> Iterator[tuple[Kind, list[Change]]]:
    dated = sorted((c for c in changes if c.verb not in {LINK, UNLINK}), key=lambda change: change.kind)
    for name, some in groupby(dated, key=lambda change: change.kind):
        yield book.kinds[name], list(some)


def _write(session: Session, book: Book, revision: int, changes: Sequence[Change]) -> Iterator[Touched]:
    for kind, some in _by_kind(book, changes):
        yield write_kind(session, book, revision, kind, some)
    _write_edges(session, book, revision, [change for change in changes if change.verb in {LINK, UNLINK}])


def write_kind(session: Session, book: Book, revision: int, kind: Kind, changes: Sequence[Change]) -> Touched:
    """Writes the identities and versions that changes of one kind make at a revision."""
    fresh = _new_identities(session, book, revision, kind, [change for change in changes if change.verb == OPEN])
    versions = Versions(session, book.tables, kind.name)
    stored = versions.stored({change.key for change in changes} - fresh)
    before = {key: Timeline.of(row.segment for row in rows) for key, rows in stored.items()}
    lines = dict(before)
    for change in changes:
        try:
            lines[change.key] = change.apply(lines.get(change.key, Timeline()))
        except DutybookError as reason:
            raise RefusedByRules([_misfit(session, book, change, reason)]) from reason
    versions.write(revision, {key: (stored.get(key, []), line) for key, line in lines.items()})
    return Touched(kind, changes, before, lines)


def _new_identities(session: Session, book: Book, revision: int, kind: Kind, opens: Sequence[Change]) -> set[int]:
    """Inserts the identities that the book does not know yet and returns their keys."""
    table = book.tables.identities[kind.name]
    seen = {key for (key,) in in_batches(session, select(table.c.key), table.c.key, [change.key for change in opens])}
    fresh = [change for change in opens if change.key not in seen]
    if kind.coded and (taken := taken_codes(session, book, kind, fresh)):
        raise RefusedByRules([_code_taken(kind, code) for code in taken])
    rows = ((change.key, change.organisation or 0, change.code, revision) for change in fresh)
    insert_rows(session, table, ("key", "organisation", "code", "opened_revision"), rows)
    return {change.key for change in fresh}


def taken_codes(session: Session, book: Book, kind: Kind, opens: Sequence[Change]) -> list[str]:
    """The codes of new identities that are in use already, in the book or twice among them."""
    table = book.tables.identities[kind.name]
    columns = select(table.c.organisation, table.c.code)
    used = {tuple(row) for row in in_batches(session, columns, table.c.code, {change.code for change in opens})}
    taken = []
    for change in opens:
        code = (change.organisation or 0, change.code)
        if code in used:
            taken.append(str(change.code))
        used.add(code)
    return taken


def _write_edges(session: Session, book: Book, revision: int, changes: Sequence[Change]) -> None:
    table = book.tables["lineage"]
    names = ("edge", "kind", "key", "other_kind", "other", "since_revision", "until_revision")
    linked = [(c.edge, c) for c in changes if c.verb == LINK and c.edge]
    rows = ((e.kind, c.kind, c.key, e.other_kind, e.other, revision, STILL_KNOWN) for e, c in linked)
    insert_rows(session, table, names, rows)
    for change in changes:
        if change.verb == UNLINK and (edge := change.edge):
            same = {"edge": edge.kind, "kind": change.kind, "key": change.key, "other_kind": edge.other_kind}
            # A record may have gone the same way twice; only one of those steps is taken back.
            newest = select(func.max(table.c.id)).filter_by(**same, other=edge.other, until_revision=STILL_KNOWN)
            ended = update(table).where(table.c.id == newest.scalar_subquery())
            session.execute(ended.values(until_revision=revision))


def _misfit(session: Session, book: Book, change: Change, reason: DutybookError) -> Objection:
    name, text = name_of(session, book.tables, change.kind, change.key), reason.message
    said = Message(f"{name.zh}：{text.zh}", f"{name.en}: {text.en}")
    return Objection(reason.code, said, (change.kind, str(change.key), *reason.path))


def _code_taken(kind: Kind, code: str) -> Objection:
    zh = f"{kind.label.zh}编号 {code} 已被使用，编号永不复用；请变基（rebase）取得下一个空号，另定编号，或将已终止者重新设立（reopen）"
    en = f"{kind.label.en} code {code} is taken, and codes are never reused; rebase for a free one, choose another, or reopen what ended"
    return Objection("CODE_TAKEN", Message(zh, en), (kind.name, code))


SENTENCES = {
    "OUTSIDE_PARENT": Message(
        "{name} 的{field}（{other}）并非在其全部有效期内有效；请在同一变更单中移动、关闭或结束它，或以 withDependents 一并终止",
        "{name}: its {field} ({other}) is not in force on all its days; move, close or end it in the set, or end both by withDependents",
    ),
    "CYCLE": Message(
        "{name} 经由{field}成为自己的上级（经过 {other}）；请改选上级",
        "{name} stands above itself by its {field} (through {other}); choose another one",
    ),
    "TWO_PRIMARY": Message(
        "{other} 同日有两个主岗（{name}）；请结束其一或改为兼岗",
        "{other} has two primary assignments on one day ({name}); end one or make it concurrent",
    ),
    "ASTRAY": Message(
        "{name} 应恰属于一个岗位或一个标准岗位；请指明其一，且只指明其一",
        "{name} must belong to exactly one position or standard position; name one of them, and only one",
    ),
    "OTHER_ORGANISATION": Message(
        "{name} 的{field}（{other}）属于其他单位；请选择本单位的部门",
        "{name}: its {field} ({other}) belongs to another organisation; choose a department of its own",
    ),
}


def _objection(session: Session, book: Book, violation: Violation) -> Objection:
    name = name_of(session, book.tables, violation.kind, violation.key)
    other = name_of(session, book.tables, violation.other_kind, violation.other)
    field = book.kinds[violation.kind].by_name.get(violation.field)
    # A department's organisation is no field of it, but part of what it is.
    label = (field or book.kinds[violation.field]).label
    sentence = SENTENCES[violation.rule]
    zh = sentence.zh.format(name=name.zh, field=label.zh, other=other.zh)
    en = sentence.en.format(name=name.en, field=label.en.lower(), other=other.en)
    return Objection(violation.rule, Message(zh, en), (violation.kind, str(violation.key), violation.field))
