"""`dutybook staff import`: people and their assignments, read from a table and reconciled with the book."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from sqlalchemy.orm import Session

from dutybook.access.actor import OPERATOR
from dutybook.book.times import parse_day
from dutybook.catalogue.acts_told import counted, line
from dutybook.catalogue.staff_rows import BadRow
from dutybook.cli.context import Context, failures_told, language, say
from dutybook.cli.progress import Progress
from dutybook.cli.verdicts import Acknowledge, Override, objection_told, verdicts_said
from dutybook.errors import BadInput
from dutybook.services.changesets import publish as publish_changeset
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
from dutybook.services.verdicts import Verdicts, refuse_outstanding


def import_table(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV、XLSX、XLS 或 ODS / CSV, XLSX, XLS or ODS")],
    system: Annotated[
        str | None, typer.Option(help="文件出自哪个系统，如 hr / The system that the file comes from, such as hr")
    ] = None,
    organisation: Annotated[str | None, typer.Option(help="单位的名称或编号 / The organisation's name or code")] = None,
    effective_on: Annotated[str | None, typer.Option(help="生效日，如 2026-03-01 / Effective day")] = None,
    publish: Annotated[bool, typer.Option("--publish", help="立即发布 / Publish at once")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="只看变更与异议，不存 / Show changes and objections, store nothing")
    ] = False,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="略过有错行的人，导入其余 / Leave out people with bad rows")
    ] = False,
    acknowledge: Acknowledge = None,
    override: Override = None,
    complete: Annotated[
        bool, typer.Option("--complete", help="列出文件未提及的职工 / Tell which employees the file leaves out")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="输出 JSON / Print JSON")] = False,
) -> None:
    """与账册核对，形成一份变更单 / Reconcile with the book into one change set."""
    at: Context = context.obj
    with failures_told(as_json=json):
        verdicts = verdicts_said(acknowledge, override)
        day = parse_day(effective_on) if effective_on else at.clock.today()
        said: dict[str, Any] = {"system": system, "organisation": organisation, "effective_on": day}
        table = table_of(file.name, _read(file), **said, complete=complete, skip_bad=skip_bad)
        told = _Telling(as_json=json)
        if dry_run:
            _rehearse(at, table, told, verdicts)
            return
        try:
            with at.database.write() as session:
                imported = import_staff(session, at.book, OPERATOR, table, Progress())
                revision = (
                    _publish(session, at, imported.changeset, verdicts) if publish and imported.changeset else None
                )
        except BadRows as reason:
            told.bad(reason.bad)
            raise
        told.outcome(imported, revision)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        zh = f"文件「{file}」无法读取：{error.strerror}；请检查路径和权限。"
        en = f"'{file}' cannot be read: {error.strerror}; check its path and permissions."
        raise BadInput(zh, en, path=[str(file)]) from error


def _publish(session: Session, at: Context, changeset: int, verdicts: Verdicts) -> int:
    return publish_changeset(session, at.book, OPERATOR, changeset, verdicts).revision


def _rehearse(at: Context, table: Table, told: "_Telling", verdicts: Verdicts) -> None:
    """What it would do; it ends as the import and its publication would, with bad rows or with objections that stand."""
    found = rehearse_staff(at.book, OPERATOR, table, Progress())
    plan = found.plan
    told.outcome(plan.outcome(None), None, found)
    if plan.bad and not table.skip_bad:
        raise BadRows(plan.bad)
    with at.database.read() as session:
        refuse_outstanding(session, at.book, OPERATOR, found.objections, verdicts)


class _Telling:
    """Tells what came of it: as JSON on stdout, or in words."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    def outcome(self, imported: StaffImported, revision: int | None, rehearsal: Rehearsal | None = None) -> None:
        """The changes, the notes, and the rows that were left out."""
        if self.as_json:
            typer.echo(orjson.dumps(_outcome(imported, revision, rehearsal), option=orjson.OPT_INDENT_2))
            return
        for act in rehearsal.plan.acts if rehearsal else ():
            typer.echo(line(act, language()))
        for note in imported.notes:
            say(note.zh, note.en)
        self.bad(imported.bad)
        done = counted(imported.done)
        say(f"变更：{done.zh if done else '无'}", f"Changes: {done.en if done else 'none'}")
        if imported.changeset:
            zh = f"已发布为第 {revision} 版次" if revision else "已存为草稿"
            en = f"published as revision {revision}" if revision else "a draft"
            say(f"变更单 {imported.changeset}：{zh}。", f"Change set {imported.changeset}: {en}.")
            typer.echo(imported.changeset)

    def bad(self, bad: Sequence[BadRow]) -> None:
        """The bad rows, the first of them one by one."""
        if self.as_json:
            if bad:
                typer.echo(orjson.dumps({"bad": _bad(bad), "badCount": len(bad)}, option=orjson.OPT_INDENT_2))
            return
        for one in bad[:MOST_TOLD]:
            say(*one.message(quoting=True))
        if len(bad) > MOST_TOLD:
            say(f"……另有 {len(bad) - MOST_TOLD} 处。", f"… and {len(bad) - MOST_TOLD} more.")


def _outcome(imported: StaffImported, revision: int | None, rehearsal: Rehearsal | None) -> Mapping[str, Any]:
    summary: dict[str, dict[str, int]] = {}
    for (kind, what), count in imported.done.items():
        summary.setdefault(kind, {})[what] = count
    told = {
        "changeSet": imported.changeset,
        "revision": revision,
        "summary": summary,
        "unchanged": {kind: count for kind, count in imported.agreeing.items() if count},
        "notes": [note._asdict() for note in imported.notes],
        "bad": _bad(imported.bad),
        "badCount": len(imported.bad),
    }
    if rehearsal is None:
        return told
    objections = [objection_told(it) for it in rehearsal.objections]
    return {**told, "proposal": [act.told() for act in rehearsal.plan.acts], "objections": objections}


def _bad(bad: Sequence[BadRow]) -> list[Mapping[str, Any]]:
    return [
        {
            "sheet": one.sheet,
            "row": one.row,
            "column": one.column,
            "value": one.value,
            "message": one.message(quoting=True).pick(language()),
        }
        for one in bad[:MOST_TOLD]
    ]
