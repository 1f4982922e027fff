"""`dutybook document`: documents with their scans: list, add, show, save."""

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import orjson
import typer
from sqlalchemy import Row
from sqlalchemy.orm import Session

from dutybook.access.actor import OPERATOR
from dutybook.book.times import Time
from dutybook.cli.context import Context, failures_told, say
from dutybook.cli.verdicts import Acknowledge, Override, verdicts_said
from dutybook.db.documents import DocumentFilter, filtered
from dutybook.db.files import content
from dutybook.db.head import head
from dutybook.db.in_force import EVERYTHING, history
from dutybook.db.reads import Reading
from dutybook.errors import BadInput, NotFound
from dutybook.services.changesets import Proposal, add_changes, open_changeset, rest_on
from dutybook.services.changesets import publish as publish_set
from dutybook.services.files import keep_file, measured, shown_file
from dutybook.services.verdicts import Verdicts

app = typer.Typer(no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="输出 JSON / Print JSON")]
Day = Annotated[str | None, typer.Option(help="如 2026-03-01 / Like 2026-03-01")]
FIELDS = ("key", "number", "title", "issuer", "issued_on", "effective_on", "classification")


@app.command("list")
def list_documents(
    context: typer.Context,
    number: Annotated[str | None, typer.Option(help="文号的一部分，不论括号 / A part of the number")] = None,
    text: Annotated[str | None, typer.Option(help="标题或文号的一部分 / A part of the title or number")] = None,
    issuer: Annotated[str | None, typer.Option(help="发文单位的一部分 / A part of the issuer")] = None,
    json: Json = False,
) -> None:
    """列出今天有效的文件 / List the documents in force today."""
    at: Context = context.obj
    with failures_told(as_json=json), at.database.read() as session:
        now = Time(at.clock.today(), head(session, at.database.tables).revision)
        query, rows = filtered(Reading(at.database, now, EVERYTHING), DocumentFilter(number, text, issuer))
        for row in session.execute(query.order_by(rows.c.key)):
            _print(_told(row), json)


@app.command("add")
def add(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(help="扫描件 / The scans")],
    title: Annotated[str, typer.Option(help="标题 / The title")],
    number: Annotated[str | None, typer.Option(help="文号 / The number")] = None,
    issuer: Annotated[str | None, typer.Option(help="发文单位 / The issuer")] = None,
    issued_on: Day = None,
    effective_on: Day = None,
    classification: Annotated[
        str | None, typer.Option(help="密级：公开、内部、商业秘密 / Who may see it: PUBLIC, INTERNAL, SECRET")
    ] = None,
    publish: Annotated[bool, typer.Option("--publish", help="立即发布 / Publish at once")] = False,
    acknowledge: Acknowledge = None,
    override: Override = None,
    json: Json = False,
) -> None:
    """存入扫描件，登记文件 / Keep scans, and register the document they belong to."""
    at: Context = context.obj
    said = {
        "title": title,
        "number": number,
        "issuer": issuer,
        "issuedOn": issued_on,
        "effectiveOn": effective_on,
        "classification": classification,
    }
    with failures_told(as_json=json), ExitStack() as stack:
        verdicts = verdicts_said(acknowledge, override) if publish else None
        opened = [(file, stack.enter_context(_opened(file))) for file in files]
        with at.database.write() as session:
            words: dict[str, Any] = {name: text for name, text in said.items() if text is not None}
            words["scans"] = [_kept(session, at, *each) for each in opened]
            key, told = _registered(session, at, words, verdicts)
        say(f"文件 {key}：{title}", f"Document {key}: {title}")
        _print(told, json)


def _registered(
    session: Session, at: Context, words: dict[str, Any], verdicts: Verdicts | None
) -> tuple[int, dict[str, Any]]:
    """The key of the new document, and the change set that opens it, published where there are verdicts."""
    changeset = open_changeset(session, at.book, OPERATOR, Proposal(str(words["title"])[:400]))
    key = add_changes(session, at.book, OPERATOR, changeset, [{"openDocument": words}])[0].key
    rest_on(session, at.book, OPERATOR, changeset, key)
    told = {"document": key, "changeSet": changeset, "revision": None}
    if verdicts is not None:
        told["revision"] = publish_set(session, at.book, OPERATOR, changeset, verdicts).revision
    return key, told


def _opened(file: Path) -> BinaryIO:
    try:
        return file.open("rb")
    except OSError as reason:
        zh = f"文件「{file}」无法读取：{reason.strerror}；请检查路径和权限。"
        raise BadInput(zh, f"'{file}' cannot be read: {reason.strerror}; check its path and permissions.") from reason


def _kept(session: Session, at: Context, file: Path, opened: BinaryIO) -> dict[str, str]:
    """A scan as a document names it, its bytes being in the book."""
    limit = at.settings.file_limit
    if file.stat().st_size > limit:
        zh = f"文件「{file}」超过 {limit} 字节；请压缩，或调高 DUTYBOOK_FILE_LIMIT。"
        raise BadInput(zh, f"'{file}' has more than {limit} bytes; scan it smaller, or raise DUTYBOOK_FILE_LIMIT.")
    found = measured(opened)
    if found is None:
        zh = f"文件「{file}」的内容不是 PDF、PNG、JPEG、TIFF、OFD、DOCX 或 XLSX。"
        raise BadInput(zh, f"'{file}' is no PDF, PNG, JPEG, TIFF, OFD, DOCX or XLSX by its content.")
    keep_file(session, at.book, OPERATOR, found, opened)
    return {"digest": found.digest, "name": file.name}


Key = Annotated[int, typer.Argument(help="list 所列的标识 / The key that `list` shows")]


@app.command("show")
def show(context: typer.Context, key: Key, json: Json = False) -> None:
    """显示文件及其扫描件 / Show a document with its scans."""
    at: Context = context.obj
    with failures_told(as_json=json), at.database.read() as session:
        newest = session.execute(history(at.database.tables, "document", key, EVERYTHING).limit(1)).one_or_none()
        if newest is None:
            raise NotFound(f"没有标识为 {key} 的文件。", f"There is no document {key}.")
        scans = orjson.loads(newest.scans) if newest.scans else []
        if json:
            _print({**_told(newest), "scans": scans}, json)
            return
        _print(_told(newest), json)
        for scan in scans:
            typer.echo(f"{scan['digest']}\t{scan['name']}")


@app.command("save")
def save(
    context: typer.Context,
    digest: Annotated[str, typer.Argument(help="扫描件的摘要 / The digest of a scan")],
    out: Annotated[Path | None, typer.Option(help="写入何处，默认其名称 / Where to; its own name if absent")] = None,
) -> None:
    """取出一个扫描件 / Write a scan to a file."""
    at: Context = context.obj
    with failures_told(), at.database.read() as session:
        shown = shown_file(session, at.book, OPERATOR, digest)
        target = out or Path(shown.name)
        try:
            with target.open("wb" if out else "xb") as file:
                for piece in content(session, at.database.tables, digest):
                    file.write(piece)
        except OSError as reason:
            zh = f"无法写入「{target}」：{reason.strerror}；可用 --out 另指一处。"
            raise BadInput(zh, f"'{target}' cannot be written: {reason.strerror}; name another by --out.") from reason
        typer.echo(target)


def _told(row: Row[Any]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in FIELDS}


def _print(values: dict[str, Any], json: bool) -> None:
    line = "\t".join("" if value is None else str(value) for value in values.values())
    typer.echo(orjson.dumps(values) if json else line)
