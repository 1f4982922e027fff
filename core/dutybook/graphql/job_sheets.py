"""The job sheet (岗位说明书) of a position as Markdown."""

import asyncio
from typing import TYPE_CHECKING

from dutybook.book.times import days_told
from dutybook.catalogue.markdown import document, heading, numbered, paragraphs, table
from dutybook.db.codec import RowCodec
from dutybook.errors import Message
from dutybook.graphql.worded import Wording

if TYPE_CHECKING:
    from dutybook.graphql.positions import Position, Section

TITLE, DUTIES = Message("岗位说明书", "Job sheet"), Message("岗位职责", "Duties")
ITEM = (Message("项目", "Item"), Message("内容", "Content"))
CODE, DAYS = Message("岗位编号", "Code"), Message("内容有效期", "This holds")
SHOWN = ("department", "grade", "headcount", "leading", "reports_to", "deputy_of", "substitutes", "standard")
NOTE = Message("备注", "Note")
BASIS = Message("依据：{day} 有效，第 {revision} 版次。", "As in force on {day}, revision {revision}.")
AHEAD = ("目的", "宗旨", "概述", "使命", "purpose", "summary", "mission")
"""What names of sections hold that stand before the duties; the others follow them."""


async def job_sheet(it: "Position") -> str:
    """A position with all that describes it, but for who holds it."""
    wording = Wording((it.view,))
    pick, time = wording.pick, it.view.time
    head, duties = await asyncio.gather(_head(it, wording), it.duties())
    sections = it.sections()
    ahead = [section for section in sections if any(word in section.name.lower() for word in AHEAD)]
    parts = [heading(1, f"{it.row.title} {pick(TITLE)}"), head]
    parts += [part for section in ahead for part in _section(section)]
    if duties:
        parts += [heading(2, pick(DUTIES)), numbered(duty.row.text for duty in duties)]
    parts += [part for section in sections if section not in ahead for part in _section(section)]
    if it.row.note:
        parts += [heading(2, pick(NOTE)), *paragraphs(it.row.note)]
    parts += paragraphs(pick(BASIS).format(day=time.as_of.isoformat(), revision=time.known_at))
    return document(parts)


def _section(section: "Section") -> list[str]:
    return [heading(2, section.name), *paragraphs(section.text)]


async def _head(it: "Position", wording: Wording) -> str:
    kind = wording.view.context.book.kinds["position"]
    values = RowCodec(kind).values(it.row._mapping)  # noqa: SLF001  SQLAlchemy's own public name
    told = await asyncio.gather(*(wording.value(kind.by_name[name], values[name]) for name in SHOWN))
    rows = [(wording.pick(CODE), it.row.code)]
    rows += [(wording.pick(kind.by_name[name].label), text) for name, text in zip(SHOWN, told, strict=True) if text]
    rows.append((wording.pick(DAYS), wording.pick(days_told(it.valid_from(), it.valid_to()))))
    return table([wording.pick(one) for one in ITEM], rows)
