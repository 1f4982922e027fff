"""`dutybook cost …`: settle a month, import documents, export the journal, try a case."""

import sys
from pathlib import Path
from typing import Annotated

import orjson
import typer

from dutybook.api import OPERATOR, BadInput, transaction
from dutybook_cost.imports import import_documents
from dutybook_cost.journal import as_csv, postings
from dutybook_cost.services.desk import Desk
from dutybook_cost.services.settling import CHUNK, Progress, due, settle_shifts
from dutybook_cost.trial import attempt

app = typer.Typer(help="成本核算 / Cost accounting", no_args_is_help=True)

Month = Annotated[str, typer.Argument(help="月份，如 2026-03 / The month, like 2026-03")]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON / Print JSON")]


class Unreadable(BadInput):
    """A file that cannot be read as what it is to be."""

    def __init__(self, file: str, reason: object) -> None:
        super().__init__(f"无法读取「{file}」：{reason}。", f"'{file}' cannot be read: {reason}.", path=["file"])


@app.command("try")
def try_case(
    file: Annotated[
        str, typer.Argument(help="案例的 inputs（JSON），- 为标准输入 / The inputs of a case, - for stdin")
    ],
) -> None:
    """以结算所用的规则试算一个案例 / Put a case through the rules of settlements."""
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        inputs = orjson.loads(content)
    except (OSError, orjson.JSONDecodeError) as reason:
        raise Unreadable(file, reason) from reason
    if isinstance(inputs, dict) and isinstance(inputs.get("inputs"), dict):
        inputs = inputs["inputs"]
    typer.echo(orjson.dumps(attempt(inputs), option=orjson.OPT_INDENT_2))


@app.command("import")
def import_file(
    context: typer.Context, file: Annotated[Path, typer.Argument(help="XLSX 或 CSV / XLSX or CSV")]
) -> None:
    """导入班次、出勤和单据，整份存入或全不存 / Import shifts, crews and slips, whole or not at all."""
    with transaction(context, "cost") as session:
        count = import_documents(Desk(session, OPERATOR), file)
    typer.echo(count)


@app.command("journal")
def export_journal(
    context: typer.Context, month: Month, out: Annotated[Path, typer.Option(help="CSV 文件 / The CSV file")]
) -> None:
    """导出一个月的记账凭证（借贷平衡）/ Export the journal of a month, which balances."""
    with transaction(context, "cost") as session:
        rows = postings(session, month)
    try:
        out.write_text(as_csv(rows), "utf-8", newline="")
    except OSError as reason:
        raise Unreadable(str(out), reason) from reason
    typer.echo(len(rows))


@app.command("settle")
def settle_month(context: typer.Context, month: Month, json: Json = False) -> None:
    """结算一个月的全部班次，可中断后续算 / Settle all shifts of a month; one that was interrupted goes on where it stopped."""
    with transaction(context, "cost") as session:
        wanted = due(session, month)
    sums = Progress(len(wanted))
    for at in range(0, max(len(wanted), 1), CHUNK):
        with transaction(context, "cost") as session:
            part = settle_shifts(session, OPERATOR, month, wanted[at : at + CHUNK], len(wanted))
        sums.made, sums.unchanged = sums.made + part.made, sums.unchanged + part.unchanged
        typer.echo(f"{month} {sums.done}/{sums.total}", err=True)
    if json:
        typer.echo(
            orjson.dumps({"month": month, "shifts": sums.total, "settled": sums.made, "unchanged": sums.unchanged})
        )
    else:
        typer.echo(f"{month}\t{sums.total}\t{sums.made}\t{sums.unchanged}")
