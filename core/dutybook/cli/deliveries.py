"""`dutybook plugin trace`, `rebuild`, `retry`, `skip`: how deliveries stand, and what an operator does about them."""

from collections.abc import Callable
from dataclasses import asdict
from time import sleep
from typing import Annotated, Any

import orjson
import typer
from sqlalchemy.orm import Session

from dutybook.access.actor import OPERATOR
from dutybook.cli.context import Context, failures_told, say
from dutybook.errors import BadInput
from dutybook.lifecycle.plugins import Loaded
from dutybook.outbox.delivery import HOOK, Delivery
from dutybook.outbox.loop import PAUSE
from dutybook.services import deliveries
from dutybook.services.book import Book
from dutybook.services.delivery_traces import Trace, behind
from dutybook.services.delivery_traces import trace as traced

Name = Annotated[str, typer.Argument(help="插件名 / The plugin's name")]
Aggregate = Annotated[str, typer.Argument(help="对象类别，如 position / The kind of what is parked, such as position")]
Key = Annotated[int, typer.Argument(help="对象键 / Its key")]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON / Print JSON")]


def trace(context: typer.Context, name: Name, json: Json = False) -> None:
    """显示投递进度、搁置与任务 / Show how far deliveries are, what is parked, and the jobs."""
    at: Context = context.obj
    with failures_told(as_json=json), at.database.read() as session:
        found = traced(session, at.book, deliveries.subscriber_named(at.book, name))
    if json:
        typer.echo(orjson.dumps({**asdict(found), "waiting": found.waiting}, option=orjson.OPT_INDENT_2))
    else:
        _show(found)


def _show(found: Trace) -> None:
    typer.echo(f"{found.subscriber}\thead {found.head}\twaiting {found.waiting}")
    for name, rows in (("lane", found.lanes), ("parked", found.parked), ("job", found.jobs), ("act", found.acts)):
        for row in rows:
            typer.echo("\t".join([name, *(f"{field}={value}" for field, value in asdict(row).items())]))


def retry(
    context: typer.Context,
    name: Name,
    aggregate: Annotated[str | None, typer.Argument(help="对象类别 / The kind of what is parked")] = None,
    key: Annotated[int | None, typer.Argument(help="对象键 / Its key")] = None,
    everything: Annotated[bool, typer.Option("--all", help="全部搁置的 / All that is parked")] = False,
    json: Json = False,
) -> None:
    """立即重试搁置的对象 / Try what is parked again, at once."""

    def act(session: Session, book: Book) -> dict[str, Any]:
        if everything and aggregate is None:
            return {"retried": deliveries.retry_all(session, book, OPERATOR, name)}
        if everything or aggregate is None or key is None:
            zh = "请给出对象类别与键，或只用 --all。"
            raise BadInput(zh, "Name the kind and the key of what is parked, or --all alone.", path=["aggregate"])
        deliveries.retry(session, book, OPERATOR, name, aggregate, key)
        return {"retried": 1}

    done = _done(context.obj, act, json)
    say(f"{done['retried']} 个对象将由 worker 重试。", f"A worker will retry {done['retried']} of them.")


def skip(
    context: typer.Context,
    name: Name,
    aggregate: Aggregate,
    key: Key,
    reason: Annotated[str, typer.Option(help="事由 / The reason")],
    json: Json = False,
) -> None:
    """跳过一个事件 / Pass the one event that the plugin cannot take, for good."""
    done = _done(
        context.obj,
        lambda session, book: {"skipped": deliveries.skip(session, book, OPERATOR, name, aggregate, key, reason)},
        json,
    )
    say(f"已跳过事件 {done['skipped']}。", f"Event {done['skipped']} is skipped.")


def _done(at: Context, act: Callable[[Session, Book], dict[str, Any]], json: bool) -> dict[str, Any]:
    with failures_told(as_json=json):
        with at.database.write() as session:
            done = act(session, at.book)
        if json:
            typer.echo(orjson.dumps(done))
        return done


def rebuild(context: typer.Context, name: Name, json: Json = False) -> None:
    """清空投影并重放全部历史 / Empty what the plugin has built, and deliver all of history again."""
    at: Context = context.obj
    with failures_told(as_json=json):
        book = at.book
        with at.database.write() as session:
            events = deliveries.rebuild(session, book, OPERATOR, name)
        plugin = book.plugins[name]
        _deliver(book, plugin, events)
        with at.database.read() as session:
            parked = len(traced(session, book, plugin).parked)
        cost = book.plugins.measures.of(name, HOOK)
        done = {"events": events, "parked": parked, "calls": cost.calls, "seconds": round(cost.seconds, 3)}
        typer.echo(orjson.dumps(done) if json else "\t".join(f"{what}={value}" for what, value in done.items()))


def _deliver(book: Book, plugin: Loaded, events: int) -> None:
    """Delivers until nothing waits, sharing the lanes with the workers that run; tells each percent."""
    delivery, told = Delivery(book, plugin), -1
    while left := _left(book, plugin):
        percent = max(0, 100 - 100 * left // max(events, 1))
        if percent > told:
            told = percent
            say(f"重放 {percent}%", f"Replayed {percent}%")
        if not delivery.step():
            sleep(PAUSE)


def _left(book: Book, plugin: Loaded) -> int:
    with book.database.read() as session:
        return behind(session, book, plugin)
