"""`dutybook changes`: look at change sets, publish them, revert revisions."""

from collections import Counter
from dataclasses import asdict
from typing import Annotated, Any

import orjson
import typer
from sqlalchemy import select

from dutybook.access.actor import OPERATOR
from dutybook.cli.book import actor_of
from dutybook.cli.context import REFUSED, Context, failures_told, say
from dutybook.cli.printing import print_set
from dutybook.cli.verdicts import Acknowledge, Override, objection_told, verdicts_said
from dutybook.db.in_force import EVERYTHING
from dutybook.errors import BadInput
from dutybook.services import preview as previews
from dutybook.services.changesets import publish as publish_set
from dutybook.services.drafts import changeset_row
from dutybook.services.inbox import waiting_for
from dutybook.services.refusals import STATES
from dutybook.services.revert import revert as revert_revision
from dutybook.services.routes import choose, steps_of
from dutybook.services.standards import Effect, Outlook, affected, effects

FOLLOWERS = 50
"""Followers that a preview shows in full; GraphQL has the others in pages."""

app = typer.Typer(no_args_is_help=True)

Number = Annotated[int, typer.Argument(help="变更单号 / The number of a change set")]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON / Print JSON")]


@app.command("list")
def list_changes(
    context: typer.Context,
    state: Annotated[str | None, typer.Option(help="状态，如 SUBMITTED / In this state, such as SUBMITTED")] = None,
    waiting: Annotated[
        bool, typer.Option("--waiting", help="待 --as 用户签署的，含代签 / Those that the --as user could sign now")
    ] = False,
    as_user: Annotated[str | None, typer.Option("--as", help="谁的待签 / Whose, with --waiting")] = None,
    json: Json = False,
) -> None:
    """列出变更单，新的在前 / List change sets, newest first."""
    at: Context = context.obj
    with failures_told(as_json=json), at.database.read() as session:
        table = at.database.tables["changeset"]
        query = select(table).order_by(table.c.id.desc())
        if state:
            query = query.where(table.c.state == _known(state.upper()))
        if waiting:
            query = query.where(table.c.id.in_(waiting_for(session, at.book, actor_of(at, as_user))))
        for row in session.execute(query).all():
            _print(_summary(row), json)


def _known(state: str) -> str:
    if state not in STATES:
        zh = f"没有「{state}」这种状态，可选 {'、'.join(STATES)}。"
        raise BadInput(zh, f"'{state}' is no state of a change set; choose one of {', '.join(STATES)}.", path=["state"])
    return state


@app.command("show")
def show(context: typer.Context, number: Number, json: Json = False) -> None:
    """显示变更单及其变更 / Show a set with its changes."""
    at: Context = context.obj
    with failures_told(as_json=json), at.database.read() as session:
        _print(_summary(changeset_row(session, at.book, number)), json)
        change = at.database.tables["change"]
        bodies = select(change.c.body).where(change.c.changeset == number).order_by(change.c.ordinal)
        for body in session.scalars(bodies):
            typer.echo(body)


@app.command("preview")
def preview(context: typer.Context, number: Number, json: Json = False) -> None:
    """预览：异议、影响与事件 / What speaks against a set, what becomes of metrics, and what it would bring."""
    at: Context = context.obj
    with failures_told(as_json=json):
        found = previews.preview(at.book, number)
        told = {
            "objections": [objection_told(it) for it in found.objections],
            "impacts": [
                {"plugin": plugin, **asdict(it), "metric": it.metric._asdict()} for plugin, it in found.impacts
            ],
            "events": found.events,
            "followers": _followers(at, number),
        }
        typer.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2))
        if found.objections:
            raise typer.Exit(REFUSED)


def _followers(at: Context, number: int) -> dict[str, Any]:
    """Who follows a standard position that the set touches: counted, the first ones before and after."""
    with at.database.read() as session:
        outlook = Outlook(session, at.book, changeset_row(session, at.book, number))
        spots = affected(outlook, EVERYTHING).spots
        departments = Counter(spot.department for spot in spots)
        codes = outlook.codes("department", departments)
        return {
            "total": len(spots),
            "reached": sum(spot.is_reached for spot in spots),
            "departments": {codes.get(key, ""): many for key, many in departments.items()},
            "first": [_effect(it) for it in effects(outlook, spots[:FOLLOWERS])],
        }


def _effect(it: Effect) -> dict[str, Any]:
    lists = {"before": it.before, "after": it.after, "leftOut": it.left_out}
    said = {name: [duty.text for duty in duties] for name, duties in lists.items()}
    spot = it.spot
    about = {"position": it.code, "title": spot.title, "standard": it.standard, "day": spot.day}
    return {**about, "reached": spot.is_reached, **said}


@app.command("publish")
def publish(
    context: typer.Context,
    number: Number,
    acknowledge: Acknowledge = None,
    override: Override = None,
    json: Json = False,
) -> None:
    """发布 / Make a set the next revision."""
    at: Context = context.obj
    with failures_told(as_json=json):
        verdicts = verdicts_said(acknowledge, override)
        with at.database.write() as session:
            head = publish_set(session, at.book, OPERATOR, number, verdicts)
        _print({"revision": head.revision, "hash": head.hash}, json)


@app.command("revert")
def revert(
    context: typer.Context,
    revision: Annotated[int, typer.Argument(help="版次 / The revision to undo")],
    publish: Annotated[bool, typer.Option("--publish", help="立即发布 / Publish at once")] = False,
    acknowledge: Acknowledge = None,
    override: Override = None,
    json: Json = False,
) -> None:
    """撤销一个版次 / Open the set that undoes a revision."""
    at: Context = context.obj
    with failures_told(as_json=json):
        verdicts = verdicts_said(acknowledge, override)
        with at.database.write() as session:
            number = revert_revision(session, at.book, OPERATOR, revision)
            if publish:
                publish_set(session, at.book, OPERATOR, number, verdicts)
        say(f"变更单 {number} 撤销第 {revision} 版次。", f"Change set {number} undoes revision {revision}.")
        _print({"changeSet": number}, json)


@app.command("route")
def route(context: typer.Context, number: Number, json: Json = False) -> None:
    """审批流程：草稿若现在提交将采用的，或已采用的 / The steps that a set goes by; of a draft, what it would go by."""
    at: Context = context.obj
    with failures_told(as_json=json), at.database.read() as session:
        row = changeset_row(session, at.book, number)
        steps = (
            choose(session, at.book, OPERATOR, row).steps
            if row.state == "DRAFT"
            else steps_of(session, at.book, number)
        )
        for ordinal, step in enumerate(steps):
            told = {"ordinal": ordinal, "name": step.name, "signers": step.signers, "routes": step.routes}
            typer.echo(orjson.dumps(told) if json else _step(told))


def _step(told: dict[str, Any]) -> str:
    return "\t".join(
        [str(told["ordinal"]), told["name"] or "-", " ".join(told["signers"]), " ".join(told["routes"]) or "-"]
    )


def _summary(row: Any) -> dict[str, Any]:
    names = ("id", "state", "title", "author", "effective_on", "base_revision", "revision")
    return {name: getattr(row, name) for name in names}


def _print(values: dict[str, Any], json: bool) -> None:
    typer.echo(orjson.dumps(values) if json else "\t".join(str(value) for value in values.values()))


app.command("print")(print_set)
