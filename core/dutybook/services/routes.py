"""The route that a change set goes by: said by who may decide that, else chosen from the book by what the set touches."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Row, delete, insert, select
from sqlalchemy.orm import Session

from dutybook.access.actor import PUBLISH, Actor
from dutybook.book.routes import Place, Route, Step, joined, most_specific
from dutybook.book.times import Time
from dutybook.db.head import head
from dutybook.db.in_force import EVERYTHING, in_force
from dutybook.errors import BadInput
from dutybook.services.book import Book
from dutybook.services.drafts import Draft
from dutybook.services.rights import reaches_set
from dutybook.services.signers import checked_signer
from dutybook.services.standing import Record, Standing

Said = Sequence[Sequence[str]]

DEFAULT = Route(0, "", (Step(("role:approver",)),))
"""For what no route of the book speaks of: one step, signed by anybody who may approve it."""

SHOWN = 20
"""Of the records that chose a route so many are kept by key; beyond that they are counted."""


class Choice(NamedTuple):
    """A route, and the records of one kind that chose it; route 0, without a name, is the default."""

    route: int
    name: str | None
    kind: str
    records: int
    keys: Sequence[int]


class Chosen(NamedTuple):
    """What a set goes by, and why."""

    steps: Sequence[Step]
    choices: Sequence[Choice] = ()


def checked_route(session: Session, book: Book, said: Said | None) -> str | None:
    """A route that is said for one set, as it is kept; BadInput names the step whose signer is none."""
    if said is None:
        return None
    if not said:
        raise BadInput("审批流程至少要有一步。", "A route needs at least one step.", path=["route"])
    if (empty := next((at for at, step in enumerate(said) if not step), None)) is not None:
        zh, en = f"第 {empty + 1} 步没有签署人。", f"Step {empty + 1} has no signer."
        raise BadInput(zh, en, path=["route", empty])
    steps = [[checked_signer(session, book, one, ["route", at]) for one in step] for at, step in enumerate(said)]
    return orjson.dumps(steps).decode()


def choose(session: Session, book: Book, actor: Actor, row: Row[Any]) -> Chosen:
    """What a set would go by if the actor submitted it now.

    A route that was said for this set stands where the actor may publish all of it, or where the book has none for it.
    """
    said = [Step(tuple(signers)) for signers in orjson.loads(row.route)] if row.route else None
    if said and reaches_set(session, book, actor, PUBLISH, row):
        return Chosen(said)
    routes = routes_today(session, book)
    if not routes:
        return Chosen(said or DEFAULT.steps)
    chosen = _by_record(routes, Standing(Draft(session, book, row)).places())
    picked = {route.key: route for route in chosen}
    if said and picked.keys() <= {DEFAULT.key}:
        return Chosen(said)
    return Chosen(joined(picked.values()), [choice for route in chosen for choice in _choices(route, chosen[route])])


def lay(session: Session, book: Book, actor: Actor, row: Row[Any]) -> None:
    """Chooses the route of a set that is handed to its signers, in place of any that it had."""
    chosen = choose(session, book, actor, row)
    for name in ("approval_step", "route_choice"):
        table = book.tables[name]
        session.execute(delete(table).where(table.c.changeset == row.id))
    steps = [_step(row.id, ordinal, step) for ordinal, step in enumerate(chosen.steps)]
    session.execute(insert(book.tables["approval_step"]), steps)
    if chosen.choices:
        rows = [{"changeset": row.id, **it._asdict(), "keys": _dump(it.keys)} for it in chosen.choices]
        session.execute(insert(book.tables["route_choice"]), rows)


def steps_of(session: Session, book: Book, changeset: int) -> Sequence[Step]:
    """What a set that was submitted goes by."""
    table = book.tables["approval_step"]
    rows = session.execute(select(table).where(table.c.changeset == changeset).order_by(table.c.ordinal))
    return [Step(tuple(orjson.loads(it.signers)), it.name, tuple(orjson.loads(it.routes or "[]"))) for it in rows]


def routes_today(session: Session, book: Book) -> Sequence[Route]:
    """The routes of the book that are in force today."""
    now = Time(book.clock.today(), head(session, book.tables).revision)
    rows = in_force(book.tables, "approval_route", now, EVERYTHING)
    return [_route(row) for row in session.execute(select(rows).order_by(rows.c.key))]


def _route(row: Row[Any]) -> Route:
    kinds = orjson.loads(row.kinds) if row.kinds else None
    return Route(
        row.key,
        row.name,
        tuple(Step(tuple(step["signers"]), step.get("name")) for step in orjson.loads(row.steps)),
        row.organisation,
        row.department,
        None if kinds is None else frozenset(kinds),
        row.priority or 0,
    )


def _by_record(
    routes: Sequence[Route], places: Mapping[Record, frozenset[Place]]
) -> Mapping[Route, Mapping[str, set[int]]]:
    """The routes that are chosen, each with the keys of the records that chose it, by kind."""
    known = {place: most_specific(routes, place) or DEFAULT for some in places.values() for place in some}
    chosen: dict[Route, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for (kind, key), some in places.items():
        for place in some:
            chosen[known[place]][kind].add(key)
    return {route: chosen[route] for route in sorted(chosen, key=lambda route: (not route.key, route.key))}


def _choices(route: Route, keys: Mapping[str, set[int]]) -> Sequence[Choice]:
    return [
        Choice(route.key, route.name or None, kind, len(some), sorted(some)[:SHOWN])
        for kind, some in sorted(keys.items())
    ]


def _step(changeset: int, ordinal: int, step: Step) -> dict[str, object]:
    told = {"changeset": changeset, "ordinal": ordinal, "name": step.name}
    return {**told, "signers": _dump(step.signers), "routes": _dump(step.routes) if step.routes else None}


def _dump(values: Sequence[object]) -> str:
    return orjson.dumps(list(values)).decode()
