"""Importing a catalogue that came as text: read, reconciled, staged and, if wanted, published in one transaction."""

from datetime import date

import orjson
import strawberry
from anyio import to_thread
from sqlalchemy import insert
from sqlalchemy.orm import Session

from dutybook.catalogue.document import Catalogue, Reading
from dutybook.catalogue.export_read import roster_from
from dutybook.catalogue.read import read_bytes
from dutybook.catalogue.roster import Roster, roster_of
from dutybook.errors import BadInput, DutybookError, Message
from dutybook.graphql.context import Context
from dutybook.graphql.describe import both, column
from dutybook.graphql.mutation_inputs import CLIENT
from dutybook.graphql.payloads import Act
from dutybook.services.changesets import publish
from dutybook.services.import_catalogue import Imported, import_catalogue

KIND = "catalogue.import"


@strawberry.input(description=both("要读入的职责目录。", "A duty catalogue to read."))
class ImportCatalogueInput:
    """A document and how to take it."""

    content: str = column(
        "目录全文：印刷文本，或导出的 JSON、YAML。", "The catalogue: printed text, or JSON or YAML as exported."
    )
    file: str = column(
        "文件名，用于说明；扩展名表明格式。", "Its file name, for messages; the suffix tells the format."
    )
    organisation: str | None = column(
        "单位的名称或编号；文件未写明时必填。",
        "The organisation's name or code; needed where the file has none.",
        default=None,
    )
    catalogue: int | None = column(
        "第几份目录，从 1 起；文件只有一份时可省略。",
        "Which catalogue, from 1; needed where the file holds several.",
        default=None,
    )
    effective_on: date | None = column("生效日；默认今天。", "The effective day; today unless said.", default=None)
    complete: bool = column("文件未提及的部门一并撤销。", "Close the departments that it does not name.", default=False)
    publish: bool = column("立即发布。", "Publish at once.", default=False)
    client_mutation_id: str | None = column(*CLIENT, default=None)


async def importing(context: Context, given: ImportCatalogueInput) -> Act:
    """The act of importing: the text is read before the transaction begins, which holds up every other writer."""
    try:
        roster = await to_thread.run_sync(_roster, given)
    except DutybookError as reason:
        return _refusing(reason)

    def act(session: Session) -> int:
        imported = import_catalogue(
            session,
            context.book,
            context.actor,
            roster,
            organisation=given.organisation,
            effective_on=given.effective_on,
            complete=given.complete,
        )
        if given.publish and imported.changeset is not None:
            publish(session, context.book, context.actor, imported.changeset)
        return _job(session, context, given, imported)

    return act


def _refusing(reason: DutybookError) -> Act:
    """An act that is refused before it is tried."""

    def act(_: Session) -> int:
        raise reason

    return act


def _roster(given: ImportCatalogueInput) -> Roster:
    data = given.content.encode()
    if exported := roster_from(given.file, data):
        return exported
    reading = read_bytes(given.file, data)
    return roster_of(_chosen(reading, given.catalogue), reading.file)


def _chosen(reading: Reading, number: int | None) -> Catalogue:
    count = len(reading.catalogues)
    if number is None and count == 1:
        return reading.catalogues[0]
    if number is not None and 1 <= number <= count:
        return reading.catalogues[number - 1]
    zh = f"「{reading.file}」中有 {count} 份职责目录，catalogue 的值「{number or ''}」不能确定是哪一份。"
    en = f"'{reading.file}' holds {count} duty catalogues; catalogue: '{number or ''}' does not tell which is meant."
    raise BadInput(zh, en, path=["catalogue"])


def _job(session: Session, context: Context, given: ImportCatalogueInput, imported: Imported) -> int:
    """Records the finished import as a job."""
    table, count = context.book.tables["job"], sum(imported.done.values())
    row = {
        "kind": KIND,
        "state": "DONE",
        "done": count,
        "total": count,
        "message": _message(imported).pick(context.language),
        "changeset": imported.changeset,
        "actor": context.actor.name,
        "input": orjson.dumps({"file": given.file, "organisation": given.organisation}).decode(),
        "created_at": context.book.clock.now(),
    }
    number: int = session.scalars(insert(table).values(row).returning(table.c.id)).one()
    return number


def _message(imported: Imported) -> Message:
    count = sum(imported.done.values())
    if not count:
        return Message("账册已与此目录一致，没有变更。", "The book says all of it already; nothing is proposed.")
    return Message(f"共 {count} 处变更。", f"{count} things change.")
