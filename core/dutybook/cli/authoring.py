"""`dutybook plugin new` and `verify`: a plugin to begin with, and what every plugin has to keep."""

import os
import shlex
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import orjson
import structlog
import typer

from dutybook.cli.context import REFUSED, Context, failures_told, language, say
from dutybook.errors import BadInput
from dutybook.testing.authoring import write_plugin
from dutybook.testing.databases import GIVEN, Backend, Postgres, Sqlite
from dutybook.testing.verify.report import Report
from dutybook.testing.verify.run import Given, NotUsable, verify, write_contract
from dutybook.testing.verify.subject import Subject, subject_of


def new(
    name: Annotated[str, typer.Argument(help="插件名，如 toll / The plugin's name, like toll")],
    into: Annotated[Path, typer.Option(help="在哪个目录中 / In which folder")] = Path(),
) -> None:
    """生成一个可运行的插件 / Write a plugin to begin with: it runs, and its tests pass."""
    with failures_told():
        project = write_plugin(name, into)
    say(f"已生成 {project}。接着运行：", f"Wrote {project}. Go on with:")
    for command in _next(name, project):
        typer.echo(command)


def _next(name: str, project: Path) -> Sequence[str]:
    """Four commands, from the new folder to an answer."""
    query = f"{{ registry {{ {name}Limits {{ totalCount }} }} }}"
    return (
        f"pip install -e {shlex.quote(str(project))}",
        f"export DUTYBOOK_PLUGINS={name}",
        "dutybook db upgrade",
        f"dutybook query {shlex.quote(query)}",
    )


def verify_plugin(
    context: typer.Context,
    plugin: Annotated[str, typer.Argument(help="插件名或其目录 / The plugin's name, or its folder")],
    json: Annotated[bool, typer.Option("--json", help="输出 JSON / Print JSON")] = False,
    report: Annotated[Path | None, typer.Option(help="报告写入此文件 / Write the report to this file")] = None,
    contract: Annotated[
        bool, typer.Option("--write-contract", help="写出 contract.json / Write contract.json")
    ] = False,
) -> None:
    """在一次性的账册上检验插件 / Try on a throwaway book what every plugin has to keep."""
    with failures_told(as_json=json), _quiet():
        at: Context = context.obj
        subject, settings = subject_of(plugin), at.settings.plugin
        if contract:
            _write_contract(subject, settings)
            return
        with _backends() as backends:
            found = verify(subject, backends, settings)
        _tell(found, as_json=json)
        if report is not None:
            _write(report, orjson.dumps(found.document(), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))
        if not found.passed:
            raise typer.Exit(REFUSED)


def _write_contract(subject: Subject, settings: Given) -> None:
    try:
        write_contract(subject, settings)
    except NotUsable as reason:
        for it in reason.findings:
            typer.echo(f"{it.code.name}\t{it.message.pick(language())}")
        raise typer.Exit(REFUSED) from reason
    say(f"已写出 {subject.contract}。", f"Wrote {subject.contract}.")


@contextmanager
def _backends() -> Iterator[Sequence[Backend]]:
    """SQLite in a folder that is thrown away, and the PostgreSQL for tests if one is named."""
    with ExitStack() as stack:
        backends: list[Backend] = [Sqlite(Path(stack.enter_context(TemporaryDirectory())))]
        if server := os.environ.get(GIVEN):
            backends.append(stack.enter_context(closing(Postgres(server))))
        yield backends


@contextmanager
def _quiet() -> Iterator[None]:
    """What hooks log while they are tried is told by the findings."""
    before = structlog.get_config()
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    try:
        yield
    finally:
        structlog.configure(**before)


def _tell(report: Report, *, as_json: bool) -> None:
    if as_json:
        typer.echo(orjson.dumps(report.document(), option=orjson.OPT_INDENT_2))
        return
    for it in report.findings:
        typer.echo(f"{it.code.name}\t{it.message.pick(language())}")
    where = ", ".join(report.databases) or "-"
    if report.passed:
        say(
            f"插件 {report.plugin} {report.version} 通过检验（{where}）。",
            f"{report.plugin} {report.version} passed on {where}.",
        )
    else:
        count = len(report.findings)
        say(
            f"插件 {report.plugin} 有 {count} 处不符（{where}）。",
            f"{report.plugin} does not keep {count} of it (on {where}).",
        )


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as reason:
        raise BadInput(f"无法写入「{file}」：{reason}。", f"'{file}' cannot be written: {reason}.") from reason
