"""What stands against a change set, and what was overridden when it was published, as its printable form tells them."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import orjson
from anyio import to_thread
from sqlalchemy import Row

from dutybook.access.actor import ROLES
from dutybook.catalogue.markdown import heading, paragraphs, table
from dutybook.db.events import of_one
from dutybook.errors import Message
from dutybook.graphql.previews import foreseen
from dutybook.graphql.worded import AND, OPEN, SHUT, Wording
from dutybook.lifecycle.objections import Objection
from dutybook.services.preview import UNDECIDED
from dutybook.services.rights import works_on_changesets

if TYPE_CHECKING:
    from dutybook.graphql.changesets import ChangeSet

OBJECTIONS, OVERRIDDEN = Message("异议", "Objections"), Message("已推翻的异议", "Overridden objections")
SEVERITIES: Mapping[str, Message] = {"BLOCK": Message("阻止发布", "blocks"), "WARN": Message("提醒", "warns")}
STANDING = (
    Message("轻重", "Severity"),
    Message("涉及", "About"),
    Message("异议", "Objection"),
    Message("处理", "Way out"),
)
DECIDED = (
    Message("异议", "Objection"),
    Message("推翻的理由", "Reason for overriding"),
    Message("推翻人", "By"),
    Message("时间", "At"),
)
NONE = Message("没有异议。", "Nothing stands against it.")
UNASKED = Message("变更过多，未列异议；请见预览。", "Too many changes to list objections here; see the preview.")
ACKNOWLEDGE = Message("发布时确认已知悉", "acknowledge when publishing")
MEND = Message("须先解决", "to be mended first")
OVERRIDE = Message("先解决，或由{roles}说明理由推翻", "mend it, or it is overridden with a reason by {roles}")
WITHIN = Message("（其权限及于 {department}）", " whose rights reach {department}")


async def objections(it: "ChangeSet", wording: Wording, *, asked: bool) -> list[str]:
    """Blocks of the form, for those who work on change sets; asking costs what publishing the set would."""
    if not works_on_changesets(it.view.context.actor):
        return []
    if it.row.state == "PUBLISHED":
        return await _overridden(it, wording)
    if it.row.state not in UNDECIDED:
        return []
    title = heading(2, wording.pick(OBJECTIONS))
    if not asked:
        return [title, *paragraphs(wording.pick(UNASKED))]
    found = await to_thread.run_sync(foreseen, it.view, it.row, await it.seen())
    rows = await asyncio.gather(*(_standing(one, wording) for one in sorted(found.objections, key=_rank)))
    if not rows:
        return [title, *paragraphs(wording.pick(NONE))]
    return [title, table([wording.pick(column) for column in STANDING], rows)]


def _rank(it: Objection) -> tuple[str, ...]:
    """Those that block first; the database gives what breaks a rule in no order."""
    return (it.severity, it.name, *it.path, it.message.en)


async def _standing(it: Objection, wording: Wording) -> Sequence[str | None]:
    about, way = await asyncio.gather(_about(it.path, wording), _way(it, wording))
    return (wording.pick(SEVERITIES[it.severity]), about, wording.pick(it.message), way)


async def _about(path: Sequence[str], wording: Wording) -> str | None:
    """The record that a path leads to, by its name, and the field; None where it leads to none."""
    kinds, (name, key, field, *_) = wording.view.context.book.kinds, (*path, "", "", "")
    if name not in kinds or not key.isdecimal():
        return None
    kind, pick = kinds[name], wording.pick
    shown = f"{pick(kind.label)} {await wording.name(name, int(key))}"
    known = kind.by_name.get(field)
    return f"{shown}{pick(OPEN)}{pick(known.label)}{pick(SHUT)}" if known else shown


async def _way(it: Objection, wording: Wording) -> str:
    """What is to be done: who may override it, and where."""
    pick = wording.pick
    if it.severity == "WARN":
        return pick(ACKNOWLEDGE)
    if it.overridable_by is None:
        return pick(MEND)
    more = wording.view.context.book.plugins.holders(it.overridable_by)
    held = [role for role, permissions in ROLES.items() if it.overridable_by in permissions or role in more]
    roles = pick(AND).join(wording.role(role) for role in held)
    if it.department is not None:
        department = await wording.name("department", it.department)
        roles += pick(WITHIN).format(department=department)
    return pick(OVERRIDE).format(roles=roles)


async def _overridden(it: "ChangeSet", wording: Wording) -> list[str]:
    events = await it.view.rows(of_one(it.view.context.book.tables, "changeset.overridden", it.row.id))
    seen, found = await it.seen(), [(row, orjson.loads(row.payload)) for row in events]
    rows = [_decided(row, said, wording) for row, said in found if seen.tells(said["path"])]
    head = [wording.pick(column) for column in DECIDED]
    return [heading(2, wording.pick(OVERRIDDEN)), table(head, rows)] if rows else []


def _decided(row: Row[Any], said: Mapping[str, str], wording: Wording) -> Sequence[str]:
    message = Message(said["zh"], said["message"])
    return (wording.pick(message), said["reason"], row.actor, wording.moment(row.recorded_at))
