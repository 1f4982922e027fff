"""`dutybook catalogue`: duty lists read from files, reconciled with the book, and written to files."""

import gc
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from sqlalchemy.orm import Session

from dutybook.access.actor import OPERATOR
from dutybook.book.times import parse_day
from dutybook.catalogue.acts_told import counted, line
from dutybook.catalogue.document import Catalogue, Reading, reading_json
from dutybook.catalogue.export_read import roster_from
from dutybook.catalogue.read import read_bytes, read_file
from dutybook.catalogue.roster import Roster, joined, roster_of
from dutybook.cli.context import Context, failures_told, language, say
from dutybook.cli.printing import print_sheet
from dutybook.cli.progress import Progress
from dutybook.cli.verdicts import Acknowledge, Override, verdicts_said
from dutybook.errors import BadInput
from dutybook.services.changesets import publish as publish_changeset
from dutybook.services.export_catalogue import export_catalogue
from dutybook.services.import_catalogue import Imported, import_catalogue, propose_import
from dutybook.services.verdicts import Verdicts

app = typer.Typer(no_args_is_help=True)

Files = Annotated[list[Path], typer.Argument(help="文本、JSON 或 YAML / Text, JSON or YAML")]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON / Print JSON")]
Organisation = Annotated[str | None, typer.Option(help="单位的名称或编号 / The organisation's name or code")]


@app.command("read")
def read(files: Files, json: Json = False) -> None:
    """读出职责目录，不入册 / Parse only; nothing is stored."""
    with failures_told(as_json=json):
        for file in files:
            reading = read_file(file)
            if json:
                typer.echo(orjson.dumps(reading_json(reading), option=orjson.OPT_INDENT_2))
            else:
                typer.echo("\n".join(_described(reading)))


def _described(reading: Reading) -> list[str]:
    lines = [f"{reading.file} ({reading.encoding})"]
    for number, catalogue in enumerate(reading.catalogues, start=1):
        lines.append(f"{number}. {_size(catalogue)}")
        lines += [f"   {w.line}\t{w.kind}\t{w.message}\t{w.repair}" for w in catalogue.warnings]
    lines += [f"-  {skipped.span[0]}–{skipped.span[1]}\t{skipped.reason}" for skipped in reading.skipped]
    return lines


def _size(catalogue: Catalogue) -> str:
    departments = [department for category in catalogue.categories for department in category.departments]
    positions = [position for department in departments for position in department.positions]
    duties = sum(len(position.duties) for position in positions)
    place = f"{catalogue.span[0]}–{catalogue.span[1]}"
    name = catalogue.organisation or "?"
    return f"{place}\t{name}\t部门 {len(departments)}\t岗位 {len(positions)}\t职责 {duties}"


@app.command("import")
def import_(
    context: typer.Context,
    files: Files,
    organisation: Organisation = None,
    catalogue: Annotated[int | None, typer.Option(help="第几份目录，从 1 起 / Which catalogue, from 1")] = None,
    effective_on: Annotated[str | None, typer.Option(help="生效日，如 2026-03-01 / Effective day")] = None,
    publish: Annotated[bool, typer.Option("--publish", help="立即发布 / Publish at once")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只看不存 / Show the proposal, store nothing")] = False,
    complete: Annotated[
        bool, typer.Option("--complete", help="文件未提及的部门一并撤销 / Close departments it does not name")
    ] = False,
    acknowledge: Acknowledge = None,
    override: Override = None,
    json: Json = False,
) -> None:
    """与账册核对，形成一份变更单 / Reconcile with the book into one change set."""
    at: Context = context.obj
    with failures_told(as_json=json):
        verdicts = verdicts_said(acknowledge, override)
        day = parse_day(effective_on) if effective_on else at.clock.today()
        said: dict[str, Any] = {"organisation": organisation, "effective_on": day, "complete": complete}
        roster = joined([_roster(file, catalogue) for file in files])
        # What was read stays to the end; looking for garbage in it over and over took a fifth of a large import.
        gc.freeze()
        if dry_run:
            with at.database.read() as session:
                _propose(session, at, roster, said, as_json=json)
            return
        with at.database.write() as session:
            imported = import_catalogue(session, at.book, OPERATOR, roster, **said, progress=Progress())
            revision = None
            if publish and imported.changeset:
                revision = _publish(session, at, imported.changeset, verdicts)
        _tell(imported, revision, as_json=json)


def _publish(session: Session, at: Context, changeset: int, verdicts: Verdicts) -> int:
    say(f"正在发布变更单 {changeset}…", f"Publishing change set {changeset}…")
    return publish_changeset(session, at.book, OPERATOR, changeset, verdicts).revision


def _roster(file: Path, number: int | None) -> Roster:
    """What a file says: an export as it stands, of a text the catalogue that is meant."""
    try:
        data = file.read_bytes()
    except OSError as error:
        zh = f"文件「{file}」无法读取：{error.strerror}；请检查路径和权限。"
        en = f"'{file}' cannot be read: {error.strerror}; check its path and permissions."
        raise BadInput(zh, en, path=[str(file)]) from error
    if len(data) > LARGE:
        say(f"正在读取 {file.name}…", f"Reading {file.name}…")
    if roster := roster_from(file.name, data):
        return roster
    reading = read_bytes(file.name, data)
    return roster_of(_chosen(reading, number), reading.file)


LARGE = 2_000_000


def _chosen(reading: Reading, number: int | None) -> Catalogue:
    found = len(reading.catalogues)
    listed = "; ".join(f"{at}. {_size(one)}" for at, one in enumerate(reading.catalogues, start=1))
    if not found:
        zh = f"「{reading.file}」中没有岗位职责清单；可用 catalogue read 查看读出了什么。"
        en = f"'{reading.file}' holds no duty list; see what was read with catalogue read."
        raise BadInput(zh, en, path=[reading.file])
    if number is None and found > 1:
        zh = f"「{reading.file}」中有 {found} 份目录，请用 --catalogue 指定：{listed}"
        en = f"'{reading.file}' holds {found} catalogues; choose by --catalogue: {listed}"
        raise BadInput(zh, en, path=["catalogue"])
    if number is not None and not 1 <= number <= found:
        zh = f"「{reading.file}」没有第 {number} 份目录，共 {found} 份：{listed}"
        en = f"'{reading.file}' has no catalogue {number}, only {found}: {listed}"
        raise BadInput(zh, en, path=["catalogue"])
    return reading.catalogues[(number or 1) - 1]


def _propose(session: Session, at: Context, roster: Roster, said: Mapping[str, Any], *, as_json: bool) -> None:
    acts, proposal = [], propose_import(session, at.book, roster, **said)
    for act in proposal.acts:
        if as_json:
            acts.append(act.told())
        else:
            typer.echo(line(act, language()))
    _tell(proposal.imported(), None, as_json=as_json, proposal=acts)


def _tell(
    imported: Imported, revision: int | None, *, as_json: bool, proposal: Sequence[Mapping[str, Any]] | None = None
) -> None:
    """The outcome: as JSON on stdout, or in words."""
    if as_json:
        typer.echo(orjson.dumps(_outcome(imported, revision, proposal), option=orjson.OPT_INDENT_2))
        return
    for note in imported.notes:
        say(note.zh, note.en)
    done = counted(imported.done)
    say(f"变更：{done.zh if done else '无'}", f"Changes: {done.en if done else 'none'}")
    if imported.changeset:
        state_zh = f"已发布为第 {revision} 版次" if revision else "已存为草稿"
        state_en = f"published as revision {revision}" if revision else "a draft"
        say(f"变更单 {imported.changeset}：{state_zh}。", f"Change set {imported.changeset}: {state_en}.")
        typer.echo(imported.changeset)


def _outcome(imported: Imported, revision: int | None, proposal: Sequence[Mapping[str, Any]] | None) -> dict[str, Any]:
    summary: dict[str, Counter[str]] = {}
    for (kind, what), count in imported.done.items():
        summary.setdefault(kind, Counter())[what] = count
    told = {
        "changeSet": imported.changeset,
        "revision": revision,
        "summary": summary,
        "unchanged": {kind: count for kind, count in imported.agreeing.items() if count},
        "notes": [note._asdict() for note in imported.notes],
    }
    return told if proposal is None else {**told, "proposal": proposal}


@app.command("export")
def export(
    context: typer.Context,
    form: Annotated[str, typer.Option("--format", help="格式：json、yaml、md / The form: json, yaml or md")] = "json",
    organisation: Organisation = None,
    department: Annotated[str | None, typer.Option(help="部门编号 / The department's code")] = None,
    as_of: Annotated[str | None, typer.Option(help="哪一天，默认今天 / Which day; today if absent")] = None,
    out: Annotated[Path | None, typer.Option(help="文件，默认标准输出 / A file; else stdout")] = None,
) -> None:
    """导出职责目录 / Write the catalogue."""
    at: Context = context.obj
    with failures_told():
        day = parse_day(as_of) if as_of else None
        with at.database.read() as session:
            data = export_catalogue(
                session, at.book, OPERATOR, form, organisation=organisation, department=department, as_of=day
            )
        _write(data, out)


def _write(data: bytes, out: Path | None) -> None:
    if out is None:
        sys.stdout.buffer.write(data)
        return
    try:
        out.write_bytes(data)
    except OSError as reason:
        raise BadInput(
            f"无法写入「{out}」：{reason}。", f"'{out}' cannot be written: {reason}.", path=["out"]
        ) from reason


app.command("sheet")(print_sheet)
