"""`dutybook user` and `dutybook token`: who may come in, and what they may do."""

import sys
from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import orjson
import typer

from dutybook.access.actor import OPERATOR, ROLES
from dutybook.access.passwords import Passwords
from dutybook.book.times import days_told
from dutybook.cli.context import Context, failures_told, language, say
from dutybook.errors import BadInput
from dutybook.services import accounts
from dutybook.services.delegation import Delegated, delegate_signing, list_delegations, revoke_delegation, shown
from dutybook.services.references import key_of

users = typer.Typer(no_args_is_help=True)
tokens = typer.Typer(no_args_is_help=True)

DAY = ["%Y-%m-%d"]
PLACE = f"角色，可加 @部门、@单位、@单位/部门 / A role, everywhere or @D001, @O01, @O01/D001: {', '.join(ROLES)}"
Name = Annotated[str, typer.Argument(help="用户名 / The user's name")]
Role = Annotated[str, typer.Argument(help=PLACE)]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON / Print JSON")]


@users.command("create")
def create_user(
    context: typer.Context,
    name: Name,
    role: Annotated[list[str] | None, typer.Option(help=PLACE)] = None,
    employee: Annotated[str | None, typer.Option(help="工号 / The employee's number")] = None,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="密码取自标准输入 / Read it there")] = False,
    no_password: Annotated[bool, typer.Option("--no-password", help="只用令牌 / Tokens only")] = False,
    json: Json = False,
) -> None:
    """新建用户 / Add a user."""
    at: Context = context.obj
    with failures_told(as_json=json):
        hashed = _password_hash(password_stdin, no_password)
        with at.database.write() as session:
            accounts.create_user(
                session, at.book, OPERATOR, name, role or (), password_hash=hashed, employee_number=employee
            )
        say(f"已建用户「{name}」。", f"Created the user '{name}'.")


def _password_hash(from_stdin: bool, without: bool) -> str | None:
    if from_stdin == without:
        zh = "请指定 --password-stdin 或 --no-password 其中之一。"
        raise BadInput(zh, "Give one of --password-stdin and --no-password.", path=["password"])
    return Passwords().hash(sys.stdin.readline().rstrip("\r\n")) if from_stdin else None


@users.command("list")
def list_users(context: typer.Context, json: Json = False) -> None:
    """列出用户 / List the users."""
    at: Context = context.obj
    with failures_told(as_json=json):
        with at.database.read() as session:
            found = accounts.list_users(session, at.book, OPERATOR)
        if json:
            typer.echo(orjson.dumps([asdict(user) for user in found]))
        else:
            for user in found:
                _line(user.name, user.employee_number, " ".join(user.roles), "disabled" if user.disabled else None)


@users.command("grant")
def grant(context: typer.Context, name: Name, role: Role, json: Json = False) -> None:
    """授予角色 / Give a role."""
    at: Context = context.obj
    with failures_told(as_json=json):
        with at.database.write() as session:
            accounts.grant(session, at.book, OPERATOR, name, role)
        say(f"已授予「{name}」角色 {role}。", f"Granted {role} to '{name}'.")


@users.command("revoke")
def revoke(context: typer.Context, name: Name, role: Role, json: Json = False) -> None:
    """收回角色 / Take a role."""
    at: Context = context.obj
    with failures_told(as_json=json):
        with at.database.write() as session:
            accounts.revoke(session, at.book, OPERATOR, name, role)
        say(f"已收回「{name}」的角色 {role}。", f"Revoked {role} from '{name}'.")


@users.command("disable")
def disable(context: typer.Context, name: Name, json: Json = False) -> None:
    """停用用户 / Shut a user out."""
    at: Context = context.obj
    with failures_told(as_json=json):
        with at.database.write() as session:
            accounts.disable(session, at.book, OPERATOR, name)
        say(f"已停用「{name}」。", f"Disabled '{name}'.")


@users.command("enable")
def enable(context: typer.Context, name: Name, json: Json = False) -> None:
    """恢复已停用的用户 / Let a disabled user in again."""
    at: Context = context.obj
    with failures_told(as_json=json):
        with at.database.write() as session:
            accounts.enable(session, at.book, OPERATOR, name)
        say(f"已恢复「{name}」。", f"Enabled '{name}'.")


@users.command("delegate")
def delegate(
    context: typer.Context,
    principal: Annotated[str, typer.Argument(help="委托人 / Who delegates")],
    user: Annotated[str, typer.Argument(help="受托人 / Who signs for them")],
    start: Annotated[datetime, typer.Option("--from", formats=DAY, help="第一天 / The first day")],
    end: Annotated[datetime, typer.Option("--to", formats=DAY, help="截止日，不含 / The day after the last")],
    reason: Annotated[str, typer.Option(help="事由 / The reason")],
    department: Annotated[str | None, typer.Option(help="仅限此部门及其下级 / Only this department and below")] = None,
    json: Json = False,
) -> None:
    """委托签署 / Let a user sign for another one."""
    at: Context = context.obj
    with failures_told(as_json=json):
        with at.database.write() as session:
            place = key_of(session, at.book, "department", department)
            said = Delegated(principal, user, start.date(), end.date(), reason, place)
            number = delegate_signing(session, at.book, OPERATOR, said)
        typer.echo(orjson.dumps({"delegation": number}) if json else number)
        say(
            f"「{user}」可代「{principal}」签署，编号 {number}。",
            f"'{user}' may sign for '{principal}'; number {number}.",
        )


@users.command("undelegate")
def undelegate(
    context: typer.Context,
    number: Annotated[int, typer.Argument(help="委托的编号 / The number of the delegation")],
    json: Json = False,
) -> None:
    """撤销委托 / Revoke a delegation."""
    at: Context = context.obj
    with failures_told(as_json=json):
        with at.database.write() as session:
            revoke_delegation(session, at.book, OPERATOR, number)
        say(f"已撤销委托 {number}。", f"Revoked the delegation {number}.")


@users.command("delegations")
def delegations(context: typer.Context, json: Json = False) -> None:
    """列出委托，最新在前 / List the delegations, newest first."""
    at: Context = context.obj
    with failures_told(as_json=json):
        with at.database.read() as session:
            found = list_delegations(session, at.book, OPERATOR)
        if json:
            typer.echo(orjson.dumps([shown(row) for row in found]))
        else:
            for it in found:
                days = days_told(it.from_day, it.to_day).pick(language())
                who = (it.principal_name, it.delegate_name, it.department_code)
                _line(it.id, *who, days, it.reason, it.made_by, it.revoked_by)


@tokens.command("create")
def create_token(
    context: typer.Context,
    user: Name,
    role: Annotated[list[str] | None, typer.Option(help="只带这些角色 / Carry these of the user's roles only")] = None,
    days: Annotated[int, typer.Option(help="有效天数 / Days until it expires")] = accounts.DAYS,
    name: Annotated[str, typer.Option(help="用途 / What it is for")] = "",
    json: Json = False,
) -> None:
    """新建令牌，只显示一次 / Make a token, and print it this once."""
    at: Context = context.obj
    with failures_told(as_json=json):
        with at.database.write() as session:
            token = accounts.create_token(session, at.book, OPERATOR, user, role or (), name=name, days=days)
        typer.echo(orjson.dumps({"token": token}) if json else token)
        zh = f"令牌只显示这一次，{days} 天后失效。"
        say(zh, f"The token is shown this once, and expires in {days} days.")


@tokens.command("revoke")
def revoke_token(
    context: typer.Context,
    token: Annotated[str, typer.Argument(help="编号或开头 / Its number or beginning")],
    json: Json = False,
) -> None:
    """吊销令牌 / End a token."""
    at: Context = context.obj
    with failures_told(as_json=json):
        with at.database.write() as session:
            ended = accounts.revoke_token(session, at.book, OPERATOR, token)
        say(f"已吊销「{ended.user}」的令牌 {ended.prefix}…", f"Revoked the token {ended.prefix}… of '{ended.user}'.")


@tokens.command("list")
def list_tokens(context: typer.Context, json: Json = False) -> None:
    """列出令牌 / List the tokens."""
    at: Context = context.obj
    with failures_told(as_json=json):
        with at.database.read() as session:
            found = accounts.list_tokens(session, at.book, OPERATOR)
        if json:
            typer.echo(orjson.dumps([asdict(token) for token in found]))
        else:
            for token in found:
                state = "revoked" if token.revoked_at else f"until {token.expires_at:%Y-%m-%d}"
                _line(token.id, token.user, f"{token.prefix}…", state, " ".join(token.roles or ()), token.name)


def _line(*cells: object) -> None:
    typer.echo("\t".join("-" if cell in {None, ""} else str(cell) for cell in cells))
