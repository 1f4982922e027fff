"""`dutybook db`, `dutybook schema`, `dutybook generate`: tables, the contract, synthetic companies."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from dutybook.book.nouns import CORE
from dutybook.cli.context import Context, failures_told, say
from dutybook.db import migrate
from dutybook.demo import generate as synthetic
from dutybook.errors import BadInput, Refused
from dutybook.graphql.schema import build_schema

database = typer.Typer(help="数据库 / The database", no_args_is_help=True)
schema = typer.Typer(help="GraphQL 模式 / The GraphQL schema", no_args_is_help=True)


@database.command("upgrade")
def upgrade(context: typer.Context) -> None:
    """升级到最新的表结构 / Bring the tables up to date."""
    at: Context = context.obj
    with failures_told():
        migrate.upgrade(at.database)
        say("数据库已是最新。", "The database is up to date.")


@database.command("current")
def current(context: typer.Context) -> None:
    """显示当前版本 / Print where the database stands."""
    at: Context = context.obj
    with failures_told():
        typer.echo(migrate.current(at.database) or "-")


@database.command("check")
def check(context: typer.Context) -> None:
    """核对表结构 / Compare the tables with the code."""
    at: Context = context.obj
    with failures_told():
        if found := migrate.differences(at.database):
            lines = "\n".join(str(difference) for difference in found)
            raise Refused(f"表结构与程序不一致：\n{lines}", f"The tables differ from the code:\n{lines}")
        say("表结构与程序一致。", "The tables are as the code wants them.")


@schema.command("print")
def print_schema() -> None:
    """输出 SDL / Print the schema as SDL."""
    typer.echo(build_schema(CORE).as_str())


Count = Annotated[int, typer.Option(min=0)]


def generate(
    departments: Count = 20,
    positions: Count = 100,
    duties: Count = 800,
    employees: Count = 300,
    seed: int = 1,
    out: Annotated[
        Path | None, typer.Option(help="文件；.txt 为名录，其余为 JSON 行 / .txt: a catalogue; else JSON lines")
    ] = None,
) -> None:
    """生成可重复的虚拟公司 / Make a synthetic company, the same for the same seed."""
    with failures_told():
        company = synthetic.generate(departments, positions, duties, employees, seed)
        if out is None:
            synthetic.write(company, sys.stdout, ".json")
            return
        try:
            with out.open("w", encoding="utf-8", newline="\n") as file:
                synthetic.write(company, file, out.suffix)
        except OSError as reason:
            raise BadInput(f"无法写入「{out}」：{reason}。", f"'{out}' cannot be written: {reason}.") from reason
