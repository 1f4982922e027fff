"""`dutybook staff`: what is done about people."""

from typing import Annotated, cast

import orjson
import typer

from dutybook.access.actor import OPERATOR
from dutybook.cli.context import Context, failures_told, say
from dutybook.cli.staff_import import import_table
from dutybook.services.erasing import erase_employee
from dutybook.services.references import key_of

app = typer.Typer(no_args_is_help=True)


@app.command("erase")
def erase(
    context: typer.Context,
    number: Annotated[str, typer.Argument(help="工号或标识 / The employee's number, or an id")],
    reason: Annotated[
        str, typer.Option(help="事由，永久留存，不得含个人信息 / Why; kept for ever, so nothing personal in it")
    ],
    json: Annotated[bool, typer.Option("--json", help="输出 JSON / Print JSON")] = False,
) -> None:
    """永久删除一人的个人信息 / Erase everything personal of somebody for good; number and history stay."""
    at: Context = context.obj
    with failures_told(as_json=json):
        with at.database.write() as session:
            key = cast(int, key_of(session, at.book, "employee", number))
            done = erase_employee(session, at.book, OPERATOR, key, reason)
        at.database.fold()
        if json:
            typer.echo(orjson.dumps({"employee": number, "erased": done.values, "standing": done.standing}))
            return
        say(f"已删除 {number} 的 {done.values} 个值。", f"{done.values} values of {number} are erased.")
        if done.standing:
            say("以下各处仍写有其信息，须另行处理：", "These still name the person, and are yours to see to:")
        for place in done.standing:
            typer.echo(place)


app.command("import")(import_table)
