"""`dutybook period`: open months of accounts, close them, reopen them."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

import orjson
import typer
from sqlalchemy import Row
from sqlalchemy.orm import Session

from dutybook.access.actor import OPERATOR
from dutybook.book.months import month_numbered, parse_month
from dutybook.cli.context import REFUSED, Context, failures_told, language, say
from dutybook.cli.verdicts import Acknowledge, Override, verdicts_said
from dutybook.db.periods import months, one_period
from dutybook.services.outcomes import Trouble
from dutybook.services.periods import attempt_close, closing_objections, open_period, reopen_period

app = typer.Typer(no_args_is_help=True)

Month = Annotated[str, typer.Argument(help="月份，如 2026-03 / The month, like 2026-03")]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON / Print JSON")]
COLUMNS = ("month", "state", "closing_revision", "opened_at", "opened_by", "closed_at", "closed_by")


@app.command("list")
def list_periods(context: typer.Context, json: Json = False) -> None:
    """列出核算期 / List the periods, newest first."""
    at: Context = context.obj
    with failures_told(as_json=json):
        with at.database.read() as session:
            rows = list(months(session, at.database.tables).values())
        for row in reversed(rows):
            _print(row, json)


@app.command("open")
def open_month(context: typer.Context, month: Month, json: Json = False) -> None:
    """开启 / Open a month."""
    at: Context = context.obj
    _done(at, lambda session: open_period(session, at.book, OPERATOR, month), json)


@app.command("reopen")
def reopen_month(
    context: typer.Context,
    month: Month,
    reason: Annotated[str, typer.Option(help="事由 / The reason")],
    json: Json = False,
) -> None:
    """重新开启 / Reopen a closed month."""
    at: Context = context.obj
    _done(at, lambda session: reopen_period(session, at.book, OPERATOR, month, reason), json)


@app.command("close")
def close_month(
    context: typer.Context,
    month: Month,
    acknowledge: Acknowledge = None,
    override: Override = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只列出异议 / Only list what is objected")] = False,
    json: Json = False,
) -> None:
    """关闭 / Close a month, unless something stands against it."""
    at: Context = context.obj
    with failures_told(as_json=json):
        verdicts = verdicts_said(acknowledge, override)
        if dry_run:
            found = closing_objections(at.book, OPERATOR, parse_month(month))
            _refuse([Trouble(it.code, it.path, *it.message, it.plugin) for it in found], json)
            return
        outcome = attempt_close(at.book, OPERATOR, None, parse_month(month), verdicts)
        _refuse(outcome.troubles, json)
        _show(at, month, json)


def _done(at: Context, act: Callable[[Session], int], json: bool) -> None:
    with failures_told(as_json=json):
        with at.database.write() as session:
            number = act(session)
        _show(at, month_numbered(number), json)


def _refuse(troubles: Sequence[Trouble], json: bool) -> None:
    """Tells all that is objected, each under the name by which it is acknowledged or overridden."""
    for it in troubles:
        name = f"{it.plugin}:{it.code}" if it.plugin else it.code
        if json:
            told = {"code": it.code, "objection": name, "message": it.message.pick(language()), "path": it.path}
            typer.echo(orjson.dumps(told), err=True)
        else:
            say(f"{name}：{it.zh}", f"{name}: {it.en}")
    if troubles:
        raise typer.Exit(REFUSED)


def _show(at: Context, month: str, json: bool) -> None:
    with at.database.read() as session:
        row = one_period(session, at.database.tables, month)
    if row:
        _print(row, json)


def _print(row: Row[Any], json: bool) -> None:
    values = {name: getattr(row, name) for name in COLUMNS}
    typer.echo(orjson.dumps(values) if json else "\t".join("" if v is None else str(v) for v in values.values()))
