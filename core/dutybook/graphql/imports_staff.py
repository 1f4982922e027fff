"""Importing a staff table that came as text or as a file: read, reconciled, staged and, if wanted, published in one transaction."""

import binascii
from base64 import b64decode
from datetime import date
from typing import cast

import orjson
import strawberry
from anyio import to_thread
from sqlalchemy import insert
from sqlalchemy.orm import Session

from dutybook.catalogue.acts_told import counted
from dutybook.catalogue.reconcile_acts import Act as Done
from dutybook.errors import BadInput, DutybookError, Message
from dutybook.graphql.context import Context
from dutybook.graphql.describe import both, column
from dutybook.graphql.mutation_inputs import CLIENT
from dutybook.graphql.payloads import Act, ImportAct, ImportProposal, JobPayload, refused
from dutybook.graphql.previews import objections_shown
from dutybook.http.params import Upload
from dutybook.services.changesets import publish
from dutybook.services.import_staff import (
    MOST_TOLD,
    BadRows,
    Rehearsal,
    StaffImported,
    Table,
    import_staff,
    rehearse_staff,
    table_of,
)

KIND = "staff.import"


@strawberry.input(
    description=both(
        "要读入的职工表：一行是一人，或一人的一个任职。", "A staff table: a row is a person, or an assignment of one."
    )
)
class ImportStaffInput:
    """A table and how to take it."""

    file: str = column("文件名，用于说明。", "Its file name, for messages.")
    content: str | None = column(
        "CSV 全文；content、base64、table 三者取一。",
        "The CSV as text; one of content, base64 and table.",
        default=None,
    )
    base64: str | None = column(
        "XLSX、XLS、ODS 或任意编码的 CSV 的字节，写成 base64。",
        "The bytes of an XLSX, XLS, ODS or CSV file of any encoding, in base64.",
        default=None,
    )
    table: Upload | None = column(
        "CSV、XLSX、XLS 或 ODS 文件，以 multipart/form-data 随请求上传；大表用它，上限为 DUTYBOOK_FILE_LIMIT。",
        "A CSV, XLSX, XLS or ODS file that comes with the request as multipart/form-data: for large tables, up to DUTYBOOK_FILE_LIMIT.",
        default=None,
    )
    organisation: str | None = column(
        "单位的名称或编号；账册有多个单位而文件未写明时必填。",
        "The organisation's name or code; needed where the book has several and the file names none.",
        default=None,
    )
    system: str | None = column(
        "文件出自哪个系统；外部编号属于它，以它为准的内容由此改动。",
        "The system that the file comes from: the external ids are its own, and what it is the master of changes by this.",
        default=None,
    )
    effective_on: date | None = column("生效日；默认今天。", "The effective day; today unless said.", default=None)
    complete: bool = column(
        "列出账册中有而文件未提及的职工；不作改动。",
        "Tell which employees of the book the file leaves out; nothing is done to them.",
        default=False,
    )
    skip_bad: bool = column(
        "略过有错行的人，导入其余；否则有错即不导入。",
        "Leave out people with bad rows and import the rest; otherwise a bad row refuses all.",
        default=False,
    )
    publish: bool = column("立即发布。", "Publish at once.", default=False)
    dry_run: bool = column(
        "只告知将有的变更与异议（proposal），什么也不存储。",
        "Tell only what would change and what would be objected to (`proposal`); nothing is stored.",
        default=False,
    )
    client_mutation_id: str | None = column(*CLIENT, default=None)


async def importing_staff(context: Context, given: ImportStaffInput) -> Act:
    """The act of importing: the table is read before the transaction begins, which holds up every other writer."""
    try:
        table = await to_thread.run_sync(_table, given)
    except DutybookError as reason:
        refusal = reason

        def refuse(_: Session) -> int:
            raise refusal

        return refuse

    def act(session: Session) -> int:
        imported = import_staff(session, context.book, context.actor, table)
        if given.publish and imported.changeset is not None:
            publish(session, context.book, context.actor, imported.changeset)
        return _job(session, context, given, imported)

    return act


async def rehearsing_staff(context: Context, given: ImportStaffInput) -> JobPayload:
    """What importing would do; it has no transaction of its own, so that no outcome of it is kept under any key."""
    try:
        found = await to_thread.run_sync(_rehearsed, context, given)
    except DutybookError as reason:
        return cast(JobPayload, refused(JobPayload, reason, context.language))
    plan, language = found.plan, context.language
    proposal = ImportProposal(
        message=_message(plan.outcome(None)).pick(language),
        acts=[_shown(act) for act in plan.acts[:MOST_TOLD]],
        count=len(plan.acts),
        objections=objections_shown(found.objections, language),
    )
    return JobPayload(job=None, proposal=proposal, user_errors=[], client_mutation_id=given.client_mutation_id)


def _shown(act: Done) -> ImportAct:
    return ImportAct(what=act.what, kind=act.kind, place=act.place, before=act.before, after=act.after)


def _rehearsed(context: Context, given: ImportStaffInput) -> Rehearsal:
    table = _table(given)
    found = rehearse_staff(context.book, context.actor, table)
    if found.plan.bad and not table.skip_bad:
        raise BadRows(found.plan.bad)
    return found


def _table(given: ImportStaffInput) -> Table:
    return table_of(
        given.file,
        _bytes(given),
        system=given.system,
        organisation=given.organisation,
        effective_on=given.effective_on,
        complete=given.complete,
        skip_bad=given.skip_bad,
    )


def _bytes(given: ImportStaffInput) -> bytes:
    if sum(one is not None for one in (given.content, given.base64, given.table)) != 1:
        zh, en = "content、base64、table 应恰给其一。", "Exactly one of content, base64 and table is needed."
        raise BadInput(zh, en, path=["content"])
    if given.table is not None:
        return given.table.content
    if given.base64 is None:
        return str(given.content).encode()
    try:
        return b64decode(given.base64, validate=True)
    except (binascii.Error, ValueError) as reason:
        zh, en = f"base64 无法解码（{reason}）。", f"base64 cannot be decoded ({reason})."
        raise BadInput(zh, en, path=["base64"]) from reason


def _job(session: Session, context: Context, given: ImportStaffInput, imported: StaffImported) -> int:
    """Records the finished import as a job. Nothing personal is kept with it."""
    table, count = context.book.tables["job"], sum(imported.done.values())
    asked = {"file": given.file, "organisation": given.organisation, "system": given.system}
    row = {
        "kind": KIND,
        "state": "DONE",
        "done": count,
        "total": count,
        "message": _message(imported).pick(context.language),
        "changeset": imported.changeset,
        "actor": context.actor.name,
        "input": orjson.dumps(asked).decode(),
        "created_at": context.book.clock.now(),
    }
    number: int = session.scalars(insert(table).values(row).returning(table.c.id)).one()
    return number


def _message(imported: StaffImported) -> Message:
    """Counts, notes, and the rows that were left out, a line each."""
    counts = counted(imported.done)
    zh, en = "账册已与此表一致，没有变更。", "The book says all of it already; nothing is proposed."
    head = Message(f"变更：{counts.zh}。", f"Changes: {counts.en}.") if counts else Message(zh, en)
    left_out = [one.message(quoting=False) for one in imported.bad[:MOST_TOLD]]
    if rest := len(imported.bad) - len(left_out):
        left_out.append(Message(f"……另有 {rest} 处。", f"… and {rest} more."))
    lines = [head, *imported.notes, *left_out]
    return Message("\n".join(line.zh for line in lines), "\n".join(line.en for line in lines))
