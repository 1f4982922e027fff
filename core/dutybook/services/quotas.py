"""Quotas: what a publication is told where it takes seats or people beyond what a department is allowed, or further beyond."""

from collections.abc import Iterator, Mapping

from sqlalchemy.orm import Session

from dutybook.access.actor import OVERRIDE_QUOTAS
from dutybook.book.quotas import OWN, SEATS, Excess, Limit, exceeded, worse
from dutybook.db.departments import titles
from dutybook.db.quota_steps import steps
from dutybook.db.quotas import COUNTING, limits
from dutybook.errors import Message
from dutybook.lifecycle.objections import Objection
from dutybook.services.book import Book
from dutybook.services.write import Written

QUOTA_EXCEEDED = "QUOTA_EXCEEDED"


def quota_objections(
    session: Session, book: Book, changeset: int, revision: int, written: Written
) -> Iterator[Objection]:
    """What the set that a revision has just written takes beyond a quota, on whatever day; less than before is none."""
    since, kinds = written.earliest, COUNTING & written.kinds
    if since is None or not kinds:
        return
    before, after = limits(session, book.tables, changeset, revision, since, kinds)
    if not after:
        return
    becomes = steps(session, book.database, after, revision, since)
    if not exceeded(after, becomes):
        return
    was = steps(session, book.database, before, revision - 1, since)
    found = list(worse(before, was, after, becomes))
    names = titles(session, book.tables, {excess.limit.department for excess in found})
    yield from (_objection(excess, names) for excess in found)


def _objection(excess: Excess, names: Mapping[int, Message]) -> Objection:
    limit, sort = excess.limit, _sort(excess.limit)
    name, day, used, seats = names[limit.department], excess.day.isoformat(), excess.used, limit.seats
    zh = f"{name.zh}（{sort.zh}）自 {day} 起"
    en = f"{name.en} ({sort.en}): from {day} on "
    if excess.measure == SEATS:
        zh += f"定员合计 {used}，超出编制 {seats}；请核减定员"
        en += f"the headcount of its positions is {used}, beyond the quota of {seats}; lower it"
    else:
        zh += f"在岗主岗 {used} 人，超出编制 {seats}；请改派或另择起始日"
        en += f"{used} people hold primary posts, beyond the quota of {seats}; assign elsewhere or from another day"
    zh += "，或先核增编制，或由对该部门有权推翻者写明理由后推翻"
    en += ", raise the quota first, or let somebody who may for this department override it with a reason"
    field = "seats" if limit.kind == "quota" else "quota"
    path = (limit.kind, str(limit.key), field)
    return Objection(QUOTA_EXCEEDED, Message(zh, en), path, overridable_by=OVERRIDE_QUOTAS, department=limit.department)


def _sort(limit: Limit) -> Message:
    """Who counts, in words."""
    own = limit.reach == OWN
    zh, en = ["本部门" if own else "含下级部门"], ["own positions" if own else "with all departments below"]
    if limit.leading:
        zh.append("领导职数")
        en.append("leading posts")
    if limit.employment_type is not None:
        zh.append(f"用工性质 {limit.employment_type}")
        en.append(f"employment type {limit.employment_type}")
    return Message("，".join(zh), ", ".join(en))
