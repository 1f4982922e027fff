"""`dutybook changes print`, `dutybook catalogue sheet`: printable forms, as GraphQL gives them."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from dutybook.cli.book import actor_of, answer
from dutybook.cli.context import Context, failures_told
from dutybook.errors import BadInput, NotFound, Refused
from dutybook.graphql.ids import id_of
from dutybook.http.params import Params

OF_SET = "query($id: ID!) { changeSet(id: $id) { printable } }"
OF_POSITION = """query($code: String!, $organisation: String) {
  registry { position(code: $code, organisation: $organisation) { printable } }
}"""

Out = Annotated[Path | None, typer.Option(help="文件，默认标准输出 / A file; else stdout")]
As = Annotated[str | None, typer.Option("--as", help="以此用户的权限 / With this user's rights")]


def print_set(
    context: typer.Context,
    number: Annotated[int, typer.Argument(help="变更单号 / The number of a change set")],
    out: Out = None,
    as_user: As = None,
) -> None:
    """打印变更单，Markdown / Print a change set as Markdown."""
    at: Context = context.obj
    with failures_told():
        found = _asked(at, OF_SET, {"id": id_of("ChangeSet", number)}, as_user)["changeSet"]
        if found is None:
            raise NotFound(f"没有编号为 {number} 的变更单。", f"There is no change set {number}.")
        _write(found["printable"], out)


def print_sheet(
    context: typer.Context,
    code: Annotated[str, typer.Argument(help="岗位编号 / The code of a position")],
    organisation: Annotated[str | None, typer.Option(help="单位编号 / The organisation's code")] = None,
    out: Out = None,
    as_user: As = None,
) -> None:
    """打印岗位说明书，Markdown / Print a job sheet as Markdown."""
    at: Context = context.obj
    with failures_told():
        variables = {"code": code, "organisation": organisation}
        found = _asked(at, OF_POSITION, variables, as_user)["registry"]["position"]
        if found is None:
            raise NotFound(f"没有编号为「{code}」的岗位。", f"There is no position '{code}'.")
        _write(found["printable"], out)


def _asked(at: Context, document: str, variables: dict[str, Any], as_user: str | None) -> dict[str, Any]:
    payload = asyncio.run(answer(at, Params(document, variables, None), actor_of(at, as_user)))
    if errors := payload.get("errors"):
        told = errors[0]["message"]
        raise Refused(told, told)
    data: dict[str, Any] = payload["data"]
    return data


def _write(text: str, out: Path | None) -> None:
    if out is None:
        sys.stdout.buffer.write(text.encode())
        return
    try:
        out.write_bytes(text.encode())
    except OSError as reason:
        zh = f"无法写入「{out}」：{reason.strerror}。"
        raise BadInput(zh, f"'{out}' cannot be written: {reason.strerror}.", path=["out"]) from reason
