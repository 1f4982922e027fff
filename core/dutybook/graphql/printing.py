"""The printable form of a change set (变更单), as an office staples it to the document: Markdown, the same bytes each time."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from dutybook.book.kinds import Field, Type
from dutybook.catalogue.markdown import BLANK, document, heading, table
from dutybook.errors import Message
from dutybook.graphql.printed_changes import Effects, Group
from dutybook.graphql.printed_objections import objections
from dutybook.graphql.worded import COLON, SEMICOLON, Wording
from dutybook.services.refusals import STATES

if TYPE_CHECKING:
    from dutybook.graphql.approvals import ApprovalStep, Signature
    from dutybook.graphql.changes import Change
    from dutybook.graphql.changesets import ChangeSet

MOST = 1_000
"""Changes that are printed; who proposes more staples a list of another sort."""

TO_SIGN = "＿＿＿＿＿＿＿＿"
"""Where a signature is still to be put."""

TITLE = Message("变更单", "Change set")
CHANGES, APPROVAL = Message("变更内容", "Changes"), Message("审批", "Approval")
COLUMNS = (
    Message("序号", "No."),
    Message("事项", "What"),
    Message("项目", "Field"),
    Message("原", "Before"),
    Message("新", "After"),
    Message("起止", "Days"),
)
SIGNING = (
    Message("步骤", "Step"),
    Message("签署位", "Place"),
    Message("签署人", "Signed by"),
    Message("意见", "Opinion"),
    Message("依据", "Evidence"),
    Message("时间", "At"),
)
NOTHING = Message("没有可见的变更。", "No change that may be seen.")
LEFT_OUT = Message("另有 {count} 项变更未印出。", "{count} more changes are not printed.")
AGREED, DECLINED = Message("同意", "agreed"), Message("退回或否决", "returned or rejected")
ON_BEHALF = Message("（受 {name} 委托）", " (on behalf of {name})")
DECIDED = Message("{body} {day} 决定", "decided by {body} {day}")
_REFERENCE = Field("organisation", TITLE, Type.REFERENCE, target="organisation")


async def printed(it: "ChangeSet") -> str:
    """A change set as far as the viewer may see it, in the language of the request."""
    changes = await it.changes()
    wording = await _wording(it, changes[:MOST])
    groups, steps = await asyncio.gather(Effects(it, changes[:MOST], wording).groups(), it.steps())
    pick = wording.pick
    parts = [heading(1, f"{pick(TITLE)} {it.number()}{pick(COLON)}{it.row.title}"), await _head(it, wording)]
    parts += [heading(2, pick(CHANGES)), *_changes(groups, wording)]
    if len(changes) > MOST:
        parts.append(pick(LEFT_OUT).format(count=len(changes) - MOST))
    parts += await objections(it, wording, asked=len(changes) <= MOST)
    if steps:
        parts += [heading(2, pick(APPROVAL)), await _approval(steps, wording)]
    return document(parts)


async def _wording(it: "ChangeSet", changes: Sequence["Change"]) -> Wording:
    """Names as they will be on the effective day, else as they were before it."""
    context, day, published = it.view.context, it.row.effective_on, it.row.revision
    after = await context.view(day, published)
    before = await context.view(day, None if published is None else published - 1)
    now = it.view if published is None else before
    opened = {
        (change.said.kind, change.said.key): (change.said.code, change.said.values)
        for change in changes
        if change.said.verb == "open" and change.is_known
    }
    return Wording(tuple(dict.fromkeys((after, before, now))), opened)


async def _head(it: "ChangeSet", wording: Wording) -> str:
    row, pick = it.row, wording.pick
    rests_on = await wording.seen("document", row.document)
    revision = await it.revision()
    said: list[tuple[Message, str | None]] = [
        (Message("状态", "State"), pick(STATES[row.state])),
        (Message("单位", "Organisation"), await wording.value(_REFERENCE, row.organisation)),
        (Message("依据文件", "Document"), rests_on),
        (Message("事由", "Reason"), it.reason()),
        (Message("生效日", "Effective day"), row.effective_on.isoformat()),
        (Message("基准版次", "Base revision"), str(row.base_revision)),
        (Message("版次", "Revision"), None if revision is None else str(row.revision)),
        (Message("校验值", "Hash"), None if revision is None else revision.row.hash),
        (Message("发布时间", "Published at"), None if revision is None else wording.moment(revision.row.published_at)),
        (Message("起草人", "Author"), row.author),
        (Message("起草时间", "Drafted at"), wording.moment(row.created_at)),
    ]
    columns = (Message("项目", "Item"), Message("内容", "Content"))
    return table([pick(one) for one in columns], [(pick(name), text) for name, text in said if text])


def _changes(groups: Sequence[Group], wording: Wording) -> Iterator[str]:
    if not groups:
        yield wording.pick(NOTHING)
    number = 0
    for group in groups:
        rows: list[Sequence[str | None]] = []
        for effect in group.effects:
            number += 1
            days = wording.pick(effect.days)
            said: list[Sequence[str | None]] = [(line.name, line.before, line.after) for line in effect.lines]
            for place, line in enumerate(said or [(None, None, None)]):
                rows.append(("", "", *line, "") if place else (str(number), effect.what, *line, days))
        yield heading(3, group.name)
        yield table([wording.pick(column) for column in COLUMNS], rows)


async def _approval(steps: Sequence["ApprovalStep"], wording: Wording) -> str:
    rows = [row for step in steps for row in await _step(step, wording)]
    return table([wording.pick(column) for column in SIGNING], rows)


async def _step(step: "ApprovalStep", wording: Wording) -> list[Sequence[str | None]]:
    """Those who returned or rejected the set and who signed, as they did, then a line for each place to be signed."""
    name = f"{step.ordinal + 1} {step.name or ''}"
    agreed = [signature for signature in step.signed if signature.approved]
    empty = list((Counter(step.signers) - Counter(signature.signer for signature in agreed)).elements())
    told = sorted(step.signed, key=lambda signature: signature.at)
    rows = [await _signed(name, signature, wording) for signature in told]
    return [*rows, *[(name, await wording.signer(place), TO_SIGN, None, None, None) for place in empty]]


async def _signed(step: str, it: "Signature", wording: Wording) -> Sequence[str | None]:
    pick = wording.pick
    by = it.by + (pick(ON_BEHALF).format(name=it.on_behalf_of) if it.on_behalf_of else "")
    verdict = pick(AGREED if it.approved else DECLINED)
    decided = pick(DECIDED).format(body=it.body, day=_day(it.decided_on)) if it.body else None
    rests_on = await wording.seen("document", it.document_key)
    evidence = pick(SEMICOLON).join(part for part in (decided, it.evidence, rests_on) if part)
    opinion = f"{verdict}{pick(COLON)}{it.opinion}" if it.opinion else verdict
    return (step, await wording.signer(it.signer), by, opinion, evidence, wording.moment(it.at))


def _day(day: date | None) -> str:
    return BLANK if day is None else day.isoformat()
